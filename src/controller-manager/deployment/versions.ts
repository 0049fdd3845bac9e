/**
 * The versions of a deployment: one ReplicaSet for each pod template it has had. The one with the
 * template of today is the new one, whatever its age: going back is going forward to an old template.
 *
 * In Kubernetes: pkg/controller/deployment/util/deployment_util.go (FindNewReplicaSet, FindActiveOrLatest)
 */
import { Deployment } from "../../api/apps/deployment.ts";
import { ReplicaSet } from "../../api/apps/replica-set.ts";
import { labelMatcher } from "../../api/labels.ts";
import type { SyncContext } from "../../client/control-loop.ts";
import { claim } from "../claim-pods.ts";
import { isSameTemplate } from "../template-hash.ts";

export interface Versions {
  /** Absent until it has been made. */
  new: ReplicaSet | undefined;
  old: ReplicaSet[];
}

/** The ReplicaSets of a deployment, adopted where they are nobody's and released where they don't match. */
export async function versionsOf(deployment: Deployment, context: SyncContext): Promise<Versions> {
  const matches = labelMatcher(deployment.spec.selector);
  const replicaSets = {
    kind: ReplicaSet,
    isSelected: ({ metadata }: ReplicaSet) => matches(metadata.labels),
    isAlive: ({ metadata }: ReplicaSet) => metadata.deletionTimestamp === undefined,
  };
  const all = oldestFirst(await claim(Deployment, deployment, replicaSets, context));
  const newOne = all.find(({ spec }) => isSameTemplate(spec.template, deployment.spec.template));
  return { new: newOne, old: all.filter((one) => one !== newOne) };
}

export function allOf(versions: Versions): ReplicaSet[] {
  return versions.new === undefined ? versions.old : [...versions.old, versions.new];
}

/** Those that ask for pods. */
export function activeOf(replicaSets: ReplicaSet[]): ReplicaSet[] {
  return replicaSets.filter((one) => sizeOf(one) > 0);
}

/** How many pods a ReplicaSet asks for. */
export function sizeOf({ spec }: ReplicaSet): number {
  return spec.replicas ?? 0;
}

export function totalSize(replicaSets: ReplicaSet[]): number {
  return sum(replicaSets.map(sizeOf));
}

export function availableIn(replicaSets: ReplicaSet[]): number {
  return sum(replicaSets.map(({ status }) => status?.availableReplicas ?? 0));
}

export function sum(numbers: number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}

export function oldestFirst(replicaSets: ReplicaSet[]): ReplicaSet[] {
  return replicaSets.toSorted((a, b) => compare(ageKey(a), ageKey(b)));
}

/** The only version with pods, or, where none has any, the newest. Several with pods: none of them. */
export function onlyActiveOrLatest(versions: Versions): ReplicaSet | undefined {
  const active = activeOf(allOf(versions));
  if (active.length > 1) return undefined;
  return active[0] ?? versions.new ?? oldestFirst(versions.old).at(-1);
}

function ageKey({ metadata }: ReplicaSet): string {
  return `${metadata.creationTimestamp} ${metadata.name}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
