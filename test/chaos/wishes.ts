/**
 * What a user of the cluster may ask for: workloads of every kind under a few names, so that the same
 * name comes back again and again, and what looks at them, leads to them, bounds and stores them.
 */
import { DaemonSet } from "../../src/api/apps/daemon-set.ts";
import { Deployment } from "../../src/api/apps/deployment.ts";
import { ReplicaSet } from "../../src/api/apps/replica-set.ts";
import { StatefulSet } from "../../src/api/apps/stateful-set.ts";
import { HorizontalPodAutoscaler } from "../../src/api/autoscaling/horizontal-pod-autoscaler.ts";
import { CronJob } from "../../src/api/batch/cron-job.ts";
import { Job } from "../../src/api/batch/job.ts";
import { Endpoints } from "../../src/api/endpoints.ts";
import { apiVersionOf, type Kind } from "../../src/api/kind.ts";
import { PersistentVolume } from "../../src/api/persistent-volume.ts";
import { PersistentVolumeClaim } from "../../src/api/persistent-volume-claim.ts";
import { Pod } from "../../src/api/pod.ts";
import { PodDisruptionBudget } from "../../src/api/policy/pod-disruption-budget.ts";
import { ReplicationController } from "../../src/api/replication-controller.ts";
import { ResourceQuota } from "../../src/api/resource-quota.ts";
import { Service } from "../../src/api/service.ts";
import type { Draft } from "../../src/client/client.ts";
import type { Random } from "../../src/component/random.ts";
import { autoscalerOf, budgetOf, endpointsOf, quotaOf, serviceOf } from "./bound-wishes.ts";
import { pick, roll } from "./dice.ts";
import { cronJobOf, jobOf } from "./ending-wishes.ts";
import { podOf, templateOf } from "./template-wishes.ts";
import { claimOf, setVolumes, volumeOf } from "./volume-wishes.ts";

export const NAMESPACES = ["one", "two"] as const;
const MOST_REPLICAS = 4;

/** Never written into an object twice: made anew for each. */
export interface Wish {
  kind: Kind;
  namespace: string;
  // biome-ignore lint/suspicious/noExplicitAny: of whichever kind
  draft: Draft<any>;
}

export const WORKLOADS = [
  Deployment,
  ReplicaSet,
  ReplicationController,
  StatefulSet,
  DaemonSet,
] as unknown as readonly Kind[];
export const SCALABLE = WORKLOADS.slice(0, -1);
export const OTHERS = [
  Job,
  CronJob,
  Pod,
  Service,
  Endpoints,
  PodDisruptionBudget,
  HorizontalPodAutoscaler,
  ResourceQuota,
  PersistentVolumeClaim,
  PersistentVolume,
] as unknown as readonly Kind[];
const KINDS = [...WORKLOADS, ...WORKLOADS, ...OTHERS];

export const replicas = (dice: Random) => roll(dice, 0, MOST_REPLICAS);

export function wish(dice: Random): Wish {
  const kind = pick(dice, KINDS);
  const name = `${kind.kind.toLowerCase()}-${pick(dice, ["a", "b"])}`;
  const namespace = kind.namespaced ? pick(dice, NAMESPACES) : "";
  return { kind, namespace, draft: { metadata: { name }, ...bodyOf(kind, name, dice) } };
}

function bodyOf(kind: Kind, name: string, dice: Random) {
  switch (kind.kind) {
    case "Pod":
      return podOf(dice);
    case "Service":
      return serviceOf(name, dice);
    case "Endpoints":
      return endpointsOf(dice);
    case "PodDisruptionBudget":
      return { spec: budgetOf(dice) };
    case "HorizontalPodAutoscaler": {
      const target = pick(dice, SCALABLE);
      const named = `${target.kind.toLowerCase()}-${pick(dice, ["a", "b"])}`;
      return autoscalerOf(
        { apiVersion: apiVersionOf(target), kind: target.kind, name: named },
        dice,
      );
    }
    case "ResourceQuota":
      return { spec: quotaOf(dice) };
    case "PersistentVolumeClaim":
      return { metadata: { name: name.replace(/.*-/, "claim-") }, spec: claimOf(dice) };
    case "PersistentVolume":
      return { spec: volumeOf(name, dice) };
    case "Job":
      return { spec: jobOf(name, dice) };
    case "CronJob":
      return { spec: cronJobOf(name, dice) };
    default:
      return { spec: workloadOf(kind, name, dice) };
  }
}

function workloadOf(kind: Kind, name: string, dice: Random) {
  const labels = { app: name };
  const selector = { matchLabels: labels };
  const template = templateOf(labels, dice);
  const wanted = { replicas: replicas(dice), template };
  switch (kind.kind) {
    case "ReplicationController":
      return { ...wanted, selector: labels };
    case "ReplicaSet":
      return { ...wanted, selector };
    case "DaemonSet":
      return { selector, template: onSomeNodes(template, dice), ...daemonUpdates(dice) };
    case "StatefulSet": {
      const podManagementPolicy = pick(dice, ["OrderedReady", "Parallel"]);
      return { ...wanted, selector, serviceName: name, podManagementPolicy, ...setVolumes(dice) };
    }
    default:
      return { ...wanted, selector, ...strategy(dice) };
  }
}

function onSomeNodes(template: ReturnType<typeof templateOf>, dice: Random) {
  if (dice.next() < 0.6) return template;
  return { ...template, spec: { ...template.spec, nodeSelector: { disk: "ssd" } } };
}

function strategy(dice: Random) {
  if (dice.next() < 0.3) return { strategy: { type: "Recreate" } };
  const [maxSurge, maxUnavailable] = pick(dice, [
    [1, 0],
    [0, 1],
    ["25%", "25%"],
    ["100%", "50%"],
  ] as const);
  const rollingUpdate = { maxSurge, maxUnavailable };
  return { revisionHistoryLimit: roll(dice, 0, 3), strategy: { rollingUpdate } };
}

function daemonUpdates(dice: Random) {
  const rollingUpdate = pick(dice, [{ maxUnavailable: 1 }, { maxUnavailable: 0, maxSurge: 1 }]);
  return { updateStrategy: { type: "RollingUpdate", rollingUpdate } };
}
