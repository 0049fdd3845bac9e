/**
 * All filters of a profile, made ready for one pod, and asked about one node after another.
 *
 * Its rule: a node that has been promised to more important pods has to do both with them and without
 * them, since they may come or may not.
 *
 * In Kubernetes: pkg/scheduler/framework/runtime/framework.go (RunPreFilterPlugins,
 * RunFilterPluginsWithNominatedPods)
 */
import type { Verdict } from "./decision.ts";
import type { Cycle, NodeFilter, Rejection, WeightedPlugin } from "./framework.ts";
import type { NodeInfo } from "./node-info.ts";
import type { PodInfo } from "./pod-info.ts";

interface NamedFilter {
  plugin: string;
  filter: NodeFilter;
}

export class Filters {
  /** Set when the pod can go nowhere, whatever the nodes are like; and who says so. */
  readonly refusal: { plugin: string; rejection: Rejection } | undefined;
  readonly #filters: NamedFilter[] = [];
  readonly #cycle: Cycle;

  constructor(plugins: readonly WeightedPlugin[], cycle: Cycle) {
    this.#cycle = cycle;
    for (const { plugin, filters } of plugins) {
      const filter = filters ? plugin.filter?.(cycle) : undefined;
      if (filter === undefined) continue;
      if (typeof filter === "function") this.#filters.push({ plugin: plugin.name, filter });
      else {
        this.refusal = { plugin: plugin.name, rejection: filter };
        return;
      }
    }
  }

  /** Undefined: the node will do. */
  verdictOn(node: NodeInfo): Verdict | undefined {
    const nominated = this.#cycle.nominatedOn?.(node.name) ?? NOBODY;
    if (nominated.length > 0) {
      const verdict = this.#supposing(nominated, node);
      if (verdict) return verdict;
    }
    return this.#firstRejection(node);
  }

  /** Lets a pod be there, or be gone: on a copy of a node, or to be taken back at once. */
  suppose(pod: PodInfo, node: NodeInfo, by: 1 | -1): void {
    if (by === 1) node.addPod(pod);
    else node.removePod(pod.key);
    for (const { filter } of this.#filters) filter.suppose?.(pod, node, by);
  }

  /** Lets them be there for as long as the question takes. */
  #supposing(nominated: readonly PodInfo[], node: NodeInfo): Verdict | undefined {
    const coming = nominated.filter(({ key }) => !node.pods.has(key));
    for (const pod of coming) this.suppose(pod, node, 1);
    try {
      return this.#firstRejection(node);
    } finally {
      for (const pod of coming) this.suppose(pod, node, -1);
    }
  }

  /** The first plug-in that says no ends it: its reasons are the node's. */
  #firstRejection(node: NodeInfo): Verdict | undefined {
    for (const { plugin, filter } of this.#filters) {
      const rejection = filter(node);
      if (rejection) return { node: node.name, plugin, rejection };
    }
    return undefined;
  }
}

const NOBODY: readonly PodInfo[] = [];
