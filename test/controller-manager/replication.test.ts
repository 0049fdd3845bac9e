import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { isNotFound } from "../../src/api/errors.ts";
import { Event } from "../../src/api/event.ts";
import { controllerOf } from "../../src/api/owner.ts";
import { Pod } from "../../src/api/pod.ts";
import { isPodActive } from "../../src/api/pod-status.ts";
import { ReplicationController } from "../../src/api/replication-controller.ts";
import type { Draft } from "../../src/client/client.ts";
import { replicationController } from "../../src/controller-manager/replication.ts";
import { type Cluster, startCluster } from "../support/cluster.ts";
import { eventually } from "../support/eventually.ts";
import { conflictOnEveryWrite, unreachable } from "../support/faulty-transport.ts";

let cluster: Cluster;
beforeEach(async () => {
  cluster = await startCluster({ controllers: [replicationController] });
});
afterEach(() => cluster.stop());

describe("a ReplicationController", () => {
  test("creates the pods it asks for, and tells of each", async () => {
    await create(web({ replicas: 3 }));
    await cluster.settle();

    const pods = await podsOf("web");
    expect(pods).toHaveLength(3);
    for (const pod of pods) {
      expect(pod.metadata.name).toMatch(/^web-[a-z0-9]{5}$/);
      expect(pod.metadata.labels).toEqual({ app: "web" });
    }
    expect((await get("web")).status).toEqual({
      replicas: 3,
      fullyLabeledReplicas: 3,
      observedGeneration: 1,
    });
    const told = (await events()).map(({ reason, message, source }) => [reason, message, source]);
    const source = { component: "replication-controller" };
    const wanted = pods.map(({ metadata }) => [
      "SuccessfulCreate",
      `Created pod: ${metadata.name}`,
      source,
    ]);
    expect(told.sort()).toEqual(wanted.sort());
  });

  test("replaces a pod that is deleted", async () => {
    await create(web({ replicas: 2 }));
    await cluster.settle();
    const [first] = await podsOf("web");
    await cluster.client.delete(Pod, "default", first!.metadata.name);
    await cluster.settle();

    const names = (await podsOf("web")).map(({ metadata }) => metadata.name);
    expect(names).toHaveLength(2);
    expect(names).not.toContain(first!.metadata.name);
  });

  test("replaces a pod that has failed, and leaves it to be looked at", async () => {
    await create(web({ replicas: 1 }));
    await cluster.settle();
    const [pod] = await podsOf("web");
    await cluster.client.updateStatus(Pod, { ...pod!, status: { phase: "Failed" } });
    await cluster.settle();

    expect((await podsOf("web")).map(({ status }) => status?.phase).sort()).toEqual([
      "Failed",
      "Pending",
    ]);
    expect((await get("web")).status?.replicas).toBe(1);
  });

  test("is scaled up and down, to nothing too", async () => {
    await create(web({ replicas: 1 }));
    await cluster.settle();
    for (const replicas of [7, 2, 0]) {
      await scale("web", replicas);
      await cluster.settle();
      expect(await podsOf("web")).toHaveLength(replicas);
    }
    expect((await get("web")).status).toEqual({ replicas: 0, observedGeneration: 4 });
    const deletions = (await events()).filter(({ reason }) => reason === "SuccessfulDelete");
    expect(deletions.length).toBeGreaterThan(0);
    expect(deletions[0]!.message).toMatch(/^Deleted pod: web-/);
  });

  test("deletes first the pods that are not ready", async () => {
    await create(web({ replicas: 3 }));
    await cluster.settle();
    const pods = await podsOf("web");
    for (const pod of pods.slice(1)) await makeReady(pod);
    await cluster.settle();
    await scale("web", 2);
    await cluster.settle();

    expect((await podsOf("web")).map(nameOf).sort()).toEqual(pods.slice(1).map(nameOf).sort());
  });

  test("adopts a pod that matches and has no controller", async () => {
    await cluster.client.create(Pod, "default", loosePod("stray", { app: "web" }));
    await create(web({ replicas: 2 }));
    await cluster.settle();

    const pods = await podsOf("web");
    expect(pods).toHaveLength(2);
    const stray = pods.find(({ metadata }) => metadata.name === "stray")!;
    const rc = await get("web");
    expect(stray.metadata.ownerReferences).toEqual([
      {
        apiVersion: "v1",
        kind: "ReplicationController",
        name: "web",
        uid: rc.metadata.uid,
        controller: true,
        blockOwnerDeletion: true,
      },
    ]);
  });

  test("adopts a pod that comes after it, and deletes the one too many", async () => {
    await create(web({ replicas: 1 }));
    await cluster.settle();
    await cluster.client.create(Pod, "default", loosePod("stray", { app: "web" }));
    await cluster.settle();

    expect(await podsOf("web")).toHaveLength(1);
    expect((await cluster.client.list(Pod)).items).toHaveLength(1);
  });

  test("does not adopt the pod of another controller", async () => {
    await create(web({ replicas: 1 }));
    await create({ ...web({ replicas: 1 }), metadata: { name: "rival" } });
    await cluster.settle();

    expect(await podsOf("web")).toHaveLength(1);
    expect(await podsOf("rival")).toHaveLength(1);
  });

  test("adopts nothing while it is being deleted", async () => {
    await create({
      ...web({ replicas: 0 }),
      metadata: { name: "web", finalizers: ["example.com/hold"] },
    });
    await cluster.settle();
    await cluster.client.delete(ReplicationController, "default", "web");
    await cluster.client.create(Pod, "default", loosePod("stray", { app: "web" }));
    await cluster.settle();

    const stray = await cluster.client.get(Pod, "default", "stray");
    expect(stray.metadata.ownerReferences).toBeUndefined();
  });

  test("adopts nothing when it is being deleted and its cache does not know yet", async () => {
    const metadata = { name: "web", finalizers: ["example.com/hold"] };
    await create({ ...web({ replicas: 1 }), metadata });
    await cluster.settle();
    const isWatchOfControllers = ({ path }: { path: string }) =>
      path.startsWith("/api/v1/replicationcontrollers?");
    cluster.network.fault = (request) =>
      isWatchOfControllers(request) ? new Error("not now") : undefined;
    cluster.network.cutWatches();
    await cluster.client.delete(ReplicationController, "default", "web");
    await cluster.client.create(Pod, "default", loosePod("stray", { app: "web" }));
    const checks = () =>
      cluster.network.requests.filter(({ path }) => path.endsWith("/replicationcontrollers/web"));
    await eventually(() => expect(checks()).toHaveLength(1));

    const stray = await cluster.client.get(Pod, "default", "stray");
    expect(stray.metadata.ownerReferences).toBeUndefined();
  });

  test("releases a pod whose labels no longer match, and makes another", async () => {
    await create(web({ replicas: 2 }));
    await cluster.settle();
    const [pod] = await podsOf("web");
    await label(pod!, { app: null, debug: "yes" });
    await cluster.settle();

    const released = await cluster.client.get(Pod, "default", pod!.metadata.name);
    expect(controllerOf(released)).toBeUndefined();
    expect(await podsOf("web")).toHaveLength(2);
    expect((await cluster.client.list(Pod)).items).toHaveLength(3);
  });

  test("takes a released pod in again when its label comes back", async () => {
    await create(web({ replicas: 1 }));
    await cluster.settle();
    const [pod] = await podsOf("web");
    await label(pod!, { app: null });
    await cluster.settle();
    await label(pod!, { app: "web" });
    await cluster.settle();

    expect((await cluster.client.list(Pod)).items).toHaveLength(1);
  });

  test("counts ready pods, and available ones after minReadySeconds", async () => {
    await create(web({ replicas: 1, minReadySeconds: 30 }));
    await cluster.settle();
    await makeReady((await podsOf("web"))[0]!);
    await cluster.settle();
    expect((await get("web")).status).toMatchObject({ readyReplicas: 1 });
    expect((await get("web")).status).not.toHaveProperty("availableReplicas");

    cluster.clock.advance(30_000);
    await cluster.settle();
    expect((await get("web")).status).toMatchObject({ readyReplicas: 1, availableReplicas: 1 });
  });

  test("says in its status why it can't create pods, until it can", async () => {
    cluster.network.fault = ({ method, path }) =>
      method === "POST" && path.endsWith("/pods") ? forbidden : undefined;
    await create(web({ replicas: 50 }));
    await cluster.settle();

    const attempts = cluster.network.requests.filter(
      ({ method, path }) => method === "POST" && path.endsWith("/pods"),
    );
    expect(attempts.length).toBeLessThan(20);
    expect((await get("web")).status?.conditions).toMatchObject([
      {
        type: "ReplicaFailure",
        status: "True",
        reason: "FailedCreate",
        message: 'pods "web-" is forbidden: exceeded quota',
      },
    ]);
    const failures = (await events()).filter(({ reason }) => reason === "FailedCreate");
    expect(failures).toHaveLength(1);
    expect(failures[0]!.type).toBe("Warning");
    expect(failures[0]!.message).toBe('Error creating: pods "web-" is forbidden: exceeded quota');
    expect(failures[0]!.count).toBe(attempts.length);

    cluster.network.fault = undefined;
    cluster.clock.advance(1_000_000);
    await cluster.settle();
    expect(await podsOf("web")).toHaveLength(50);
    expect((await get("web")).status).not.toHaveProperty("conditions");
  });

  test("creates each pod once, though every write meets a conflict first", async () => {
    cluster.network.fault = conflictOnEveryWrite();
    await create(web({ replicas: 5 }));
    await cluster.settle();
    await scale("web", 2);
    await cluster.settle();
    cluster.clock.advance(60_000);
    await cluster.settle();

    expect(await podsOf("web")).toHaveLength(2);
    expect((await get("web")).status).toMatchObject({ replicas: 2, observedGeneration: 2 });
  });

  test("creates each pod once, though its watches are cut all the while", async () => {
    await create(web({ replicas: 20 }));
    for (let cuts = 0; cuts < 30; cuts++) {
      cluster.network.cutWatches();
      await new Promise((resolve) => setImmediate(resolve));
    }
    cluster.clock.advance(60_000);
    await cluster.settle();

    expect((await cluster.client.list(Pod)).items).toHaveLength(20);
    const created = (await events()).filter(({ reason }) => reason === "SuccessfulCreate");
    expect(created.reduce((sum, { count = 0 }) => sum + count, 0)).toBe(20);
  });

  test("carries on after the server was away for an hour", async () => {
    await create(web({ replicas: 2 }));
    await cluster.settle();
    cluster.network.fault = unreachable;
    cluster.network.cutWatches();
    await scale("web", 4);
    cluster.clock.advance(3_600_000);
    cluster.network.fault = undefined;
    await cluster.pass(120_000, 30_000);

    expect(await podsOf("web")).toHaveLength(4);
  });

  test("ends with as many pods as it asks for, whatever happens on the way", async () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant("scale" as const), to: fc.integer({ min: 0, max: 6 }) }),
      fc.record({ do: fc.constantFrom("delete", "fail", "unlabel", "stray") }),
      fc.record({ do: fc.constantFrom("cut", "turn", "settle", "away", "back") }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        await cluster.stop();
        cluster = await startCluster({ controllers: [replicationController] });
        await create(web({ replicas: 3 }));
        let wanted = 3;
        for (const [number, now] of steps.entries()) {
          if ("to" in now) wanted = now.to;
          await unlessGone(act(now.do, number, wanted));
        }
        cluster.network.fault = undefined;
        await cluster.pass(1_200_000, 300_000);
        expect((await podsOf("web")).filter(isPodActive)).toHaveLength(wanted);
        expect((await get("web")).status?.replicas).toBe(wanted);
      }),
      { numRuns: 40 },
    );
  });

  test("leaves the pods of its namesake alone after it was deleted and made again", async () => {
    await create(web({ replicas: 2 }));
    await cluster.settle();
    const old = await get("web");
    await cluster.client.delete(ReplicationController, "default", "web", {
      propagationPolicy: "Background",
    });
    await create(web({ replicas: 2 }));
    await cluster.settle();

    const { items } = await cluster.client.list(Pod);
    const owners = items.map((pod) => controllerOf(pod)?.uid === old.metadata.uid);
    expect(owners.sort()).toEqual([false, false, true, true]);
  });

  test("creates no pods once it is being deleted in the foreground", async () => {
    await create(web({ replicas: 2 }));
    await cluster.settle();
    await cluster.client.delete(ReplicationController, "default", "web", {
      propagationPolicy: "Foreground",
    });
    for (const pod of await podsOf("web")) await cluster.client.delete(Pod, "default", nameOf(pod));
    await cluster.settle();

    expect(await podsOf("web")).toHaveLength(0);
  });
});

