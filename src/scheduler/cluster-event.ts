/**
 * What happens in a cluster that may make an unschedulable pod schedulable.
 *
 * Each plug-in names the events that can change its mind; when one comes, the pods which that
 * plug-in rejected are tried again. A node's heartbeat is none of them.
 *
 * In Kubernetes: pkg/scheduler/framework/types.go (ClusterEvent), pkg/scheduler/eventhandlers.go
 */
import { isDeepStrictEqual } from "node:util";
import type { KubeObject } from "../api/kind.ts";
import type { Node } from "../api/node.ts";

export type ClusterEvent =
  | "NodeAdd"
  | "NodeDelete"
  | "NodeAllocatableChange"
  | "NodeLabelChange"
  | "NodeTaintChange"
  | "NodeConditionChange"
  | "AssignedPodAdd"
  | "AssignedPodUpdate"
  | "AssignedPodDelete"
  | "ServiceChange"
  | "StorageChange";

/** One such event, and what it happened to: as it is now, or was when it went. */
export interface Change {
  event: ClusterEvent;
  object?: KubeObject;
}

/** What of a node has changed that a filter could see. */
export function nodeChanges(node: Node, old: Node): ClusterEvent[] {
  const events: ClusterEvent[] = [];
  const differs = (a: unknown, b: unknown) => !isDeepStrictEqual(a, b);
  if (differs(node.status?.allocatable, old.status?.allocatable)) {
    events.push("NodeAllocatableChange");
  }
  if (differs(node.metadata.labels, old.metadata.labels)) events.push("NodeLabelChange");
  const isTainted = (of: Node) => [of.spec.taints ?? [], of.spec.unschedulable ?? false];
  if (differs(isTainted(node), isTainted(old))) events.push("NodeTaintChange");
  if (differs(conditions(node), conditions(old))) events.push("NodeConditionChange");
  return events;
}

/** The conditions without their heartbeats. */
function conditions(node: Node): Record<string, string> {
  const pairs = (node.status?.conditions ?? []).map(({ type, status }) => [type, status] as const);
  return Object.fromEntries(pairs);
}
