/**
 * Preemption: where a pod that fits nowhere could be placed if less important ones made room.
 *
 * Its rule: it only thinks, as the cycle does. Who has to go is sent away by the evictor (evictor.ts).
 *
 * In Kubernetes: pkg/scheduler/framework/preemption/preemption.go (Preempt),
 * pkg/scheduler/framework/plugins/defaultpreemption
 */

import { conditionOf } from "../../api/pod-status.ts";
import type { PodDisruptionBudget } from "../../api/policy/pod-disruption-budget.ts";
import type { Random } from "../../component/random.ts";
import type { Decision, Verdict } from "../decision.ts";
import { sentenceOf } from "../fit-error.ts";
import type { Cycle, Rejection } from "../framework.ts";
import type { PodInfo } from "../pod-info.ts";
import { chooseCandidate } from "./choice.ts";
import { type Candidate, selectVictims } from "./victims.ts";

/** DefaultPreemptionArgs: how many candidates are enough. */
export interface PreemptionOptions {
  minCandidateNodesPercentage?: number;
  minCandidateNodesAbsolute?: number;
}

export interface Situation {
  cycle: Cycle;
  decision: Decision;
  budgets: readonly PodDisruptionBudget[];
  random: Random;
  /** May leave some candidates out: extenders that have a say. */
  review?(candidates: Candidate[]): Promise<Candidate[]> | Candidate[];
}

/** Who has to go where; or why nobody's going helps, in the words of the event. */
export type Outcome = { candidate: Candidate } | { why: string; clearsNomination: boolean };

const NOT_HELPFUL = "Preemption is not helpful for scheduling";

export async function preempt(
  situation: Situation,
  options: PreemptionOptions = {},
): Promise<Outcome> {
  const { cycle, decision } = situation;
  const ineligible = whyIneligible(cycle, decision.verdicts);
  if (ineligible) return { why: ineligible, clearsNomination: false };
  const { candidates, reasons } = dryRun(situation, options);
  if (candidates.length === 0) {
    return { why: sentenceOf(reasons, cycle.nodes.length), clearsNomination: true };
  }
  const left = situation.review ? await situation.review(candidates) : candidates;
  const candidate = chooseCandidate(left);
  if (candidate) return { candidate };
  return { why: "no candidate node for preemption", clearsNomination: false };
}

/** One for whom others are going already waits for them, unless that node is out of the question. */
function whyIneligible({ pod, nodes, promised }: Cycle, verdicts: readonly Verdict[]) {
  if (pod.spec.preemptionPolicy === "Never") return "not eligible due to preemptionPolicy=Never.";
  if (promised === undefined) return undefined;
  const isHopeless = verdicts.some(({ node, rejection }) => node === promised && rejection.isFinal);
  const there = nodes.find(({ name }) => name === promised);
  if (isHopeless || !there) return undefined;
  const isSomebodyGoing = [...there.pods.values()].some(
    (one) => one.priority < pod.priority && isGoingByPreemption(one),
  );
  return isSomebodyGoing
    ? "not eligible due to a terminating pod on the nominated node."
    : undefined;
}

function isGoingByPreemption({ pod }: PodInfo): boolean {
  if (!pod.metadata.deletionTimestamp) return false;
  const target = conditionOf(pod, "DisruptionTarget");
  return target?.status === "True" && target.reason === "PreemptionByScheduler";
}

/** Tries node after node, from a random one on, until there are enough candidates. */
function dryRun(
  { cycle: { pod, nodes }, decision, budgets, random }: Situation,
  options: PreemptionOptions,
): { candidates: Candidate[]; reasons: string[] } {
  const { filters, verdicts } = decision;
  if (filters.refusal) return { candidates: [], reasons: Array(nodes.length).fill(NOT_HELPFUL) };
  const hopeless = new Set(verdicts.filter(isFinal).map(({ node }) => node));
  const reasons = [...hopeless].map(() => NOT_HELPFUL);
  const hopeful = nodes.filter(({ name }) => !hopeless.has(name));
  const enough = candidatesToFind(hopeful.length, options);
  const offset = Math.floor(random.next() * hopeful.length);
  const candidates: Candidate[] = [];
  for (let i = 0; i < hopeful.length; i++) {
    const node = hopeful[(offset + i) % hopeful.length]!;
    const found = selectVictims(pod, node, filters, budgets);
    if (isCandidate(found)) candidates.push(found);
    else reasons.push(...found.reasons);
    const isHarmlessThere = candidates.some(({ violations }) => violations === 0);
    if (candidates.length >= enough && isHarmlessThere) break;
  }
  return { candidates, reasons };
}

export function candidatesToFind(nodeCount: number, options: PreemptionOptions): number {
  const { minCandidateNodesPercentage = 10, minCandidateNodesAbsolute = 100 } = options;
  const share = Math.trunc((nodeCount * minCandidateNodesPercentage) / 100);
  return Math.min(nodeCount, Math.max(share, minCandidateNodesAbsolute));
}

function isCandidate(found: Candidate | Rejection): found is Candidate {
  return "victims" in found;
}

function isFinal({ rejection }: Verdict): boolean {
  return rejection.isFinal;
}
