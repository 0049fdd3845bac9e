/**
 * What may not be changed of the kinds beside the core, and what a change is refused for: every expectation is read
 * from the original's source, the function named where it stands.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Kind, KubeObject } from "../../src/api/kind.ts";
import { kinds } from "../../src/api/kinds.ts";
import { pathOf } from "../../src/client/client.ts";
import { ask } from "../support/api-request.ts";
import { startTestApiServer } from "../support/api-server.ts";
import { type Changes, invalidObject } from "./invalid-objects/claim.ts";
import { refusalOf } from "./refusals/refusal.ts";
import { changeRefusals } from "./refusals/updates.ts";

let server: Awaited<ReturnType<typeof startTestApiServer>>;
beforeAll(async () => {
  server = await startTestApiServer();
});
afterAll(() => server.stop());

let count = 0;

/** Names no other object has, some of which are made of what is in it. */
function namesOf({ kind }: Kind): Changes {
  count += 1;
  if (kind !== "CustomResourceDefinition") return { "metadata.name": `old-${count}` };
  return { "metadata.name": `examples.g${count}.test`, "spec.group": `g${count}.test` };
}

/** The object as it is once nobody else writes it any more. */
async function settled(kind: Kind, path: string): Promise<KubeObject> {
  const isWritten = kind.kind === "CustomResourceDefinition";
  const seen = async () => JSON.stringify((await ask(server.transport, "GET", path)).json);
  if (isWritten) await expect.poll(seen).toContain('"type":"Established"');
  return (await ask(server.transport, "GET", path)).json;
}

describe.each(changeRefusals)("an update of a %s", (name, claims) => {
  const kind = kinds.find((one) => one.kind === name)!;
  const path = pathOf(kind, "default");
  test.each(
    claims.map(({ before = {}, after, causes }) => [causes.join(" | "), before, after, causes]),
  )("is refused: %s", async (_, before, after, causes) => {
    const named = { ...(before as Changes), ...namesOf(kind) };
    const place = `${path}/${named["metadata.name"]}`;
    const old = await ask(server.transport, "POST", path, invalidObject(kind, named));
    expect(old.json).toMatchObject({ kind: name });
    const { name: itsName, resourceVersion } = (await settled(kind, place)).metadata;

    const version = { "metadata.resourceVersion": resourceVersion };
    const changed = invalidObject(kind, { ...named, ...version, ...(after as Changes) });
    const { json } = await ask(server.transport, "PUT", place, changed);
    expect(json).toEqual(refusalOf(kind, itsName, causes as string[]));
  });
});

// Store.Update: the kind is the resource's name, for the error has no field for a resource.
test.each([
  "CSIDriver",
  "CSINode",
  "VolumeAttachment",
  "RuntimeClass",
  "CustomResourceDefinition",
  "MutatingWebhookConfiguration",
  "ValidatingWebhookConfiguration",
  "ValidatingAdmissionPolicy",
  "ValidatingAdmissionPolicyBinding",
  "APIService",
])("an update of a %s has to say of which version", async (name) => {
  const kind = kinds.find((one) => one.kind === name)!;
  const path = pathOf(kind);
  const isService = name === "APIService";
  const object = isService ? kind.example : (invalidObject(kind, namesOf(kind)) as KubeObject);
  const place = `${path}/${object.metadata.name}`;
  expect((await ask(server.transport, "POST", path, object)).status).toBe(201);
  const { json } = await ask(server.transport, "PUT", place, object);
  const cause = "metadata.resourceVersion: Invalid value: 0x0: must be specified for an update";
  const named = { group: kind.group, kind: kind.plural };
  expect(json).toEqual(refusalOf(named, object.metadata.name, [cause]));
});
