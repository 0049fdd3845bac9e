import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ask } from "../../support/api-request.ts";
import { startTestApiServer } from "../../support/api-server.ts";

const PODS = "/api/v1/namespaces/default/pods";
const WEB = `${PODS}/web`;
const RCS = "/api/v1/namespaces/default/replicationcontrollers";

let server: Awaited<ReturnType<typeof startTestApiServer>>;
beforeEach(async () => {
  server = await startTestApiServer();
});
afterEach(() => server.stop());

const as = (agent: string) => ({ "user-agent": agent });
const send = (method: string, path: string, body: unknown, headers = as("me/v1.0 (linux)")) =>
  ask(server.transport, method, path, body, headers);
const merge = (path: string, patch: unknown, agent = "me") =>
  send("PATCH", path, patch, {
    ...as(agent),
    "content-type": "application/merge-patch+json",
  } as never);

const pod = (labels: Record<string, string> = { app: "web" }) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "web", labels },
  spec: { containers: [{ name: "main", image: "nginx" }] },
});

// biome-ignore lint/suspicious/noExplicitAny: a test looks into whatever came back.
const entriesOf = ({ json }: { json: any }) => json.metadata.managedFields;

describe("managedFields", () => {
  test("say who created an object, with the defaults, without what the system sets", async () => {
    expect(entriesOf(await send("POST", PODS, pod()))).toEqual([
      {
        manager: "me",
        operation: "Update",
        apiVersion: "v1",
        time: "2014-06-06T00:00:00Z",
        fieldsType: "FieldsV1",
        fieldsV1: {
          "f:metadata": { "f:labels": { ".": {}, "f:app": {} } },
          "f:spec": {
            "f:containers": {
              'k:{"name":"main"}': {
                ".": {},
                "f:image": {},
                "f:imagePullPolicy": {},
                "f:name": {},
                "f:resources": {},
                "f:terminationMessagePath": {},
                "f:terminationMessagePolicy": {},
              },
            },
            "f:dnsPolicy": {},
            "f:enableServiceLinks": {},
            "f:restartPolicy": {},
            "f:schedulerName": {},
            "f:securityContext": {},
            "f:terminationGracePeriodSeconds": {},
          },
        },
      },
    ]);
  });

  test.each([
    ["kubectl/v1.30.0 (linux/amd64) kubernetes/7c48c2b", "", "kubectl"],
    ["kubectl/v1.30.0", "?fieldManager=kubectl-create", "kubectl-create"],
    ["curl", "", "curl"],
    ["\u0007bell\u00a0", "", "bell"],
    ["x".repeat(200), "", "x".repeat(128)],
    ["", "", "unknown"],
  ])("call the client %j with %j %j", async (agent, query, manager) => {
    const [entry] = entriesOf(await send("POST", `${PODS}${query}`, pod(), as(agent)));
    expect(entry.manager).toBe(manager);
  });

  test("move a field to whoever changes it, at its time", async () => {
    await send("POST", PODS, pod({ app: "web", tier: "front" }));
    server.clock.advance(60_000);
    const entries = entriesOf(await merge(WEB, { metadata: { labels: { tier: "back" } } }, "you"));
    expect(entries).toMatchObject([
      { manager: "me", time: "2014-06-06T00:00:00Z" },
      { manager: "you", time: "2014-06-06T00:01:00Z" },
    ]);
    expect(entries[0].fieldsV1["f:metadata"]["f:labels"]).toEqual({ ".": {}, "f:app": {} });
    expect(entries[1].fieldsV1).toEqual({ "f:metadata": { "f:labels": { "f:tier": {} } } });
  });

  test("stay as they are where nothing changes", async () => {
    const created = await send("POST", PODS, pod());
    server.clock.advance(60_000);
    const same = await send("PUT", WEB, created.json, as("you"));
    expect(same.json).toEqual(created.json);
  });

  test("of one manager are put together by version and subresource", async () => {
    await send("POST", PODS, pod());
    await merge(WEB, { metadata: { labels: { more: "1" } } });
    const status = { status: { phase: "Running" } };
    const entries = entriesOf(await merge(`${WEB}/status`, status));
    expect(entries.map(({ subresource = "" }) => subresource)).toEqual(["", "status"]);
    expect(entries[0].fieldsV1["f:metadata"]["f:labels"]).toEqual({
      ".": {},
      "f:app": {},
      "f:more": {},
    });
    expect(entries[1].fieldsV1).toEqual({ "f:status": { "f:phase": {} } });
  });

  test("do not follow what a write cannot change", async () => {
    await send("POST", PODS, pod());
    const spec = { activeDeadlineSeconds: 5 };
    const status = { phase: "Running" };
    const [, entry] = entriesOf(await merge(`${WEB}/status`, { spec, status }, "you"));
    expect(entry.fieldsV1).toEqual({ "f:status": { "f:phase": {} } });
    const [first] = entriesOf(await merge(WEB, { status: { phase: "Failed" } }));
    expect(first.fieldsV1).not.toHaveProperty("f:status");
  });

  test("lose a field that is removed, and an owner that has none left", async () => {
    await send("POST", PODS, pod());
    await merge(WEB, { metadata: { annotations: { note: "1" } } }, "you");
    const entries = entriesOf(await merge(WEB, { metadata: { annotations: null } }, "them"));
    expect(entries.map(({ manager }: { manager: string }) => manager)).toEqual(["me"]);
  });

  test("are kept for a client that does not send them", async () => {
    const created = await send("POST", PODS, pod());
    const { managedFields, ...metadata } = created.json.metadata;
    const bare = { ...created.json, metadata };
    expect(entriesOf(await send("PUT", WEB, bare))).toEqual(managedFields);
  });

  test.each([[[]], [[{}]]])("are cleared by %j, and then left alone", async (managedFields) => {
    const created = await send("POST", PODS, pod());
    const metadata = { ...created.json.metadata, managedFields };
    const cleared = await send("PUT", WEB, { ...created.json, metadata });
    expect(cleared.json.metadata).not.toHaveProperty("managedFields");
    const later = await merge(WEB, { metadata: { labels: { more: "1" } } });
    expect(later.json.metadata).not.toHaveProperty("managedFields");
  });

  test("are taken as the client writes them, if they can be read", async () => {
    await send("POST", PODS, pod());
    const entry = {
      manager: "you",
      operation: "Apply",
      apiVersion: "v1",
      fieldsType: "FieldsV1",
      fieldsV1: { "f:metadata": { "f:labels": { "f:app": {} } } },
    };
    const replaced = await merge(WEB, { metadata: { managedFields: [entry] } });
    expect(entriesOf(replaced)).toEqual([entry]);
    for (const wrong of [
      { ...entry, operation: "Guess" },
      { ...entry, fieldsType: "V2" },
      { ...entry, fieldsV1: { "k:{": {} } },
    ]) {
      expect(entriesOf(await merge(WEB, { metadata: { managedFields: [wrong] } }))).toEqual([
        entry,
      ]);
    }
  });

  test("say through which subresource a number was set, and nothing of a binding", async () => {
    const rc = {
      metadata: { name: "web" },
      spec: { replicas: 1, selector: { app: "web" }, template: { ...pod(), kind: undefined } },
    };
    await send("POST", RCS, rc);
    await merge(`${RCS}/web/scale`, { spec: { replicas: 3 } }, "scaler");
    const entries = entriesOf(await ask(server.transport, "GET", `${RCS}/web`));
    expect(entries[1]).toMatchObject({
      manager: "scaler",
      subresource: "scale",
      fieldsV1: { "f:spec": { "f:replicas": {} } },
    });

    const created = await send("POST", PODS, pod());
    await send("POST", `${WEB}/binding`, { metadata: { name: "web" }, target: { name: "node1" } });
    const bound = await ask(server.transport, "GET", WEB);
    expect(bound.json.spec.nodeName).toBe("node1");
    expect(entriesOf(bound)).toEqual(entriesOf(created));
  });

  test("are not stored in a dry run", async () => {
    const created = await send("POST", PODS, pod());
    const patch = { metadata: { labels: { more: "1" } } };
    expect(entriesOf(await merge(`${WEB}?dryRun=All`, patch, "you"))).toHaveLength(2);
    expect(entriesOf(await ask(server.transport, "GET", WEB))).toEqual(entriesOf(created));
  });
});

