/** StatefulSets and DaemonSets under random sequences of events: what must hold on the way, and in the end. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DaemonSet } from "../../src/api/apps/daemon-set.ts";
import { StatefulSet } from "../../src/api/apps/stateful-set.ts";
import { Node } from "../../src/api/node.ts";
import { Pod } from "../../src/api/pod.ts";
import { isPodReady } from "../../src/api/pod-status.ts";
import { runController } from "../../src/client/control-loop.ts";
import { targetNodeOf } from "../../src/controller-manager/daemon-set/daemon-pod.ts";
import { daemonSetController } from "../../src/controller-manager/daemon-set.ts";
import { statefulSetController } from "../../src/controller-manager/stateful-set.ts";
import { type Cluster, startCluster } from "../support/cluster.ts";
import { conflictOnEveryWrite } from "../support/faulty-transport.ts";
import { unlessGone, WorkloadLab } from "./workload-lab.ts";

const RUNS = 12;
const LIMIT_MS = 240_000;

const template = (image: string) => ({
  metadata: { labels: { app: "web" } },
  spec: { containers: [{ name: "main", image }] },
});
const selector = { matchLabels: { app: "web" } };

describe("a StatefulSet", () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant("scale" as const), to: fc.integer({ min: 0, max: 4 }) }),
    fc.record({ do: fc.constant("image" as const), to: fc.integer({ min: 1, max: 3 }) }),
    fc.record({
      do: fc.constantFrom("ready", "unready", "fail", "delete"),
      to: fc.integer({ min: 0, max: 4 }),
    }),
    fc.record({ do: fc.constantFrom("cut", "conflicts", "peace"), to: fc.constant(0) }),
  );

  test(
    "makes a pod only when those before it are ready, takes the last first, and ends as asked",
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
          const cluster = await startCluster({ controllers: [statefulSetController] });
          try {
            await live(cluster, steps);
          } finally {
            await cluster.stop();
          }
        }),
        { numRuns: RUNS },
      );
    },
    LIMIT_MS,
  );

  async function live(cluster: Cluster, steps: { do: string; to: number }[]) {
    const lab = new WorkloadLab(cluster);
    const witness = watchOrder(cluster);
    await cluster.client.create(StatefulSet, "default", {
      metadata: { name: "web" },
      spec: { serviceName: "web", replicas: 3, selector, template: template("nginx:1") },
    });
    witness.replicas = 3;
    await cluster.settle();
    let image = "nginx:1";
    for (const { do: what, to } of steps) {
      const pods = await lab.pods();
      const pod = pods[to % Math.max(pods.length, 1)];
      if (what === "scale") {
        witness.replicas = to;
        await change(cluster, { replicas: to });
      }
      if (what === "image") {
        image = `nginx:${to}`;
        await change(cluster, { template: template(image) });
      }
      if (what === "ready" && pod) await lab.makeReady(pod);
      if (what === "unready" && pod) await unlessGone(lab.makeUnready(pod));
      if (what === "fail" && pod) await unlessGone(lab.end(pod, "Failed"));
      if (what === "delete" && pod) {
        witness.byHand.add(pod.metadata.uid ?? "");
        await unlessGone(cluster.client.delete(Pod, "default", pod.metadata.name));
      }
      disturb(cluster, what);
      await cluster.settle();
    }
    cluster.network.fault = undefined;
    for (let round = 0; round < 16; round++) {
      await cluster.pass(30_000, 30_000);
      for (const pod of await lab.pods()) await lab.makeReady(pod);
    }
    await cluster.settle();
    const wanted = Array.from({ length: witness.replicas }, (_, ordinal) => `web-${ordinal}`);
    const pods = await lab.pods();
    expect(pods.map(({ metadata }) => metadata.name)).toEqual(wanted);
    expect(pods.map(({ spec }) => spec.containers[0]!.image)).toEqual(wanted.map(() => image));
    expect(witness.wrongs).toEqual([]);
  }

  async function change(cluster: Cluster, spec: object) {
    await cluster.client.patch(StatefulSet, "default", "web", { spec });
  }

  /** Sees every change of a pod in its order, and notes what should not have been. */
  function watchOrder(cluster: Cluster) {
    const pods = new Map<number, Pod>();
    const witness = { replicas: 0, wrongs: [] as string[], byHand: new Set<string>() };
    const ordinalOf = ({ metadata }: Pod) => Number(metadata.name.split("-")[1]);
    cluster.context.informers.of(Pod).onChange((pod, old) => {
      if (pod === undefined) {
        const ordinal = ordinalOf(old!);
        pods.delete(ordinal);
        const isScaledAway = ordinal >= witness.replicas;
        const isByHand = witness.byHand.has(old!.metadata.uid ?? "");
        const above = [...pods.keys()].filter((one) => one > ordinal);
        if (isScaledAway && !isByHand && above.length > 0) {
          witness.wrongs.push(`web-${ordinal} went before web-${above}`);
        }
        return;
      }
      const ordinal = ordinalOf(pod);
      if (old === undefined) {
        for (let before = 0; before < ordinal; before++) {
          const one = pods.get(before);
          if (one !== undefined && isPodReady(one)) continue;
          witness.wrongs.push(`web-${ordinal} came while web-${before} was not ready`);
        }
      }
      pods.set(ordinal, pod);
    });
    return witness;
  }
});

