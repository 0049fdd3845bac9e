/**
 * Whether a node is alive, judged by its heartbeats: a renewed Lease or a newer status.
 *
 * Rule: what counts is when, by our own clock, a heartbeat was last seen to change. A node whose
 * clock is wrong is not dead.
 *
 * In Kubernetes: pkg/controller/nodelifecycle/node_lifecycle_controller.go (tryUpdateNodeHealth).
 */
import type { NodeCondition } from "kubernetes-types/core/v1.js";
import type { Lease } from "../api/lease.ts";
import type { Node } from "../api/node.ts";
import { type Clock, toApiTime } from "../component/clock.ts";

export interface NodeHealthOptions {
  /** How long a node that has reported may be silent. */
  nodeMonitorGracePeriodMs: number;
  /** How long a node that never has may be. */
  nodeStartupGracePeriodMs: number;
}

interface Heartbeat {
  uid: string | undefined;
  status: string | undefined;
  lease: string;
  seenMs: number;
}

/** Those that the kubelet reports; NetworkUnavailable is another's. */
const REPORTED = ["Ready", "MemoryPressure", "DiskPressure", "PIDPressure"];

export class NodeHealth {
  readonly #clock: Clock;
  readonly #options: NodeHealthOptions;
  readonly #heartbeats = new Map<string, Heartbeat>();

  constructor(clock: Clock, options: NodeHealthOptions) {
    this.#clock = clock;
    this.#options = options;
  }

  /** Takes note of the node's heartbeats. Returns how long it may be silent yet: 0, it is too long. */
  observe(node: Node, lease: Lease | undefined): number {
    const { name, uid } = node.metadata;
    const nowMs = this.#clock.monotonicMs();
    const ready = readyConditionOf(node);
    const now = { uid, status: ready?.lastHeartbeatTime, lease: lease?.spec.renewTime ?? "" };
    const last = this.#heartbeats.get(name);
    const isAlive =
      last?.uid !== uid || last?.status !== now.status || (last?.lease ?? "") < now.lease;
    const seenMs = isAlive ? this.#seenMs(node, last, nowMs) : last!.seenMs;
    this.#heartbeats.set(name, { ...now, seenMs });

    const { nodeMonitorGracePeriodMs, nodeStartupGracePeriodMs } = this.#options;
    const graceMs = ready === undefined ? nodeStartupGracePeriodMs : nodeMonitorGracePeriodMs;
    return Math.max(0, seenMs + graceMs - nowMs);
  }

  /** All nodes seem silent after this process, or the server, was away: that tells nothing of them. */
  forgive(): void {
    const nowMs = this.#clock.monotonicMs();
    for (const heartbeat of this.#heartbeats.values()) heartbeat.seenMs = nowMs;
  }

  forget(name: string): void {
    this.#heartbeats.delete(name);
  }

  /** A node that never reported counts from its creation. */
  #seenMs(node: Node, last: Heartbeat | undefined, nowMs: number): number {
    const { creationTimestamp } = node.metadata;
    if (last !== undefined || readyConditionOf(node) || !creationTimestamp) return nowMs;
    const ageMs = this.#clock.now().getTime() - Date.parse(creationTimestamp);
    return nowMs - Math.max(ageMs, 0);
  }
}

export function readyConditionOf({ status }: Node): NodeCondition | undefined {
  return status?.conditions?.find(({ type }) => type === "Ready");
}

/** The conditions of a silent node: nothing is known any more of what its kubelet reports. */
export function unknownConditions({ metadata, status }: Node, now: Date): NodeCondition[] {
  const conditions = [...(status?.conditions ?? [])];
  const lastTransitionTime = toApiTime(now);
  for (const type of REPORTED) {
    const index = conditions.findIndex((condition) => condition.type === type);
    const old = conditions[index];
    if (old === undefined) {
      conditions.push({
        type,
        status: "Unknown",
        reason: "NodeStatusNeverUpdated",
        message: "Kubelet never posted node status.",
        lastHeartbeatTime: metadata.creationTimestamp ?? lastTransitionTime,
        lastTransitionTime,
      });
    } else if (old.status !== "Unknown") {
      conditions[index] = {
        ...old,
        status: "Unknown",
        reason: "NodeStatusUnknown",
        message: "Kubelet stopped posting node status.",
        lastTransitionTime,
      };
    }
  }
  return conditions;
}
