/**
 * What one object uses of a quota, in the names a quota counts by: "pods", "requests.cpu",
 * "services.nodeports", "count/leases.coordination.k8s.io". Admission and the recounting controller ask here,
 * so that both come to the same sum.
 *
 * The rule: a pod counts as long as it has not ended; `count/pods` counts it as long as it is stored.
 *
 * In Kubernetes: pkg/quota/v1/evaluator/core and staging/src/k8s.io/apiserver/pkg/quota/v1/generic
 */
import { type Kind, type KubeObject, qualifiedResource } from "./kind.ts";
import type { PersistentVolumeClaim } from "./persistent-volume-claim.ts";
import type { Pod } from "./pod.ts";
import { hasEnded } from "./pod-status.ts";
import { type Quantity, quantityError, quantityOf } from "./quantity.ts";
import {
  type Amounts,
  addAmounts,
  podLimits,
  podRequests,
  type ResourceList,
  readResources,
} from "./resources.ts";
import { isExtended, isHugePages } from "./resources-validation.ts";
import type { Service } from "./service.ts";
import { classOfClaim } from "./volume-matching.ts";

/** The kinds a quota could count before it could count any: by their plain plural. */
const COUNTED_BY_PLURAL = new Set([
  "configmaps",
  "persistentvolumeclaims",
  "replicationcontrollers",
  "resourcequotas",
  "secrets",
]);

const OF_CLASS = ".storageclass.storage.k8s.io/";

/** What is written all the time and by nobody in particular is free. */
const FREE = new Set(["bindings", "events", "events.events.k8s.io"]);

const PLAIN = ["cpu", "memory", "ephemeral-storage"];
const POD_RESOURCES = new Set([
  "pods",
  "count/pods",
  ...["", "requests.", "limits."].flatMap((prefix) => PLAIN.map((name) => prefix + name)),
]);
const SERVICE_RESOURCES = new Set([
  "services",
  "services.loadbalancers",
  "services.nodeports",
  "count/services",
]);

/** Those every container must state where a quota counts them. */
const MUST_BE_STATED = new Set(
  ["", "requests.", "limits."].flatMap((prefix) => [`${prefix}cpu`, `${prefix}memory`]),
);

export function canBeCounted(kind: Kind): boolean {
  return kind.namespaced && !FREE.has(qualifiedResource(kind));
}

/** Of the resources of a quota, those that objects of this kind use. */
export function namesUsedBy(kind: Kind, names: readonly string[]): string[] {
  return names.filter((name) => isUsedBy(kind, name));
}

function isUsedBy(kind: Kind, name: string): boolean {
  const resource = qualifiedResource(kind);
  if (resource === "pods") return POD_RESOURCES.has(name) || isExtraOfPods(name);
  if (resource === "services") return SERVICE_RESOURCES.has(name);
  if (resource === "persistentvolumeclaims" && isOfStorage(name)) return true;
  return name === `count/${resource}` || (name === resource && COUNTED_BY_PLURAL.has(name));
}

/** Of all storage, or of that of one class: "gold.storageclass.storage.k8s.io/requests.storage". */
function isOfStorage(name: string): boolean {
  return name === "requests.storage" || name.includes(OF_CLASS);
}

function isExtraOfPods(name: string): boolean {
  if (isHugePages(name)) return true;
  const asked = name.replace(/^requests\./, "");
  return asked !== name && (isHugePages(asked) || isExtended(asked));
}

/** What the object uses; a name that is not there is not used at all. */
export function usageOf(kind: Kind, obj: KubeObject, now: Date): Amounts {
  const resource = qualifiedResource(kind);
  if (resource === "pods") return podUsage(obj as Pod, now);
  if (resource === "services") return serviceUsage(obj as Service);
  const one = { [`count/${resource}`]: count(1) };
  if (resource === "persistentvolumeclaims") {
    return { ...one, ...claimUsage(obj as PersistentVolumeClaim) };
  }
  return COUNTED_BY_PLURAL.has(resource) ? { ...one, [resource]: count(1) } : one;
}

/** What the pod's containers leave open, in the words of the refusal; undefined where nothing. */
export function unstatedIn({ spec }: Pod, names: readonly string[]): string | undefined {
  const required = names.filter((name) => MUST_BE_STATED.has(name)).toSorted();
  const containers = [...spec.containers, ...(spec.initContainers ?? [])];
  const missing = required.flatMap((name) => {
    const without = containers.filter(({ resources = {} }) => {
      const { requests, limits } = resources;
      return computeUsage(readResources(requests), readResources(limits))[name] === undefined;
    });
    const containerNames = [...new Set(without.map((one) => one.name))].toSorted();
    return containerNames.length > 0 ? [`${name} for: ${containerNames.join(",")}`] : [];
  });
  return missing.length > 0 ? `must specify ${missing.join("; ")}` : undefined;
}

function podUsage(pod: Pod, now: Date): Amounts {
  const stored = { "count/pods": count(1) };
  if (hasEnded(pod) || isOverdue(pod, now)) return stored;
  const { spec } = pod;
  return addAmounts(stored, {
    pods: count(1),
    ...computeUsage(podRequests(spec), podLimits(spec)),
  });
}

/** Its time to stop in order is over: what is left of it is its entry in the store. */
function isOverdue({ metadata }: Pod, now: Date): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds } = metadata;
  if (deletionTimestamp === undefined || deletionGracePeriodSeconds === undefined) return false;
  return now.getTime() > Date.parse(deletionTimestamp) + deletionGracePeriodSeconds * 1000;
}

function computeUsage(requests: Amounts, limits: Amounts): Amounts {
  const usage: Amounts = {};
  for (const [name, amount] of Object.entries(requests)) {
    if (PLAIN.includes(name) || isHugePages(name)) usage[name] = amount;
    if (PLAIN.includes(name) || isHugePages(name) || isExtended(name)) {
      usage[`requests.${name}`] = amount;
    }
  }
  for (const [name, amount] of Object.entries(limits)) {
    if (PLAIN.includes(name)) usage[`limits.${name}`] = amount;
  }
  return usage;
}

function claimUsage(claim: PersistentVolumeClaim): Amounts {
  const asked = String(claim.spec?.resources?.requests?.storage ?? "0");
  const storage = quantityOf(quantityError(asked) === undefined ? asked : "0");
  const all = { persistentvolumeclaims: count(1), "requests.storage": storage };
  const className = claim.spec === undefined ? "" : classOfClaim(claim);
  if (className === "") return all;
  const ofClass = `${className}${OF_CLASS}`;
  return {
    ...all,
    [`${ofClass}persistentvolumeclaims`]: count(1),
    [`${ofClass}requests.storage`]: storage,
  };
}

function serviceUsage({ spec }: Service): Amounts {
  const { type, ports = [], allocateLoadBalancerNodePorts } = spec;
  const isBalanced = type === "LoadBalancer";
  const hasAll = type === "NodePort" || (isBalanced && allocateLoadBalancerNodePorts !== false);
  const explicit = isBalanced ? ports.filter(({ nodePort }) => nodePort) : [];
  return {
    "count/services": count(1),
    services: count(1),
    "services.loadbalancers": count(isBalanced ? 1 : 0),
    "services.nodeports": count(hasAll ? ports.length : explicit.length),
  };
}

function count(number: number): Quantity {
  return quantityOf(number);
}

/** "cpu=1,pods=3", in order of name: as a refusal shows amounts. */
export function printAmounts(list: ResourceList): string {
  const names = Object.keys(list).toSorted();
  return names.map((name) => `${name}=${list[name]}`).join(",");
}