describe("the options of a write", () => {
  const refused = (kind: string, why: string) => ({
    code: 422,
    reason: "Invalid",
    message: `${kind}.meta.k8s.io "" is invalid: ${why}`,
  });
  const dryRun = 'dryRun: Unsupported value: []string{"Some"}: supported values: "All"';

  test.each([
    ["POST", PODS, "CreateOptions"],
    ["PUT", WEB, "UpdateOptions"],
    ["PATCH", WEB, "PatchOptions"],
    ["DELETE", WEB, "DeleteOptions"],
    ["DELETE", PODS, "DeleteOptions"],
  ])("are checked for %s %s", async (method, path, kind) => {
    await send("POST", PODS, pod());
    const body = method === "DELETE" ? {} : pod();
    const answer =
      method === "PATCH"
        ? await merge(`${path}?dryRun=Some`, body)
        : await send(method, `${path}?dryRun=Some`, body);
    expect(answer.json).toMatchObject(refused(kind, dryRun));
  });

  test.each([
    ["fieldManager=" + "x".repeat(129), "fieldManager: Too long: must have at most 128 bytes"],
    [
      "fieldManager=a%09",
      'fieldManager: Invalid value: "a\\t": invalid character U+0009 (at position 1)',
    ],
    [
      "fieldValidation=Loud",
      'fieldValidation: Unsupported value: "Loud": supported values: "", "Ignore", "Strict", "Warn"',
    ],
  ])("refuse ?%s", async (query, why) => {
    expect((await send("POST", `${PODS}?${query}`, pod())).json).toMatchObject(
      refused("CreateOptions", why),
    );
  });

  test("refuse force where nothing is applied", async () => {
    await send("POST", PODS, pod());
    expect((await merge(`${WEB}?force=true`, {})).json).toMatchObject(
      refused("PatchOptions", "force: Forbidden: may not be specified for non-apply patch"),
    );
  });

  test("refuse a propagation policy that is none", async () => {
    expect((await send("DELETE", `${WEB}?propagationPolicy=Up`, {})).json).toMatchObject(
      refused(
        "DeleteOptions",
        'propagationPolicy: Unsupported value: "Up": supported values: "Foreground", "Background", "Orphan", "nil"',
      ),
    );
  });

  test("write nothing in a dry run, whatever the verb", async () => {
    const dry = async (method: string, path: string, body: unknown) =>
      method === "PATCH"
        ? merge(`${path}?dryRun=All`, body)
        : send(method, `${path}?dryRun=All`, body);
    expect((await dry("POST", PODS, pod())).status).toBe(201);
    expect((await ask(server.transport, "GET", WEB)).status).toBe(404);
    const { json: created } = await send("POST", PODS, pod());
    const other = { ...created, metadata: { ...created.metadata, labels: { app: "other" } } };
    for (const [method, path, body] of [
      ["PUT", WEB, other],
      ["PATCH", WEB, { metadata: { labels: { app: "other" } } }],
      ["DELETE", WEB, {}],
      ["DELETE", PODS, {}],
    ] as const) {
      expect((await dry(method, path, body)).status, `${method} ${path}`).toBe(200);
      expect((await ask(server.transport, "GET", WEB)).json).toEqual(created);
    }
  });
});
