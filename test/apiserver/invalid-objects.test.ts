/** Objects of every kind with something wrong: the whole answer, as Kubernetes' validation words it. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { kinds } from "../../src/api/kinds.ts";
import { pathOf } from "../../src/client/client.ts";
import { ask } from "../support/api-request.ts";
import { startTestApiServer } from "../support/api-server.ts";
import { accessClaims } from "./invalid-objects/access.ts";
import { type Changes, invalidObject, refusalOf } from "./invalid-objects/claim.ts";
import { coreClaims } from "./invalid-objects/core.ts";
import { extensionClaims } from "./invalid-objects/extension.ts";
import { networkingClaims } from "./invalid-objects/networking.ts";
import { storageClaims } from "./invalid-objects/storage.ts";
import { workloadClaims } from "./invalid-objects/workload.ts";

const claims = [
  ...coreClaims,
  ...workloadClaims,
  ...networkingClaims,
  ...accessClaims,
  ...storageClaims,
  ...extensionClaims,
];

let server: Awaited<ReturnType<typeof startTestApiServer>>;
beforeAll(async () => {
  server = await startTestApiServer();
});
afterAll(() => server.stop());

describe.each(claims)("a %s", (name, claimed) => {
  const kind = kinds.find((one) => one.kind === name)!;

  test.each(claimed.map(([changes, causes]) => [causes.join(" | "), changes, causes] as const))(
    "is refused: %s",
    async (_, changes: Changes, causes) => {
      const object = invalidObject(kind, changes) as { metadata: { name: string } };
      const { json } = await ask(server.transport, "POST", pathOf(kind, "default"), object);
      expect(json).toEqual(refusalOf(kind, object.metadata.name, causes));
    },
  );
});

test("at least two hundred objects are refused", () => {
  expect(claims.flatMap(([, claimed]) => claimed).length).toBeGreaterThanOrEqual(200);
});
