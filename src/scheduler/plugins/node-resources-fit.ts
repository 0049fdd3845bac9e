/**
 * A pod goes where all it asks for is still free; and among such nodes rather to an empty one, or as the
 * profile's strategy has it.
 *
 * What counts is what pods *ask for* (requests), not what they use.
 *
 * In Kubernetes: pkg/scheduler/framework/plugins/noderesources/fit.go
 */
import type { Node } from "../../api/node.ts";
import type { Pod } from "../../api/pod.ts";
import { type Plugin, type Rejection, unschedulable } from "../framework.ts";
import { NodeInfo, ROOM } from "../node-info.ts";
import { PodInfo } from "../pod-info.ts";
import { LEAST_ALLOCATED, type ScoringStrategy, strategyScore } from "./resource-strategy.ts";

export interface NodeResourcesFitOptions {
  strategy?: ScoringStrategy;
  /** Extended resources that are somebody else's to count, by name or by what is before the slash. */
  ignoredResources?: readonly string[];
  ignoredResourceGroups?: readonly string[];
}

export function nodeResourcesFit(options: NodeResourcesFitOptions = {}): Plugin {
  const { strategy = LEAST_ALLOCATED, ignoredResources = [], ignoredResourceGroups = [] } = options;
  const isIgnored = (name: string) =>
    ignoredResources.includes(name) || ignoredResourceGroups.includes(name.split("/")[0]!);
  const scoreOf = strategyScore(strategy);
  return {
    name: "NodeResourcesFit",
    wakesOn: ["AssignedPodDelete", "NodeAdd", "NodeAllocatableChange"],
    isHelpedBy: (pod, { event, object }) =>
      event === "AssignedPodDelete" || isLargeEnough(object as Node, pod),
    filter: ({ pod }) => {
      const reject = (node: NodeInfo) => rejectionOf(lackingOn(node, pod, isIgnored));
      return (node) => (fits(node, pod) ? undefined : reject(node));
    },
    score: ({ pod }) => ({ score: (node) => scoreOf(node, pod) }),
  };
}

const SENTENCES = [
  ["milliCpu", "Insufficient cpu"],
  ["memory", "Insufficient memory"],
  ["ephemeralStorage", "Insufficient ephemeral-storage"],
] as const;

/** The quick answer for most pods and nodes; where it is no, words have to be found. */
function fits({ room }: NodeInfo, { requests, asksForNothing }: PodInfo): boolean {
  if (room[ROOM.pods]! >= room[ROOM.maxPods]!) return false;
  if (asksForNothing) return true;
  if (requests.scalars.size > 0 || requests.ephemeralStorage > 0) return false;
  return (
    requests.milliCpu <= room[ROOM.cpu]! - room[ROOM.requestedCpu]! &&
    requests.memory <= room[ROOM.memory]! - room[ROOM.requestedMemory]!
  );
}

/** Every resource there is not enough of, in the words of the event. */
export function lackingOn(
  node: NodeInfo,
  { requests, asksForNothing }: PodInfo,
  isIgnored: (name: string) => boolean = () => false,
): string[] {
  const lacking: string[] = [];
  if (node.pods.size + 1 > node.maxPods) lacking.push("Too many pods");
  if (asksForNothing) return lacking;
  const { allocatable, requested } = node;
  for (const [name, sentence] of SENTENCES) {
    const wanted = requests[name];
    if (wanted > 0 && wanted > allocatable[name] - requested[name]) lacking.push(sentence);
  }
  for (const [name, wanted] of requests.scalars) {
    const free = (allocatable.scalars.get(name) ?? 0) - (requested.scalars.get(name) ?? 0);
    if (wanted > free && !isIgnored(name)) lacking.push(`Insufficient ${name}`);
  }
  return lacking;
}

/** Whether it would fit on the node if nobody else were there. */
function isLargeEnough(node: Node, pod: Pod): boolean {
  const empty = new NodeInfo(node.metadata.name);
  empty.setNode(node);
  return lackingOn(empty, new PodInfo(pod)).length === 0;
}

/** The same few combinations come again for thousands of nodes: each is made once. */
const rejections = new Map<string, Rejection>();

function rejectionOf(lacking: string[]): Rejection | undefined {
  if (lacking.length === 0) return undefined;
  const key = lacking.join();
  const rejection = rejections.get(key) ?? unschedulable(...lacking);
  rejections.set(key, rejection);
  return rejection;
}
