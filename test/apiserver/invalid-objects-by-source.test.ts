/** Objects of every kind with something wrong, taken from the functions of the original that find it. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { kinds } from "../../src/api/kinds.ts";
import { pathOf } from "../../src/client/client.ts";
import { ask } from "../support/api-request.ts";
import { startTestApiServer } from "../support/api-server.ts";
import { type Changes, invalidObject, refusalOf } from "./invalid-objects/claim.ts";
import { coreClaimsOfSource } from "./invalid-objects/source-core.ts";
import { networkingClaimsOfSource } from "./invalid-objects/source-networking.ts";
import { podClaims } from "./invalid-objects/source-pod.ts";
import { volumeClaims } from "./invalid-objects/source-volumes.ts";
import { workloadClaimsOfSource } from "./invalid-objects/source-workload.ts";

const claims = [
  ...podClaims,
  ...volumeClaims,
  ...coreClaimsOfSource,
  ...workloadClaimsOfSource,
  ...networkingClaimsOfSource,
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
