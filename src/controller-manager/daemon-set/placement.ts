/**
 * What a node wants of a daemon set: a pod it lacks, or an end to pods it should not have. A pod that
 * has ended is taken away first; the next sync then sees a node without a pod.
 *
 * In Kubernetes: podsShouldBeOnNode in pkg/controller/daemon/daemon_controller.go
 */
import type { DaemonSet } from "../../api/apps/daemon-set.ts";
import { isZeroAmount } from "../../api/int-or-percent.ts";
import type { Pod } from "../../api/pod.ts";
import { isPodAvailable, isPodReady } from "../../api/pod-status.ts";
import { HASH_LABEL } from "./daemon-pod.ts";
import type { NodeFit } from "./node-fit.ts";
import { isGoing } from "./pods-by-node.ts";

export interface NodeWish {
  needsPod: boolean;
  /** To be deleted now. */
  surplus: Pod[];
  /** Ended by themselves: to be deleted as well, those that failed not too often. */
  failed: Pod[];
  succeeded: Pod[];
}

/** `pods` are those of the node, oldest first. */
export function wishOf(
  set: DaemonSet,
  pods: Pod[],
  fit: NodeFit,
  hash: string,
  now: Date,
): NodeWish {
  const wish: NodeWish = { needsPod: false, surplus: [], failed: [], succeeded: [] };
  if (fit.shouldRun && pods.length === 0) return { ...wish, needsPod: true };
  const staying = pods.filter((pod) => !isGoing(pod));
  if (!fit.mayStay) return { ...wish, surplus: staying };
  const inPhase = (phase: string) => staying.filter(({ status }) => status?.phase === phase);
  const running = staying.filter(
    ({ status }) => status?.phase !== "Failed" && status?.phase !== "Succeeded",
  );
  const surplus = surges(set) ? beyondSurge(set, running, hash, now) : running.slice(1);
  return { ...wish, surplus, failed: inPhase("Failed"), succeeded: inPhase("Succeeded") };
}

/** Whether an update adds the new pod before it takes the old one. */
export function surges({ spec }: DaemonSet): boolean {
  return !isZeroAmount(spec.updateStrategy?.rollingUpdate?.maxSurge);
}

/** While surging, an old pod that is ready may stand beside a new one that is not available yet. */
function beyondSurge(set: DaemonSet, running: Pod[], hash: string, now: Date): Pod[] {
  if (running.length <= 1) return [];
  const isNew = ({ metadata }: Pod) => metadata.labels?.[HASH_LABEL] === hash;
  const newPod = running.find(isNew);
  const oldPod = running.find((pod) => !isNew(pod));
  const surplus = running.filter((pod) => pod !== newPod && pod !== oldPod);
  if (newPod === undefined || oldPod === undefined) return surplus;
  const isReplaced = isPodAvailable(newPod, set.spec.minReadySeconds ?? 0, now);
  return isReplaced || !isPodReady(oldPod) ? [...surplus, oldPod] : surplus;
}
