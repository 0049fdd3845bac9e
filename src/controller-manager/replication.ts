/**
 * The replication controller: keeps as many pods as its spec asks for.
 *
 * It never restarts or moves a pod; it only counts, creates and deletes. Which pods are its own is
 * decided by claiming (claim-pods.ts): a pod that matches and has no owner is taken in, one that
 * matches no longer is let go.
 *
 * In Kubernetes: pkg/controller/replicaset/replica_set.go, which pkg/controller/replication wraps.
 * Differs: no expectations, since the control loop reads its own writes.
 */
import { matchesLabels } from "../api/labels.ts";
import { Pod } from "../api/pod.ts";
import { isPodActive } from "../api/pod-status.ts";
import { ReplicationController } from "../api/replication-controller.ts";
import type { Again, Controller, SyncContext } from "../client/control-loop.ts";
import { keyOf } from "../client/object-cache.ts";
import { claimPods } from "./claim-pods.ts";
import { nextAvailabilityMs, replicaStatus, sameStatus } from "./replica-status.ts";
import { scalePods } from "./scale-pods.ts";

export const replicationController: Controller<ReplicationController> = {
  name: "replication-controller",
  watches: ReplicationController,
  owns: [Pod],
  follows: [{ kind: Pod, keysOf: (obj, _old, context) => adoptersOf(obj as Pod, context) }],

  async sync(rc, _key, context) {
    if (rc === undefined) return; // Its pods are the garbage collector's.
    const pods = await claimPods(ReplicationController, rc, matcherOf(rc), context);
    const active = pods.filter(isPodActive);

    const isGoing = rc.metadata.deletionTimestamp !== undefined;
    const failure = isGoing ? undefined : await scalePods(rc, active, context);
    await reportStatus(rc, active, failure, context);

    if (failure !== undefined) throw failure.cause;
    return whenNextAvailable(rc, active, context);
  },
};

/** The controllers that may want a pod that has none. */
function adoptersOf(pod: Pod, { cached }: SyncContext): string[] {
  if (pod.metadata.ownerReferences?.some((ref) => ref.controller)) return [];
  return cached(ReplicationController)
    .list(pod.metadata.namespace)
    .filter((rc) => matcherOf(rc)(pod))
    .map((rc) => keyOf(rc.metadata));
}

/** An empty selector selects nothing, or an unfinished controller would adopt everything. */
function matcherOf(rc: ReplicationController): (pod: Pod) => boolean {
  const { selector = {} } = rc.spec;
  const isEmpty = Object.keys(selector).length === 0;
  return ({ metadata }) => !isEmpty && matchesLabels(selector, metadata.labels);
}

/**
 * Reports what was found, not what was just ordered: the pods created above wake this controller
 * again, and are counted then. An unchanged status is not written, or it would wake itself for ever.
 */
async function reportStatus(
  rc: ReplicationController,
  active: Pod[],
  failure: Error | undefined,
  { client, clock }: SyncContext,
): Promise<void> {
  const status = replicaStatus(rc, active, failure, clock.now());
  if (sameStatus(rc.status, status)) return;
  await client.updateStatus(ReplicationController, { ...rc, status });
}

/** A pod becomes available by the passing of time alone, which nothing else would tell us of. */
function whenNextAvailable(
  rc: ReplicationController,
  active: Pod[],
  { clock }: SyncContext,
): Again | undefined {
  const againInMs = nextAvailabilityMs(active, rc.spec.minReadySeconds ?? 0, clock.now());
  return againInMs === undefined ? undefined : { againInMs };
}
