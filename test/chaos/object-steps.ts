/** What users do to what they have made: edit, relabel, evict, delete. Each tells itself in words. */
import { HorizontalPodAutoscaler } from "../../src/api/autoscaling/horizontal-pod-autoscaler.ts";
import { CronJob } from "../../src/api/batch/cron-job.ts";
import { Job } from "../../src/api/batch/job.ts";
import { ApiError } from "../../src/api/errors.ts";
import type { Kind } from "../../src/api/kind.ts";
import { Namespace } from "../../src/api/namespace.ts";
import { controllerOf } from "../../src/api/owner.ts";
import { PersistentVolumeClaim } from "../../src/api/persistent-volume-claim.ts";
import { Pod } from "../../src/api/pod.ts";
import { claimNamesOf } from "../../src/api/pod-claims.ts";
import { ResourceQuota } from "../../src/api/resource-quota.ts";
import { Service } from "../../src/api/service.ts";
import type { DeleteOptions } from "../../src/client/client.ts";
import type { Random } from "../../src/component/random.ts";
import { autoscalerOf, quotaOf, serviceType } from "./bound-wishes.ts";
import type { ChaosCluster } from "./chaos-cluster.ts";
import { pick, roll } from "./dice.ts";
import { image, tier } from "./template-wishes.ts";
import { NAMESPACES, OTHERS, replicas, SCALABLE, WORKLOADS, wish } from "./wishes.ts";

export type Step = (cluster: ChaosCluster, dice: Random) => Promise<string>;

const pods = Pod as unknown as Kind;
const POLICIES = ["Background", "Foreground", "Orphan"] as const;

export const create: Step = async ({ user }, dice) => {
  const told: string[] = [];
  for (let left = roll(dice, 1, 3); left > 0; left--) {
    const { kind, namespace, draft } = wish(dice);
    const creating = user.create(kind, namespace, draft);
    const what = `${kind.kind.toLowerCase()} ${namespace}/${draft.metadata.name}`;
    told.push(await creating.then(() => `create ${what}`, refusal));
  }
  return told.join(", ");
};

/** Bounds for something that is there and that nobody else scales. */
export const autoscale: Step = async ({ user }, dice) => {
  const { items: all } = await user.list(pick(dice, SCALABLE));
  const items = all.filter(({ metadata }) => /-[ab]$/.test(metadata.name));
  if (items.length === 0) return "nothing to scale";
  const { kind, apiVersion, metadata } = pick(dice, items);
  const { namespace = "", name } = metadata;
  await user.create(
    HorizontalPodAutoscaler,
    namespace,
    autoscalerOf({ kind, apiVersion, name }, dice),
  );
  return `autoscale ${kind.toLowerCase()} ${namespace}/${name}`;
};

/** Edits an object of a kind by a patch that the dice make; tells which. */
function edit(
  what: string,
  patchOf: (kind: Kind, dice: Random) => object | undefined,
  kinds: readonly Kind[] = WORKLOADS,
): Step {
  return async ({ user }, dice) => {
    const kind = pick(dice, kinds);
    const patch = patchOf(kind, dice);
    const { items } = await user.list(kind);
    const target = items.length > 0 ? pick(dice, items) : undefined;
    if (target === undefined || patch === undefined) return "nothing to edit";
    const { namespace = "", name } = target.metadata;
    await user.patch(kind, namespace, name, patch, { type: "strategic" });
    return `${what} ${kind.kind.toLowerCase()} ${namespace}/${name} ${JSON.stringify(patch)}`;
  };
}

export const scale = edit("scale", (kind, dice) =>
  kind.kind === "DaemonSet" ? undefined : { spec: { replicas: replicas(dice) } },
);
export const changeImage = edit("update", (_, dice) => ({
  spec: { template: { spec: { containers: [{ name: "main", image: image(dice) }] } } },
}));
export const changeTier = edit("relabel", (_, dice) => ({
  spec: { template: { metadata: { labels: { tier: tier(dice) } } } },
}));
export const pause = edit("pause", (kind, dice) =>
  kind.kind === "Deployment" ? { spec: { paused: dice.next() < 0.4 } } : undefined,
);
export const changeJob = edit(
  "change",
  (_, dice) => ({
    spec: pick(dice, [{ parallelism: roll(dice, 0, 3) }, { suspend: true }, { suspend: false }]),
  }),
  [Job as unknown as Kind],
);
export const changeCronJob = edit(
  "change",
  (_, dice) => ({ spec: { suspend: dice.next() < 0.5 } }),
  [CronJob as unknown as Kind],
);
export const changeQuota = edit("change", (_, dice) => ({ spec: quotaOf(dice) }), [
  ResourceQuota as unknown as Kind,
]);

