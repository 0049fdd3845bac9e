/**
 * One profile of a configuration file: plug-ins switched on and off at their extension points, and their
 * arguments.
 *
 * In Kubernetes: pkg/scheduler/apis/config/v1/default_plugins.go (mergePlugins),
 * pkg/scheduler/framework/runtime/framework.go (expandMultiPointPlugins)
 * Differs: PreFilter goes with Filter, and PreScore with Score.
 */
import type { NodeAffinity, TopologySpreadConstraint } from "kubernetes-types/core/v1.js";
import type { ResourceWeight, ScoringStrategy } from "./plugins/resource-strategy.ts";
import type { PreemptionOptions } from "./preemption/preemption.ts";
import { DEFAULT_WEIGHTS, type ProfileOptions } from "./profile.ts";

interface PluginSet {
  enabled?: { name: string; weight?: number }[];
  disabled?: { name: string }[];
}

export interface ConfiguredProfile {
  schedulerName?: string;
  percentageOfNodesToScore?: number;
  plugins?: Record<string, PluginSet>;
  pluginConfig?: { name: string; args?: Record<string, unknown> }[];
}

/** Extension point -> what is there by default. */
const POINTS: Readonly<Record<string, readonly string[]>> = {
  queueSort: ["PrioritySort"],
  preEnqueue: ["SchedulingGates"],
  preFilter: [],
  filter: Object.keys(DEFAULT_WEIGHTS),
  postFilter: ["DefaultPreemption"],
  preScore: [],
  score: Object.keys(DEFAULT_WEIGHTS).filter((name) => DEFAULT_WEIGHTS[name]! > 0),
  reserve: ["VolumeBinding"],
  permit: [],
  preBind: ["VolumeBinding"],
  bind: ["DefaultBinder"],
  postBind: [],
};

const KNOWN = new Set([...Object.values(POINTS).flat(), "DefaultPreemption"]);
/** Without these nothing would be scheduled at all. */
const INDISPENSABLE: readonly [point: string, name: string][] = [
  ["queueSort", "PrioritySort"],
  ["bind", "DefaultBinder"],
];

export function profileOf(
  profile: ConfiguredProfile,
  ignoredResources: readonly string[] = [],
): ProfileOptions {
  const { schedulerName, percentageOfNodesToScore, plugins = {}, pluginConfig = [] } = profile;
  const atPoint = (point: string) => pluginsAt(point, plugins);
  for (const [point, name] of INDISPENSABLE) {
    if (!atPoint(point).has(name)) throw new Error(`no ${point} plugin is enabled`);
  }
  const unknown = Object.keys(plugins).find((point) => point !== "multiPoint" && !POINTS[point]);
  if (unknown) throw new Error(`unknown field "profiles.plugins.${unknown}"`);
  return {
    ...(schedulerName === undefined ? {} : { name: schedulerName }),
    ...(percentageOfNodesToScore === undefined ? {} : { percentageOfNodesToScore }),
    filters: new Set(atPoint("filter").keys()),
    prepares: new Set(atPoint("preBind").keys()),
    weights: Object.fromEntries(atPoint("score")),
    preempts: atPoint("postFilter").has("DefaultPreemption"),
    respectsGates: atPoint("preEnqueue").has("SchedulingGates"),
    ...argumentsOf(pluginConfig, ignoredResources),
  };
}

/** Name -> weight: the defaults without what is disabled, and what is enabled besides. */
function pluginsAt(point: string, sets: Record<string, PluginSet>): Map<string, number> {
  const { multiPoint = {}, [point]: own = {} } = sets;
  const result = new Map(POINTS[point]!.map((name) => [name, DEFAULT_WEIGHTS[name] || 1]));
  for (const [set, isOwn] of [
    [multiPoint, false],
    [own, true],
  ] as const) {
    for (const { name } of set.disabled ?? []) {
      if (name === "*") result.clear();
      else result.delete(name);
    }
    for (const { name, weight } of set.enabled ?? []) {
      const belongsHere = POINTS[point]!.includes(name);
      if (!KNOWN.has(name)) throw new Error(`plugin ${JSON.stringify(name)} does not exist`);
      if (isOwn && !belongsHere) {
        throw new Error(`plugin ${JSON.stringify(name)} does not extend ${point} plugin`);
      }
      if (belongsHere) result.set(name, weight || DEFAULT_WEIGHTS[name] || 1);
    }
  }
  return result;
}

