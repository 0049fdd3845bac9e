/**
 * How fast nodes may be emptied. One dead node is emptied; when half a zone looks dead, the network
 * is the more likely culprit, and nothing would be won by moving pods.
 *
 *   normal                                one node each 10 s (0.1 per second)
 *   partial disruption: 55 % of a zone,   one each 100 s in a zone of more than 50 nodes,
 *     and more than 2 nodes               none in a smaller one
 *   full disruption: no node is ready     as normal; but none if that is so in every zone
 *
 * In Kubernetes: pkg/controller/nodelifecycle/node_lifecycle_controller.go (handleDisruption).
 */
import type { Node } from "../api/node.ts";
import type { Clock } from "../component/clock.ts";
import { readyConditionOf } from "./node-health.ts";

export interface EvictionRateOptions {
  nodeEvictionRate: number;
  secondaryNodeEvictionRate: number;
  largeClusterSizeThreshold: number;
  unhealthyZoneThreshold: number;
}

export type ZoneState = "normal" | "partial disruption" | "full disruption";

export class EvictionRate {
  readonly #clock: Clock;
  readonly #options: EvictionRateOptions;
  readonly #lastMs = new Map<string, number>();

  constructor(clock: Clock, options: EvictionRateOptions) {
    this.#clock = clock;
    this.#options = options;
  }

  /** How long to wait before `node` may be emptied: 0, and the turn is taken. Undefined: it may not. */
  waitMs(node: Node, nodes: Node[]): number | undefined {
    const perSecond = this.#perSecond(node, nodes);
    if (perSecond <= 0) return undefined;
    const zone = zoneOf(node);
    const nowMs = this.#clock.monotonicMs();
    const nextMs = (this.#lastMs.get(zone) ?? Number.NEGATIVE_INFINITY) + 1000 / perSecond;
    if (nextMs > nowMs) return nextMs - nowMs;
    this.#lastMs.set(zone, nowMs);
    return 0;
  }

  #perSecond(node: Node, nodes: Node[]): number {
    const { nodeEvictionRate, secondaryNodeEvictionRate, largeClusterSizeThreshold } =
      this.#options;
    if (isFullyDisrupted(nodes)) return 0;
    const zone = zoneOf(node);
    const inZone = nodes.filter((other) => zoneOf(other) === zone);
    if (zoneState(inZone, this.#options.unhealthyZoneThreshold) !== "partial disruption") {
      return nodeEvictionRate;
    }
    return inZone.length > largeClusterSizeThreshold ? secondaryNodeEvictionRate : 0;
  }
}

/** No node of any zone is ready: then it is we who are cut off. */
export function isFullyDisrupted(nodes: Node[]): boolean {
  return nodes.length > 0 && nodes.every((node) => !isReady(node));
}

export function zoneState(nodes: Node[], unhealthyThreshold: number): ZoneState {
  const ready = nodes.filter(isReady).length;
  const notReady = nodes.length - ready;
  if (ready === 0 && notReady > 0) return "full disruption";
  if (notReady > 2 && notReady / nodes.length >= unhealthyThreshold) return "partial disruption";
  return "normal";
}

function isReady(node: Node): boolean {
  return readyConditionOf(node)?.status === "True";
}

function zoneOf({ metadata }: Node): string {
  const { labels = {} } = metadata;
  return `${labels["topology.kubernetes.io/region"] ?? ""}:${labels["topology.kubernetes.io/zone"] ?? ""}`;
}