describe("a DaemonSet", () => {
  const step = fc.record({
    do: fc.constantFrom(
      ...["add", "remove", "taint", "untaint", "mark", "unmark"],
      ...["delete", "fail", "ready", "image", "cut", "conflicts", "peace"],
    ),
    to: fc.integer({ min: 0, max: 5 }),
  });

  test(
    "ends with exactly one pod on every node that suits",
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 25 }), fc.boolean(), async (steps, surges) => {
          const cluster = await startCluster({
            controllers: [(context) => runController(daemonSetController(context.clock), context)],
          });
          try {
            await live(cluster, steps, surges);
          } finally {
            await cluster.stop();
          }
        }),
        { numRuns: RUNS },
      );
    },
    LIMIT_MS,
  );

  async function live(cluster: Cluster, steps: { do: string; to: number }[], surges: boolean) {
    const lab = new WorkloadLab(cluster);
    for (const node of ["node-0", "node-1"]) await lab.addNode(node);
    const rollingUpdate = surges ? { maxSurge: 1, maxUnavailable: 0 } : { maxUnavailable: 1 };
    await cluster.client.create(DaemonSet, "default", {
      metadata: { name: "web" },
      spec: { selector, updateStrategy: { rollingUpdate }, template: onPlainNodes("nginx:0") },
    });
    await cluster.settle();
    let image = "nginx:0";
    for (const { do: what, to } of steps) {
      if (what === "image") {
        image = `nginx:${to}`;
        await cluster.client.patch(DaemonSet, "default", "web", {
          spec: { template: onPlainNodes(image) },
        });
      } else await unlessGone(disturbNode(cluster, lab, what, to));
      disturb(cluster, what);
      await cluster.settle();
    }
    cluster.network.fault = undefined;
    for (let round = 0; round < 8; round++) {
      await cluster.pass(1_200_000, 300_000);
      for (const pod of await lab.pods()) await lab.makeReady(pod);
    }
    await cluster.settle();
    const { items } = await cluster.client.list(Node);
    const suitable = items
      .filter(({ metadata, spec }) => !metadata.labels?.marked && !spec.taints?.length)
      .map(({ metadata }) => metadata.name);
    const pods = await lab.pods();
    const staying = items
      .filter(({ metadata, spec }) => !metadata.labels?.marked && spec.taints?.length)
      .map(({ metadata }) => metadata.name);
    const targets = pods.map((pod) => targetNodeOf(pod) ?? "").toSorted();
    expect(new Set(targets).size).toBe(targets.length);
    expect(targets.filter((node) => !staying.includes(node))).toEqual(suitable.toSorted());
    const there = pods.filter((pod) => suitable.includes(targetNodeOf(pod) ?? ""));
    expect(new Set(there.map(({ spec }) => spec.containers[0]!.image))).toEqual(
      new Set(suitable.length > 0 ? [image] : []),
    );
  }

  /** Not on nodes that are marked. */
  function onPlainNodes(image: string) {
    const { metadata, spec } = template(image);
    const nodeSelectorTerms = [{ matchExpressions: [{ key: "marked", operator: "DoesNotExist" }] }];
    const requiredDuringSchedulingIgnoredDuringExecution = { nodeSelectorTerms };
    const affinity = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution } };
    return { metadata, spec: { ...spec, affinity } };
  }

  async function disturbNode(cluster: Cluster, lab: WorkloadLab, what: string, to: number) {
    const name = `node-${to}`;
    const node = (patch: object) => cluster.client.patch(Node, "", name, patch, { type: "merge" });
    const pods = await lab.pods();
    const pod = pods[to % Math.max(pods.length, 1)];
    const taints = [{ key: "gpu", effect: "NoSchedule" }];
    const names = (await cluster.client.list(Node)).items.map(({ metadata }) => metadata.name);
    if (what === "add" && !names.includes(name)) await lab.addNode(name);
    if (what === "remove") await cluster.client.delete(Node, "", name);
    if (what === "taint") await node({ spec: { taints } });
    if (what === "untaint") await node({ spec: { taints: null } });
    if (what === "mark") await node({ metadata: { labels: { marked: "yes" } } });
    if (what === "unmark") await node({ metadata: { labels: { marked: null } } });
    if (what === "delete" && pod) await cluster.client.delete(Pod, "default", pod.metadata.name);
    if (what === "fail" && pod) await lab.end(pod, "Failed");
    if (what === "ready" && pod) await lab.makeReady(pod);
  }
});

function disturb(cluster: Cluster, what: string): void {
  if (what === "cut") cluster.network.cutWatches();
  if (what === "conflicts") cluster.network.fault = conflictOnEveryWrite();
  if (what === "peace") cluster.network.fault = undefined;
}
