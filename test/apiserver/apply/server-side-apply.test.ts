import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ask } from "../../support/api-request.ts";
import { startTestApiServer } from "../../support/api-server.ts";

const APPLY = { "content-type": "application/apply-patch+yaml" };
const RCS = "/api/v1/namespaces/default/replicationcontrollers";
const WEB = `${RCS}/web`;
const MAPS = "/api/v1/namespaces/default/configmaps";

let server: Awaited<ReturnType<typeof startTestApiServer>>;
beforeEach(async () => {
  server = await startTestApiServer();
});
afterEach(() => server.stop());

const apply = (path: string, config: unknown, query = "fieldManager=me") =>
  ask(server.transport, "PATCH", `${path}?${query}`, config, APPLY);

const send = (method: string, path: string, body: unknown, headers = {}) =>
  ask(server.transport, method, path, body, { "user-agent": "them/v1", ...headers });

const merge = (path: string, patch: unknown) =>
  send("PATCH", path, patch, { "content-type": "application/merge-patch+json" });

const web = (spec: object = {}) => ({
  apiVersion: "v1",
  kind: "ReplicationController",
  metadata: { name: "web", labels: { app: "web" } },
  spec: {
    selector: { app: "web" },
    template: {
      metadata: { labels: { app: "web" } },
      spec: { containers: [{ name: "main", image: "nginx", ports: [{ containerPort: 80 }] }] },
    },
    ...spec,
  },
});

const settings = (data: Record<string, string>) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "settings" },
  data,
});

// biome-ignore lint/suspicious/noExplicitAny: a test looks into whatever came back.
type Json = any;

/** "manager operation [subresource]" -> its fields. */
const ownersOf = ({ metadata }: Json): Record<string, Json> =>
  Object.fromEntries(
    (metadata.managedFields ?? []).map((entry: Json) => [
      [entry.manager, entry.operation, entry.subresource].filter(Boolean).join(" "),
      entry.fieldsV1,
    ]),
  );

