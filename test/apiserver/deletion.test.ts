import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ConfigMap } from "../../src/api/config-map.ts";
import type { KubeObject } from "../../src/api/kind.ts";
import { Namespace } from "../../src/api/namespace.ts";
import { Pod } from "../../src/api/pod.ts";
import { ReplicationController } from "../../src/api/replication-controller.ts";
import { ask } from "../support/api-request.ts";
import { startTestApiServer } from "../support/api-server.ts";

const POD = "/api/v1/namespaces/default/pods/web";
const RC = "/api/v1/namespaces/default/replicationcontrollers/web";

let server: Awaited<ReturnType<typeof startTestApiServer>>;
beforeEach(async () => {
  server = await startTestApiServer();
});
afterEach(() => server.stop());

async function runningPod(spec: object = {}, metadata: object = {}): Promise<Pod> {
  await server.client.create(Pod, "default", {
    metadata: { name: "web", ...metadata },
    spec: { containers: [{ name: "web", image: "nginx" }], ...spec },
  });
  const binding = { metadata: { name: "web" }, target: { kind: "Node", name: "node1" } };
  await server.client.createSubresource(Pod, "default", "web", "binding", binding);
  return server.client.get(Pod, "default", "web");
}
const remove = (path: string, options?: object) =>
  ask(
    server.transport,
    "DELETE",
    path,
    options && { kind: "DeleteOptions", apiVersion: "v1", ...options },
  );
const isThere = async (path: string) => (await ask(server.transport, "GET", path)).status === 200;

describe("deleting a pod", () => {
  test("gives a running one its grace period, and leaves it until the kubelet is done", async () => {
    await runningPod();

    const { json } = await remove(POD);

    expect(json.metadata).toMatchObject({
      deletionTimestamp: "2014-06-06T00:00:30Z",
      deletionGracePeriodSeconds: 30,
    });
    expect(await isThere(POD)).toBe(true);
    await remove(POD, { gracePeriodSeconds: 0 });
    expect(await isThere(POD)).toBe(false);
  });

  test("is at once where it was never placed", async () => {
    await server.client.create(Pod, "default", {
      metadata: { name: "web" },
      spec: { containers: [{ name: "web", image: "nginx" }] },
    });
    const { json } = await remove(POD);
    expect(json).toMatchObject({ kind: "Pod", metadata: { name: "web" } });
    expect(await isThere(POD)).toBe(false);
  });

  test("a second time may shorten the grace period, never lengthen it", async () => {
    await runningPod();
    await remove(POD, { gracePeriodSeconds: 20 });
    server.clock.advance(5_000);

    const longer = (await remove(POD, { gracePeriodSeconds: 60 })).json.metadata;
    const shorter = (await remove(POD, { gracePeriodSeconds: 8 })).json.metadata;

    expect(longer).toMatchObject({
      deletionTimestamp: "2014-06-06T00:00:20Z",
      deletionGracePeriodSeconds: 20,
    });
    expect(shorter).toMatchObject({
      deletionTimestamp: "2014-06-06T00:00:08Z",
      deletionGracePeriodSeconds: 8,
    });
  });

  test("is refused where the uid is another's", async () => {
    const { metadata } = await runningPod();
    const { json } = await remove(POD, { preconditions: { uid: "another" } });
    expect(json).toMatchObject({
      code: 409,
      message: `Operation cannot be fulfilled on Pod "web": the UID in the precondition (another) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`,
    });
  });

  test("in a dry run changes nothing", async () => {
    const before = await runningPod();
    const { json } = await remove(`${POD}?dryRun=All`);
    expect(json.metadata.deletionGracePeriodSeconds).toBe(30);
    expect(await server.client.get(Pod, "default", "web")).toEqual(before);
  });

  test("that cannot be taken back by an update", async () => {
    await runningPod();
    const { json } = await remove(POD);
    const { deletionTimestamp: _, deletionGracePeriodSeconds: __, ...metadata } = json.metadata;
    const updated = await server.client.update(Pod, { ...json, metadata } as Pod);
    expect(updated.metadata.deletionTimestamp).toBe("2014-06-06T00:00:30Z");
  });
});

describe("a finalizer", () => {
  const held = { metadata: { name: "held", finalizers: ["example.com/hold"] } };
  const HELD = "/api/v1/namespaces/default/configmaps/held";

  test("holds a deleted object until it is taken off", async () => {
    await server.client.create(ConfigMap, "default", held);

    const { json } = await remove(HELD);
    expect(json.metadata).toMatchObject({
      deletionTimestamp: "2014-06-06T00:00:00Z",
      deletionGracePeriodSeconds: 0,
      finalizers: ["example.com/hold"],
    });

    await server.client.patch(
      ConfigMap,
      "default",
      "held",
      { metadata: { finalizers: null } },
      { type: "merge" },
    );
    expect(await isThere(HELD)).toBe(false);
  });

  test("cannot be added to what is being deleted", async () => {
    await server.client.create(ConfigMap, "default", held);
    await remove(HELD);
    const patch = { metadata: { finalizers: ["example.com/hold", "example.com/more"] } };
    await expect(
      server.client.patch(ConfigMap, "default", "held", patch, { type: "merge" }),
    ).rejects.toThrow(
      'ConfigMap "held" is invalid: metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"example.com/more"}',
    );
  });
});