const forbidden = {
  status: 403,
  headers: {},
  body: {
    type: "bytes" as const,
    chunks: [
      Buffer.from(
        JSON.stringify({
          kind: "Status",
          code: 403,
          reason: "Forbidden",
          message: 'pods "web-" is forbidden: exceeded quota',
        }),
      ),
    ],
  },
};

function web(spec: Partial<ReplicationController["spec"]>): Draft<ReplicationController> {
  const template = {
    metadata: { labels: { app: "web" } },
    spec: { containers: [{ name: "web", image: "nginx" }] },
  };
  return { metadata: { name: "web" }, spec: { template, ...spec } };
}

function loosePod(name: string, labels: Record<string, string>): Draft<Pod> {
  return { metadata: { name, labels }, spec: { containers: [{ name: "web", image: "nginx" }] } };
}

const nameOf = ({ metadata }: Pod) => metadata.name;
const create = (rc: Draft<ReplicationController>) =>
  cluster.client.create(ReplicationController, "default", rc);
const get = (name: string) => cluster.client.get(ReplicationController, "default", name);
const label = (pod: Pod, labels: Record<string, string | null>) =>
  cluster.client.patch(Pod, "default", nameOf(pod), { metadata: { labels } });

async function scale(name: string, replicas: number) {
  await cluster.client.patch(ReplicationController, "default", name, { spec: { replicas } });
}

