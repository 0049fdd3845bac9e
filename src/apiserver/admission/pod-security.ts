/**
 * PodSecurity: holds pods to the level of the Pod Security Standards that the labels of their namespace name.
 * Pods are refused; of workloads that would make such pods, and of labels that existing pods do not live up to,
 * it warns.
 *
 * In Kubernetes: staging/src/k8s.io/pod-security-admission/admission/admission.go. Differs: all pods of a
 * namespace are looked at when its labels change, however many.
 */
import { invalid } from "../../api/errors.ts";
import { type Kind, type KubeObject, storageKey } from "../../api/kind.ts";
import { Namespace } from "../../api/namespace.ts";
import { Pod } from "../../api/pod.ts";
import type { Store } from "../storage/store.ts";
import type { WatchCache } from "../storage/watch-cache.ts";
import type { AdmissionPlugin, AdmissionRequest } from "./admission.ts";
import { evaluate } from "./pod-security-checks.ts";
import type { PodSecurityConfiguration } from "./pod-security-configuration.ts";
import {
  isSamePolicy,
  LEVELS,
  labelErrors,
  levelText,
  NO_POLICY,
  PREFIX,
  policyOf,
} from "./pod-security-policy.ts";
import type { CheckedPod } from "./pod-security-words.ts";
import { refusal } from "./refusal.ts";
import { findObject } from "./stored-object-lookup.ts";

export interface PodSecurityOptions {
  store: Store;
  cache: WatchCache;
  podSecurity?: PodSecurityConfiguration;
}

const WORKLOADS = new Set([
  "replicationcontrollers.",
  "podtemplates.",
  "deployments.apps",
  "replicasets.apps",
  "daemonsets.apps",
  "statefulsets.apps",
  "jobs.batch",
  "cronjobs.batch",
]);

export function podSecurity(options: PodSecurityOptions): AdmissionPlugin {
  return {
    name: "PodSecurity",
    admit: () => undefined,
    validate(request) {
      const { verb, kind, subresource } = request;
      if (verb !== "create" && verb !== "update") return undefined;
      const what = `${kind.plural}.${kind.group}`;
      if (what === "pods.") {
        const isSeen = subresource === "" || subresource === "ephemeralcontainers";
        return isSeen && isSignificant(request) ? judgePod(request, options) : undefined;
      }
      if (subresource !== "") return undefined;
      if (what === "namespaces.") return judgeNamespace(request, options);
      return WORKLOADS.has(what) ? judgeWorkload(request, options) : undefined;
    },
  };
}

/** A pod that is there already may be changed in ways that concern nobody here. */
function isSignificant({ verb, object, oldObject }: AdmissionRequest): boolean {
  if (verb === "create") return true;
  const essence = (one: KubeObject | undefined) => {
    const { spec, metadata } = one as Pod;
    const { initContainers = [], containers, ephemeralContainers = [] } = spec;
    const all = [...initContainers, ...containers, ...ephemeralContainers];
    const annotations = Object.entries(metadata.annotations ?? {}).filter(([key]) =>
      /^(container\.)?(apparmor|seccomp)\.security\./.test(key),
    );
    return JSON.stringify([all.map(({ name, image }) => [name, image]), annotations]);
  };
  return essence(object) !== essence(oldObject);
}

async function policyFor(
  { namespace, user }: AdmissionRequest,
  pod: CheckedPod,
  { podSecurity: configuration, ...surroundings }: PodSecurityOptions,
) {
  const { defaults = NO_POLICY, exempt } = configuration ?? {};
  const runtimeClass = pod.spec.runtimeClassName ?? "";
  if (exempt?.namespaces.has(namespace)) return "namespace";
  if (exempt?.users.has(user.name)) return "user";
  if (exempt?.runtimeClasses.has(runtimeClass)) return "runtimeClass";
  const found = await findObject(Namespace as unknown as Kind, "", namespace, surroundings);
  return policyOf(found?.metadata.labels, defaults);
}

