/**
 * The controller of StatefulSets: pods web-0, web-1, ... each with a name and claims of its own, made
 * in order and taken away in reverse (stateful-set/set-work.ts).
 *
 * Its rule: never two pods of one number. A pod is made only after the one that had its name is gone
 * from the store, however long its node does not answer.
 *
 * In Kubernetes: pkg/controller/statefulset/stateful_set.go
 */
import { isDeepStrictEqual } from "node:util";
import { ControllerRevision } from "../api/apps/controller-revision.ts";
import { StatefulSet } from "../api/apps/stateful-set.ts";
import { labelMatcher } from "../api/labels.ts";
import { controllerOf } from "../api/owner.ts";
import { PersistentVolumeClaim } from "../api/persistent-volume-claim.ts";
import { Pod } from "../api/pod.ts";
import type { Again, Controller, SyncContext } from "../client/control-loop.ts";
import { keyOf } from "../client/object-cache.ts";
import { claimPods } from "./claim-pods.ts";
import { isNamespaceTerminating } from "./pod-control.ts";
import { nextAvailabilityMs } from "./replica-status.ts";
import { bringHistoryUpToDate, type History, templateOf, trimHistory } from "./revision-history.ts";
import { ordinalOf, revisionOf } from "./stateful-set/identity.ts";
import { setStatus } from "./stateful-set/set-status.ts";
import { SetWork } from "./stateful-set/set-work.ts";

const HASH_LABEL = "controller.kubernetes.io/hash";

export const statefulSetController: Controller<StatefulSet> = {
  name: "statefulset-controller",
  watches: StatefulSet,
  owns: [Pod, ControllerRevision],
  reads: [PersistentVolumeClaim],
  follows: [{ kind: Pod, keysOf: (pod, _old, context) => adoptersOf(pod as Pod, context) }],

  async sync(set, _key, context) {
    if (set === undefined) return; // Its pods are the garbage collector's.
    const isGoing = set.metadata.deletionTimestamp !== undefined;
    const history = isGoing
      ? undefined
      : await bringHistoryUpToDate(StatefulSet, set, HASH_LABEL, context);
    const pods = await claimPods(StatefulSet, set, matcherOf(set), context);
    if (history === undefined) return;

    const failure = await perform(set, pods, history, context);
    await reportStatus(set, pods, history, context);
    if (failure !== undefined) throw failure;
    await trimHistory(set, history.revisions, isLive(set, pods, history), context);
    return whenNextAvailable(set, pods, context);
  },
};

/** Gives back what went wrong, so that the status can be told all the same. */
async function perform(
  set: StatefulSet,
  pods: Pod[],
  history: History,
  context: SyncContext,
): Promise<unknown> {
  const { newest } = history;
  const from = currentOf(set, history);
  const current = { name: from.metadata.name, template: templateOf(from) };
  const update = { name: newest.metadata.name, template: set.spec.template };
  try {
    await new SetWork({ set, pods, current, update }, context).perform();
  } catch (error) {
    return isNamespaceTerminating(error) ? undefined : error;
  }
  return undefined;
}

/** The revision an update comes from; before the first there is only the newest. */
function currentOf(set: StatefulSet, { revisions, newest }: History): ControllerRevision {
  return revisions.find(({ metadata }) => metadata.name === set.status?.currentRevision) ?? newest;
}

async function reportStatus(
  set: StatefulSet,
  pods: Pod[],
  history: History,
  { client, clock }: SyncContext,
): Promise<void> {
  const status = setStatus(set, {
    pods,
    currentRevision: currentOf(set, history).metadata.name,
    updateRevision: history.newest.metadata.name,
    collisions: history.collisions,
    now: clock.now(),
  });
  if (isDeepStrictEqual({ ...set.status }, status)) return;
  await client.updateStatus(StatefulSet, { ...set, status });
}

function isLive(set: StatefulSet, pods: Pod[], history: History) {
  const live = new Set(pods.map(revisionOf));
  live.add(history.newest.metadata.name);
  live.add(currentOf(set, history).metadata.name);
  return ({ metadata }: ControllerRevision) => live.has(metadata.name);
}

/** Its pods are those it selects that have a name it gives. */
function matcherOf(set: StatefulSet): (pod: Pod) => boolean {
  const matches = labelMatcher(set.spec.selector);
  return (pod) => matches(pod.metadata.labels) && ordinalOf(pod, set) !== undefined;
}

function adoptersOf(pod: Pod, { cached }: SyncContext): string[] {
  if (controllerOf(pod) !== undefined) return [];
  return cached(StatefulSet)
    .list(pod.metadata.namespace)
    .filter((set) => matcherOf(set)(pod))
    .map(({ metadata }) => keyOf(metadata));
}

function whenNextAvailable(
  set: StatefulSet,
  pods: Pod[],
  { clock }: SyncContext,
): Again | undefined {
  const againInMs = nextAvailabilityMs(pods, set.spec.minReadySeconds ?? 0, clock.now());
  return againInMs === undefined ? undefined : { againInMs };
}
