/**
 * Taint eviction: deletes the pods of a node that has a NoExecute taint they do not tolerate, or
 * no longer do: a toleration may be for so many seconds only.
 *
 * In Kubernetes: pkg/controller/tainteviction/taint_eviction.go. Differs: with a pod eviction
 * timeout (a flag of old: --pod-eviction-timeout) pods that say nothing of a dead node wait that long.
 */
import type { Taint, Toleration } from "kubernetes-types/core/v1.js";
import { isNotFound } from "../api/errors.ts";
import { Node } from "../api/node.ts";
import { Pod } from "../api/pod.ts";
import { setCondition } from "../api/pod-status.ts";
import { tolerates } from "../api/taints.ts";
import type { Controller, SyncContext } from "../client/control-loop.ts";
import { keyOf } from "../client/object-cache.ts";
import { type Clock, toApiTime } from "../component/clock.ts";
import { NOT_READY, UNREACHABLE } from "./node-taints.ts";

export interface TaintEvictionOptions {
  podEvictionTimeoutMs?: number;
}

export function taintEvictionController(
  clock: Clock,
  { podEvictionTimeoutMs = 0 }: TaintEvictionOptions = {},
): Controller<Pod> {
  /** Since when a pod, by its uid, has been in front of the taints it tolerates for a time. */
  const waitingSinceMs = new Map<string, number>();
  const keyByUid = new Map<string, string>();

  function cancel(key: string, pod: Pod | undefined, context: SyncContext): void {
    const uid = keyByUid.get(key) ?? pod?.metadata.uid ?? "";
    keyByUid.delete(key);
    if (!waitingSinceMs.delete(uid) || pod === undefined) return;
    const words = `Cancelling deletion of Pod ${keyOf(pod.metadata)}`;
    context.events.event(pod, "Normal", "TaintManagerEviction", words);
  }

  return {
    name: "taint-eviction-controller",
    watches: Pod,
    follows: [
      { kind: Node, keysOf: (node, old, context) => podsOf(node as Node, old as Node, context) },
    ],
    workers: 8,

    async sync(pod, key, context) {
      if (pod === undefined || pod.metadata.deletionTimestamp)
        return cancel(key, undefined, context);
      const node = context.cached(Node).get("", pod.spec.nodeName ?? "");
      const taints = node?.spec.taints?.filter(({ effect }) => effect === "NoExecute") ?? [];
      const graceMs = toleranceMs(taints, pod.spec.tolerations ?? [], podEvictionTimeoutMs);
      if (graceMs === Number.POSITIVE_INFINITY) return cancel(key, pod, context);

      const uid = pod.metadata.uid ?? "";
      const sinceMs = waitingSinceMs.get(uid) ?? clock.monotonicMs();
      const leftMs = sinceMs + graceMs - clock.monotonicMs();
      waitingSinceMs.set(uid, sinceMs);
      keyByUid.set(key, uid);
      if (leftMs > 0) return { againInMs: leftMs };
      await evict(pod, context);
      waitingSinceMs.delete(uid);
      keyByUid.delete(key);
    },
  };
}

/** How long a pod may stay in front of these taints: for ever, for a time, or not at all. */
export function toleranceMs(
  taints: Taint[],
  tolerations: Toleration[],
  podEvictionTimeoutMs: number,
): number {
  const graces = taints.map((taint) => {
    const matching = tolerations.filter((toleration) => tolerates(toleration, taint));
    if (matching.length > 0) return Math.min(...matching.map(graceOf));
    const isOfNodeHealth = taint.key === NOT_READY || taint.key === UNREACHABLE;
    return isOfNodeHealth ? podEvictionTimeoutMs : 0;
  });
  return Math.min(Number.POSITIVE_INFINITY, ...graces);
}

function graceOf({ tolerationSeconds }: Toleration): number {
  if (tolerationSeconds === undefined) return Number.POSITIVE_INFINITY;
  return Math.max(tolerationSeconds, 0) * 1000;
}

function podsOf(node: Node, old: Node | undefined, { cached }: SyncContext): string[] {
  const taints = JSON.stringify(node.spec.taints ?? []);
  if (old !== undefined && taints === JSON.stringify(old.spec.taints ?? [])) return [];
  return cached(Pod)
    .by("node", node.metadata.name)
    .map(({ metadata }) => keyOf(metadata));
}

/** Says first, in the pod's status, why it is deleted. */
async function evict(pod: Pod, { client, clock, events }: SyncContext): Promise<void> {
  const { namespace = "", name, uid } = pod.metadata;
  events.event(
    pod,
    "Normal",
    "TaintManagerEviction",
    `Marking for deletion Pod ${keyOf(pod.metadata)}`,
  );
  const status = { ...pod.status, conditions: [...(pod.status?.conditions ?? [])] };
  const isNew = setCondition(status, {
    type: "DisruptionTarget",
    status: "True",
    reason: "DeletionByTaintManager",
    message: "Taint manager: deleting due to NoExecute taint",
    lastTransitionTime: toApiTime(clock.now()),
  });
  try {
    if (isNew) await client.updateStatus(Pod, { ...pod, status });
    await client.delete(Pod, namespace, name, uid === undefined ? {} : { preconditions: { uid } });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
