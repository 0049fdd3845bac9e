/**
 * The history of a DaemonSet or StatefulSet: one ControllerRevision for each template it has had, so
 * that a pod's label says which it was made from, and `kubectl rollout undo` has something to go back to.
 *
 * Rule: the newest revision is the one of today's template. A template that comes back takes its old
 * revision, with a new number, so no template is kept twice.
 *
 * In Kubernetes: pkg/controller/history/controller_history.go, pkg/controller/daemon/update.go
 * (constructHistory). Differs: one way for both kinds.
 */
import { isDeepStrictEqual } from "node:util";
import type { LabelSelector } from "kubernetes-types/meta/v1.js";
import { ControllerRevision } from "../api/apps/controller-revision.ts";
import { isAlreadyExists, isNotFound } from "../api/errors.ts";
import type { Kind, KubeObject } from "../api/kind.ts";
import { labelMatcher } from "../api/labels.ts";
import { controllerRef } from "../api/owner.ts";
import type { PodTemplate } from "../api/replication-controller.ts";
import type { SyncContext } from "../client/control-loop.ts";
import { claim } from "./claim-pods.ts";
import { templateHash } from "./template-hash.ts";

/** What has a history. */
export interface Revisioned extends KubeObject {
  spec: { selector?: LabelSelector; template: PodTemplate; revisionHistoryLimit?: number };
  status?: { collisionCount?: number };
}

export interface History {
  /** Oldest first; the last is today's. */
  revisions: ControllerRevision[];
  newest: ControllerRevision;
  /** How often a name was taken by a revision of another template. */
  collisions: number;
}

/** The label of a revision that says what its template's hash is. */
export type HashLabel = "controller-revision-hash" | "controller.kubernetes.io/hash";

/** The history as it is after today's template has got its revision. */
export async function bringHistoryUpToDate<T extends Revisioned>(
  kind: Kind<T>,
  owner: T,
  hashLabel: HashLabel,
  context: SyncContext,
): Promise<History> {
  const revisions = await claimRevisions(kind, owner, context);
  const collisions = owner.status?.collisionCount ?? 0;
  const data = dataOf(owner.spec.template);
  const last = revisions.at(-1);
  const number = (last?.revision ?? 0) + 1;
  const same = revisions.findLast((one) => isDeepStrictEqual(one.data, data));
  if (same !== undefined && same === last) return { revisions, newest: same, collisions };

  const others = revisions.filter((one) => one !== same);
  if (same !== undefined) {
    const newest = await context.client.update(ControllerRevision, { ...same, revision: number });
    return { revisions: [...others, newest], newest, collisions };
  }
  const made = await createRevision({ owner, data, number, hashLabel, collisions }, context);
  return { ...made, revisions: [...others, made.newest] };
}

/** Today's revisions of an owner: claimed as pods are, by selector and owner. */
async function claimRevisions<T extends Revisioned>(
  kind: Kind<T>,
  owner: T,
  context: SyncContext,
): Promise<ControllerRevision[]> {
  const matches = labelMatcher(owner.spec.selector);
  const members = {
    kind: ControllerRevision,
    isSelected: ({ metadata }: ControllerRevision) => matches(metadata.labels),
    isAlive: ({ metadata }: ControllerRevision) => metadata.deletionTimestamp === undefined,
  };
  const claimed = await claim(kind, owner, members, context);
  return claimed.toSorted(byNumber);
}

interface RevisionWish {
  owner: Revisioned;
  data: Record<string, unknown>;
  number: number;
  hashLabel: HashLabel;
  collisions: number;
}

/** A name that is taken by another template is left to it: the next collision gives another name. */
async function createRevision(
  wish: RevisionWish,
  { client }: SyncContext,
): Promise<{ newest: ControllerRevision; collisions: number }> {
  const { owner, data, number, hashLabel } = wish;
  const { namespace = "", annotations } = owner.metadata;
  for (let collisions = wish.collisions; ; collisions++) {
    const hash = templateHash(data, collisions);
    const name = `${owner.metadata.name}-${hash}`;
    const labels = { ...owner.spec.template.metadata?.labels, [hashLabel]: hash };
    const ownerReferences = [controllerRef(owner)];
    const metadata = { name, labels, ownerReferences, ...(annotations && { annotations }) };
    try {
      const newest = await client.create(ControllerRevision, namespace, {
        metadata,
        data,
        revision: number,
      });
      return { newest, collisions };
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      const taken = await client.get(ControllerRevision, namespace, name);
      if (isDeepStrictEqual(taken.data, data)) return { newest: taken, collisions };
    }
  }
}

/** Removes the oldest revisions that no pod is of, until no more than the limit are left. */
export async function trimHistory(
  owner: Revisioned,
  revisions: ControllerRevision[],
  isLive: (revision: ControllerRevision) => boolean,
  { client }: SyncContext,
): Promise<void> {
  const past = revisions.filter((one) => !isLive(one));
  const surplus = past.length - (owner.spec.revisionHistoryLimit ?? 10);
  for (const { metadata } of past.slice(0, Math.max(surplus, 0))) {
    await client
      .delete(ControllerRevision, metadata.namespace ?? "", metadata.name)
      .catch((error: unknown) => {
        if (!isNotFound(error)) throw error;
      });
  }
}

/** What a revision keeps: a patch that puts the template back. */
export function dataOf(template: PodTemplate): Record<string, unknown> {
  return { spec: { template: { ...template, $patch: "replace" } } };
}

/** The template a revision was made of. */
export function templateOf({ data }: ControllerRevision): PodTemplate {
  const { template } = (data as { spec: { template: PodTemplate & { $patch?: string } } }).spec;
  const { $patch: _, ...rest } = template;
  return rest;
}

function byNumber(a: ControllerRevision, b: ControllerRevision): number {
  if (a.revision !== b.revision) return a.revision - b.revision;
  const [at, bt] = [a.metadata.creationTimestamp ?? "", b.metadata.creationTimestamp ?? ""];
  if (at !== bt) return at < bt ? -1 : 1;
  return a.metadata.name < b.metadata.name ? -1 : 1;
}
