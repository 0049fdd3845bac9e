/**
 * How full a node would be with the pod on it, as a score: rather empty nodes (LeastAllocated), rather full
 * ones (MostAllocated), or as a curve says (RequestedToCapacityRatio).
 *
 * In Kubernetes: pkg/scheduler/framework/plugins/noderesources/{least_allocated,most_allocated,
 * requested_to_capacity_ratio,resource_allocation}.go
 */
import { MAX_SCORE } from "../framework.ts";
import { type NodeInfo, ROOM } from "../node-info.ts";
import type { PodInfo } from "../pod-info.ts";
import { amountOf, isExtended } from "../resource-sums.ts";

export interface ResourceWeight {
  name: string;
  weight: number;
}

export interface ShapePoint {
  /** 0 to 100. */
  utilization: number;
  /** 0 to 10. */
  score: number;
}

export interface ScoringStrategy {
  type: "LeastAllocated" | "MostAllocated" | "RequestedToCapacityRatio";
  resources: readonly ResourceWeight[];
  shape?: readonly ShapePoint[];
}

export const CPU_AND_MEMORY: readonly ResourceWeight[] = [
  { name: "cpu", weight: 1 },
  { name: "memory", weight: 1 },
];

export const LEAST_ALLOCATED: ScoringStrategy = {
  type: "LeastAllocated",
  resources: CPU_AND_MEMORY,
};

const MAX_SHAPE_SCORE = 10;

/** What one resource of a node is worth, of 100. */
type ResourceScore = (requested: number, capacity: number) => number;

export function strategyScore(strategy: ScoringStrategy): (node: NodeInfo, pod: PodInfo) => number {
  const { type, resources, shape = [] } = strategy;
  const isRatio = type === "RequestedToCapacityRatio";
  const scoreOf = isRatio ? ratioScore(shape) : type === "MostAllocated" ? most : least;
  return (node, pod) => {
    let sum = 0;
    let weights = 0;
    for (const { name, weight } of resources) {
      const capacity = capacityFor(name, node, pod);
      if (capacity === 0) continue;
      const score = scoreOf(requestedOf(name, node, pod), capacity);
      if (isRatio && score <= 0) continue;
      sum += score * weight;
      weights += weight;
    }
    if (weights === 0) return 0;
    return isRatio ? Math.round(sum / weights) : Math.trunc(sum / weights);
  };
}

/** Extended resources count only for pods that ask for them. */
export function capacityFor(
  name: string,
  { room, allocatable }: NodeInfo,
  { requests }: PodInfo,
): number {
  if (name === "cpu") return room[ROOM.cpu]!;
  if (name === "memory") return room[ROOM.memory]!;
  if (isExtended(name) && amountOf(requests, name) === 0) return 0;
  return amountOf(allocatable, name);
}

function requestedOf(name: string, node: NodeInfo, pod: PodInfo): number {
  if (name === "cpu") return node.room[ROOM.nonZeroCpu]! + pod.nonZeroRequests.milliCpu;
  if (name === "memory") return node.room[ROOM.nonZeroMemory]! + pod.nonZeroRequests.memory;
  return amountOf(node.nonZeroRequested, name) + amountOf(pod.nonZeroRequests, name);
}

const least: ResourceScore = (requested, capacity) =>
  requested > capacity ? 0 : Math.trunc(((capacity - requested) * MAX_SCORE) / capacity);

const most: ResourceScore = (requested, capacity) =>
  Math.trunc((Math.min(requested, capacity) * MAX_SCORE) / capacity);

function ratioScore(shape: readonly ShapePoint[]): ResourceScore {
  const line = brokenLine(shape);
  return (requested, capacity) =>
    line(requested > capacity ? 100 : Math.trunc((requested * 100) / capacity));
}

/** Straight from point to point, level before the first and after the last. */
function brokenLine(shape: readonly ShapePoint[]): (utilization: number) => number {
  const points = shape.map(({ utilization, score }) => ({
    x: utilization,
    y: (score * MAX_SCORE) / MAX_SHAPE_SCORE,
  }));
  return (x) => {
    const next = points.findIndex((point) => x <= point.x);
    if (next === -1) return points.at(-1)!.y;
    const [from, to] = [points[next - 1], points[next]!];
    if (from === undefined) return to.y;
    return from.y + Math.trunc(((to.y - from.y) * (x - from.x)) / (to.x - from.x));
  };
}
