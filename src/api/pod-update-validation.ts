/**
 * What may change of a pod once it is there: its images, its deadline (downwards), its tolerations
 * (more of them), its scheduling gates (fewer). Who wants another pod makes another pod.
 *
 * In Kubernetes: pkg/apis/core/validation/validation.go (ValidatePodUpdate)
 */
import { isDeepStrictEqual } from "node:util";
import type { Container, PodSpec, Toleration } from "kubernetes-types/core/v1.js";
import { paddedImageErrors } from "./container-validation.ts";
import { type FieldError, forbidden, invalidValue, required } from "./field-error.ts";
import {
  gateErrors,
  nodeAffinityErrors,
  nodeSelectorErrors,
  putBackNodeAffinity,
} from "./gated-pod-validation.ts";
import { inclusiveRange } from "./names.ts";
import type { Pod } from "./pod.ts";
import { annotationUpdateErrors } from "./pod-annotations-validation.ts";
import { qosClassOf } from "./resources.ts";
import { validateTolerations } from "./scheduling-validation.ts";
import { specDiff } from "./spec-diff.ts";

const CHANGEABLE = [
  "`spec.containers[*].image`",
  "`spec.initContainers[*].image`",
  "`spec.activeDeadlineSeconds`",
  "`spec.tolerations` (only additions to existing tolerations)",
  "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)",
].join(",");

const MOST_SECONDS = 2 ** 31 - 1;

export function validatePodUpdate(pod: Pod, old: Pod): FieldError[] {
  const errors = podAnnotationUpdateErrors(pod, old);
  for (const list of ["containers", "initContainers"] as const) {
    const [now, before] = [pod.spec[list] ?? [], old.spec[list] ?? []];
    if (now.length !== before.length) {
      return [...errors, forbidden(`spec.${list}`, "pod updates may not add or remove containers")];
    }
    errors.push(...imageErrors(now, `spec.${list}`));
  }
  const deadline = deadlineErrors(pod.spec, old.spec);
  errors.push(...deadline);
  if (deadline.length > 0 && pod.spec.activeDeadlineSeconds !== undefined) return errors;
  errors.push(...tolerationErrors(pod.spec.tolerations ?? [], old.spec.tolerations ?? []));
  errors.push(...gateErrors(pod.spec.schedulingGates ?? [], old.spec.schedulingGates ?? []));
  return [...errors, ...immutableErrors(pod, old)];
}

export function podAnnotationUpdateErrors({ metadata }: Pod, old: Pod): FieldError[] {
  return annotationUpdateErrors(metadata.annotations ?? {}, old.metadata.annotations ?? {});
}

function imageErrors(containers: Container[], path: string): FieldError[] {
  return containers.flatMap(({ image = "" }, index) => [
    ...(image === "" ? [required(`${path}[${index}].image`)] : []),
    ...paddedImageErrors({ image }, `${path}[${index}]`),
  ]);
}

function deadlineErrors(spec: PodSpec, old: PodSpec): FieldError[] {
  const path = "spec.activeDeadlineSeconds";
  const { activeDeadlineSeconds: now } = spec;
  const { activeDeadlineSeconds: before } = old;
  if (now === undefined) {
    const why = "must not update from a positive integer to nil value";
    return before === undefined ? [] : [invalidValue(path, undefined, why)];
  }
  if (now < 0 || now > MOST_SECONDS) {
    return [invalidValue(path, now, inclusiveRange(0, MOST_SECONDS))];
  }
  if (before === undefined || before >= now) return [];
  return [invalidValue(path, now, "must be less than or equal to previous value")];
}

function tolerationErrors(now: Toleration[], before: Toleration[]): FieldError[] {
  const path = "spec.tolerations";
  const without = ({ tolerationSeconds: _, ...rest }: Toleration) => rest;
  const isKept = (old: Toleration) =>
    now.some((one) => isDeepStrictEqual(without(one), without(old)));
  if (before.every(isKept)) return validateTolerations(now, path);
  return [forbidden(path, "existing toleration can not be modified except its tolerationSeconds")];
}

function immutableErrors(pod: Pod, old: Pod): FieldError[] {
  if (isDeepStrictEqual(pod.spec, old.spec)) return [];
  const errors: FieldError[] = [];
  const qosClass = old.status?.qosClass ?? qosClassOf(old.spec);
  if (qosClass !== qosClassOf(pod.spec)) {
    errors.push(invalidValue("metadata", pod.status?.qosClass ?? "", "Pod QoS is immutable"));
  }
  const { spec, errors: gatedErrors } = withoutChangeable(pod.spec, old.spec);
  errors.push(...gatedErrors);
  if (isDeepStrictEqual(spec, old.spec)) return errors;
  const diff = specDiff("core.PodSpec", old.spec, spec);
  const sentence = `pod updates may not change fields other than ${CHANGEABLE}\n${diff}`;
  return [...errors, forbidden("spec", sentence)];
}

/** The new spec, with all that may change put back to what it was. */
function withoutChangeable(spec: PodSpec, old: PodSpec): { spec: PodSpec; errors: FieldError[] } {
  const result: PodSpec = { ...spec };
  putBackImages(result, old);
  putBack(result, old, "activeDeadlineSeconds");
  putBack(result, old, "schedulingGates");
  putBack(result, old, "tolerations");
  if ((old.terminationGracePeriodSeconds ?? 0) < 0 && spec.terminationGracePeriodSeconds === 1) {
    putBack(result, old, "terminationGracePeriodSeconds");
  }
  if (!old.schedulingGates?.length) return { spec: result, errors: [] };

  const errors = nodeSelectorErrors(spec.nodeSelector ?? {}, old.nodeSelector ?? {});
  putBack(result, old, "nodeSelector");
  errors.push(...nodeAffinityErrors(spec.affinity?.nodeAffinity, old.affinity?.nodeAffinity));
  putBackNodeAffinity(result, old);
  return { spec: result, errors };
}

function putBackImages(spec: PodSpec, old: PodSpec): void {
  for (const list of ["containers", "initContainers"] as const) {
    const containers = spec[list];
    if (containers === undefined) continue;
    spec[list] = containers.map((container, index) => {
      const image = old[list]?.[index]?.image;
      return image === undefined ? container : { ...container, image };
    });
  }
}

function putBack<K extends keyof PodSpec>(spec: PodSpec, old: PodSpec, field: K): void {
  const value = old[field];
  if (value === undefined) delete spec[field];
  else spec[field] = value;
}
