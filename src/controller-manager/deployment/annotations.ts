/**
 * The notes a deployment leaves on its ReplicaSets: which revision each is, which revisions it has
 * been, and for how many pods the deployment asked when it last gave the ReplicaSet its size. By the
 * last it tells a change of scale from a step of an update.
 *
 * In Kubernetes: pkg/controller/deployment/util/deployment_util.go (SetNewReplicaSetAnnotations)
 */
import type { Deployment } from "../../api/apps/deployment.ts";
import type { ReplicaSet } from "../../api/apps/replica-set.ts";
import type { Limits } from "./limits.ts";

type Annotations = Record<string, string>;

export const REVISION = "deployment.kubernetes.io/revision";
const REVISION_HISTORY = "deployment.kubernetes.io/revision-history";
const DESIRED_REPLICAS = "deployment.kubernetes.io/desired-replicas";
const MAX_REPLICAS = "deployment.kubernetes.io/max-replicas";

const NOT_COPIED = new Set([
  "kubectl.kubernetes.io/last-applied-configuration",
  "deprecated.deployment.rollback.to",
  REVISION,
  REVISION_HISTORY,
  DESIRED_REPLICAS,
  MAX_REPLICAS,
]);
const LONGEST_HISTORY = 2_000;

export function revisionOf({ metadata }: ReplicaSet): number {
  return wholeNumber(metadata.annotations?.[REVISION]) ?? 0;
}

export function nextRevision(old: ReplicaSet[]): number {
  return Math.max(0, ...old.map(revisionOf)) + 1;
}

/** What the new ReplicaSet of a deployment should be noted with, given what it is noted with now. */
export function notesForNew(deployment: Deployment, current: Annotations, revision: number) {
  const copied = Object.entries(deployment.metadata.annotations ?? {}).filter(
    ([key]) => !NOT_COPIED.has(key),
  );
  const notes: Annotations = { ...current, ...Object.fromEntries(copied) };
  const was = current[REVISION];
  const isNewer = (wholeNumber(was) ?? 0) < revision;
  if (isNewer) notes[REVISION] = String(revision);
  // It has been a revision before: the deployment has gone back to it.
  if (isNewer && was) notes[REVISION_HISTORY] = longer(current[REVISION_HISTORY] ?? "", was);
  return notes;
}

export function notesOfScale({ desired, most }: Limits): Annotations {
  return { [DESIRED_REPLICAS]: String(desired), [MAX_REPLICAS]: String(most) };
}

/** For how many the deployment asked when this ReplicaSet got its size. */
export function desiredWhenScaled({ metadata }: ReplicaSet): number | undefined {
  return wholeNumber(metadata.annotations?.[DESIRED_REPLICAS]);
}

export function mostWhenScaled({ metadata }: ReplicaSet): number | undefined {
  return wholeNumber(metadata.annotations?.[MAX_REPLICAS]);
}

export function hasNotes({ metadata }: ReplicaSet, notes: Annotations): boolean {
  return Object.entries(notes).every(([key, value]) => metadata.annotations?.[key] === value);
}

/** One revision more; the oldest are forgotten where the list would get too long. */
function longer(history: string, revision: string): string {
  const revisions = [...history.split(",").filter(Boolean), revision];
  while (revisions.join(",").length > LONGEST_HISTORY) revisions.shift();
  return revisions.join(",");
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}
