/** What must hold of each workload at rest: so many pods, of the newest template, in the right places. */
import { isDeepStrictEqual } from "node:util";
import type { DaemonSet } from "../../src/api/apps/daemon-set.ts";
import type { Deployment } from "../../src/api/apps/deployment.ts";
import type { ReplicaSet } from "../../src/api/apps/replica-set.ts";
import type { StatefulSet } from "../../src/api/apps/stateful-set.ts";
import { controllerOf } from "../../src/api/owner.ts";
import type { Pod } from "../../src/api/pod.ts";
import { hasEnded } from "../../src/api/pod-status.ts";
import type { ReplicationController } from "../../src/api/replication-controller.ts";
import { differing } from "./oracle.ts";
import { naming, podsOf, type View } from "./view.ts";

export function workloadComplaints(view: View): string[] {
  return [
    ...view.controllers.flatMap((controller) => badReplicas(view, controller)),
    ...view.replicaSets.flatMap((set) => badReplicas(view, set)),
    ...view.deployments.flatMap((deployment) => badDeployment(view, deployment)),
    ...view.statefulSets.flatMap((set) => badStatefulSet(view, set)),
    ...view.daemonSets.flatMap((set) => badDaemonSet(view, set)),
    ...view.pods.flatMap((pod) => wrongOwners(view, pod)),
  ];
}

function badReplicas(view: View, owner: ReplicationController | ReplicaSet): string[] {
  const pods = podsOf(view, owner).length;
  const { replicas = 1 } = owner.spec;
  const { status = { replicas: 0 } } = owner;
  return [
    ...differing(`${naming(owner)} has pods`, [pods], [replicas]),
    ...differing(`${naming(owner)} tells of replicas`, [status.replicas], [replicas]),
    ...differing(`${naming(owner)} tells of ready ones`, [status.readyReplicas ?? 0], [replicas]),
    ...unobserved(owner),
  ];
}

function badDeployment(view: View, deployment: Deployment): string[] {
  const { replicas = 1, paused = false, template } = deployment.spec;
  const own = view.replicaSets.filter((set) => controllerOf(set)?.uid === deployment.metadata.uid);
  const name = naming(deployment);
  // Paused before its first set was made: nothing new is made until it goes on.
  if (paused && own.length === 0) return unobserved(deployment);
  const sum = own.reduce((total, { spec }) => total + (spec.replicas ?? 1), 0);
  const complaints = [
    ...differing(`${name} wants of its sets`, [sum], [replicas]),
    ...unobserved(deployment),
    ...differing(`${name} tells of replicas`, [deployment.status?.replicas ?? 0], [replicas]),
    ...differing(
      `${name} tells of ready ones`,
      [deployment.status?.readyReplicas ?? 0],
      [replicas],
    ),
  ];
  if (paused) return complaints;
  const newest = firstOf(own.filter((set) => isDeepStrictEqual(withoutHash(set), template)));
  const olds = own.filter((set) => set !== newest);
  const limit = deployment.spec.revisionHistoryLimit ?? 10;
  return [
    ...complaints,
    ...(newest ? [] : [`${name} has no set of the newest template`]),
    ...differing(
      `${name} tells of new ones`,
      [deployment.status?.updatedReplicas ?? 0],
      [replicas],
    ),
    ...olds
      .filter(({ spec }) => spec.replicas !== 0)
      .map((set) => `${name} still wants ${set.spec.replicas} of ${set.metadata.name}`),
    ...(olds.length > limit ? [`${name} keeps ${olds.length} old sets, not ${limit}`] : []),
  ];
}

/** An old set that a user edits into the newest template counts as it; of two, the one made first. */
function firstOf(sets: ReplicaSet[]): ReplicaSet | undefined {
  const age = ({ metadata }: ReplicaSet) => `${metadata.creationTimestamp} ${metadata.name}`;
  return sets.toSorted((a, b) => (age(a) < age(b) ? -1 : 1))[0];
}

function withoutHash({ spec }: ReplicaSet) {
  const template = structuredClone(spec.template)!;
  delete template.metadata?.labels?.["pod-template-hash"];
  return template;
}

function badStatefulSet(view: View, set: StatefulSet): string[] {
  const { replicas = 1, template } = set.spec;
  const pods = podsOf(view, set);
  const names = pods.map(({ metadata }) => metadata.name);
  const wanted = Array.from({ length: replicas }, (_, i) => `${set.metadata.name}-${i}`);
  return [
    ...differing(`${naming(set)} has pods`, names, wanted),
    ...differing(
      `${naming(set)} tells of ready ones`,
      [set.status?.readyReplicas ?? 0],
      [replicas],
    ),
    ...outdated(pods, template),
    ...unobserved(set),
  ];
}

function badDaemonSet(view: View, set: DaemonSet): string[] {
  const { template } = set.spec;
  const wanted = view.nodes
    .filter(({ metadata }) => {
      const { disk } = template.spec?.nodeSelector ?? {};
      return disk === undefined || metadata.labels?.disk === disk;
    })
    .map(({ metadata }) => metadata.name);
  const pods = podsOf(view, set);
  const there = pods.map(({ spec }) => spec.nodeName);
  return [
    ...differing(`${naming(set)} has pods on`, there, wanted),
    ...differing(`${naming(set)} tells of ready ones`, [set.status?.numberReady], [wanted.length]),
    ...outdated(
      pods.filter((pod) => !passesForNew(pod, set)),
      template,
    ),
    ...unobserved(set),
  ];
}

/**
 * An orphan of an earlier set of the name passes for new where both sets are at one generation of their
 * templates: as in Kubernetes, which knows new ones by either label.
 */
function passesForNew({ metadata }: Pod, set: DaemonSet): boolean {
  const isOlder = `${metadata.creationTimestamp}` <= `${set.metadata.creationTimestamp}`;
  const generation = set.metadata.annotations?.["deprecated.daemonset.template.generation"];
  return isOlder && metadata.labels?.["pod-template-generation"] === generation;
}

/** Pods that are not of the template: by their image and tier, which are all that is ever edited. */
function outdated(pods: Pod[], template: StatefulSet["spec"]["template"]): string[] {
  const shape = ({ metadata, spec }: Pick<StatefulSet["spec"]["template"], "metadata" | "spec">) =>
    `${spec?.containers[0]?.image} ${metadata?.labels?.tier}`;
  const wanted = shape(template);
  return pods
    .filter((pod) => shape(pod as StatefulSet["spec"]["template"]) !== wanted)
    .map((pod) => `${naming(pod)} is not of the newest template`);
}

/** Who controls a pod selects it. */
function wrongOwners({ controllers, replicaSets, statefulSets, daemonSets }: View, pod: Pod) {
  const sets = [...replicaSets, ...statefulSets, ...daemonSets];
  const selectors = new Map([
    ...controllers.map(({ metadata, spec }) => [metadata.uid, spec.selector] as const),
    ...sets.map(({ metadata, spec }) => [metadata.uid, spec.selector?.matchLabels] as const),
  ]);
  const selector = selectors.get(controllerOf(pod)?.uid);
  if (selector === undefined || hasEnded(pod)) return [];
  return selector.app === pod.metadata.labels?.app
    ? []
    : [`${naming(pod)} is not selected by its owner`];
}

function unobserved(
  obj: { metadata: { generation?: number }; status?: unknown } & Parameters<typeof naming>[0],
) {
  const { observedGeneration } = (obj.status ?? {}) as { observedGeneration?: number };
  const { generation } = obj.metadata;
  return differing(`${naming(obj)} has seen generation`, [observedGeneration], [generation]);
}
