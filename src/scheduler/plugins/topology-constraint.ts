/**
 * A rule of the kind "spread these pods evenly over the zones", ready to be applied.
 *
 * In Kubernetes: pkg/scheduler/framework/plugins/podtopologyspread/common.go
 */
import type { TopologySpreadConstraint } from "kubernetes-types/core/v1.js";
import { type LabelMatcher, labelMatcher } from "../../api/labels.ts";
import { matchesRequiredNodeAffinity } from "../../api/node-selector.ts";
import type { Pod } from "../../api/pod.ts";
import type { Counts } from "../census.ts";
import type { DefaultSelector } from "../default-selector.ts";
import type { Cycle } from "../framework.ts";
import type { NodeInfo } from "../node-info.ts";
import { untoleratedTaint } from "./taint-toleration.ts";

export const HOSTNAME = "kubernetes.io/hostname";
const ZONE = "topology.kubernetes.io/zone";

export type WhenUnsatisfiable = "DoNotSchedule" | "ScheduleAnyway";

export interface Constraint {
  topologyKey: string;
  maxSkew: number;
  minDomains: number;
  selects: LabelMatcher;
  /** Whether the pods on a node count, and with them its zone. */
  includes(node: NodeInfo): boolean;
  /** It includes any node there can be. */
  includesAll: boolean;
}

/** The rules a pod brings with it. */
export function ownConstraints(pod: Pod, when: WhenUnsatisfiable): Constraint[] {
  const all = pod.spec.topologySpreadConstraints ?? [];
  return all.filter(({ whenUnsatisfiable }) => whenUnsatisfiable === when).map(toConstraint(pod));
}

/** What holds for a pod that brings no rules, if nobody says otherwise. */
const SYSTEM_DEFAULTS: readonly TopologySpreadConstraint[] = [
  { topologyKey: HOSTNAME, maxSkew: 3, whenUnsatisfiable: "ScheduleAnyway" },
  { topologyKey: ZONE, maxSkew: 5, whenUnsatisfiable: "ScheduleAnyway" },
];

/** The rules for a pod that brings none, but belongs to a service or a controller. */
export function defaultConstraints(
  pod: Pod,
  when: WhenUnsatisfiable,
  selectorOf: DefaultSelector,
  defaults = SYSTEM_DEFAULTS,
): Constraint[] {
  const mine = defaults.filter(({ whenUnsatisfiable }) => whenUnsatisfiable === when);
  const selects = mine.length === 0 ? undefined : selectorOf(pod);
  if (!selects) return [];
  return mine.map((constraint) => ({ ...toConstraint(pod)(constraint), selects }));
}

/**
 * How many pods the rule is about are in each domain, if all nodes count: domains without any are there, too.
 * Undefined where some of the nodes do not count, and one has to look at each.
 */
export function countEverywhere(
  { nodes, census }: Cycle,
  constraint: Constraint,
  all: readonly Constraint[],
  namespace: string,
): Map<string, number> | undefined {
  const isEverywhere = ({ topologyKey }: Constraint) =>
    sumOf(census.nodes.in(topologyKey)) === nodes.length;
  if (!constraint.includesAll || !all.every(isEverywhere)) return undefined;
  const { topologyKey } = constraint;
  const counts = new Map<string, number>();
  for (const domain of census.nodes.in(topologyKey).keys()) counts.set(domain, 0);
  for (const { example, tally } of census.pods()) {
    if (!isCounted(example.pod, constraint, namespace)) continue;
    for (const [domain, count] of tally.in(topologyKey)) {
      counts.set(domain, counts.get(domain)! + count);
    }
  }
  return counts;
}

function sumOf(counts: Counts): number {
  let sum = 0;
  for (const count of counts.values()) sum += count;
  return sum;
}

/** How many pods the rule is about are on each node; nodes without any are not there. */
export function countOnNodes(
  { census }: Cycle,
  constraint: Constraint,
  namespace: string,
): ReadonlyMap<NodeInfo, number> {
  const counts = new Map<NodeInfo, number>();
  for (const { example, tally } of census.pods()) {
    if (!isCounted(example.pod, constraint, namespace)) continue;
    for (const [node, count] of tally.onNodes) counts.set(node, (counts.get(node) ?? 0) + count);
  }
  return counts;
}

/** Whether the rule is about a pod. It must be of this namespace, and not be going. */
export function isCounted({ metadata }: Pod, constraint: Constraint, namespace: string): boolean {
  if (metadata.namespace !== namespace || metadata.deletionTimestamp) return false;
  return constraint.selects(metadata.labels);
}

export function hasAllTopologies(
  { labels }: NodeInfo,
  constraints: readonly Constraint[],
): boolean {
  return constraints.every(({ topologyKey }) => labels[topologyKey] !== undefined);
}

function toConstraint(pod: Pod): (constraint: TopologySpreadConstraint) => Constraint {
  return (constraint) => {
    const { topologyKey, maxSkew, minDomains = 1, labelSelector, matchLabelKeys = [] } = constraint;
    const { nodeAffinityPolicy = "Honor", nodeTaintsPolicy = "Ignore" } = constraint;
    const labels = pod.metadata.labels ?? {};
    const keys = matchLabelKeys.filter((key) => labels[key] !== undefined);
    const matches = labelMatcher(labelSelector);
    return {
      topologyKey,
      maxSkew,
      minDomains,
      includesAll:
        nodeTaintsPolicy === "Ignore" && (nodeAffinityPolicy !== "Honor" || !choosesNodes(pod)),
      selects: (other = {}) => keys.every((key) => other[key] === labels[key]) && matches(other),
      includes({ node }) {
        const { tolerations } = pod.spec;
        if (nodeAffinityPolicy === "Honor" && !matchesRequiredNodeAffinity(pod.spec, node!)) {
          return false;
        }
        return nodeTaintsPolicy === "Ignore" || !untoleratedTaint(node!.spec.taints, tolerations);
      },
    };
  };
}

function choosesNodes({ spec }: Pod): boolean {
  const { nodeSelector, affinity } = spec;
  return nodeSelector !== undefined || affinity?.nodeAffinity !== undefined;
}