describe("what an object owned", () => {
  beforeEach(() =>
    server.client.create(ReplicationController, "default", {
      metadata: { name: "web" },
      spec: {
        replicas: 1,
        selector: { app: "web" },
        template: {
          metadata: { labels: { app: "web" } },
          spec: { containers: [{ name: "web", image: "nginx" }] },
        },
      },
    } as never),
  );

  test.each([
    ["Foreground", ["foregroundDeletion"]],
    ["Orphan", ["orphan"]],
  ])("is the garbage collector's matter first: %s", async (propagationPolicy, finalizers) => {
    const { json } = await remove(RC, { propagationPolicy });
    expect(json.metadata).toMatchObject({ finalizers, generation: 2 });
    expect(await isThere(RC)).toBe(true);
  });

  test("does not hold it in the background", async () => {
    const { json } = await remove(RC, { propagationPolicy: "Background" });
    expect(json).toMatchObject({
      kind: "Status",
      status: "Success",
      details: { name: "web", kind: "replicationcontrollers" },
    });
    expect(await isThere(RC)).toBe(false);
  });
});

describe("a namespace", () => {
  const ROOM = "/api/v1/namespaces/room";

  test("is Terminating until its finalizers are taken off, and lets nothing in", async () => {
    await server.client.create(Namespace, "", { metadata: { name: "room" }, spec: {} });

    const { json } = await remove(ROOM);
    expect(json).toMatchObject({
      status: { phase: "Terminating" },
      metadata: { deletionTimestamp: "2014-06-06T00:00:00Z" },
    });
    await expect(
      server.client.create(ConfigMap, "room", { metadata: { name: "late" } }),
    ).rejects.toThrow(
      'configmaps "late" is forbidden: unable to create new content in namespace room because it is being terminated',
    );

    const emptied = { ...json, spec: { finalizers: [] } } as KubeObject;
    const last = await ask(server.transport, "PUT", `${ROOM}/finalize`, emptied);
    expect(last.status).toBe(200);
    expect(await isThere(ROOM)).toBe(false);
  });
});

describe("deleting a collection", () => {
  test("takes what is selected, and nothing else", async () => {
    for (const [name, app] of [
      ["a", "web"],
      ["b", "db"],
      ["c", "web"],
    ] as const) {
      await server.client.create(ConfigMap, "default", { metadata: { name, labels: { app } } });
    }
    await server.client.deleteCollection(ConfigMap, {
      namespace: "default",
      labelSelector: "app=web",
    });
    const { items } = await server.client.list(ConfigMap, { namespace: "default" });
    expect(items.map(({ metadata }) => metadata.name)).toEqual(["b"]);
  });

  test("takes what a field selector chooses, and no more than the limit", async () => {
    for (const name of ["a", "b", "c", "d"]) {
      await server.client.create(ConfigMap, "default", { metadata: { name } });
    }
    const path = "/api/v1/namespaces/default/configmaps";
    const remaining = async () => {
      const { items } = await server.client.list(ConfigMap, { namespace: "default" });
      return items.map(({ metadata }) => metadata.name).join("");
    };
    await ask(server.transport, "DELETE", `${path}?fieldSelector=metadata.name%3Dc`);
    expect(await remaining()).toBe("abd");
    const { json } = await ask(server.transport, "DELETE", `${path}?limit=2`);
    expect(json.metadata.continue).toBeTruthy();
    expect(await remaining()).toBe("d");
  });

  test("ends at the first object that is not the one it was about", async () => {
    const made = await server.client.create(ConfigMap, "default", { metadata: { name: "a" } });
    await server.client.create(ConfigMap, "default", { metadata: { name: "b" } });
    const path = "/api/v1/namespaces/default/configmaps";
    const { uid } = made.metadata;
    const { status, json } = await ask(server.transport, "DELETE", path, {
      ...{ apiVersion: "v1", kind: "DeleteOptions", preconditions: { uid } },
    });
    expect([status, json.reason]).toEqual([409, "Conflict"]);
    const { items } = await server.client.list(ConfigMap, { namespace: "default" });
    expect(items.map(({ metadata }) => metadata.name)).toEqual(["b"]);
  });

  test("to try it takes nothing", async () => {
    await server.client.create(ConfigMap, "default", { metadata: { name: "a" } });
    const path = "/api/v1/namespaces/default/configmaps";
    const answer = await ask(server.transport, "DELETE", `${path}?dryRun=All`);
    expect(answer.status).toBe(200);
    expect((await ask(server.transport, "GET", `${path}/a`)).status).toBe(200);
  });
});
