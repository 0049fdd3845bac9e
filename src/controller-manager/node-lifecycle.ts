/**
 * The node lifecycle controller: notices that a node has fallen silent, says so in its conditions,
 * taints it, and marks its pods as not ready, so that services send them no one.
 *
 * Who evicts the pods is another (taint-eviction.ts): here the taint is set that tells it to.
 *
 * In Kubernetes: pkg/controller/nodelifecycle/node_lifecycle_controller.go. Differs: a node is
 * looked at when its time is up, not every 5 s; the condition Unknown is written once and the rest
 * follows from reading it.
 */
import { isDeepStrictEqual } from "node:util";
import { isNotFound } from "../api/errors.ts";
import { Lease } from "../api/lease.ts";
import { Node } from "../api/node.ts";
import { Pod } from "../api/pod.ts";
import { isPodReady, setCondition } from "../api/pod-status.ts";
import type { Controller, SyncContext } from "../client/control-loop.ts";
import { type Clock, toApiTime } from "../component/clock.ts";
import { EvictionRate, type EvictionRateOptions, isFullyDisrupted } from "./eviction-rate.ts";
import {
  NodeHealth,
  type NodeHealthOptions,
  readyConditionOf,
  unknownConditions,
} from "./node-health.ts";
import { evictionKeyOf, hasEvictionTaint, taintsOf, withoutEviction } from "./node-taints.ts";

export type NodeLifecycleOptions = NodeHealthOptions & EvictionRateOptions;

export const NODE_LIFECYCLE_DEFAULTS: NodeLifecycleOptions = {
  nodeMonitorGracePeriodMs: 40_000,
  nodeStartupGracePeriodMs: 60_000,
  nodeEvictionRate: 0.1,
  secondaryNodeEvictionRate: 0.01,
  largeClusterSizeThreshold: 50,
  unhealthyZoneThreshold: 0.55,
};

const LEASES = "kube-node-lease";
/** How often a node that may not be emptied is looked at again. */
const LOOK_AGAIN_MS = 5_000;

export function nodeLifecycleController(
  clock: Clock,
  given: Partial<NodeLifecycleOptions> = {},
): Controller<Node> {
  const options = { ...NODE_LIFECYCLE_DEFAULTS, ...given };
  const health = new NodeHealth(clock, options);
  const rate = new EvictionRate(clock, options);
  const known = new Set<string>();
  const silenced = new Map<string, Set<string>>();
  let wasDisrupted = false;

  return {
    name: "node-controller",
    watches: Node,
    follows: [
      {
        kind: Lease,
        keysOf: ({ metadata }) => (metadata.namespace === LEASES ? [metadata.name] : []),
      },
      { kind: Node, keysOf: (node, old, context) => sharersOf(node as Node, old as Node, context) },
      { kind: Pod, keysOf: (pod, old, context) => silentNodeOf(pod as Pod, old as Pod, context) },
    ],

    async sync(node, name, context) {
      if (node === undefined) {
        health.forget(name);
        known.delete(name);
        silenced.delete(name);
        return;
      }
      if (!known.has(name)) welcome(node, context);
      known.add(name);

      const nodes = context.cached(Node).list();
      const isDisrupted = isFullyDisrupted(nodes);
      if (wasDisrupted && !isDisrupted) health.forgive();
      wasDisrupted = isDisrupted;

      const leftMs = health.observe(node, context.cached(Lease).get(LEASES, name));
      if (leftMs === 0 && readyConditionOf(node)?.status !== "Unknown") {
        await markUnknown(node, context);
        return { againInMs: LOOK_AGAIN_MS };
      }
      const evictInMs = await taint(node, nodes, rate, context);
      if (readyConditionOf(node)?.status !== "Unknown") silenced.delete(name);
      else await markPodsNotReady(node, entryOf(silenced, name), context);
      const waits = [leftMs || LOOK_AGAIN_MS, evictInMs ?? LOOK_AGAIN_MS];
      return { againInMs: Math.min(...waits) };
    },
  };
}

