import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ask, openWatch } from "../support/api-request.ts";
import { startTestApiServer } from "../support/api-server.ts";
import { eventually } from "../support/eventually.ts";

const OLD = "/apis/rbac.authorization.k8s.io/v1beta1/namespaces/default/roles";
const NEW = "/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles";
const rules = [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }];

let server: Awaited<ReturnType<typeof startTestApiServer>>;
beforeAll(async () => {
  server = await startTestApiServer();
});
afterAll(() => server.stop());

function role(version: string, name: string) {
  const apiVersion = `rbac.authorization.k8s.io/${version}`;
  return { apiVersion, kind: "Role", metadata: { name }, rules };
}

describe("an older version of the same shape", () => {
  test("is listed in discovery, after the one that is stored", async () => {
    const group = (await ask(server.transport, "GET", "/apis/rbac.authorization.k8s.io")).json;
    const versions = group.versions.map((one: { version: string }) => one.version);
    expect(versions).toEqual(["v1", "v1beta1"]);
    expect(group.preferredVersion.version).toBe("v1");
  });

  test("is written and read under both names, and stored under one", async () => {
    const created = await ask(server.transport, "POST", OLD, role("v1beta1", "both"));
    expect(created.status, created.text).toBe(201);
    expect(created.json.apiVersion).toBe("rbac.authorization.k8s.io/v1beta1");

    const read = (await ask(server.transport, "GET", `${NEW}/both`)).json;
    expect(read).toEqual({ ...created.json, apiVersion: "rbac.authorization.k8s.io/v1" });
    const stored = await server.store.get("/registry/roles/default/both");
    expect(JSON.parse(stored!.value.toString()).apiVersion).toBe("rbac.authorization.k8s.io/v1");
  });

  test("is refused where the body is of the other version", async () => {
    const answer = await ask(server.transport, "POST", OLD, role("v1", "wrong"));
    expect(answer.json.message).toBe(
      "the API version in the data (rbac.authorization.k8s.io/v1) does not match the expected API version (rbac.authorization.k8s.io/v1beta1)",
    );
  });

  test("is listed and watched under its name", async () => {
    await ask(server.transport, "POST", NEW, role("v1", "seen"));
    const list = (await ask(server.transport, "GET", OLD)).json;
    expect(list).toMatchObject({
      kind: "RoleList",
      apiVersion: "rbac.authorization.k8s.io/v1beta1",
    });
    const watch = await openWatch(server.transport, `${OLD}?watch=1`);
    const versions = () => new Set(watch.events.map(({ object }) => object.apiVersion));
    await eventually(() => expect(watch.events.length).toBeGreaterThan(0));
    expect([...versions()]).toEqual(["rbac.authorization.k8s.io/v1beta1"]);
    watch.close();
  });

  test("is patched as it looks in that version", async () => {
    await ask(server.transport, "POST", NEW, role("v1", "patched"));
    const patch = {
      apiVersion: "rbac.authorization.k8s.io/v1beta1",
      metadata: { labels: { patched: "yes" } },
    };
    for (const type of ["merge", "strategic-merge"]) {
      const headers = { "content-type": `application/${type}-patch+json` };
      const answer = await ask(server.transport, "PATCH", `${OLD}/patched`, patch, headers);
      expect(answer.status, answer.text).toBe(200);
      expect(answer.json.metadata.labels).toEqual({ patched: "yes" });
      expect(answer.json.apiVersion).toBe("rbac.authorization.k8s.io/v1beta1");
    }
  });

  test("is given as a table as well", async () => {
    const accept = "application/json;as=Table;v=v1;g=meta.k8s.io";
    const table = (await ask(server.transport, "GET", OLD, undefined, { accept })).json;
    expect(table.columnDefinitions[1].name).toBe("Created At");
  });
});

test.each([
  "/apis/autoscaling/v1/horizontalpodautoscalers",
  "/apis/events.k8s.io/v1/events",
  "/apis/rbac.authorization.k8s.io/v1beta1/roles",
])("a watch of %s gets bookmarks in its own version", async (path) => {
  const accept = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";
  for (const headers of [{}, { accept }] as Record<string, string>[]) {
    const query = "watch=1&allowWatchBookmarks=1&includeObject=Object";
    const watch = await openWatch(server.transport, `${path}?${query}`, headers);
    const bookmark = () => watch.events.find(({ type }) => type === "BOOKMARK")?.object;
    await eventually(() => {
      server.clock.advance(60_000);
      expect(bookmark()).toBeDefined();
    });
    const { kind, apiVersion } = bookmark()!;
    if (kind !== "Table") expect(path).toContain(`/${apiVersion}/`);
    watch.close();
  }
});
