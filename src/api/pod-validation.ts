/**
 * What a pod must be to be stored. The parts are looked at in Kubernetes' order, for its messages
 * come in that order.
 *
 * In Kubernetes: pkg/apis/core/validation/validation.go (ValidatePodSpec, ValidatePodCreate)
 */
import type { PodSpec } from "kubernetes-types/core/v1.js";
import type { ObjectMeta } from "kubernetes-types/meta/v1.js";
import { validateAffinity } from "./affinity-validation.ts";
import {
  paddedImageErrors,
  validateContainers,
  validateInitContainers,
} from "./container-validation.ts";
import { type FieldError, forbidden, invalidValue, notSupported, required } from "./field-error.ts";
import { validateAnnotations, validateLabels } from "./metadata-validation.ts";
import {
  dns1123LabelErrors,
  dns1123SubdomainErrors,
  inclusiveRange,
  ipErrors,
  qualifiedNameErrors,
} from "./names.ts";
import type { Pod } from "./pod.ts";
import { podAnnotationErrors, profileMatchErrors } from "./pod-annotations-validation.ts";
import { dnsConfigErrors, dnsPolicyErrors } from "./pod-dns-validation.ts";
import { hostProcessErrors, osErrors } from "./pod-os-validation.ts";
import { validateOverhead } from "./resources-validation.ts";
import {
  validateSchedulingGates,
  validateTolerations,
  validateTopologySpread,
} from "./scheduling-validation.ts";
import { validatePodSecurityContext } from "./security-context-validation.ts";
import { validateVolumes } from "./volume-validation.ts";

const MOST_SECONDS = 2 ** 31 - 1;

export function validatePod({ metadata, spec }: Pod): FieldError[] {
  const { annotations = {}, name, resourceVersion } = metadata;
  const errors = [
    ...podAnnotationErrors(annotations, spec, "metadata.annotations"),
    ...validatePodSpec(spec, "spec", name),
    ...namelessTokenErrors(spec),
  ];
  for (const list of ["containers", "initContainers"] as const) {
    for (const [index, container] of (spec[list] ?? []).entries()) {
      errors.push(...paddedImageErrors(container, `spec.${list}[${index}]`));
    }
  }
  const isNew = resourceVersion === undefined;
  return isNew ? [...errors, ...newPodErrors(spec, annotations)] : errors;
}

/** Whose token is it? */
function namelessTokenErrors({ serviceAccountName, volumes = [] }: PodSpec): FieldError[] {
  if (serviceAccountName) return [];
  return volumes.flatMap(({ projected }, index) =>
    (projected?.sources ?? []).flatMap(({ serviceAccountToken }, at) => {
      if (serviceAccountToken === undefined) return [];
      const path = `spec.volumes[${index}].projected.sources[${at}].serviceAccountToken`;
      return [forbidden(path, "must not be specified when serviceAccountName is not set")];
    }),
  );
}

function newPodErrors(spec: PodSpec, annotations: Record<string, string>): FieldError[] {
  const errors: FieldError[] = [];
  const { ephemeralContainers, nodeName, schedulingGates } = spec;
  if (ephemeralContainers?.length) {
    errors.push(forbidden("spec.ephemeralContainers", "cannot be set on create"));
  }
  if (nodeName && schedulingGates?.length) {
    const why = "cannot be set until all schedulingGates have been cleared";
    errors.push(forbidden("spec.nodeName", why));
  }
  return [...errors, ...profileMatchErrors(annotations, spec, "spec")];
}

/** The pods of a controller's template are judged before there are any. */
export function validatePodTemplate(
  { metadata = {}, spec }: { metadata?: ObjectMeta; spec: PodSpec },
  path: string,
): FieldError[] {
  const { labels = {}, annotations = {} } = metadata;
  const errors = [
    ...validateLabels(labels, `${path}.labels`),
    ...validateAnnotations(annotations, `${path}.annotations`),
    ...podAnnotationErrors(annotations, spec, `${path}.annotations`),
    ...validatePodSpec(spec, `${path}.spec`),
    ...profileMatchErrors(annotations, spec, `${path}.spec`),
  ];
  if (spec.ephemeralContainers?.length) {
    const why = "ephemeral containers not allowed in pod template";
    errors.push(forbidden(`${path}.spec.ephemeralContainers`, why));
  }
  return errors;
}

