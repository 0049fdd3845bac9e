/**
 * The replication controller: keeps as many pods as its spec asks for.
 *
 * It never restarts or moves a pod; it only counts, creates and deletes. Which pods are its own is
 * decided by claiming (claim-pods.ts): a pod that matches and has no owner is taken in, one that
 * matches no longer is let go.
 *
 * The controller of ReplicaSets is the same one for another kind (replica-set.ts).
 *
 * In Kubernetes: pkg/controller/replicaset/replica_set.go, which pkg/controller/replication wraps.
 * Differs: no expectations, since the control loop reads its own writes.
 */
import type { ReplicationControllerStatus } from "kubernetes-types/core/v1.js";
import type { Kind } from "../api/kind.ts";
import { equalitySelector, type LabelMatcher } from "../api/labels.ts";
import { Pod } from "../api/pod.ts";
import { isPodActive } from "../api/pod-status.ts";
import { ReplicationController } from "../api/replication-controller.ts";
import type { Again, Controller, SyncContext } from "../client/control-loop.ts";
import { keyOf } from "../client/object-cache.ts";
import { claimPods } from "./claim-pods.ts";
import { nextAvailabilityMs, replicaStatus, sameStatus } from "./replica-status.ts";
import { type ReplicaOwner, scalePods } from "./scale-pods.ts";

/** What has replicas: a ReplicationController, a ReplicaSet. */
export interface Replicated extends ReplicaOwner {
  status?: ReplicationControllerStatus;
}

export interface ReplicaKeeper<T extends Replicated> {
  name: string;
  kind: Kind<T>;
  /** Which pods are among those it asks for, by their labels. */
  selectorOf(owner: T): LabelMatcher;
  /** The pods it should not share nodes with: of many on one node, one goes first. */
  neighbours(owner: T, active: Pod[], context: SyncContext): Pod[];
}

export const replicationController = replicaController({
  name: "replication-controller",
  kind: ReplicationController,
  /** An empty selector selects nothing, or an unfinished controller would adopt everything. */
  selectorOf: ({ spec: { selector = {} } }) =>
    Object.keys(selector).length > 0 ? equalitySelector(selector) : () => false,
  neighbours: (_rc, active) => active,
});

export function replicaController<T extends Replicated>(keeper: ReplicaKeeper<T>): Controller<T> {
  const { name, kind } = keeper;
  return {
    name,
    watches: kind,
    owns: [Pod],
    follows: [
      { kind: Pod, keysOf: (obj, _old, context) => adoptersOf(obj as Pod, keeper, context) },
    ],

    async sync(owner, _key, context) {
      if (owner === undefined) return; // Its pods are the garbage collector's.
      const selects = keeper.selectorOf(owner);
      const isSelected = ({ metadata }: Pod) => selects(metadata.labels);
      const pods = await claimPods(kind, owner, isSelected, context);
      const active = pods.filter(isPodActive);

      const isGoing = owner.metadata.deletionTimestamp !== undefined;
      const neighbours = () => keeper.neighbours(owner, active, context);
      const failure = isGoing ? undefined : await scalePods(owner, active, context, neighbours);
      await reportStatus(kind, owner, active, failure, context);

      if (failure !== undefined) throw failure.cause;
      return whenNextAvailable(owner, active, context);
    },
  };
}

/** Those that may want a pod that has no controller. */
function adoptersOf<T extends Replicated>(
  pod: Pod,
  { kind, selectorOf }: ReplicaKeeper<T>,
  { cached }: SyncContext,
): string[] {
  if (pod.metadata.ownerReferences?.some((ref) => ref.controller)) return [];
  return cached(kind)
    .list(pod.metadata.namespace)
    .filter((owner) => selectorOf(owner)(pod.metadata.labels))
    .map((owner) => keyOf(owner.metadata));
}

/**
 * Reports what was found, not what was just ordered: the pods created above wake this controller
 * again, and are counted then. An unchanged status is not written, or it would wake itself for ever.
 */
async function reportStatus<T extends Replicated>(
  kind: Kind<T>,
  owner: T,
  active: Pod[],
  failure: Error | undefined,
  { client, clock }: SyncContext,
): Promise<void> {
  const status = replicaStatus(owner, active, failure, clock.now());
  if (sameStatus(owner.status, status)) return;
  await client.updateStatus(kind, { ...owner, status });
}

/** A pod becomes available by the passing of time alone, which nothing else would tell us of. */
function whenNextAvailable(
  owner: Replicated,
  active: Pod[],
  { clock }: SyncContext,
): Again | undefined {
  const againInMs = nextAvailabilityMs(active, owner.spec.minReadySeconds ?? 0, clock.now());
  return againInMs === undefined ? undefined : { againInMs };
}