interface Arguments {
  NodeResourcesFitArgs: {
    scoringStrategy?: {
      type?: ScoringStrategy["type"];
      resources?: { name: string; weight?: number }[];
      requestedToCapacityRatio?: { shape?: ScoringStrategy["shape"] };
    };
    ignoredResources?: string[];
    ignoredResourceGroups?: string[];
  };
  InterPodAffinityArgs: {
    hardPodAffinityWeight?: number;
    ignorePreferredTermsOfExistingPods?: boolean;
  };
  PodTopologySpreadArgs: {
    defaultConstraints?: TopologySpreadConstraint[];
    defaultingType?: "System" | "List";
  };
}

/** Plug-in -> what its arguments come down to. */
const READERS: Readonly<Record<string, (args: never) => Partial<ProfileOptions>>> = {
  NodeResourcesFit: (args: Arguments["NodeResourcesFitArgs"]) => ({ resources: fitOf(args) }),
  NodeResourcesBalancedAllocation: ({ resources }: { resources?: ResourceWeight[] }) =>
    resources?.length ? { balancedResources: resources } : {},
  NodeAffinity: ({ addedAffinity }: { addedAffinity?: NodeAffinity }) =>
    addedAffinity ? { addedAffinity } : {},
  InterPodAffinity: (args: Arguments["InterPodAffinityArgs"]) => ({
    ...(args.hardPodAffinityWeight === undefined
      ? {}
      : { hardPodAffinityWeight: args.hardPodAffinityWeight }),
    ignoresPreferredTermsOfPlacedPods: args.ignorePreferredTermsOfExistingPods ?? false,
  }),
  PodTopologySpread: (args: Arguments["PodTopologySpreadArgs"]) =>
    args.defaultingType === "List" ? { spreadConstraints: args.defaultConstraints ?? [] } : {},
  DefaultPreemption: (preemption: PreemptionOptions) => ({ preemption }),
};

function argumentsOf(
  pluginConfig: NonNullable<ConfiguredProfile["pluginConfig"]>,
  ignoredResources: readonly string[],
): Partial<ProfileOptions> {
  const ignored = ignoredResources.length > 0 ? { resources: { ignoredResources } } : {};
  return pluginConfig.reduce<Partial<ProfileOptions>>((options, { name, args = {} }) => {
    const read = READERS[name];
    if (!read) throw new Error(`pluginConfig: ${JSON.stringify(name)} takes no arguments here`);
    const { resources, ...more } = read(args as never);
    const merged = { ...options.resources, ...resources };
    if (resources?.ignoredResources) {
      merged.ignoredResources = [...ignoredResources, ...resources.ignoredResources];
    }
    return { ...options, ...more, ...(resources ? { resources: merged } : {}) };
  }, ignored);
}

function fitOf(args: Arguments["NodeResourcesFitArgs"]): NonNullable<ProfileOptions["resources"]> {
  const { scoringStrategy, ignoredResources, ignoredResourceGroups } = args;
  const strategy = scoringStrategy && strategyOf(scoringStrategy);
  return {
    ...(strategy ? { strategy } : {}),
    ...(ignoredResources ? { ignoredResources } : {}),
    ...(ignoredResourceGroups ? { ignoredResourceGroups } : {}),
  };
}

function strategyOf({
  type = "LeastAllocated",
  resources = [{ name: "cpu" }, { name: "memory" }],
  requestedToCapacityRatio = {},
}: NonNullable<Arguments["NodeResourcesFitArgs"]["scoringStrategy"]>): ScoringStrategy {
  const { shape } = requestedToCapacityRatio;
  if (type === "RequestedToCapacityRatio" && !shape?.length) {
    throw new Error(
      "scoringStrategy.requestedToCapacityRatio.shape: Required value: at least one point must be specified",
    );
  }
  const weighted = resources.map(({ name, weight = 1 }) => ({ name, weight }));
  return { type, resources: weighted, ...(shape ? { shape } : {}) };
}
