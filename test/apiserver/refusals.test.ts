/**
 * What the kinds beside the core are refused for: every expectation is read from the original's source, the
 * function named where it stands. See invalid-objects.test.ts for more of the same.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CustomResourceDefinition } from "../../src/api/apiextensions/custom-resource-definition.ts";
import type { Kind } from "../../src/api/kind.ts";
import { kinds } from "../../src/api/kinds.ts";
import { pathOf } from "../../src/client/client.ts";
import { ask } from "../support/api-request.ts";
import { startTestApiServer } from "../support/api-server.ts";
import { type Changes, type ClaimsOfKind, invalidObject } from "./invalid-objects/claim.ts";
import { accessRefusals } from "./refusals/access.ts";
import { customRefusals } from "./refusals/custom-objects.ts";
import { definitionRefusals } from "./refusals/definitions.ts";
import { extensionRefusals } from "./refusals/extension.ts";
import { refusalOf } from "./refusals/refusal.ts";
import { storageRefusals } from "./refusals/storage.ts";

const refusals: ClaimsOfKind[] = [
  ...accessRefusals,
  ...storageRefusals,
  ...extensionRefusals,
  ["CustomResourceDefinition", definitionRefusals],
];

let server: Awaited<ReturnType<typeof startTestApiServer>>;
beforeAll(async () => {
  server = await startTestApiServer();
});
afterAll(() => server.stop());

describe.each(refusals)("a %s", (name, claims) => {
  const kind = kinds.find((one) => one.kind === name)!;
  test.each(claims.map(([changes, causes]) => [causes.join(" | ").slice(0, 300), changes, causes]))(
    "is refused: %s",
    async (_, changes, causes) => {
      const object = invalidObject(kind, changes as Changes) as { metadata: { name: string } };
      const { json } = await ask(server.transport, "POST", pathOf(kind, "default"), object);
      expect(json).toEqual(refusalOf(kind, object.metadata.name, causes as string[]));
    },
  );
});

describe("an object of a declared kind", () => {
  const DEFINITIONS = pathOf(CustomResourceDefinition as unknown as Kind);
  let count = 0;

  test.each(customRefusals)("is refused: %s", async (_, spec, value, causes) => {
    const group = `g${++count}.kubeling.test`;
    const schema = { type: "object", properties: { spec } };
    const definition = {
      ...structuredClone(CustomResourceDefinition.example),
      metadata: { name: `examples.${group}` },
    };
    definition.spec.group = group;
    Object.assign(definition.spec.versions[0]!, { schema: { openAPIV3Schema: schema } });
    expect((await ask(server.transport, "POST", DEFINITIONS, definition)).status).toBe(201);
    const path = `/apis/${group}/v1/namespaces/default/examples`;
    await expect.poll(async () => (await ask(server.transport, "GET", path)).status).toBe(200);

    const object = {
      apiVersion: `${group}/v1`,
      kind: "Example",
      metadata: { name: "bad" },
      spec: value,
    };
    const { json } = await ask(server.transport, "POST", path, object);
    expect(json).toEqual(refusalOf({ group, kind: "Example" }, "bad", causes));
  });
});

test("there are at least two hundred rows", () => {
  const rows = refusals.flatMap(([, claims]) => claims);
  expect(rows.length + customRefusals.length).toBeGreaterThanOrEqual(200);
});
