/**
 * The policy file of the first schedulers, in terms of today's plug-ins:
 *
 *   {"kind": "Policy", "apiVersion": "v1",
 *    "predicates": [{"name": "PodFitsResources"}],
 *    "priorities": [{"name": "LeastRequestedPriority", "weight": 1}]}
 *
 * A predicate is a plug-in's filter, a priority its score. What is not named is not used; a name
 * nobody knows is refused.
 *
 * In Kubernetes: pkg/scheduler/factory/plugins.go, pkg/scheduler/framework/plugins/legacy_registry.go
 */
import type { ExtenderOptions } from "./extender.ts";
import { type ExtenderTlsConfig, extenderTls } from "./extender-tls.ts";
import { CPU_AND_MEMORY } from "./plugins/resource-strategy.ts";
import type { ProfileOptions } from "./profile.ts";

const FILTERS: Readonly<Record<string, readonly string[]>> = {
  PodFitsPorts: ["NodePorts"],
  PodFitsHostPorts: ["NodePorts"],
  PodFitsResources: ["NodeResourcesFit"],
  HostName: ["NodeName"],
  MatchNodeSelector: ["NodeAffinity"],
  GeneralPredicates: ["NodeResourcesFit", "NodeName", "NodePorts", "NodeAffinity"],
  PodToleratesNodeTaints: ["TaintToleration"],
  CheckNodeUnschedulable: ["NodeUnschedulable"],
  MatchInterPodAffinity: ["InterPodAffinity"],
  EvenPodsSpread: ["PodTopologySpread"],
  NoDiskConflict: ["VolumeRestrictions"],
  NoVolumeZoneConflict: ["VolumeZone"],
  MaxCSIVolumeCountPred: ["NodeVolumeLimits"],
  CheckVolumeBinding: ["VolumeBinding"],
};

const SCORES: Readonly<Record<string, string>> = {
  LeastRequestedPriority: "NodeResourcesFit",
  MostRequestedPriority: "NodeResourcesFit",
  BalancedResourceAllocation: "NodeResourcesBalancedAllocation",
  SelectorSpreadPriority: "PodTopologySpread",
  ServiceSpreadingPriority: "PodTopologySpread",
  EvenPodsSpreadPriority: "PodTopologySpread",
  NodeAffinityPriority: "NodeAffinity",
  TaintTolerationPriority: "TaintToleration",
  InterPodAffinityPriority: "InterPodAffinity",
  ImageLocalityPriority: "ImageLocality",
};

const NO_DISKS = "no kubelet here attaches disks of that provider";
const TAINTS_SAY_IT = "a node under pressure is tainted, which PodToleratesNodeTaints sees";

/** Known names without a plug-in, and why that does no harm. */
const WITHOUT_EFFECT: Readonly<Record<string, string>> = {
  MaxEBSVolumeCount: NO_DISKS,
  MaxGCEPDVolumeCount: NO_DISKS,
  MaxAzureDiskVolumeCount: NO_DISKS,
  MaxCinderVolumeCount: NO_DISKS,
  CheckNodeMemoryPressure: TAINTS_SAY_IT,
  CheckNodeDiskPressure: TAINTS_SAY_IT,
  CheckNodeCondition: TAINTS_SAY_IT,
  EqualPriority: "it gives every node the same score",
  NodePreferAvoidPodsPriority: "no controller writes the annotation it reads",
};

/** Whatever a policy says, a cordoned node takes no pods. */
const ALWAYS = "NodeUnschedulable";

interface Policy {
  kind?: string;
  predicates?: { name: string; argument?: unknown }[];
  priorities?: { name: string; weight: number; argument?: unknown }[];
  extenders?: PolicyExtender[];
  hardPodAffinitySymmetricWeight?: number;
}

/** A time-out is counted in nanoseconds. */
interface PolicyExtender
  extends Omit<ExtenderOptions, "managedResources" | "httpTimeoutMs" | "tls"> {
  httpTimeout?: number;
  enableHttps?: boolean;
  tlsConfig?: ExtenderTlsConfig;
  managedResources?: { name: string }[];
}

export interface ReadPolicy {
  profile: ProfileOptions;
  extenders: ExtenderOptions[];
  /** Lines for the log: names that are known but do nothing here. */
  warnings: string[];
}

