/**
 * The controller of DaemonSets: one pod on every node that suits, none elsewhere.
 *
 * It decides which nodes (node-fit.ts), makes pods that are meant for one node each (daemon-pod.ts),
 * and leaves it to the scheduler to bind them. A changed template moves through the nodes as far as
 * the update strategy lets it (rolling-update.ts).
 *
 * In Kubernetes: pkg/controller/daemon/daemon_controller.go. Differs: no expectations, since the
 * control loop reads its own writes.
 */
import { ControllerRevision } from "../api/apps/controller-revision.ts";
import { DaemonSet } from "../api/apps/daemon-set.ts";
import { labelMatcher } from "../api/labels.ts";
import { Node } from "../api/node.ts";
import { controllerOf } from "../api/owner.ts";
import { Pod } from "../api/pod.ts";
import type { Again, Controller, SyncContext } from "../client/control-loop.ts";
import { keyOf } from "../client/object-cache.ts";
import type { Clock } from "../component/clock.ts";
import { claimPods } from "./claim-pods.ts";
import { daemonStatus, isSameStatus } from "./daemon-set/daemon-status.ts";
import { FailedPods } from "./daemon-set/failed-pods.ts";
import { concernsDaemons } from "./daemon-set/node-fit.ts";
import { DaemonWork } from "./daemon-set/node-work.ts";
import { nextAvailabilityMs } from "./replica-status.ts";
import { bringHistoryUpToDate, type History, trimHistory } from "./revision-history.ts";

const HASH_LABEL = "controller-revision-hash";

export function daemonSetController(clock: Clock, workers = 2): Controller<DaemonSet> {
  const failedPods = new FailedPods(clock);
  return {
    name: "daemonset-controller",
    watches: DaemonSet,
    owns: [Pod, ControllerRevision],
    follows: [
      { kind: Pod, keysOf: (pod, _old, context) => adoptersOf(pod as Pod, context) },
      { kind: Node, keysOf: (node, old, context) => keysFor(node as Node, old as Node, context) },
    ],
    workers,
    async sync(set, key, context) {
      if (set === undefined) return failedPods.forget(`${key}/`);
      if (set.metadata.deletionTimestamp !== undefined) return; // Its pods are the garbage collector's.
      return bringIntoShape(set, failedPods, context);
    },
  };
}

async function bringIntoShape(
  set: DaemonSet,
  failedPods: FailedPods,
  context: SyncContext,
): Promise<Again | undefined> {
  const history = await bringHistoryUpToDate(DaemonSet, set, HASH_LABEL, context);
  const pods = await claimPods(DaemonSet, set, matcherOf(set), context);
  const hash = history.newest.metadata.labels?.[HASH_LABEL] ?? "";
  const work = new DaemonWork({ set, pods, hash, failedPods }, context);
  const failure = await work.perform();
  if (failure === undefined)
    await trimHistory(set, history.revisions, isLive(history, pods), context);
  await reportStatus(set, history, work, context);
  if (failure !== undefined) throw failure;
  return soonest(
    work.againInMs,
    nextAvailabilityMs(pods, set.spec.minReadySeconds ?? 0, context.clock.now()),
  );
}

/** The newest, and those that pods have been made from. */
function isLive({ newest }: History, pods: Pod[]): (revision: ControllerRevision) => boolean {
  const hashes = new Set(pods.map(({ metadata }) => metadata.labels?.[HASH_LABEL]));
  return (one) => one === newest || hashes.has(one.metadata.labels?.[HASH_LABEL]);
}

async function reportStatus(
  set: DaemonSet,
  { collisions }: History,
  { nodes, podsOf, hash }: DaemonWork,
  { client, clock }: SyncContext,
): Promise<void> {
  const status = daemonStatus(set, { nodes, podsOf, hash, collisions, now: clock.now() });
  if (isSameStatus(set.status, status)) return;
  await client.updateStatus(DaemonSet, { ...set, status });
}

function matcherOf({ spec }: DaemonSet): (pod: Pod) => boolean {
  const matches = labelMatcher(spec.selector);
  return ({ metadata }) => matches(metadata.labels);
}

/** The sets that may want a pod that has no controller. */
function adoptersOf(pod: Pod, { cached }: SyncContext): string[] {
  if (controllerOf(pod) !== undefined) return [];
  return cached(DaemonSet)
    .list(pod.metadata.namespace)
    .filter((set) => matcherOf(set)(pod))
    .map(({ metadata }) => keyOf(metadata));
}

/** A node that comes, goes or changes what daemons look at concerns every set. */
function keysFor(node: Node, old: Node | undefined, { cached }: SyncContext): string[] {
  if (old !== undefined && !concernsDaemons(node, old)) return [];
  return cached(DaemonSet)
    .list()
    .map(({ metadata }) => keyOf(metadata));
}

function soonest(...waits: (number | undefined)[]): Again | undefined {
  const given = waits.filter((wait) => wait !== undefined);
  return given.length === 0 ? undefined : { againInMs: Math.min(...given) };
}