describe("server-side apply", () => {
  test("creates what is not there, and says who owns what", async () => {
    const created = await apply(WEB, web({ replicas: 2 }));
    expect(created.status).toBe(201);
    expect(created.json.metadata.managedFields).toEqual([
      {
        manager: "me",
        operation: "Apply",
        apiVersion: "v1",
        time: "2014-06-06T00:00:00Z",
        fieldsType: "FieldsV1",
        fieldsV1: {
          "f:metadata": { "f:labels": { "f:app": {} } },
          "f:spec": {
            "f:replicas": {},
            "f:selector": {},
            "f:template": {
              "f:metadata": { "f:labels": { "f:app": {} } },
              "f:spec": {
                "f:containers": {
                  'k:{"name":"main"}': {
                    ".": {},
                    "f:image": {},
                    "f:name": {},
                    "f:ports": {
                      'k:{"containerPort":80,"protocol":"TCP"}': { ".": {}, "f:containerPort": {} },
                    },
                  },
                },
              },
            },
          },
        },
      },
    ]);
    expect((await ask(server.transport, "GET", WEB)).json).toEqual(created.json);
  });

  test("takes YAML", async () => {
    const yaml = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {a: '1'}\n";
    const { status, json } = await apply(`${MAPS}/settings`, yaml);
    expect(status).toBe(201);
    expect(json.data).toEqual({ a: "1" });
  });

  test("writes nothing where nothing has changed", async () => {
    const { json: created } = await apply(WEB, web({ replicas: 2 }));
    server.clock.advance(60_000);
    const again = await apply(WEB, web({ replicas: 2 }));
    expect(again.status).toBe(200);
    expect(again.json).toEqual(created);
  });

  test("takes a kind and a name that are no text for none", async () => {
    const odd = { toString: { prototype: [] } };
    const { json } = await apply(WEB, { apiVersion: "v1", kind: odd, metadata: { name: odd } });
    expect(json.message).toBe(
      "failed to create typed patch object (/; /v1, Kind=): no corresponding type for /v1, Kind=",
    );
  });

  test("writes nothing in a dry run", async () => {
    const dry = await apply(WEB, web(), "fieldManager=me&dryRun=All");
    expect(dry.status).toBe(201);
    expect(ownersOf(dry.json)).toHaveProperty(["me Apply"]);
    expect((await ask(server.transport, "GET", WEB)).status).toBe(404);
  });

  test("is refused a field that another owns, with what would resolve it", async () => {
    await send("POST", RCS, web({ replicas: 1 }));
    const refused = await apply(WEB, web({ replicas: 2 }));
    expect(refused.json).toMatchObject({
      code: 409,
      reason: "Conflict",
      message: 'Apply failed with 1 conflict: conflict with "them" using v1: .spec.replicas',
      details: {
        causes: [
          {
            reason: "FieldManagerConflict",
            message: 'conflict with "them" using v1',
            field: ".spec.replicas",
          },
        ],
      },
    });
  });

  test("lists several conflicts by manager", async () => {
    await apply(`${MAPS}/settings`, settings({ a: "1", b: "1" }), "fieldManager=one");
    await apply(`${MAPS}/settings`, settings({ c: "1" }), "fieldManager=two");
    const refused = await apply(`${MAPS}/settings`, settings({ a: "2", b: "2", c: "2" }));
    expect(refused.json.message).toBe(
      'Apply failed with 3 conflicts: conflicts with "one":\n- .data.a\n- .data.b\nconflicts with "two":\n- .data.c',
    );
  });

  test("takes the field by force", async () => {
    await send("POST", RCS, web({ replicas: 1 }));
    const forced = await apply(WEB, web({ replicas: 2 }), "fieldManager=me&force=true");
    expect(forced.status).toBe(200);
    expect(forced.json.spec.replicas).toBe(2);
    const owners = ownersOf(forced.json);
    expect(owners["me Apply"]["f:spec"]).toHaveProperty("f:replicas");
    expect(owners["them Update"]["f:spec"]).not.toHaveProperty("f:replicas");
  });

  test("shares a field that both want the same", async () => {
    await apply(`${MAPS}/settings`, settings({ a: "1" }), "fieldManager=one");
    const { json } = await apply(`${MAPS}/settings`, settings({ a: "1" }), "fieldManager=two");
    expect(ownersOf(json)).toEqual({
      "one Apply": { "f:data": { "f:a": {} } },
      "two Apply": { "f:data": { "f:a": {} } },
    });
  });

  test("removes what is applied no more, unless another has it", async () => {
    await apply(`${MAPS}/settings`, settings({ a: "1", b: "1" }), "fieldManager=one");
    await apply(`${MAPS}/settings`, settings({ b: "1", c: "1" }), "fieldManager=two");
    const { json } = await apply(`${MAPS}/settings`, settings({}), "fieldManager=one");
    expect(json.data).toEqual({ b: "1", c: "1" });
    const last = await apply(
      `${MAPS}/settings`,
      { ...settings({}), data: undefined },
      "fieldManager=two",
    );
    expect(last.json).not.toHaveProperty("data");
  });

  test("finds the elements of lists by their keys", async () => {
    await apply(WEB, web({ replicas: 1 }));
    const side = web();
    side.spec.template.spec.containers = [{ name: "side", image: "busybox" } as never];
    const { json } = await apply(WEB, side, "fieldManager=other");
    const names = (object: Json) =>
      object.spec.template.spec.containers.map(({ name }: Json) => name);
    expect(names(json).toSorted()).toEqual(["main", "side"]);
    const without = web();
    without.spec.template.spec.containers = [];
    const left = await apply(WEB, without, "fieldManager=other");
    expect(names(left.json)).toEqual(["main"]);
  });

  test("applies the status alone through its subresource", async () => {
    await apply(WEB, web({ replicas: 1 }));
    const config = { ...web({ replicas: 9 }), status: { replicas: 3 } };
    const { status, json } = await apply(`${WEB}/status`, config, "fieldManager=counter");
    expect(status).toBe(200);
    expect(json).toMatchObject({ spec: { replicas: 1 }, status: { replicas: 3 } });
    expect(ownersOf(json)["counter Apply status"]).toMatchObject({
      "f:status": { "f:replicas": {} },
    });
    expect(ownersOf(json)["counter Apply status"]).not.toHaveProperty("f:spec");
    expect((await apply(`${RCS}/none/status`, config)).status).toBe(404);
  });

  test("applies a scale, and owns the number", async () => {
    await apply(WEB, web({ replicas: 1 }));
    const scale = { apiVersion: "autoscaling/v1", kind: "Scale", spec: { replicas: 4 } };
    const refused = await apply(`${WEB}/scale`, scale, "fieldManager=scaler");
    expect(refused.json.message).toBe(
      'Apply failed with 1 conflict: conflict with "me": .spec.replicas',
    );
    const { json } = await apply(`${WEB}/scale`, scale, "fieldManager=scaler&force=true");
    expect(json).toMatchObject({ kind: "Scale", spec: { replicas: 4 } });
    const rc = (await ask(server.transport, "GET", WEB)).json;
    expect(ownersOf(rc)["scaler Apply scale"]).toEqual({ "f:spec": { "f:replicas": {} } });
    expect(ownersOf(rc)["me Apply"]["f:spec"]).not.toHaveProperty("f:replicas");
  });

  test("gives what nobody owned to before-first-apply", async () => {
    const { json } = await send("POST", MAPS, settings({ a: "1" }));
    await merge(`${MAPS}/settings`, { metadata: { managedFields: [{}] } });
    const cleared = (await ask(server.transport, "GET", `${MAPS}/settings`)).json;
    expect(cleared.metadata).not.toHaveProperty("managedFields");
    expect(json.metadata).toHaveProperty("managedFields");
    const refused = await apply(`${MAPS}/settings`, settings({ a: "2" }));
    expect(refused.json.message).toBe(
      'Apply failed with 1 conflict: conflict with "before-first-apply" using v1: .data.a',
    );
  });

  test("lets kubectl move on from its own annotation", async () => {
    const applied = settings({ a: "1" });
    const annotation = "kubectl.kubernetes.io/last-applied-configuration";
    const annotations = { [annotation]: JSON.stringify(applied) };
    const created = { ...applied, metadata: { ...applied.metadata, annotations } };
    await send("POST", MAPS, created, { "user-agent": "kubectl-client-side-apply" });
    const next = settings({ a: "2" });
    expect((await apply(`${MAPS}/settings`, next, "fieldManager=other")).status).toBe(409);
    const { status, json } = await apply(`${MAPS}/settings`, next, "fieldManager=kubectl");
    expect(status).toBe(200);
    expect(JSON.parse(json.metadata.annotations[annotation])).toEqual(next);
  });

  test.each([
    [
      "no manager",
      web(),
      "",
      422,
      'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
    ],
    [
      "another version",
      { ...web(), apiVersion: "v2" },
      "fieldManager=me",
      400,
      "Incorrect version specified in apply patch. Specified patch version: v2, expected: v1",
    ],
    [
      "managedFields",
      { ...web(), metadata: { name: "web", managedFields: [] } },
      "fieldManager=me",
      400,
      "metadata.managedFields must be nil",
    ],
    [
      "another name",
      { ...web(), metadata: { name: "other" } },
      "fieldManager=me",
      400,
      "the name of the object (other) does not match the name on the URL (web)",
    ],
    [
      "no name but a prefix",
      { ...web(), metadata: { generateName: "web-" } },
      "fieldManager=me",
      400,
      "the name of the object (web based on URL) was undeterminable: name must be provided",
    ],
    [
      "an unknown field",
      web({ replica: 1 }),
      "fieldManager=me",
      500,
      "failed to create typed patch object (/web; /v1, Kind=ReplicationController): .spec.replica: field not declared in schema",
    ],
    [
      "wrong types",
      {
        ...settings({}),
        kind: "ReplicationController",
        metadata: { name: "web" },
        data: undefined,
        spec: { replicas: "2", template: [] },
      },
      "fieldManager=me",
      500,
      "failed to create typed patch object (/web; /v1, Kind=ReplicationController): errors:\n  .spec.replicas: expected numeric (int or float), got string\n  .spec.template: expected map, got &{[]}",
    ],
    [
      "malformed YAML",
      "a: [1",
      "fieldManager=me",
      400,
      expect.stringContaining("error decoding YAML: error converting YAML to JSON: yaml: line"),
    ],
    [
      "a uid of one that is not there",
      { ...web(), metadata: { name: "web", uid: "u" } },
      "fieldManager=me",
      409,
      'Operation cannot be fulfilled on replicationcontrollers "web": uid mismatch: the provided object specified uid u, and no existing object was found',
    ],
  ])("refuses %s", async (_, config, query, code, message) => {
    expect((await apply(WEB, config, query)).json).toMatchObject({ code, message });
  });

  test("refuses an element that is there twice", async () => {
    const twice = web();
    twice.spec.template.spec.containers.push(twice.spec.template.spec.containers[0]!);
    expect((await apply(WEB, twice)).json.message).toBe(
      'failed to create typed patch object (/web; /v1, Kind=ReplicationController): .spec.template.spec.containers: duplicate entries for key [name="main"]',
    );
  });

  test("refuses a version that is not the newest", async () => {
    await apply(WEB, web());
    const stale = { ...web({ replicas: 3 }), metadata: { name: "web", resourceVersion: "1" } };
    expect((await apply(WEB, stale)).json).toMatchObject({ code: 409, reason: "Conflict" });
  });

  test("warns of a key that is there twice, or refuses it", async () => {
    const yaml =
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata:\n  a: '1'\n  a: '2'\n";
    const why =
      'error converting YAML to JSON: yaml: unmarshal errors:\n  line 6: key "a" already set in map';
    const strict = await apply(`${MAPS}/settings`, yaml, "fieldManager=me&fieldValidation=Strict");
    expect(strict.json).toMatchObject({ code: 400, message: `error strict decoding YAML: ${why}` });
    const warned = await apply(`${MAPS}/settings`, yaml);
    expect(warned.status).toBe(201);
    expect(warned.headers.warning).toEqual([
      expect.stringContaining('key \\"a\\" already set in map'),
    ]);
    const ignored = await apply(`${MAPS}/settings`, yaml, "fieldManager=me&fieldValidation=Ignore");
    expect(ignored.headers).not.toHaveProperty("warning");
  });

  test("may not create where its user may not", async () => {
    const readonly = await startTestApiServer({
      authorizer: (_, { verb }) =>
        verb === "create" ? { allowed: false, reason: "no" } : { allowed: true },
    });
    const { json } = await ask(readonly.transport, "PATCH", `${WEB}?fieldManager=me`, web(), APPLY);
    await readonly.stop();
    expect(json).toMatchObject({ code: 403 });
    expect(json.message).toMatch(/cannot create resource "replicationcontrollers"/);
  });
});