async function act(what: string, number: number, wanted: number) {
  const [pod] = await podsOf("web");
  if (what === "scale") await scale("web", wanted);
  if (what === "delete" && pod) await cluster.client.delete(Pod, "default", nameOf(pod));
  if (what === "fail" && pod) await fail(nameOf(pod));
  if (what === "unlabel" && pod) await label(pod, { app: null });
  if (what === "stray") {
    await cluster.client.create(Pod, "default", loosePod(`stray-${number}`, { app: "web" }));
  }
  if (what === "cut") cluster.network.cutWatches();
  if (what === "away") cluster.network.fault = unreachable;
  if (what === "back") cluster.network.fault = undefined;
  if (what === "turn") await new Promise((resolve) => setImmediate(resolve));
  if (what === "settle" && !cluster.network.fault) await cluster.pass(60_000, 60_000);
}

/** The controller may have deleted, meanwhile, the very pod we meant. */
async function unlessGone(action: Promise<void>) {
  try {
    await action;
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

async function fail(name: string) {
  const status = { status: { phase: "Failed" } };
  await cluster.client.patch(Pod, "default", name, status, { subresource: "status" });
}

async function podsOf(name: string): Promise<Pod[]> {
  const { items } = await cluster.client.list(Pod, { namespace: "default" });
  return items.filter((pod) => controllerOf(pod)?.name === name);
}

async function events(): Promise<Event[]> {
  const { items } = await cluster.client.list(Event, { namespace: "default" });
  return items.filter(({ involvedObject }) => involvedObject.kind === "ReplicationController");
}

async function makeReady(pod: Pod) {
  const lastTransitionTime = `${cluster.clock.now().toISOString().slice(0, 19)}Z`;
  const conditions = [{ type: "Ready", status: "True", lastTransitionTime }];
  await cluster.client.updateStatus(Pod, { ...pod, status: { phase: "Running", conditions } });
}
