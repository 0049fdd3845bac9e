/**
 * What a user of the cluster may ask for: workloads of every kind under a few names, so that the same
 * name comes back again and again, and services and budgets that look at them.
 */
import { DaemonSet } from "../../src/api/apps/daemon-set.ts";
import { Deployment } from "../../src/api/apps/deployment.ts";
import { ReplicaSet } from "../../src/api/apps/replica-set.ts";
import { StatefulSet } from "../../src/api/apps/stateful-set.ts";
import { Job } from "../../src/api/batch/job.ts";
import type { Kind } from "../../src/api/kind.ts";
import { Pod } from "../../src/api/pod.ts";
import { PodDisruptionBudget } from "../../src/api/policy/pod-disruption-budget.ts";
import { ReplicationController } from "../../src/api/replication-controller.ts";
import { Service } from "../../src/api/service.ts";
import type { Draft } from "../../src/client/client.ts";
import type { Random } from "../../src/component/random.ts";
import { pick, roll } from "./dice.ts";

export const NAMESPACES = ["one", "two"] as const;
export const TIERS = ["front", "back"] as const;
const MOST_REPLICAS = 4;
/** Never written into an object twice: made anew for each. */
export interface Wish {
  kind: Kind;
  namespace: string;
  name: string;
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
const OTHERS = [Job, Job, Pod, Service, PodDisruptionBudget] as unknown as readonly Kind[];
const KINDS = [...WORKLOADS, ...WORKLOADS, ...OTHERS];

export const image = (dice: Random) => `web:${roll(dice, 1, 3)}`;
export const replicas = (dice: Random) => roll(dice, 0, MOST_REPLICAS);
export const tier = (dice: Random) => pick(dice, TIERS);

export function wish(dice: Random): Wish {
  const kind = pick(dice, KINDS);
  const name = `${kind.kind.toLowerCase()}-${pick(dice, ["a", "b"])}`;
  const namespace = pick(dice, NAMESPACES);
  return { kind, namespace, name, draft: { metadata: { name }, ...bodyOf(kind, name, dice) } };
}

function bodyOf(kind: Kind, name: string, dice: Random) {
  const labels = { app: name };
  const selector = { matchLabels: labels };
  const template = templateOf(labels, dice);
  switch (kind.kind) {
    case "Pod":
      return podOf(dice);
    case "Service":
      return { spec: { selector: { tier: tier(dice) }, ports: [{ port: 80, targetPort: 8080 }] } };
    case "PodDisruptionBudget":
      return { spec: { selector: { matchLabels: { tier: tier(dice) } }, ...budgetOf(dice) } };
    case "ReplicationController":
      return { spec: { replicas: replicas(dice), selector: labels, template } };
    case "ReplicaSet":
      return { spec: { replicas: replicas(dice), selector, template } };
    case "DaemonSet":
      return { spec: { selector, template: onSomeNodes(template, dice), ...daemonUpdates(dice) } };
    case "Job":
      return { spec: { template: workOf(template, dice), ...limitsOf(dice) } };
    case "StatefulSet": {
      const podManagementPolicy = pick(dice, ["OrderedReady", "Parallel"]);
      const spec = { serviceName: name, replicas: replicas(dice), podManagementPolicy };
      return { spec: { ...spec, selector, template } };
    }
    default:
      return { spec: { replicas: replicas(dice), selector, template, ...strategy(dice) } };
  }
}

function templateOf(labels: Record<string, string>, dice: Random) {
  return {
    metadata: { labels: { ...labels, tier: tier(dice) } },
    spec: podSpec(dice),
  };
}

function podSpec(dice: Random) {
  return {
    terminationGracePeriodSeconds: pick(dice, [0, 1, 30]),
    containers: [{ name: "main", image: image(dice) }],
  };
}

function onSomeNodes(template: ReturnType<typeof templateOf>, dice: Random) {
  if (dice.next() < 0.6) return template;
  return { ...template, spec: { ...template.spec, nodeSelector: { disk: "ssd" } } };
}

/** A program that ends, well or badly, after some time. */
function workOf(template: ReturnType<typeof templateOf>, dice: Random) {
  const command = `sleep ${roll(dice, 0, 20)}; exit ${pick(dice, [0, 0, 0, 1])}`;
  const containers = [{ name: "main", image: "busybox:1", command: ["sh", "-c", command] }];
  return { ...template, spec: { ...template.spec, restartPolicy: "Never", containers } };
}

function limitsOf(dice: Random) {
  const completions = roll(dice, 1, 4);
  const [parallelism, backoffLimit] = [roll(dice, 0, 3), pick(dice, [0, 1, 3])];
  const completionMode = pick(dice, ["NonIndexed", "Indexed"]);
  const limits = { completions, parallelism, backoffLimit, completionMode };
  const others = [{}, {}, {}, { suspend: true }, { activeDeadlineSeconds: 15 }];
  return { ...limits, ...pick(dice, [...others, { ttlSecondsAfterFinished: 10 }]) };
}

/** A pod nobody made but the user; it may look like one of a controller's, which then adopts it. */
function podOf(dice: Random) {
  const app = pick(dice, ["replicaset-a", "replicationcontroller-a", "nobody"]);
  return {
    metadata: { name: `pod-${app}`, labels: { app, tier: tier(dice) } },
    spec: podSpec(dice),
  };
}

function budgetOf(dice: Random) {
  return pick(dice, [{ minAvailable: 1 }, { maxUnavailable: 1 }, { minAvailable: "50%" }]);
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
