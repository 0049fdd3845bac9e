/**
 * `kubeling explain pod NAME`: why a pod is where it is, or nowhere: what each filter said of each node, and what
 * each score was worth.
 *
 * The scheduler itself is asked (its page /debug/decisions): where it runs in the same process as the API server,
 * through that; else at --scheduler.
 *
 * In Kubernetes: nowhere; asked for in kubernetes#20064, openshift/origin#6517, kubernetes#99605.
 */
import { isNotFound } from "../api/errors.ts";
import { Pod } from "../api/pod.ts";
import type { Client } from "../client/client.ts";
import { FlagError } from "../component/flags.ts";
import type { Explanation, NodeExplanation } from "../scheduler/decision.ts";
import { DECISIONS_PATH, type DecisionsPage } from "../scheduler/decisions-page.ts";
import { textTable } from "./text-table.ts";

export interface ExplainPodOptions {
  client: Client;
  namespace: string;
  name: string;
  /** Where a scheduler of its own process answers. */
  scheduler: string;
}

export async function explainPod(options: ExplainPodOptions): Promise<string> {
  const { client, namespace, name } = options;
  const pod = await client.get(Pod, namespace, name);
  const page = await pageAbout(options);
  if (!page.isAtWork)
    throw new FlagError(`the scheduler at ${options.scheduler} is not the leader`);
  const { explanation } = page;
  if (explanation && explanation.uid === pod.metadata.uid) return wordsOf(pod, explanation);
  const where = pod.spec.nodeName ? `It is on ${pod.spec.nodeName}.` : "It has no node.";
  return `Pod ${namespace}/${name}: the scheduler remembers no decision about it. ${where}\n`;
}

async function pageAbout(options: ExplainPodOptions): Promise<DecisionsPage> {
  const { client, namespace, name, scheduler } = options;
  const path = `${DECISIONS_PATH}?pod=${encodeURIComponent(`${namespace}/${name}`)}`;
  try {
    return await client.raw<DecisionsPage>("GET", path);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
  try {
    const response = await fetch(new URL(path, scheduler));
    return (await response.json()) as DecisionsPage;
  } catch (error) {
    const { message } =
      (error as Error).cause instanceof Error
        ? ((error as Error).cause as Error)
        : (error as Error);
    throw new FlagError(`no scheduler answers at ${scheduler} (--scheduler): ${message}`);
  }
}

export function wordsOf(
  { metadata, spec }: Pick<Pod, "metadata" | "spec">,
  explanation: Explanation,
): string {
  const { atTime, chosen, message, nodes } = explanation;
  const heading = [
    `Pod ${metadata.namespace}/${metadata.name}, decided by ${spec.schedulerName ?? "default-scheduler"} at ${atTime}`,
    chosen ? `Node: ${chosen}` : `Node: none. ${message ?? ""}`,
  ];
  const feasible = nodes.filter(({ scores }) => scores !== undefined);
  const rejected = nodes.filter(({ scores }) => scores === undefined);
  const sections = [heading.join("\n")];
  if (feasible.length === 1)
    sections.push(`Only ${feasible[0]!.node} will do, so nothing was scored.`);
  if (feasible.length > 1)
    sections.push(`Nodes that will do (score x weight):\n${scoreTable(feasible)}`);
  if (rejected.length > 0) sections.push(`Nodes that will not do:\n${verdictTable(rejected)}`);
  return `${sections.join("\n\n")}\n`;
}

/** The best first. */
function scoreTable(nodes: NodeExplanation[]): string {
  const plugins = nodes[0]!.scores!.map(({ plugin }) => plugin);
  const rows = nodes
    .toSorted(
      (a, b) =>
        b.total! - a.total! || Number(b.verdict === "chosen") - Number(a.verdict === "chosen"),
    )
    .map(({ node, verdict, total, scores }) => [
      verdict === "chosen" ? `${node} *` : node,
      ...scores!.map(({ score, weight }) => `${score} x ${weight}`),
      String(total),
    ]);
  return textTable([["NODE", ...plugins, "TOTAL"], ...rows]);
}

function verdictTable(nodes: NodeExplanation[]): string {
  const rows = nodes.map(({ node, plugin = "", verdict }) => [node, plugin, verdict]);
  return textTable([["NODE", "FILTER", "VERDICT"], ...rows]);
}
