/**
 * Which pods go first when there are too many: those that will be missed least.
 *
 * The rules are asked in turn, and the first that tells two pods apart decides:
 *
 *   not placed              before placed
 *   Pending                 before Unknown before Running
 *   not ready               before ready
 *   lower deletion cost     before higher (annotation controller.kubernetes.io/pod-deletion-cost)
 *   more neighbours         before fewer (related pods on the same node)
 *   ready for a short time  before ready for long
 *   more restarts           before fewer
 *   young                   before old
 *
 * Times are compared by their order of magnitude only (powers of two), and within one by uid, so
 * that the choice falls on old and new versions of a pod alike.
 *
 * In Kubernetes: pkg/controller/controller_utils.go (ActivePodsWithRanks).
 */
import type { ContainerStatus } from "kubernetes-types/core/v1.js";
import type { Pod } from "../api/pod.ts";
import { conditionOf, isPodActive, isPodReady } from "../api/pod-status.ts";

type Comparison = (a: Pod, b: Pod) => number;

const COST_ANNOTATION = "controller.kubernetes.io/pod-deletion-cost";
const PHASES: Record<string, number> = { Pending: 0, Unknown: 1, Running: 2 };

export function inOrderOfDeletion(pods: Pod[], related: Pod[], now: Date): Pod[] {
  const rules = rulesFor(related, now);
  return pods.toSorted((a, b) => firstDifference(rules, a, b));
}

/** Why `pod` goes before `next`, in words: the first rule that tells them apart. */
export function whyBefore(pod: Pod, next: Pod, related: Pod[], now: Date): string {
  const rules = rulesFor(related, now);
  const decides = rules.find(({ compare }) => compare(pod, next) !== 0);
  return decides?.words ?? "nothing tells them apart";
}

interface Rule {
  /** Why the first of two goes first. */
  words: string;
  compare: Comparison;
}

function rulesFor(related: Pod[], now: Date): Rule[] {
  const neighbours = countByNode(related.filter(isPodActive));
  const rule = (words: string, compare: Comparison): Rule => ({ words, compare });
  return [
    rule(
      "not placed yet",
      lowestFirst((pod) => (pod.spec.nodeName ? 1 : 0)),
    ),
    rule(
      "not running yet",
      lowestFirst((pod) => PHASES[pod.status?.phase ?? ""] ?? 0),
    ),
    rule(
      "not ready",
      lowestFirst((pod) => (isPodReady(pod) ? 1 : 0)),
    ),
    rule("a lower deletion cost", lowestFirst(deletionCost)),
    rule(
      "more of its kind on the same node",
      highestFirst((pod) => neighbours.get(pod.spec.nodeName ?? "") ?? 0),
    ),
    rule("ready for a shorter time", byAge(readySince, now)),
    rule(
      "more restarts",
      highestFirst((pod) => mostRestarts(pod.status?.containerStatuses)),
    ),
    rule(
      "more restarts of its init containers",
      highestFirst((pod) => mostRestarts(pod.status?.initContainerStatuses)),
    ),
    rule(
      "younger",
      byAge(({ metadata }) => metadata.creationTimestamp, now),
    ),
  ];
}

function firstDifference(rules: Rule[], a: Pod, b: Pod): number {
  for (const { compare } of rules) {
    const difference = compare(a, b);
    if (difference !== 0) return difference;
  }
  return 0;
}

function lowestFirst(value: (pod: Pod) => number): Comparison {
  return (a, b) => value(a) - value(b);
}

function highestFirst(value: (pod: Pod) => number): Comparison {
  return (a, b) => value(b) - value(a);
}

/** The youngest first; those without a time at all before all others. */
function byAge(timeOf: (pod: Pod) => string | undefined, now: Date): Comparison {
  return (a, b) => {
    const [timeA, timeB] = [timeOf(a), timeOf(b)];
    if (timeA === timeB) return 0;
    if (timeA === undefined) return -1;
    if (timeB === undefined) return 1;
    const difference = magnitude(timeA, now) - magnitude(timeB, now);
    return difference || compareText(a.metadata.uid ?? "", b.metadata.uid ?? "");
  };
}

/** The power of two of an age in nanoseconds. */
function magnitude(time: string, now: Date): number {
  const ageMs = now.getTime() - Date.parse(time);
  return ageMs <= 0 ? -1 : Math.floor(Math.log2(ageMs * 1e6));
}

/** A cost that is not a whole number is none: the server warns of it, and pods have to go. */
function deletionCost({ metadata }: Pod): number {
  const text = metadata.annotations?.[COST_ANNOTATION] ?? "0";
  const isCost = /^(0|-?[1-9][0-9]*)$/.test(text) && Math.abs(Number(text)) <= 2 ** 31 - 1;
  return isCost ? Number(text) : 0;
}

function readySince(pod: Pod): string | undefined {
  return isPodReady(pod) ? conditionOf(pod, "Ready")?.lastTransitionTime : undefined;
}

function mostRestarts(statuses: ContainerStatus[] = []): number {
  return Math.max(0, ...statuses.map(({ restartCount }) => restartCount));
}

function countByNode(pods: Pod[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { spec } of pods) {
    if (spec.nodeName) counts.set(spec.nodeName, (counts.get(spec.nodeName) ?? 0) + 1);
  }
  return counts;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
