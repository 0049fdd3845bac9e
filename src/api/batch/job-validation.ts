/**
 * What a Job must be: pods that end, counts that are counts, and limits that fit the way it counts.
 *
 * In Kubernetes: pkg/apis/batch/validation/validation.go
 */

import type { JobStatus } from "kubernetes-types/batch/v1.js";
import { validateLabelSelector } from "../affinity-validation.ts";
import { goLabelSelector } from "../apps/selector-validation.ts";
import {
  duplicate,
  type FieldError,
  invalidValue,
  notSupported,
  required,
} from "../field-error.ts";
import { labelMatcher } from "../labels.ts";
import { dns1123LabelErrors } from "../names.ts";
import { validatePodTemplate } from "../pod-validation.ts";
import { atLeastZero } from "../replication-controller-validation.ts";
import { unselectedTemplate } from "../template-validation.ts";
import type { Job, JobSpec } from "./job.ts";
import { validatePodFailurePolicy } from "./pod-failure-policy-validation.ts";

const MOST_INDEXED = 100_000;
/** Above so many completions with a limit per index, there may be so many at once and so many failed. */
const MANY_COMPLETIONS = 100_000;
const MOST_OF_MANY = 10_000;
const MODES = ["NonIndexed", "Indexed"];

export function validateJob(job: Job): FieldError[] {
  return [...generatedSelectorErrors(job), ...validateSelectedSpec(job), ...hostNameErrors(job)];
}

function validateSelectedSpec({ spec }: Job): FieldError[] {
  const { selector, template } = spec;
  const errors = validateJobSpec(spec, "spec");
  if (selector === undefined) {
    return [...errors, required("spec.selector"), unselectedTemplate(template)];
  }
  errors.push(...validateLabelSelector(selector, "spec.selector"));
  if (matches(selector, template.metadata?.labels ?? {})) return errors;
  return [...errors, unselectedTemplate(template)];
}

/** Also what a CronJob asks of its template, which has no selector yet. */
export function validateJobSpec(spec: JobSpec, path: string): FieldError[] {
  return [
    ...countErrors(spec, path),
    ...modeErrors(spec, path),
    ...(spec.podFailurePolicy === undefined
      ? []
      : validatePodFailurePolicy(spec, `${path}.podFailurePolicy`)),
    ...replacementErrors(spec, `${path}.podReplacementPolicy`),
    ...validatePodTemplate(spec.template, `${path}.template`),
    ...restartPolicyErrors(spec, `${path}.template.spec.restartPolicy`),
  ];
}

function countErrors(spec: JobSpec, path: string): FieldError[] {
  const counts = [
    "parallelism",
    "completions",
    "activeDeadlineSeconds",
    "backoffLimit",
    "ttlSecondsAfterFinished",
    "backoffLimitPerIndex",
    "maxFailedIndexes",
  ] as const;
  const errors = counts.flatMap((name) => atLeastZero(`${path}.${name}`, spec[name] ?? 0));
  if (spec.maxFailedIndexes !== undefined && spec.backoffLimitPerIndex === undefined) {
    errors.push(required(`${path}.backoffLimitPerIndex`, "when maxFailedIndexes is specified"));
  }
  return errors;
}

function modeErrors(spec: JobSpec, path: string): FieldError[] {
  const { completionMode: mode = "NonIndexed" } = spec;
  if (mode === "Indexed") return [...indexedErrors(spec, path), ...manyIndexesErrors(spec, path)];
  if (mode !== "NonIndexed") return [notSupported(`${path}.completionMode`, mode, MODES)];
  return (["backoffLimitPerIndex", "maxFailedIndexes"] as const).flatMap((name) => {
    const why = "requires indexed completion mode";
    return spec[name] === undefined ? [] : [invalidValue(`${path}.${name}`, spec[name], why)];
  });
}

function indexedErrors(spec: JobSpec, path: string): FieldError[] {
  const { completions, parallelism = 0, maxFailedIndexes = 0 } = spec;
  const errors: FieldError[] = [];
  if (completions === undefined) {
    errors.push(required(`${path}.completions`, "when completion mode is Indexed"));
  }
  if (parallelism > MOST_INDEXED) {
    const why = `must be less than or equal to ${MOST_INDEXED} when completion mode is Indexed`;
    errors.push(invalidValue(`${path}.parallelism`, parallelism, why));
  }
  const tooMany = (why: string) =>
    errors.push(invalidValue(`${path}.maxFailedIndexes`, maxFailedIndexes, why));
  if (completions !== undefined && maxFailedIndexes > completions) {
    tooMany("must be less than or equal to completions");
  }
  if (maxFailedIndexes > MOST_INDEXED) tooMany(`must be less than or equal to ${MOST_INDEXED}`);
  return errors;
}

