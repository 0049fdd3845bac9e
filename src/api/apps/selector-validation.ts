/**
 * The selector of a workload: it is there, it is not empty, it matches what the template makes, and
 * it stays what it is, or the workload would lose sight of its pods.
 *
 * In Kubernetes: pkg/apis/apps/validation/validation.go (ValidateReplicaSetSpec, ValidateDeploymentSpec,
 * ValidatePodTemplateSpecForReplicaSet)
 */
import { isDeepStrictEqual } from "node:util";
import type { LabelSelector } from "kubernetes-types/meta/v1.js";
import { validateLabelSelector } from "../affinity-validation.ts";
import { type FieldError, GoStruct, invalidValue, required } from "../field-error.ts";
import { type LabelMatcher, labelMatcher } from "../labels.ts";
import { validatePodTemplate } from "../pod-validation.ts";
import type { PodTemplate } from "../replication-controller.ts";
import { unendingTemplateErrors, unselectedTemplate } from "../template-validation.ts";

export interface SelectingSpec {
  selector?: LabelSelector;
  template: PodTemplate;
}

/** `emptyWording`: what is said of a selector that selects everything. */
export function validateSelector(
  selector: LabelSelector | undefined,
  path: string,
  emptyWording = "empty selector is invalid for deployment",
): FieldError[] {
  if (selector === undefined) return [required(path)];
  const errors = validateLabelSelector(selector, path);
  if (isEmpty(selector)) errors.push(invalidValue(path, goLabelSelector(selector), emptyWording));
  return errors;
}

/** The pods of a ReplicaSet, by itself or under a Deployment: selected, and running for ever. */
export function validateReplicaTemplate({ selector, template }: SelectingSpec): FieldError[] {
  const matches = matcherOf(selector);
  if (matches === undefined) {
    const wrong = "invalid label selector";
    return [invalidValue("spec.selector", goLabelSelector(selector), wrong)];
  }
  return [
    ...(matches(template.metadata?.labels) ? [] : [unselectedTemplate(template)]),
    ...validatePodTemplate(template, "spec.template"),
    ...unendingTemplateErrors(template, "ReplicaSet"),
  ];
}

export function validateSameSelector(
  selector: LabelSelector | undefined,
  old: LabelSelector | undefined,
): FieldError[] {
  if (isDeepStrictEqual(selector, old)) return [];
  const value = selector === undefined ? undefined : goLabelSelector(selector);
  return [invalidValue("spec.selector", value, "field is immutable")];
}

/** Without a selector nothing matches; undefined where it can't be read. */
function matcherOf(selector: LabelSelector | undefined): LabelMatcher | undefined {
  try {
    return labelMatcher(selector);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Whether the operators and values of its requirements make sense. */
export function isReadable(selector: LabelSelector | undefined): boolean {
  return matcherOf(selector) !== undefined;
}

function isEmpty({ matchLabels = {}, matchExpressions = [] }: LabelSelector): boolean {
  return Object.keys(matchLabels).length + matchExpressions.length === 0;
}

/** As Go prints it in messages. */
export function goLabelSelector(selector: LabelSelector | undefined): GoStruct {
  const { matchLabels = {}, matchExpressions = [] } = selector ?? {};
  const type = "v1.LabelSelectorRequirement";
  const expressions = matchExpressions.map(({ key, operator, values = [] }) => ({
    Key: key,
    Operator: operator,
    Values: values,
  }));
  return new GoStruct("v1.LabelSelector", {
    MatchLabels: matchLabels,
    MatchExpressions:
      expressions.length === 0
        ? new GoStruct(`[]${type}`, {}, "(nil)")
        : GoStruct.listOf(type, expressions),
  });
}
