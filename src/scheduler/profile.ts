/**
 * Which plug-ins a scheduler uses, in which order, and how much each one's score weighs.
 *
 * In Kubernetes: pkg/scheduler/apis/config/v1/default_plugins.go, pkg/scheduler/profile
 * Differs: the order of the plug-ins is fixed.
 */
import type { NodeAffinity, TopologySpreadConstraint } from "kubernetes-types/core/v1.js";
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
import { type NodeResourcesFitOptions, nodeResourcesFit } from "./plugins/node-resources-fit.ts";
import { nodeUnschedulable } from "./plugins/node-unschedulable.ts";
import { nodeVolumeLimits } from "./plugins/node-volume-limits.ts";
import { podTopologySpread } from "./plugins/pod-topology-spread.ts";
import type { ResourceWeight } from "./plugins/resource-strategy.ts";
import { schedulingGates } from "./plugins/scheduling-gates.ts";
import { taintToleration } from "./plugins/taint-toleration.ts";
import { volumeBinding } from "./plugins/volume-binding.ts";
import { volumeRestrictions } from "./plugins/volume-restrictions.ts";
import { volumeZone } from "./plugins/volume-zone.ts";
import type { PodVolumes } from "./pod-volumes.ts";
import type { PreemptionOptions } from "./preemption/preemption.ts";

export const DEFAULT_SCHEDULER = "default-scheduler";

/** Name -> weight, in the order in which nodes are filtered: the cheapest question first. */
export const DEFAULT_WEIGHTS: Readonly<Record<string, number>> = {
  SchedulingGates: 0,
  NodeUnschedulable: 0,
  NodeName: 0,
  TaintToleration: 3,
  NodeAffinity: 2,
  NodePorts: 0,
  NodeResourcesFit: 1,
  VolumeRestrictions: 0,
  NodeVolumeLimits: 0,
  VolumeBinding: 0,
  VolumeZone: 0,
  PodTopologySpread: 2,
  InterPodAffinity: 2,
  NodeResourcesBalancedAllocation: 1,
  ImageLocality: 1,
};

/** Says what of a profile is otherwise than by default: what a policy or configuration file comes down to. */
export interface ProfileOptions {
  /** It looks after the pods whose schedulerName is this. Default: "default-scheduler". */
  name?: string;
  /** Plug-ins whose filters are used. Default: all. */
  filters?: ReadonlySet<string>;
  /** Plug-ins whose scores are used, and their weights. Default: those of Kubernetes 1.30. */
  weights?: Readonly<Record<string, number>>;
  /** Plug-ins that do what they have to do on the chosen node (PreBind). Default: all. */
  prepares?: ReadonlySet<string>;
  /** Whether less important pods have to make room (DefaultPreemption). Default: yes. */
  preempts?: boolean;
  /** Whether pods with gates wait (SchedulingGates). Default: yes. */
  respectsGates?: boolean;
  /** Default: fewer of many nodes. */
  percentageOfNodesToScore?: number;
  preemption?: PreemptionOptions;
  hardPodAffinityWeight?: number;
  ignoresPreferredTermsOfPlacedPods?: boolean;
  addedAffinity?: NodeAffinity;
  resources?: NodeResourcesFitOptions;
  balancedResources?: readonly ResourceWeight[];
  /** For pods that bring no constraints. Default: those of the system. */
  spreadConstraints?: readonly TopologySpreadConstraint[];
}

export function createProfile(
  informers: Informers,
  cache: NodeCache,
  options: ProfileOptions = {},
  volumes?: PodVolumes,
): WeightedPlugin[] {
  const weights = options.weights ?? DEFAULT_WEIGHTS;
  return allPlugins(informers, cache, options, volumes).map((plugin) => ({
    plugin,
    weight: weights[plugin.name] ?? 0,
    filters: options.filters?.has(plugin.name) ?? true,
    prepares: options.prepares?.has(plugin.name) ?? true,
  }));
}

function allPlugins(
  informers: Informers,
  cache: NodeCache,
  options: ProfileOptions,
  volumes: PodVolumes | undefined,
): Plugin[] {
  const namespaces = informers.of(Namespace);
  const namespaceLabels = (name: string) => namespaces.get("", name)?.metadata.labels ?? {};
  const { hardPodAffinityWeight, ignoresPreferredTermsOfPlacedPods, spreadConstraints } = options;
  return [
    ...(options.respectsGates === false ? [] : [schedulingGates]),
    nodeUnschedulable,
    nodeName,
    taintToleration,
    nodeAffinity(options.addedAffinity),
    nodePorts,
    nodeResourcesFit(options.resources),
    ...(volumes ? volumePlugins(volumes) : []),
    podTopologySpread({
      selectorOf: defaultSelector(informers),
      ...(spreadConstraints === undefined ? {} : { defaults: spreadConstraints }),
    }),
    interPodAffinity({
      namespaceLabels,
      ...(hardPodAffinityWeight === undefined ? {} : { hardPodAffinityWeight }),
      ...(ignoresPreferredTermsOfPlacedPods ? { ignoresPreferredTermsOfPlacedPods } : {}),
    }),
    nodeResourcesBalancedAllocation(options.balancedResources),
    imageLocality((image) => cache.nodesWithImage(image)),
  ];
}

function volumePlugins(volumes: PodVolumes): Plugin[] {
  return [
    volumeRestrictions(volumes),
    nodeVolumeLimits(volumes),
    volumeBinding(volumes),
    volumeZone(volumes),
  ];
}
