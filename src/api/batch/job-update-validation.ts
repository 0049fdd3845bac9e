/**
 * What may not change of a Job that is there: nearly all that says what its pods are. The number of
 * completions may where each has an index, together with parallelism; where pods may run may, while
 * the job is suspended and has never been started.
 *
 * In Kubernetes: pkg/apis/batch/validation/validation.go (ValidateJobSpecUpdate). Differs: of a template
 * the message shows the fields that are set, in JSON.
 */
import { isDeepStrictEqual } from "node:util";
import { goLabelSelector } from "../apps/selector-validation.ts";
import { type FieldError, GoStruct, invalidValue } from "../field-error.ts";
import type { PodTemplate } from "../replication-controller.ts";
import type { Job, JobSpec } from "./job.ts";

export function validateJobUpdate({ spec }: Job, old: Job): FieldError[] {
  const was = old.spec;
  const { selector } = spec;
  return [
    ...completionsErrors(spec, was),
    ...immutable("selector", selector, was.selector, selector && goLabelSelector(selector)),
    ...templateErrors(spec.template, old),
    ...immutable("completionMode", spec.completionMode, was.completionMode),
    ...immutable(
      "podFailurePolicy",
      spec.podFailurePolicy,
      was.podFailurePolicy,
      spec.podFailurePolicy && inJson("batch.PodFailurePolicy", spec.podFailurePolicy),
    ),
    ...immutable("backoffLimitPerIndex", spec.backoffLimitPerIndex, was.backoffLimitPerIndex),
  ];
}

function completionsErrors(spec: JobSpec, old: JobSpec): FieldError[] {
  const { completions, parallelism } = spec;
  if (spec.completionMode !== "Indexed") {
    return immutable("completions", completions, old.completions);
  }
  if (completions === undefined || completions === old.completions) return [];
  if (completions === parallelism) return [];
  const why = "can only be modified in tandem with spec.parallelism";
  return [invalidValue("spec.completions", completions, why)];
}

function templateErrors(template: PodTemplate, { spec, status }: Job): FieldError[] {
  const maySteer = spec.suspend === true && status?.startTime === undefined;
  const [now, was] = maySteer
    ? [withoutDirections(template), withoutDirections(spec.template)]
    : [template, spec.template];
  return immutable("template", now, was, inJson("core.PodTemplateSpec", template));
}

/** The template without what says where its pods run. */
function withoutDirections({ metadata = {}, spec }: PodTemplate): object {
  const { labels: _labels, annotations: _annotations, ...otherMetadata } = metadata;
  const { nodeSelector: _nodes, tolerations: _taints, schedulingGates: _gates, ...rest } = spec;
  const { nodeAffinity: _affinity, ...affinity } = rest.affinity ?? {};
  return { metadata: otherMetadata, spec: { ...rest, affinity } };
}

function immutable(name: string, now: unknown, was: unknown, shown: unknown = now): FieldError[] {
  if (isDeepStrictEqual(now, was)) return [];
  return [invalidValue(`spec.${name}`, shown, "field is immutable")];
}

function inJson(type: string, value: object): GoStruct {
  return new GoStruct(type, {}, JSON.stringify(value));
}