/** When one node turns ready or unready, others may be emptied that might not before, or no more. */
function sharersOf(node: Node, old: Node | undefined, { cached }: SyncContext): string[] {
  const isSame = old && readyConditionOf(old)?.status === readyConditionOf(node)?.status;
  return isSame
    ? []
    : cached(Node)
        .list()
        .map(({ metadata }) => metadata.name);
}

/** A pod matters here only where its node is silent, and when it is new there. */
function silentNodeOf({ spec }: Pod, old: Pod | undefined, { cached }: SyncContext): string[] {
  if (old !== undefined && old.spec.nodeName === spec.nodeName) return [];
  const node = cached(Node).get("", spec.nodeName ?? "");
  return node && readyConditionOf(node)?.status === "Unknown" ? [node.metadata.name] : [];
}

function welcome(node: Node, { events }: SyncContext): void {
  const { name } = node.metadata;
  const words = `Node ${name} event: Registered Node ${name} in Controller`;
  events.event(node, "Normal", "RegisteredNode", words);
}

async function markUnknown(node: Node, { client, clock, events }: SyncContext): Promise<void> {
  const wasReady = readyConditionOf(node)?.status === "True";
  const conditions = unknownConditions(node, clock.now());
  await client.updateStatus(Node, { ...node, status: { ...node.status, conditions } });
  if (!wasReady) return;
  const words = `Node ${node.metadata.name} status is now: NodeNotReady`;
  events.event(node, "Normal", "NodeNotReady", words);
}

/** Sets the taints the conditions call for. Returns after how long to ask again for an eviction. */
async function taint(
  node: Node,
  nodes: Node[],
  rate: EvictionRate,
  { client, clock }: SyncContext,
): Promise<number | undefined> {
  const isDisrupted = isFullyDisrupted(nodes);
  const asksForTurn = evictionKeyOf(node) !== undefined && !hasEvictionTaint(node) && !isDisrupted;
  const waitMs = asksForTurn ? rate.waitMs(node, nodes) : undefined;
  const base = isDisrupted
    ? { ...node, spec: { ...node.spec, taints: withoutEviction(node) } }
    : node;
  const taints = taintsOf(base, waitMs === 0, toApiTime(clock.now()));
  if (!isDeepStrictEqual(taints, node.spec.taints ?? [])) {
    const { name, resourceVersion } = node.metadata;
    const patch = {
      metadata: { resourceVersion },
      spec: { taints: taints.length > 0 ? taints : null },
    };
    await client.patch(Node, "", name, patch, { type: "merge" });
  }
  return waitMs === 0 ? undefined : waitMs;
}

function entryOf(silenced: Map<string, Set<string>>, name: string): Set<string> {
  const pods = silenced.get(name) ?? new Set();
  silenced.set(name, pods);
  return pods;
}

/**
 * Their kubelet cannot say it any more, so it is said here: no one should be sent to them. It is said of
 * each once: a kubelet that contradicts is alive, though its node has not shown it yet.
 */
async function markPodsNotReady(
  node: Node,
  silenced: Set<string>,
  context: SyncContext,
): Promise<void> {
  const { client, cached, clock, events } = context;
  for (const pod of cached(Pod).by("node", node.metadata.name)) {
    const { uid = "" } = pod.metadata;
    if (silenced.has(uid) || !isPodReady(pod)) continue;
    const status = { ...pod.status, conditions: [...(pod.status?.conditions ?? [])] };
    const ready = status.conditions.find(({ type }) => type === "Ready")!;
    setCondition(status, { ...ready, status: "False", lastTransitionTime: toApiTime(clock.now()) });
    try {
      await client.updateStatus(Pod, { ...pod, status });
      events.event(pod, "Warning", "NodeNotReady", "Node is not ready");
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
    silenced.add(uid);
  }
}
