/** Objects of every kind with something wrong: the whole answer, as Kubernetes' validation words it. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { kinds } from "../../src/api/kinds.ts";
import { pathOf } from "../../src/client/client.ts";
import { ask } from "../support/api-request.ts";
import { startTestApiServer } from "../support/api-server.ts";
import { accessClaims } from "./invalid-objects/access.ts";
import { type Changes, causeOf, invalidObject } from "./invalid-objects/claim.ts";
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
  const qualified = kind.group === "" ? name : `${name}.${kind.group}`;

  test.each(claimed.map(([changes, causes]) => [causes.join(" | "), changes, causes] as const))(
    "is refused: %s",
    async (_, changes: Changes, causes) => {
      const object = invalidObject(kind, changes) as { metadata: { name: string } };
      const { json } = await ask(server.transport, "POST", pathOf(kind, "default"), object);
      // A cause that is told twice is in the sentence once.
      const each = [...new Set(causes)];
      const all = each.length === 1 ? each[0] : `[${each.join(", ")}]`;
      const called = object.metadata.name;
      expect(json).toEqual({
        kind: "Status",
        apiVersion: "v1",
        metadata: {},
        status: "Failure",
        message: `${qualified} "${called}" is invalid: ${all}`,
        reason: "Invalid",
        details: {
          name: called,
          ...(kind.group === "" ? {} : { group: kind.group }),
          kind: name,
          causes: causes.map(causeOf),
        },
        code: 422,
      });
    },
  );
});

test("at least two hundred objects are refused", () => {
  expect(claims.flatMap(([, claimed]) => claimed).length).toBeGreaterThanOrEqual(200);
});
