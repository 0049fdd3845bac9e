/**
 * How far a rolling update of a daemon set may move now: which old pods may go, and on which nodes a
 * new pod may come beside an old one.
 *
 * Rules: without surge, no more than maxUnavailable nodes are without an available pod because of the
 * update, and a pod that does not work anyway goes first and costs nothing. With surge, an old pod goes
 * only once the new one on its node is available, and no more than maxSurge nodes wait for that.
 *
 * In Kubernetes: rollingUpdate in pkg/controller/daemon/update.go. Differs: nodes are taken by name.
 */
import type { DaemonSet } from "../../api/apps/daemon-set.ts";
import { scaledAmount } from "../../api/int-or-percent.ts";
import type { Pod } from "../../api/pod.ts";
import { isPodAvailable } from "../../api/pod-status.ts";
import { isUpToDate } from "./daemon-pod.ts";
import { isGoing } from "./pods-by-node.ts";

export interface UpdateStep {
  doomed: Pod[];
  /** Nodes that get one more pod. */
  nodes: string[];
}

export interface UpdateView {
  set: DaemonSet;
  hash: string;
  now: Date;
  /** The pods of every node that should have one, and of every node that has. */
  podsOf: ReadonlyMap<string, Pod[]>;
  /** How many nodes should have a pod. */
  desired: number;
}

/** The one old and the one new pod of a node; undefined where there are more, which is to be mended first. */
interface Pair {
  oldPod?: Pod;
  newPod?: Pod;
}

export function nextUpdateStep(view: UpdateView): UpdateStep {
  const { maxSurge, maxUnavailable } = limitsOf(view);
  return maxSurge === 0 ? replaceStep(view, maxUnavailable) : surgeStep(view, maxSurge);
}

export function limitsOf({ set, desired }: Pick<UpdateView, "set" | "desired">) {
  const { maxUnavailable = 0, maxSurge = 0 } = set.spec.updateStrategy?.rollingUpdate ?? {};
  const surge = scaledAmount(maxSurge, desired);
  const unavailable = scaledAmount(maxUnavailable, desired);
  // Both can come to nothing where there are no nodes; an update must be able to move.
  return { maxSurge: surge, maxUnavailable: surge + unavailable === 0 ? 1 : unavailable };
}

function replaceStep(view: UpdateView, maxUnavailable: number): UpdateStep {
  const broken: Pod[] = [];
  const candidates: Pod[] = [];
  let unavailable = 0;
  for (const [, pods] of byName(view.podsOf)) {
    const { oldPod, newPod } = pairOf(pods, view) ?? {};
    const isSettled = (oldPod === undefined) !== (newPod === undefined);
    if (!isSettled) unavailable++;
    else if (newPod !== undefined) unavailable += isAvailable(newPod, view) ? 0 : 1;
    else (isAvailable(oldPod!, view) ? candidates : broken).push(oldPod!);
  }
  const free = Math.max(maxUnavailable - unavailable, 0);
  return { doomed: [...broken, ...candidates.slice(0, free)], nodes: [] };
}

function surgeStep(view: UpdateView, maxSurge: number): UpdateStep {
  const doomed: Pod[] = [];
  const broken: string[] = [];
  const candidates: string[] = [];
  let surging = 0;
  for (const [node, pods] of byName(view.podsOf)) {
    const pair = pairOf(pods, view);
    if (pair === undefined) {
      surging++;
      continue;
    }
    const { oldPod, newPod } = pair;
    if (oldPod === undefined) continue;
    if (newPod === undefined) (isAvailable(oldPod, view) ? candidates : broken).push(node);
    else if (isAvailable(newPod, view)) doomed.push(oldPod);
    else surging++;
  }
  const free = Math.max(maxSurge - surging, 0);
  return { doomed, nodes: [...broken, ...candidates.slice(0, free)] };
}

function pairOf(pods: Pod[], { set, hash }: UpdateView): Pair | undefined {
  const staying = pods.filter((pod) => !isGoing(pod));
  const [newPod, ...moreNew] = staying.filter((pod) => isUpToDate(pod, set, hash));
  const [oldPod, ...moreOld] = staying.filter((pod) => !isUpToDate(pod, set, hash));
  if (moreNew.length + moreOld.length > 0) return undefined;
  return { ...(oldPod && { oldPod }), ...(newPod && { newPod }) };
}

function isAvailable(pod: Pod, { set, now }: UpdateView): boolean {
  return isPodAvailable(pod, set.spec.minReadySeconds ?? 0, now);
}

function byName(podsOf: ReadonlyMap<string, Pod[]>): [string, Pod[]][] {
  return [...podsOf].toSorted(([a], [b]) => (a < b ? -1 : 1));
}