/** `podName`: only where there is a pod already, and not just a template of one. */
function validatePodSpec(spec: PodSpec, path: string, podName?: string): FieldError[] {
  const { errors, valid } = validateVolumes(spec.volumes ?? [], `${path}.volumes`, podName ?? "");
  return [
    ...errors,
    ...validateContainers(spec, valid, `${path}.containers`),
    ...validateInitContainers(spec, valid, `${path}.initContainers`),
    ...hostPortErrors(spec, path, podName !== undefined),
    ...restartPolicyErrors(spec.restartPolicy ?? "", `${path}.restartPolicy`),
    ...dnsPolicyErrors(spec.dnsPolicy ?? "", `${path}.dnsPolicy`),
    ...validateLabels(spec.nodeSelector ?? {}, `${path}.nodeSelector`),
    ...validatePodSecurityContext(spec, `${path}.securityContext`),
    ...validateAffinity(spec.affinity, `${path}.affinity`),
    ...dnsConfigErrors(spec, `${path}.dnsConfig`),
    ...readinessGateErrors(spec, `${path}.readinessGates`),
    ...validateSchedulingGates(spec.schedulingGates ?? [], `${path}.schedulingGates`),
    ...validateTopologySpread(
      spec.topologySpreadConstraints ?? [],
      `${path}.topologySpreadConstraints`,
    ),
    ...hostProcessErrors(spec, path),
    ...nameErrors(spec, "serviceAccountName", path),
    ...nameErrors(spec, "nodeName", path),
    ...deadlineErrors(spec.activeDeadlineSeconds, `${path}.activeDeadlineSeconds`),
    ...hostNameErrors(spec, path),
    ...validateTolerations(spec.tolerations ?? [], `${path}.tolerations`),
    ...hostAliasErrors(spec, `${path}.hostAliases`),
    ...nameErrors(spec, "priorityClassName", path),
    ...(spec.runtimeClassName === undefined ? [] : nameErrors(spec, "runtimeClassName", path)),
    ...preemptionErrors(spec.preemptionPolicy, `${path}.preemptionPolicy`),
    ...validateOverhead(spec.overhead ?? {}, `${path}.overhead`),
    ...osErrors(spec, path),
  ];
}

/** In the host's network a container's port is the host's port. */
function hostPortErrors(spec: PodSpec, path: string, isPod: boolean): FieldError[] {
  if (!spec.hostNetwork) return [];
  const why = "must match `containerPort` when `hostNetwork` is true";
  return (spec.containers ?? []).flatMap(({ ports = [] }, index) =>
    ports.flatMap(({ hostPort = 0, containerPort }, portIndex) => {
      const isGiven = isPod || hostPort !== 0;
      if (!isGiven || hostPort === containerPort) return [];
      const at = `${path}.containers[${index}].ports[${portIndex}].hostPort`;
      return [invalidValue(at, hostPort, why)];
    }),
  );
}

function restartPolicyErrors(policy: string, path: string): FieldError[] {
  if (policy === "") return [required(path)];
  const supported = ["Always", "OnFailure", "Never"];
  return supported.includes(policy) ? [] : [notSupported(path, policy, supported)];
}

function readinessGateErrors({ readinessGates = [] }: PodSpec, path: string): FieldError[] {
  return readinessGates.flatMap(({ conditionType: type }, index) =>
    qualifiedNameErrors(type).map((e) => invalidValue(`${path}[${index}].conditionType`, type, e)),
  );
}

/** Of the names only that of the runtime class, where it is given, is not let be empty. */
function nameErrors(
  spec: PodSpec,
  field: "serviceAccountName" | "nodeName" | "priorityClassName" | "runtimeClassName",
  path: string,
): FieldError[] {
  const name = spec[field] ?? "";
  if (name === "" && field !== "runtimeClassName") return [];
  return dns1123SubdomainErrors(name).map((e) => invalidValue(`${path}.${field}`, name, e));
}

function hostNameErrors(spec: PodSpec, path: string): FieldError[] {
  return (["hostname", "subdomain"] as const).flatMap((field) => {
    const name = spec[field];
    if (!name) return [];
    return dns1123LabelErrors(name).map((e) => invalidValue(`${path}.${field}`, name, e));
  });
}

function deadlineErrors(seconds: number | undefined, path: string): FieldError[] {
  if (seconds === undefined || (seconds >= 1 && seconds <= MOST_SECONDS)) return [];
  return [invalidValue(path, seconds, inclusiveRange(1, MOST_SECONDS))];
}

function hostAliasErrors({ hostAliases = [] }: PodSpec, path: string): FieldError[] {
  return hostAliases.flatMap(({ ip, hostnames = [] }, index) => [
    ...ipErrors(ip ?? "").map((e) => invalidValue(`${path}[${index}].ip`, ip ?? "", e)),
    ...hostnames.flatMap((name, at) =>
      dns1123SubdomainErrors(name).map((e) =>
        invalidValue(`${path}[${index}].hostnames[${at}]`, name, e),
      ),
    ),
  ]);
}

function preemptionErrors(policy: string | undefined, path: string): FieldError[] {
  if (policy === undefined) return [];
  if (policy === "") return [required(path)];
  const supported = ["PreemptLowerPriority", "Never"];
  return supported.includes(policy) ? [] : [notSupported(path, policy, supported)];
}