/** Throws an Error in one sentence where the policy can't be carried out. */
export function readPolicy(text: string): ReadPolicy {
  const policy = parsePolicy(text);
  const { predicates, priorities, hardPodAffinitySymmetricWeight: hardWeight } = policy;
  const binders = (policy.extenders ?? []).filter(({ bindVerb }) => bindVerb).length;
  if (binders > 1) throw new Error(`Only one extender can implement bind, found ${binders}`);
  const named = [...(predicates ?? []), ...(priorities ?? [])];
  const custom = named.find(({ argument }) => argument !== undefined && argument !== null);
  if (custom) {
    throw new Error(`Invalid configuration: ${custom.name}: an argument is not supported`);
  }
  return {
    profile: {
      ...(predicates ? pluginsOf(predicates) : {}),
      ...(priorities ? { weights: weightsOf(priorities), ...strategyOf(priorities) } : {}),
      ...(hardWeight === undefined ? {} : { hardPodAffinityWeight: hardWeight }),
    },
    extenders: (policy.extenders ?? []).map(extenderOf),
    warnings: named.flatMap(({ name }) =>
      WITHOUT_EFFECT[name] ? [`Policy: ${name} has no effect here: ${WITHOUT_EFFECT[name]}`] : [],
    ),
  };
}

function extenderOf(one: PolicyExtender): ExtenderOptions {
  const { httpTimeout, managedResources, enableHttps, tlsConfig, ...same } = one;
  if (same.prioritizeVerb && (same.weight ?? 0) <= 0) {
    throw new Error(
      `Priority for extender ${same.urlPrefix} should have a positive weight applied to it`,
    );
  }
  return {
    ...same,
    ...(httpTimeout ? { httpTimeoutMs: httpTimeout / 1e6 } : {}),
    ...(managedResources ? { managedResources: managedResources.map(({ name }) => name) } : {}),
    ...(enableHttps || tlsConfig
      ? { tls: extenderTls(tlsConfig, { isHttps: enableHttps ?? false }) }
      : {}),
  };
}

function parsePolicy(text: string): Policy {
  const policy: unknown = JSON.parse(text);
  const isObject = typeof policy === "object" && policy !== null && !Array.isArray(policy);
  if (isObject && ((policy as Policy).kind ?? "Policy") === "Policy") return policy as Policy;
  throw new Error("Invalid configuration: a JSON object of kind Policy was expected");
}

/** A plug-in that is not asked about nodes does nothing on them either. */
function pluginsOf(predicates: { name: string }[]): Pick<ProfileOptions, "filters" | "prepares"> {
  const filters = filtersOf(predicates);
  return { filters, prepares: filters };
}

function filtersOf(predicates: { name: string }[]): Set<string> {
  const filters = new Set([ALWAYS]);
  for (const { name } of predicates) {
    const plugins = FILTERS[name] ?? (name in WITHOUT_EFFECT ? [] : undefined);
    if (!plugins) {
      throw new Error(`Invalid configuration: Predicate type not found for ${name}`);
    }
    for (const plugin of plugins) filters.add(plugin);
  }
  return filters;
}

/** Rather full nodes than empty ones: the one priority that says how, not only how much. */
function strategyOf(priorities: { name: string }[]): Pick<ProfileOptions, "resources"> {
  const names = new Set(priorities.map(({ name }) => name));
  if (!names.has("MostRequestedPriority")) return {};
  if (names.has("LeastRequestedPriority")) {
    throw new Error(
      "Invalid configuration: LeastRequestedPriority and MostRequestedPriority exclude each other",
    );
  }
  return { resources: { strategy: { type: "MostAllocated", resources: CPU_AND_MEMORY } } };
}

function weightsOf(priorities: { name: string; weight: number }[]): Record<string, number> {
  const weights: Record<string, number> = {};
  for (const { name, weight } of priorities) {
    if (!Number.isInteger(weight) || weight <= 0) {
      throw new Error(`Priority ${name} should have a positive weight applied to it`);
    }
    const plugin = SCORES[name];
    if (plugin) weights[plugin] = (weights[plugin] ?? 0) + weight;
    else if (!(name in WITHOUT_EFFECT)) {
      throw new Error(`Invalid configuration: Priority type not found for ${name}`);
    }
  }
  return weights;
}
