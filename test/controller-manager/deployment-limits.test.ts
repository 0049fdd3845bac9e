/** Whatever happens on the way: never too many pods, never too few, and at last what was asked for. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Deployment } from "../../src/api/apps/deployment.ts";
import { ReplicaSet } from "../../src/api/apps/replica-set.ts";
import { Pod as podKind } from "../../src/api/pod.ts";
import { isPodReady } from "../../src/api/pod-status.ts";
import { limitsOf } from "../../src/controller-manager/deployment/limits.ts";
import { proportionalSizes } from "../../src/controller-manager/deployment/proportional.ts";
import { deploymentController } from "../../src/controller-manager/deployment.ts";
import { replicaSetController } from "../../src/controller-manager/replica-set.ts";
import { type Cluster, startCluster } from "../support/cluster.ts";
import { stepsOn } from "./deployment-steps.ts";

const amount = fc.oneof(
  fc.integer({ min: 0, max: 4 }),
  fc.constantFrom("0%", "10%", "25%", "60%", "100%"),
);
const limits = fc
  .record({ maxSurge: amount, maxUnavailable: amount })
  .filter(({ maxSurge, maxUnavailable }) => !isNothing(maxSurge) || !isNothing(maxUnavailable));

const step = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant("image" as const), n: fc.integer({ min: 1, max: 3 }) }),
  },
  { weight: 8, arbitrary: fc.record({ do: fc.constant("ready" as const), n: fc.nat(20) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("sick" as const), n: fc.nat(20) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("kill" as const), n: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("scale" as const), n: fc.nat(8) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("pause" as const), n: fc.nat(1) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("hours" as const), n: fc.nat(3) }) },
);

describe("a Deployment", () => {
  test("stays within its limits whatever happens, and arrives in the end", async () => {
    const plan = fc.tuple(limits, fc.nat(7), fc.array(step, { minLength: 5, maxLength: 15 }));
    await fc.assert(
      fc.asyncProperty(plan, async ([rollingUpdate, replicas, steps]) => {
        const cluster = await startCluster({
          controllers: [deploymentController, replicaSetController],
        });
        try {
          const on = stepsOn(() => cluster);
          const strategy = { type: "RollingUpdate", rollingUpdate };
          await on.create({ replicas, strategy });
          await cluster.settle();
          for (const one of steps) {
            const before = await countsOf(on);
            const isOurs = await take(one, on, cluster);
            await cluster.settle();
            await judge(await on.get(), before, await countsOf(on), isOurs);
          }
          await on.change({ paused: null });
          await on.runPods();
          const { spec, status } = await on.get();
          const sizes = (await on.sizes()).filter(Boolean);
          expect(sizes).toEqual(spec.replicas === 0 ? [] : [spec.replicas]);
          const wanted = spec.template.spec.containers[0]!.image;
          for (const pod of await on.pods()) expect(pod.spec.containers[0]!.image).toBe(wanted);
          expect(status?.updatedReplicas ?? 0).toBe(spec.replicas);
        } finally {
          await cluster.stop();
        }
      }),
      { numRuns: 15 },
    );
  });

  test("gives away exactly what there is to give when it is scaled up", () => {
    const sets = fc.array(fc.record({ size: fc.integer({ min: 1, max: 9 }), most: fc.nat(40) }), {
      minLength: 2,
      maxLength: 5,
    });
    fc.assert(
      fc.property(sets, fc.integer({ min: 45, max: 90 }), fc.nat(5), (all, desired, surge) => {
        const versions = all.map(({ size, most }, index) => versionOf(index, size, most));
        const bounds = { desired, most: desired + surge, fewestAvailable: desired };
        const sizes = proportionalSizes(bounds, versions, 10).map(([, size]) => size);
        expect(sizes.reduce((sum, one) => sum + one, 0)).toBe(desired + surge);
      }),
    );
  });

  test.each([
    { was: [5, 5], most: 10, desired: 12, surge: 0, now: [6, 6] },
    { was: [8, 5], most: 13, desired: 15, surge: 3, now: [11, 7] },
    { was: [10, 2, 1], most: 13, desired: 5, surge: 2, now: [5, 1, 1] },
    { was: [1, 1, 1], most: 3, desired: 0, surge: 3, now: [0, 0, 0] },
    { was: [4, 4], most: 8, desired: 9, surge: 0, now: [4, 5] },
    { was: [4, 4], most: 8, desired: 7, surge: 0, now: [3, 4] },
  ])("scaled to $desired and $surge makes of $was, oldest first, $now", (one) => {
    const versions = one.was.map((size, index) => versionOf(index, size, one.most));
    const bounds = { desired: one.desired, most: one.desired + one.surge, fewestAvailable: 0 };
    const sizes = new Map(proportionalSizes(bounds, versions, 0));
    expect(versions.map((version) => sizes.get(version))).toEqual(one.now);
  });
});

type Steps = ReturnType<typeof stepsOn>;
type Step = { do: string; n: number };
type Counts = { total: number; available: number };

/** True where what follows is the controllers' doing alone, and no pod has been harmed by others. */
async function take({ do: what, n }: Step, on: Steps, cluster: Cluster): Promise<boolean> {
  const pods = (await on.pods()).toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  const pod = pods[n % Math.max(1, pods.length)];
  if (what === "image") await on.setImage(`web:${n}`);
  if (what === "scale") await on.change({ replicas: n });
  if (what === "pause") await on.change({ paused: n === 1 });
  if (what === "hours") cluster.clock.advance(n * 3_600_000);
  if (what === "ready" && pod) await on.setReady(pod);
  if (what === "sick" && pod) await on.setReady(pod, false);
  if (what === "kill" && pod) await cluster.client.delete(podKind, "default", pod.metadata.name);
  return what !== "sick" && what !== "kill" && what !== "scale";
}

async function countsOf(on: Steps): Promise<Counts> {
  const pods = await on.pods();
  return { total: pods.length, available: pods.filter(isPodReady).length };
}

async function judge(deployment: Deployment, before: Counts, after: Counts, isOurs: boolean) {
  const { most, fewestAvailable } = limitsOf(deployment);
  expect(after.total).toBeLessThanOrEqual(Math.max(before.total, most));
  // Paused, old versions go at once where the new one asks for all pods: so it is in Kubernetes.
  if (!isOurs || deployment.spec.paused) return;
  expect(after.available).toBeGreaterThanOrEqual(Math.min(before.available, fewestAvailable));
}

function isNothing(value: number | string): boolean {
  return value === 0 || value === "0%";
}

function versionOf(index: number, replicas: number, most: number): ReplicaSet {
  const set = structuredClone(ReplicaSet.example);
  set.metadata.name = `web-${index}`;
  set.metadata.creationTimestamp = `2014-06-06T00:00:0${index}Z`;
  set.metadata.annotations = { "deployment.kubernetes.io/max-replicas": String(most) };
  set.spec.replicas = replicas;
  return set;
}
