import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { apiVersionOf, type Kind, type KubeObject } from "../../src/api/kind.ts";
import { kinds } from "../../src/api/kinds.ts";
import { pathOf } from "../../src/client/client.ts";
import { ask, openWatch, turns } from "../support/api-request.ts";
import { startTestApiServer } from "../support/api-server.ts";

let server: Awaited<ReturnType<typeof startTestApiServer>>;
beforeAll(async () => {
  server = await startTestApiServer();
});
afterAll(() => server.stop());

/** The server itself looks after a definition as soon as it is there: custom-resources/ has its tests. */
const isLookedAfter = (kind: Kind) => kind.prepareForDelete !== undefined;
/** What an APIService is called its spec says: aggregation/ has its tests. */
const isNamedBySpec = ({ kind }: Kind) => kind === "APIService";
const stored = kinds.filter(
  (kind) =>
    !isLookedAfter(kind) &&
    !isNamedBySpec(kind) &&
    (kind.verbs === undefined || kind.verbs.includes("update")),
);

describe.each(stored.map((kind) => [kind.kind, kind] as const))("a %s", (_, kind) => {
  const namespace = kind.namespaced ? "default" : "";
  const collection = pathOf(kind, namespace);
  const path = pathOf(kind, namespace, "every-kind");

  test("is created, read, listed, watched, changed and deleted", async () => {
    const watch = await openWatch(server.transport, `${collection}?watch=1`);
    await turns();
    const before = watch.events.length;

    const created = await ask(server.transport, "POST", collection, draftOf(kind));
    expect(created.status, created.text).toBe(201);
    expect(created.json).toMatchObject({ kind: kind.kind, apiVersion: apiVersionOf(kind) });
    expect(created.json.metadata).toMatchObject({
      name: "every-kind",
      uid: expect.stringMatching(/^[0-9a-f-]{36}$/),
      creationTimestamp: "2014-06-06T00:00:00Z",
      resourceVersion: expect.stringMatching(/^\d+$/),
    });
    expect((await ask(server.transport, "GET", path)).json).toEqual(created.json);

    const listed = (await ask(server.transport, "GET", collection)).json;
    expect(listed).toMatchObject({ kind: `${kind.kind}List`, apiVersion: apiVersionOf(kind) });
    expect(listed.items.map(nameOf)).toContain("every-kind");

    const changed = structuredClone(created.json);
    changed.metadata.annotations = { changed: "yes" };
    const updated = await ask(server.transport, "PUT", path, changed);
    expect(updated.status, updated.text).toBe(200);
    expect(updated.json.metadata.annotations).toMatchObject({ changed: "yes" });

    const stale = await ask(server.transport, "PUT", path, created.json);
    expect(stale.json).toMatchObject({ code: 409, reason: "Conflict" });

    const patched = await ask(
      server.transport,
      "PATCH",
      path,
      { metadata: { annotations: { changed: null, patched: "yes" } } },
      { "content-type": "application/merge-patch+json" },
    );
    expect(patched.json.metadata.annotations).toMatchObject({ patched: "yes" });
    expect(patched.json.metadata.annotations).not.toHaveProperty("changed");

    const deleted = await ask(server.transport, "DELETE", `${path}?propagationPolicy=Background`);
    expect(deleted.status, deleted.text).toBe(200);
    const isHeld =
      kind.isHeldByFinalizers !== undefined || created.json.metadata.finalizers !== undefined;
    expect((await ask(server.transport, "GET", path)).status).toBe(isHeld ? 200 : 404);

    await turns();
    const types = watch.events.slice(before).map(({ type }) => type);
    const end = isHeld ? "MODIFIED" : "DELETED";
    expect(types).toEqual(["ADDED", "MODIFIED", "MODIFIED", end]);
    watch.close();
  });

  test("is not written again when nothing has changed", async () => {
    const draft = draftOf(kind);
    draft.metadata.name = "unchanged";
    const created = (await ask(server.transport, "POST", collection, draft)).json;

    const again = (await ask(server.transport, "PUT", `${collection}/unchanged`, created)).json;

    expect(again).toEqual(created);
  });

  test("is not written in a dry run", async () => {
    const draft = draftOf(kind);
    draft.metadata.name = "dry";

    const answer = await ask(server.transport, "POST", `${collection}?dryRun=All`, draft);

    expect(answer.status, answer.text).toBe(201);
    expect((await ask(server.transport, "GET", `${collection}/dry`)).status).toBe(404);
  });

  test("has a table whose rows have as many cells as it has columns", async () => {
    const accept = "application/json;as=Table;v=v1;g=meta.k8s.io";
    const draft = draftOf(kind);
    draft.metadata.name = "tabled";
    await ask(server.transport, "POST", collection, draft);

    const table = (await ask(server.transport, "GET", collection, undefined, { accept })).json;

    expect(table).toMatchObject({ kind: "Table", apiVersion: "meta.k8s.io/v1" });
    expect(table.rows.length).toBeGreaterThan(0);
    for (const row of table.rows) {
      expect(row.cells).toHaveLength(table.columnDefinitions.length);
      expect(row.object.kind).toBe("PartialObjectMetadata");
    }
  });

  test("is listed in discovery with its verbs", async () => {
    const root = kind.group === "" ? "/api/v1" : `/apis/${kind.group}/${kind.version}`;
    const { resources } = (await ask(server.transport, "GET", root)).json;

    const resource = resources.find((one: { name: string }) => one.name === kind.plural);

    expect(resource).toMatchObject({ kind: kind.kind, namespaced: kind.namespaced });
    expect(resource.verbs).toEqual(expect.arrayContaining(["create", "get", "list", "watch"]));
  });
});

function draftOf(kind: Kind): KubeObject {
  const draft = structuredClone(kind.example) as KubeObject;
  draft.metadata.name = "every-kind";
  return draft;
}

function nameOf(obj: KubeObject): string {
  return obj.metadata.name;
}