export const growClaim = edit(
  "grow",
  (_, dice) => ({ spec: { resources: { requests: { storage: `${roll(dice, 2, 6)}Gi` } } } }),
  [PersistentVolumeClaim as unknown as Kind],
);

export const remove: Step = async ({ user }, dice) => {
  const kind = pick(dice, [...WORKLOADS, ...OTHERS]);
  const { items } = await user.list(kind);
  if (items.length === 0) return "nothing to delete";
  const { namespace = "", name } = pick(dice, items).metadata;
  if (isMasters(namespace, name)) return "nothing to delete";
  const options: DeleteOptions = { propagationPolicy: pick(dice, POLICIES) };
  await user.delete(kind, namespace, name, options);
  return `delete ${kind.kind.toLowerCase()} ${namespace}/${name} ${options.propagationPolicy}`;
};

/** What the API server itself keeps. */
function isMasters(namespace: string, name: string): boolean {
  return namespace === "default" && name === "kubernetes";
}

export const removePod: Step = async ({ user }, dice) => {
  const { items } = await user.list(Pod);
  if (items.length === 0) return "no pod to delete";
  const { namespace = "", name } = pick(dice, items).metadata;
  const options: DeleteOptions = dice.next() < 0.3 ? { gracePeriodSeconds: 0 } : {};
  await user.delete(Pod, namespace, name, options);
  return `delete pod ${namespace}/${name} ${JSON.stringify(options)}`;
};

/** As `kubectl drain` does: it may be that a budget forbids it. */
export const evict: Step = async ({ user }, dice) => {
  const { items } = await user.list(Pod);
  if (items.length === 0) return "no pod to evict";
  const { namespace = "", name } = pick(dice, items).metadata;
  const eviction = { apiVersion: "policy/v1", kind: "Eviction", metadata: { namespace, name } };
  const evicting = user.createSubresource(pods, namespace, name, "eviction", eviction);
  const told = await evicting.then(
    () => "",
    (error: Error) => error.message,
  );
  // The one refusal that is said with a 500: as in Kubernetes.
  if (told.startsWith("This pod has more than one PodDisruptionBudget")) return `refused: ${told}`;
  await evicting;
  return `evict pod ${namespace}/${name}`;
};

/**
 * Takes a pod away from its controller, or gives it to another, by its labels. One of a stateful set would
 * keep the name its successor needs, for ever: that is as in Kubernetes, and no state to end in. One that
 * waits for a claim would never be ready.
 */
export const relabelPod: Step = async ({ user }, dice) => {
  const { items: all } = await user.list(Pod);
  const isPlain = (pod: Pod) => claimNamesOf(pod).length === 0;
  const items = all.filter((pod) => isPlain(pod) && controllerOf(pod)?.kind !== "StatefulSet");
  if (items.length === 0) return "no pod to label";
  const { namespace = "", name } = pick(dice, items).metadata;
  const labels = { app: pick(dice, ["nobody", "replicaset-a", "replicationcontroller-b"]) };
  await user.patch(Pod, namespace, name, { metadata: { labels } });
  return `label pod ${namespace}/${name} ${labels.app}`;
};

export const changeService: Step = async ({ user }, dice) => {
  const { items } = await user.list(Service);
  const mine = items.filter(({ metadata }) => metadata.name.startsWith("service-"));
  if (mine.length === 0) return "no service to edit";
  const { namespace = "", name } = pick(dice, mine).metadata;
  const spec = pick(dice, [{ selector: { tier: tier(dice) } }, { type: serviceType(dice) }]);
  await user.patch(Service, namespace, name, { spec });
  return `service ${namespace}/${name} ${JSON.stringify(spec)}`;
};

export const namespaces: Step = async ({ user }, dice) => {
  const name = pick(dice, NAMESPACES);
  if (dice.next() < 0.3) {
    await user.delete(Namespace, "", name);
    return `delete namespace ${name}`;
  }
  await user.create(Namespace, "", { metadata: { name }, spec: {} });
  return `create namespace ${name}`;
};

/** What a user may be told: it is there already, there is none, it may not be so. Never a 500. */
export function refusal(error: unknown): string {
  if (!(error instanceof ApiError) || error.status.code >= 500) throw error;
  return `refused: ${error.message}`;
}
