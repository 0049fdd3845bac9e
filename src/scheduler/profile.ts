/**
 * Which plug-ins a scheduler uses, in which order, and how much each one's score weighs.
 *
 * In Kubernetes: pkg/scheduler/apis/config/v1/default_plugins.go
 * Differs: the volume plug-ins and DefaultPreemption are not there.
 */
import { Namespace } from "../api/namespace.ts";
import type { Informers } from "../client/informer.ts";
import { defaultSelector } from "./default-selector.ts";
import type { Plugin, WeightedPlugin } from "./framework.ts";
import type { NodeCache } from "./node-cache.ts";
import { imageLocality } from "./plugins/image-locality.ts";
import { interPodAffinity } from "./plugins/inter-pod-affinity.ts";
import { nodeAffinity } from "./plugins/node-affinity.ts";
import { nodeName } from "./plugins/node-name.ts";
import { nodePorts } from "./plugins/node-ports.ts";
import { nodeResourcesBalancedAllocation } from "./plugins/node-resources-balanced-allocation.ts";
import { nodeResourcesFit } from "./plugins/node-resources-fit.ts";
import { nodeUnschedulable } from "./plugins/node-unschedulable.ts";
import { podTopologySpread } from "./plugins/pod-topology-spread.ts";
import { taintToleration } from "./plugins/taint-toleration.ts";

/** Name -> weight, in the order in which nodes are filtered: the cheapest question first. */
const DEFAULT_WEIGHTS: Record<string, number> = {
  NodeUnschedulable: 0,
  NodeName: 0,
  TaintToleration: 3,
  NodeAffinity: 2,
  NodePorts: 0,
  NodeResourcesFit: 1,
  PodTopologySpread: 2,
  InterPodAffinity: 2,
  NodeResourcesBalancedAllocation: 1,
  ImageLocality: 1,
};

/** Says which plug-ins to use otherwise than by default: what a policy file comes down to. */
export interface ProfileOptions {
  /** Plug-ins whose filters are used. Default: all. */
  filters?: ReadonlySet<string>;
  /** Plug-ins whose scores are used, and their weights. Default: those of Kubernetes 1.30. */
  weights?: Readonly<Record<string, number>>;
  hardPodAffinityWeight?: number;
}

export function createProfile(
  informers: Informers,
  cache: NodeCache,
  options: ProfileOptions = {},
): WeightedPlugin[] {
  const weights = options.weights ?? DEFAULT_WEIGHTS;
  return allPlugins(informers, cache, options).map((plugin) => ({
    plugin,
    weight: weights[plugin.name] ?? 0,
    filters: options.filters?.has(plugin.name) ?? true,
  }));
}

function allPlugins(informers: Informers, cache: NodeCache, options: ProfileOptions): Plugin[] {
  const { hardPodAffinityWeight } = options;
  const namespaces = informers.of(Namespace);
  const namespaceLabels = (name: string) => namespaces.get("", name)?.metadata.labels ?? {};
  return [
    nodeUnschedulable,
    nodeName,
    taintToleration,
    nodeAffinity,
    nodePorts,
    nodeResourcesFit,
    podTopologySpread(defaultSelector(informers)),
    interPodAffinity({
      namespaceLabels,
      ...(hardPodAffinityWeight === undefined ? {} : { hardPodAffinityWeight }),
    }),
    nodeResourcesBalancedAllocation,
    imageLocality((image) => cache.nodesWithImage(image)),
  ];
}