async function judgePod(request: AdmissionRequest, options: PodSecurityOptions): Promise<void> {
  const pod = request.object as Pod;
  const policy = await policyFor(request, pod, options);
  if (typeof policy === "string") return request.annotate?.(`${PREFIX}exempt`, policy);
  request.annotate?.(`${PREFIX}enforce-policy`, levelText(policy.enforce));
  const { isAllowed, details } = evaluate(policy.enforce, pod);
  noteAudit(request, pod, policy.audit);
  if (!isAllowed) {
    throw refusal(request, `violates PodSecurity "${levelText(policy.enforce)}": ${details}`);
  }
  warn(request, pod, policy.warn);
}

async function judgeWorkload(request: AdmissionRequest, options: PodSecurityOptions) {
  const pod = templateOf(request.object!);
  if (pod?.spec === undefined) return;
  const policy = await policyFor(request, pod, options);
  if (typeof policy === "string") return request.annotate?.(`${PREFIX}exempt`, policy);
  noteAudit(request, pod, policy.audit);
  warn(request, pod, policy.warn);
}

interface Templated {
  template?: CheckedPod;
  jobTemplate?: { spec?: Templated };
}

function templateOf(object: KubeObject): CheckedPod | undefined {
  const spec = (object.spec ?? object) as Templated;
  const found = spec.template ?? spec.jobTemplate?.spec?.template;
  return found && { ...found, metadata: found.metadata ?? {} };
}

type At = Parameters<typeof evaluate>[0];

function warn(request: AdmissionRequest, pod: CheckedPod, at: At): void {
  const { isAllowed, details } = evaluate(at, pod);
  if (!isAllowed) request.warn(`would violate PodSecurity "${levelText(at)}": ${details}`);
}

function noteAudit(request: AdmissionRequest, pod: CheckedPod, at: At): void {
  const { isAllowed, details } = evaluate(at, pod);
  const text = `would violate PodSecurity "${levelText(at)}": ${details}`;
  if (!isAllowed) request.annotate?.(`${PREFIX}audit-violations`, text);
}

function judgeNamespace(request: AdmissionRequest, options: PodSecurityOptions): void {
  const { object, oldObject, name } = request;
  const errors = labelErrors(object!.metadata.labels);
  if (errors.length > labelErrors(oldObject?.metadata.labels).length) {
    throw invalid(Namespace, name, errors);
  }
  const { defaults = NO_POLICY, exempt } = options.podSecurity ?? {};
  if (oldObject === undefined || exempt?.namespaces.has(name)) return;
  const old = policyOf(oldObject.metadata.labels, defaults).enforce;
  const now = policyOf(object!.metadata.labels, defaults).enforce;
  const isLaxer = old.minor === now.minor && LEVELS.indexOf(now.level) <= LEVELS.indexOf(old.level);
  if (isSamePolicy(old, now) || now.level === "privileged" || isLaxer) return;
  for (const warning of violationsIn(name, now, options)) request.warn(warning);
}

/** What the pods that are there do not live up to, those with the same faults in one sentence. */
function violationsIn(namespace: string, at: At, { cache, podSecurity }: PodSecurityOptions) {
  const prefix = storageKey(Pod as unknown as Kind);
  const byFaults = new Map<string, string[]>();
  for (const { object } of cache.resource(prefix).list(`${prefix}${namespace}/`).items) {
    const pod = object as Pod;
    if (podSecurity?.exempt.runtimeClasses.has(pod.spec.runtimeClassName ?? "")) continue;
    const { isAllowed, reasons } = evaluate(at, pod);
    if (isAllowed) continue;
    byFaults.set(reasons, [...(byFaults.get(reasons) ?? []), pod.metadata.name]);
  }
  if (byFaults.size === 0) return [];
  const lines = [...byFaults].map(([reasons, [first, ...others]]) => {
    if (others.length === 0) return `${first}: ${reasons}`;
    const rest = others.length === 1 ? "1 other pod" : `${others.length} other pods`;
    return `${first} (and ${rest}): ${reasons}`;
  });
  const level = levelText(at);
  const head = `existing pods in namespace "${namespace}" violate the new PodSecurity enforce level "${level}"`;
  return [head, ...lines];
}
