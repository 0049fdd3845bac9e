/**
 * Which taints a node's conditions call for: pure.
 *
 *   Ready False                   not-ready            NoSchedule, and NoExecute
 *   Ready Unknown                 unreachable          NoSchedule, and NoExecute
 *   MemoryPressure True           memory-pressure      NoSchedule
 *   DiskPressure True             disk-pressure        NoSchedule
 *   PIDPressure True              pid-pressure         NoSchedule
 *   NetworkUnavailable True       network-unavailable  NoSchedule
 *   spec.unschedulable            unschedulable        NoSchedule
 *
 * In Kubernetes: pkg/controller/nodelifecycle/node_lifecycle_controller.go (nodeConditionToTaintKeyStatusMap).
 */
import type { Taint } from "kubernetes-types/core/v1.js";
import type { Node } from "../api/node.ts";
import { readyConditionOf } from "./node-health.ts";

export const NOT_READY = "node.kubernetes.io/not-ready";
export const UNREACHABLE = "node.kubernetes.io/unreachable";
const UNSCHEDULABLE = "node.kubernetes.io/unschedulable";

/** [condition, its status, the taint's key] */
const RULES: [string, string, string][] = [
  ["Ready", "False", NOT_READY],
  ["Ready", "Unknown", UNREACHABLE],
  ["MemoryPressure", "True", "node.kubernetes.io/memory-pressure"],
  ["DiskPressure", "True", "node.kubernetes.io/disk-pressure"],
  ["NetworkUnavailable", "True", "node.kubernetes.io/network-unavailable"],
  ["PIDPressure", "True", "node.kubernetes.io/pid-pressure"],
];

const OURS = new Set([...RULES.map(([, , key]) => key), UNSCHEDULABLE]);

/**
 * The node's taints as they should be; those of others stay as they are. A NoExecute taint comes
 * only where `mayEvict`, but one that is there is kept as long as its cause.
 */
export function taintsOf(node: Node, mayEvict: boolean, now: string): Taint[] {
  const old = node.spec.taints ?? [];
  const wanted = [...noScheduleKeys(node)].map((key): Taint => ({ key, effect: "NoSchedule" }));
  const evicting = evictionKeyOf(node);
  const isEvicting = old.some(isEviction);
  if (evicting !== undefined && (mayEvict || isEvicting)) {
    wanted.push({ key: evicting, effect: "NoExecute" });
  }
  const others = old.filter((taint) => !isOurs(taint));
  return [
    ...others,
    ...wanted.map((taint) => old.find((one) => isSame(one, taint)) ?? { ...taint, timeAdded: now }),
  ];
}

/** The key of the NoExecute taint a node deserves that can't be relied on. */
export function evictionKeyOf(node: Node): string | undefined {
  const status = readyConditionOf(node)?.status;
  if (status === "False") return NOT_READY;
  return status === "Unknown" ? UNREACHABLE : undefined;
}

export function hasEvictionTaint(node: Node): boolean {
  return node.spec.taints?.some(isEviction) ?? false;
}

/** The node's taints without those that evict pods. */
export function withoutEviction(node: Node): Taint[] {
  return (node.spec.taints ?? []).filter((taint) => !isEviction(taint));
}

function noScheduleKeys({ spec, status }: Node): Set<string> {
  const keys = new Set<string>();
  if (spec.unschedulable) keys.add(UNSCHEDULABLE);
  for (const condition of status?.conditions ?? []) {
    for (const [type, bad, key] of RULES) {
      if (condition.type === type && condition.status === bad) keys.add(key);
    }
  }
  return keys;
}

function isEviction({ key, effect }: Taint): boolean {
  return effect === "NoExecute" && (key === NOT_READY || key === UNREACHABLE);
}

function isOurs(taint: Taint): boolean {
  return isEviction(taint) || (taint.effect === "NoSchedule" && OURS.has(taint.key));
}

function isSame(a: Taint, b: Taint): boolean {
  return a.key === b.key && a.effect === b.effect;
}