function manyIndexesErrors(spec: JobSpec, path: string): FieldError[] {
  const { completions = 0, backoffLimitPerIndex, maxFailedIndexes } = spec;
  if (completions <= MANY_COMPLETIONS || backoffLimitPerIndex === undefined) return [];
  const errors: FieldError[] = [];
  if (maxFailedIndexes === undefined) {
    const why = `must be specified when completions is above ${MANY_COMPLETIONS}`;
    errors.push(required(`${path}.maxFailedIndexes`, why));
  }
  const why = `must be less than or equal to ${MOST_OF_MANY} when completions are above ${MANY_COMPLETIONS} and used with backoff limit per index`;
  for (const name of ["parallelism", "maxFailedIndexes"] as const) {
    const value = spec[name] ?? 0;
    if (value > MOST_OF_MANY) errors.push(invalidValue(`${path}.${name}`, value, why));
  }
  return errors;
}

/** Who looks at how a pod failed has to wait until it has. */
function replacementErrors(spec: JobSpec, path: string): FieldError[] {
  const { podReplacementPolicy: policy, podFailurePolicy } = spec;
  const supported = podFailurePolicy === undefined ? ["Failed", "TerminatingOrFailed"] : ["Failed"];
  if (policy === undefined || supported.includes(policy)) return [];
  return [notSupported(path, policy, supported)];
}

/** Always is what the defaults make of a template that says nothing. */
function restartPolicyErrors({ template, podFailurePolicy }: JobSpec, path: string): FieldError[] {
  const { restartPolicy: policy = "" } = template.spec;
  if (policy === "Always" || policy === "") {
    return [required(path, 'valid values: "OnFailure", "Never"')];
  }
  if (policy !== "OnFailure" && policy !== "Never") {
    return [notSupported(path, policy, ["OnFailure", "Never"])];
  }
  if (podFailurePolicy === undefined || policy === "Never") return [];
  return [
    invalidValue(path, policy, 'only "Never" is supported when podFailurePolicy is specified'),
  ];
}

function generatedSelectorErrors({ metadata, spec }: Job): FieldError[] {
  const { selector, manualSelector, template } = spec;
  if (manualSelector || selector === undefined) return [];
  const expected: Record<string, string> = {
    "controller-uid": metadata.uid ?? "",
    "job-name": metadata.name,
    "batch.kubernetes.io/controller-uid": metadata.uid ?? "",
    "batch.kubernetes.io/job-name": metadata.name,
  };
  const labels = template.metadata?.labels ?? {};
  const errors = Object.entries(expected).flatMap(([key, value]) => {
    const path = `spec.template.metadata.labels[${key}]`;
    if (labels[key] === undefined) return [required(path, `must be '${value}'`)];
    return labels[key] === value ? [] : [invalidValue(path, labels, `must be '${value}'`)];
  });
  if (matches(selector, expected)) return errors;
  const value = goLabelSelector(selector);
  return [...errors, invalidValue("spec.selector", value, "`selector` not auto-generated")];
}

/** The pods of an indexed job are called by the job's name and their index: a label, not a subdomain. */
function hostNameErrors({ metadata, spec }: Job): FieldError[] {
  const { completionMode, completions = 0 } = spec;
  if (completionMode !== "Indexed" || completions <= 0) return [];
  const longest = `${metadata.name}-${completions - 1}`;
  if (dns1123LabelErrors(longest).length === 0) return [];
  const why = `will not able to create pod with invalid DNS label: ${longest}`;
  return [invalidValue("metadata.name", metadata.name, why)];
}

/** What cannot be read matches: that has been said of the selector itself. */
function matches(selector: NonNullable<JobSpec["selector"]>, labels: Record<string, string>) {
  try {
    return labelMatcher(selector)(labels);
  } catch (error) {
    if (error instanceof SyntaxError) return true;
    throw error;
  }
}

export function validateJobStatus({ status = {} }: Pick<Job, "status">): FieldError[] {
  const counts = ["active", "succeeded", "failed", "ready", "terminating"] as const;
  return [
    ...counts.flatMap((name) => atLeastZero(`status.${name}`, status[name] ?? 0)),
    ...uncountedErrors(status),
  ];
}

function uncountedErrors({ uncountedTerminatedPods = {} }: JobStatus): FieldError[] {
  const seen = new Set<string>();
  return (["succeeded", "failed"] as const).flatMap((list) =>
    (uncountedTerminatedPods[list] ?? []).flatMap((uid, index) => {
      const path = `status.uncountedTerminatedPods.${list}[${index}]`;
      if (uid === "") return [invalidValue(path, uid, "must not be empty")];
      if (seen.has(uid)) return [duplicate(path, uid)];
      seen.add(uid);
      return [];
    }),
  );
}
