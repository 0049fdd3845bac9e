/**
 * What a scheduling plug-in is: a filter, a score, or both, about one concern each.
 *
 * A plug-in looks at the pod once per cycle and gives back a function to be asked about each node;
 * what it found out about the pod stays in that function. Giving back undefined means that it has
 * nothing to say about this pod, and costs nothing per node.
 *
 * In Kubernetes: pkg/scheduler/framework/interface.go
 * Differs: PreFilter with Filter, and PreScore with Score, are one function returning another
 * where the original keeps a CycleState; there are no extension points for other people's code.
 */
import type { Pod } from "../api/pod.ts";
import type { Census } from "./census.ts";
import type { Change, ClusterEvent } from "./cluster-event.ts";
import type { NodeInfo } from "./node-info.ts";
import type { PodInfo } from "./pod-info.ts";

export const MAX_SCORE = 100;

/** Why a node won't do. */
export interface Rejection {
  /** Sentences of Kubernetes' own, counted over the nodes in the FailedScheduling event. */
  reasons: readonly string[];
  /** True when evicting other pods from the node would not help. */
  isFinal: boolean;
}

/** What the pods and nodes of one cycle look like. Nothing changes while the cycle runs. */
export interface Cycle {
  pod: PodInfo;
  /** Every node there is, in the order in which they are looked at. */
  nodes: readonly NodeInfo[];
  /** All pods on them, counted. */
  census: Census;
  /** Those that have been promised room on a node and that this pod has to respect. */
  nominatedOn?(nodeName: string): readonly PodInfo[];
  /** The node on which room is being made for this pod. */
  promised?: string;
}

/** A filter, ready to be asked about each node of a cycle. */
export interface NodeFilter {
  /** Undefined: the node will do. */
  (node: NodeInfo): Rejection | undefined;
  /**
   * Counts a pod that is supposed to be on a node (1), or to be gone from it (-1): for filters that look at
   * more than the node they are asked about.
   */
  suppose?: (pod: PodInfo, node: NodeInfo, by: 1 | -1) => void;
}

export interface NodeScore {
  /** The higher the better, unless `normalize` turns it round. */
  score(node: NodeInfo): number;
  /** Brings the scores of all feasible nodes between 0 and MAX_SCORE, in place. */
  normalize?(scores: number[], nodes: readonly NodeInfo[]): void;
}

export interface Plugin {
  /** Kubernetes' name for it. */
  readonly name: string;
  /** A Rejection in place of a filter: the pod can go nowhere, whatever the nodes are like. */
  filter?(cycle: Cycle): NodeFilter | Rejection | undefined;
  score?(cycle: Cycle, feasible: readonly NodeInfo[]): NodeScore | undefined;
  /** Why a pod must not even be tried (PreEnqueue). */
  holdsBack?(pod: Pod): boolean;
  /** Done on the chosen node before the pod is bound (Reserve and PreBind). Throws what is wrong. */
  prepare?(pod: PodInfo, node: NodeInfo): Promise<void>;
  /** What may make a pod fit that this plug-in's filter rejected. */
  readonly wakesOn?: readonly ClusterEvent[];
  /** Whether such a change helps this very pod. Absent: any may. */
  isHelpedBy?(pod: Pod, change: Change): boolean;
}

/** A plug-in as a profile uses it. Weight 0 leaves its score out; `filters` and `prepares` likewise. */
export interface WeightedPlugin {
  plugin: Plugin;
  weight: number;
  filters: boolean;
  prepares: boolean;
}

/** A rejection that evicting other pods might cure. */
export function unschedulable(...reasons: string[]): Rejection {
  return { reasons, isFinal: false };
}

/** A rejection that nothing but a change of the node or of the pod can cure. */
export function unresolvable(...reasons: string[]): Rejection {
  return { reasons, isFinal: true };
}

/** Stretches scores so that the highest becomes MAX_SCORE; `reverse` makes the lowest the best. */
export function normalizeToHighest(scores: number[], reverse = false): void {
  const highest = scores.reduce((a, b) => Math.max(a, b), 0);
  for (let i = 0; i < scores.length; i++) {
    const share = highest === 0 ? 0 : Math.trunc((MAX_SCORE * scores[i]!) / highest);
    scores[i] = reverse ? MAX_SCORE - share : share;
  }
}
