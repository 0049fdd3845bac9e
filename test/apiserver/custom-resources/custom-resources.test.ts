/** Kinds that users declare, at the API: they come, are served as any other, change and go. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { startApiServer } from "../../../src/apiserver/apiserver.ts";
import { silentLog } from "../../../src/component/log.ts";
import { ask, openWatch, turns } from "../../support/api-request.ts";
import { startTestApiServer } from "../../support/api-server.ts";
import { eventually } from "../../support/eventually.ts";
import { CRDS, CRONTABS, cronTab, cronTabDefinition, establish, established } from "./cron-tab.ts";

// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever comes back
type Json = any;

const NAME = "crontabs.stable.example.com";
const MERGE = { "content-type": "application/merge-patch+json" };

let server: Awaited<ReturnType<typeof startTestApiServer>>;
beforeEach(async () => {
  server = await startTestApiServer();
});
afterEach(() => server.stop());

const send = (method: string, path: string, body?: unknown, headers?: Record<string, string>) =>
  ask(server.transport, method, path, body, headers);
const definitionNow = async () => (await send("GET", `${CRDS}/${NAME}`)).json;

async function gone(path: string): Promise<void> {
  await eventually(async () => expect((await send("GET", path)).status).toBe(404));
}

async function changeDefinition(change: (definition: Json) => void): Promise<void> {
  const definition = await definitionNow();
  change(definition);
  const { status, json } = await send("PUT", `${CRDS}/${NAME}`, definition);
  expect(status, json.message).toBe(200);
}

describe("a definition", () => {
  test("has its names accepted, and is established", async () => {
    expect((await send("GET", CRONTABS)).json).toMatchObject({ code: 404 });
    await establish(server.transport, cronTabDefinition());
    expect((await definitionNow()).status).toMatchObject({
      storedVersions: ["v1"],
      acceptedNames: { plural: "crontabs", kind: "CronTab", listKind: "CronTabList" },
      conditions: [
        {
          type: "NamesAccepted",
          status: "True",
          reason: "NoConflicts",
          message: "no conflicts found",
        },
        {
          type: "Established",
          status: "True",
          reason: "InitialNamesAccepted",
          message: "the initial names have been accepted",
        },
      ],
    });
  });

  test("waits for a name that another of its group has, until that one goes", async () => {
    await establish(server.transport, cronTabDefinition());
    const rival = cronTabDefinition(
      {},
      { names: { plural: "others", kind: "CronTab", shortNames: ["ct"] } },
    );
    rival.metadata.name = "others.stable.example.com";
    await send("POST", CRDS, rival);
    await eventually(async () => {
      const { conditions } = (await send("GET", `${CRDS}/others.stable.example.com`)).json.status;
      expect(conditions).toMatchObject([
        {
          type: "NamesAccepted",
          status: "False",
          reason: "ListKindConflict",
          message: '"CronTabList" is already in use',
        },
        {
          type: "Established",
          status: "False",
          reason: "NotAccepted",
          message: "not all names are accepted",
        },
      ]);
    });
    expect((await send("GET", "/apis/stable.example.com/v1/others")).status).toBe(404);

    await send("DELETE", `${CRDS}/${NAME}`);
    await established(server.transport, "others.stable.example.com");
  });

  test("takes the objects of its kind with it, and waits for those that are held", async () => {
    await establish(server.transport, cronTabDefinition());
    const held = cronTab("held");
    held.metadata.finalizers = ["stable.example.com/held"];
    await send("POST", CRONTABS, held);
    await send("POST", CRONTABS, cronTab("free"));

    const { json } = await send("DELETE", `${CRDS}/${NAME}`);
    expect(json.metadata.finalizers).toEqual(["customresourcecleanup.apiextensions.k8s.io"]);
    await eventually(async () => {
      const { items } = (await send("GET", CRONTABS)).json;
      expect(items.map(({ metadata }: Json) => metadata.name)).toEqual(["held"]);
      expect(items[0].metadata.deletionTimestamp).toBeDefined();
    });
    expect((await definitionNow()).status.conditions.at(-1)).toMatchObject({
      type: "Terminating",
      status: "True",
      reason: "InstanceDeletionInProgress",
      message: "CustomResource deletion is in progress",
    });
    const refused = await send("POST", CRONTABS, cronTab("late"));
    expect(refused.json).toMatchObject({
      code: 405,
      message: "create not allowed while custom resource definition is terminating",
    });

    await send("PATCH", `${CRONTABS}/held`, { metadata: { finalizers: null } }, MERGE);
    await gone(`${CRDS}/${NAME}`);
    expect((await send("GET", CRONTABS)).status).toBe(404);
  });

  test("made again has nothing of the one before", async () => {
    await establish(server.transport, cronTabDefinition());
    await send("POST", CRONTABS, cronTab("old"));
    await send("DELETE", `${CRDS}/${NAME}`);
    await gone(`${CRDS}/${NAME}`);

    await establish(server.transport, cronTabDefinition());
    await eventually(async () => expect((await send("GET", CRONTABS)).json.items).toEqual([]));
    expect((await send("POST", CRONTABS, cronTab("old"))).status).toBe(201);
  });

  test("has no selectable fields, which 1.30 takes only where it is told to", async () => {
    const definition = cronTabDefinition({ selectableFields: [{ jsonPath: ".spec.image" }] });
    const { status, json } = await send("POST", CRDS, definition);
    expect([status, json.spec.versions[0].selectableFields]).toEqual([201, undefined]);
  });

  test("is known to another API server on the same store, and to one that starts later", async () => {
    const start = async () => {
      const { store, clock, random } = server;
      return startApiServer({ store, clock, random, log: silentLog });
    };
    const beside = await start();
    await establish(server.transport, cronTabDefinition());
    await send("POST", CRONTABS, cronTab("mine"));
    await eventually(async () => {
      const { json } = await ask(beside.transport, "GET", `${CRONTABS}/mine`);
      expect(json).toMatchObject({ kind: "CronTab" });
    });
    await beside.stop();

    const later = await start();
    expect((await ask(later.transport, "GET", `${CRONTABS}/mine`)).status).toBe(200);
    await later.stop();
  });
});

describe("a custom kind", () => {
  const subresources = {
    status: {},
    scale: {
      specReplicasPath: ".spec.replicas",
      statusReplicasPath: ".status.replicas",
      labelSelectorPath: ".status.labelSelector",
    },
  };
  beforeEach(() => establish(server.transport, cronTabDefinition({ subresources })));

  test("is listed in discovery, old and new", async () => {
    const { resources } = (await send("GET", "/apis/stable.example.com/v1")).json;
    expect(resources).toMatchObject([
      {
        name: "crontabs",
        singularName: "crontab",
        namespaced: true,
        kind: "CronTab",
        shortNames: ["ct"],
      },
      { name: "crontabs/scale", group: "autoscaling", version: "v1", kind: "Scale" },
      { name: "crontabs/status", kind: "CronTab" },
    ]);
    const accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
    const { items } = (await send("GET", "/apis", undefined, { accept })).json;
    const group = items.find(({ metadata }: Json) => metadata.name === "stable.example.com");
    expect(group.versions[0].resources[0]).toMatchObject({
      resource: "crontabs",
      shortNames: ["ct"],
    });
  });

  test("is described in OpenAPI, v2 and v3, while it is there", async () => {
    const type = "com.example.stable.v1.CronTab";
    const v3 = async () => (await send("GET", "/openapi/v3/apis/stable.example.com/v1")).json;
    expect((await v3()).components.schemas[type]).toMatchObject({
      properties: { spec: { properties: { replicas: { type: "integer", maximum: 10 } } } },
      "x-kubernetes-group-version-kind": [
        { group: "stable.example.com", kind: "CronTab", version: "v1" },
      ],
    });
    const v2 = async () => (await send("GET", "/openapi/v2")).json.definitions[type];
    expect(await v2()).toMatchObject({ type: "object" });
    await send("DELETE", `${CRDS}/${NAME}`);
    await gone(`${CRDS}/${NAME}`);
    expect(await v2()).toBeUndefined();
    expect(await v3()).toMatchObject({ code: 404 });
  });

  test("drops or refuses what its schema does not know", async () => {
    const odd = cronTab("odd", { someRandomField: 42 });
    const strict = await send("POST", `${CRONTABS}?fieldValidation=Strict`, odd);
    expect(strict.json.message).toBe(
      'CronTab in version "v1" cannot be handled as a CronTab: strict decoding error: unknown field "spec.someRandomField"',
    );
    const { json, headers } = await send("POST", CRONTABS, odd);
    expect(json.spec).not.toHaveProperty("someRandomField");
    expect(headers.warning).toEqual(['299 - "unknown field \\"spec.someRandomField\\""']);
  });

  test("is refused in the words of Kubernetes", async () => {
    const { json } = await send(
      "POST",
      CRONTABS,
      cronTab("bad", { cronSpec: "* * * *", replicas: 15 }),
    );
    expect(json).toMatchObject({ code: 422, reason: "Invalid" });
    expect(json.message).toBe(
      'CronTab.stable.example.com "bad" is invalid: [spec.cronSpec: Invalid value: "* * * *": spec.cronSpec in body should match \'^(\\d+|\\*)(/\\d+)?(\\s+(\\d+|\\*)(/\\d+)?){4}$\', spec.replicas: Invalid value: 15: spec.replicas in body should be less than or equal to 10]',
    );
  });

  test("takes JSON and merge patches, but no strategic ones", async () => {
    await send("POST", CRONTABS, cronTab("mine"));
    const json = { "content-type": "application/json-patch+json" };
    const operations = [{ op: "replace", path: "/spec/image", value: "a" }];
    expect((await send("PATCH", `${CRONTABS}/mine`, operations, json)).json.spec.image).toBe("a");
    const merged = await send("PATCH", `${CRONTABS}/mine`, { spec: { image: "b" } }, MERGE);
    expect(merged.json.spec.image).toBe("b");
    const strategic = { "content-type": "application/strategic-merge-patch+json" };
    expect((await send("PATCH", `${CRONTABS}/mine`, {}, strategic)).json).toMatchObject({
      code: 415,
      message:
        "the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml",
    });
  });

  test("keeps wishes and facts apart, and counts changes of wishes", async () => {
    const created = await send("POST", CRONTABS, { ...cronTab("mine"), status: { replicas: 9 } });
    expect(created.json).not.toHaveProperty("status");
    expect(created.json.metadata.generation).toBe(1);
    const status = {
      status: { replicas: 2 },
      spec: { image: "x" },
      metadata: { labels: { a: "b" } },
    };
    const told = await send("PATCH", `${CRONTABS}/mine/status`, status, MERGE);
    expect(told.json).toMatchObject({
      status: { replicas: 2 },
      spec: { image: "my-awesome-cron-image" },
    });
    expect(told.json.metadata).toMatchObject({ generation: 1 });
    expect(told.json.metadata).not.toHaveProperty("labels");
    const wished = await send(
      "PATCH",
      `${CRONTABS}/mine`,
      { spec: { image: "x" }, status: null },
      MERGE,
    );
    expect(wished.json).toMatchObject({ status: { replicas: 2 }, metadata: { generation: 2 } });
  });

  test("is selected by labels, and by no field but its name and namespace", async () => {
    const labelled = cronTab("labelled");
    labelled.metadata.labels = { tier: "front" };
    await send("POST", CRONTABS, labelled);
    await send("POST", CRONTABS, cronTab("plain"));
    const names = async (query: string) => {
      const { items } = (await send("GET", `${CRONTABS}?${query}`)).json;
      return items.map(({ metadata }: Json) => metadata.name);
    };
    expect(await names("labelSelector=tier%3Dfront")).toEqual(["labelled"]);
    expect(await names("fieldSelector=metadata.name%3Dplain")).toEqual(["plain"]);
    const { json } = await send("GET", `${CRONTABS}?fieldSelector=spec.image%3Dx`);
    expect(json).toMatchObject({ code: 400, message: "field label not supported: spec.image" });
  });

  test("is scaled", async () => {
    await send("POST", CRONTABS, cronTab("mine", { replicas: 3 }));
    await send(
      "PATCH",
      `${CRONTABS}/mine/status`,
      { status: { replicas: 1, labelSelector: "a=b" } },
      MERGE,
    );
    const { json } = await send("GET", `${CRONTABS}/mine/scale`);
    expect(json).toMatchObject({
      kind: "Scale",
      spec: { replicas: 3 },
      status: { replicas: 1, selector: "a=b" },
    });
    const scaled = await send("PUT", `${CRONTABS}/mine/scale`, { ...json, spec: { replicas: 7 } });
    expect(scaled.json.spec).toEqual({ replicas: 7 });
    expect((await send("GET", `${CRONTABS}/mine`)).json.spec.replicas).toBe(7);
    const tooMany = await send("PUT", `${CRONTABS}/mine/scale`, {
      ...scaled.json,
      spec: { replicas: 70 },
    });
    expect(tooMany.json.message).toContain(
      "spec.replicas in body should be less than or equal to 10",
    );
  });

  test("is watched, until it goes", async () => {
    const watch = await openWatch(server.transport, `${CRONTABS}?watch=1&labelSelector=tier=front`);
    const front = cronTab("front");
    front.metadata.labels = { tier: "front" };
    await send("POST", CRONTABS, front);
    await send("POST", CRONTABS, cronTab("back"));
    await send("PATCH", `${CRONTABS}/front`, { metadata: { labels: null } }, MERGE);
    await eventually(() =>
      expect(watch.events.map(({ type, object }) => [type, object.metadata.name])).toEqual([
        ["ADDED", "front"],
        ["DELETED", "front"],
      ]),
    );
    await send("DELETE", `${CRDS}/${NAME}`);
    await eventually(() => expect(watch.hasEnded).toBe(true));
  });

  test("is not mistaken for a kind of another group with the same plural", async () => {
    const pods = cronTabDefinition({}, { names: { plural: "pods", kind: "Pod" } });
    pods.metadata.name = "pods.stable.example.com";
    await establish(server.transport, pods);
    const path = "/apis/stable.example.com/v1/namespaces/default/pods";
    const pod = { ...cronTab("mine"), kind: "Pod" };
    expect((await send("POST", path, pod)).status).toBe(201);
    expect((await send("GET", `${path}/mine/log`)).status).toBe(404);
    expect((await send("GET", "/api/v1/namespaces/default/pods")).json.items).toEqual([]);
  });
});

describe("versions of a custom kind", () => {
  const V2 = CRONTABS.replace("/v1/", "/v2/");
  const withV2 = (definition: Json, isStored: boolean) => {
    const [first] = definition.spec.versions;
    const second = structuredClone(first);
    Object.assign(second, { name: "v2", storage: isStored });
    second.schema.openAPIV3Schema.properties.spec.properties.image.default = "default-image";
    first.storage = !isStored;
    definition.spec.versions = [first, second];
  };

  test("show the same objects, each by its own schema", async () => {
    await establish(server.transport, cronTabDefinition());
    await send("POST", CRONTABS, { ...cronTab("mine"), spec: {} });
    await changeDefinition((definition) => withV2(definition, false));
    await eventually(async () => expect((await send("GET", V2)).status).toBe(200));

    expect((await send("GET", `${V2}/mine`)).json).toMatchObject({
      apiVersion: "stable.example.com/v2",
      spec: { image: "default-image" },
    });
    expect((await send("GET", `${CRONTABS}/mine`)).json).toMatchObject({
      apiVersion: "stable.example.com/v1",
    });
    expect((await send("GET", V2)).json).toMatchObject({
      apiVersion: "stable.example.com/v2",
      items: [{ apiVersion: "stable.example.com/v2", spec: { image: "default-image" } }],
    });
    const { json: group } = await send("GET", "/apis/stable.example.com");
    expect(group.preferredVersion.version).toBe("v2");
    expect(group.versions.map(({ version }: Json) => version)).toEqual(["v2", "v1"]);
  });

  test("are stored in one version, which the definition remembers", async () => {
    await establish(server.transport, cronTabDefinition());
    await send("POST", CRONTABS, cronTab("old"));
    await changeDefinition((definition) => withV2(definition, true));
    expect((await definitionNow()).status.storedVersions).toEqual(["v1", "v2"]);
    await eventually(async () => expect((await send("GET", V2)).status).toBe(200));
    await send("POST", CRONTABS, cronTab("new"));

    const { items } = await server.store.list("/registry/stable.example.com/crontabs/");
    const stored = items.map(({ value }) => JSON.parse(value.toString()));
    expect(stored.map(({ metadata, apiVersion }) => [metadata.name, apiVersion])).toEqual([
      ["new", "stable.example.com/v2"],
      ["old", "stable.example.com/v1"],
    ]);
    const watch = await openWatch(server.transport, `${V2}?watch=1&resourceVersion=0`);
    await turns();
    await send("PATCH", `${CRONTABS}/old`, { spec: { image: "x" } }, MERGE);
    await eventually(() =>
      expect(watch.events.map(({ type, object }) => [type, object.apiVersion])).toEqual([
        ["ADDED", "stable.example.com/v2"],
        ["ADDED", "stable.example.com/v2"],
        ["MODIFIED", "stable.example.com/v2"],
      ]),
    );
    watch.close();
  });

  test("may be deprecated, which everybody is told", async () => {
    await establish(server.transport, cronTabDefinition({ deprecated: true }));
    const { headers } = await send("GET", CRONTABS);
    expect(headers.warning).toEqual(['299 - "stable.example.com/v1 CronTab is deprecated"']);
  });
});
