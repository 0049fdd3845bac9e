/** What the tests of deployments do again and again: make one, change it, and be its kubelet. */
import { Deployment, type DeploymentSpec } from "../../src/api/apps/deployment.ts";
import { ReplicaSet } from "../../src/api/apps/replica-set.ts";
import { isConflict, isNotFound } from "../../src/api/errors.ts";
import { Event } from "../../src/api/event.ts";
import { controllerOf } from "../../src/api/owner.ts";
import { Pod } from "../../src/api/pod.ts";
import { isPodActive, isPodReady } from "../../src/api/pod-status.ts";
import { toApiTime } from "../../src/component/clock.ts";
import type { Cluster } from "../support/cluster.ts";

export const web = (spec: Partial<DeploymentSpec> = {}, image = "web:1") => ({
  metadata: { name: "web" },
  spec: {
    replicas: 3,
    selector: { matchLabels: { app: "web" } },
    template: {
      metadata: { labels: { app: "web" } },
      spec: { containers: [{ name: "main", image }] },
    },
    ...spec,
  },
});

export function stepsOn(cluster: () => Cluster) {
  const client = () => cluster().client;
  const get = () => client().get(Deployment, "default", "web");
  const replicaSets = async () =>
    (await client().list(ReplicaSet)).items.toSorted((a, b) => revision(a) - revision(b));
  const pods = async () => (await client().list(Pod)).items.filter(isPodActive);

  async function setReady(pod: Pod, isReady = true) {
    const fresh = await client().get(Pod, "default", pod.metadata.name);
    const lastTransitionTime = toApiTime(cluster().clock.now());
    await client().updateStatus(Pod, {
      ...fresh,
      status: {
        phase: "Running",
        conditions: [{ type: "Ready", status: isReady ? "True" : "False", lastTransitionTime }],
      },
    });
  }

  return {
    get,
    replicaSets,
    pods,
    setReady,
    create: (spec: Partial<DeploymentSpec> = {}) =>
      client().create(Deployment, "default", web(spec)),
    change: (spec: object) =>
      client().patch(Deployment, "default", "web", { spec }, { type: "merge" }),
    setImage: (image: string) =>
      client().patch(Deployment, "default", "web", {
        spec: { template: { spec: { containers: [{ name: "main", image }] } } },
      }),
    /** As a kubelet would: what is not ready becomes so, until nothing changes any more. */
    async runPods() {
      for (;;) {
        await cluster().settle();
        const waiting = (await pods()).filter((pod) => !isPodReady(pod));
        if (waiting.length === 0) return;
        for (const pod of waiting) await setReady(pod).catch(ifChanged);
      }
    },
    /** "web-abc12: 3" for each, the oldest revision first. */
    async sizes() {
      return (await replicaSets()).map(({ spec }) => spec.replicas);
    },
    async podsOf(replicaSet: ReplicaSet) {
      return (await pods()).filter((pod) => controllerOf(pod)?.uid === replicaSet.metadata.uid);
    },
    async condition(type: string) {
      return (await get()).status?.conditions?.find((one) => one.type === type);
    },
    async told(reason: string) {
      const { items } = await client().list(Event, { namespace: "default" });
      return items.filter((one) => one.reason === reason).map(({ message }) => message);
    },
  };
}

/** The controllers were quicker; the next turn looks again. */
function ifChanged(error: unknown): void {
  if (!isNotFound(error) && !isConflict(error)) throw error;
}

export function revision({ metadata }: ReplicaSet): number {
  return Number(metadata.annotations?.["deployment.kubernetes.io/revision"] ?? 0);
}
