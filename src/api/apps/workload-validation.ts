/**
 * What daemon sets and stateful sets ask of a template and a status alike: pods that the selector
 * sees, and counts that are counts.
 *
 * In Kubernetes: pkg/apis/apps/validation/validation.go
 */
import type { LabelSelector } from "kubernetes-types/meta/v1.js";
import { type FieldError, invalidValue } from "../field-error.ts";
import { labelMatcher } from "../labels.ts";
import type { PodTemplate } from "../replication-controller.ts";
import { atLeastZero } from "../replication-controller-validation.ts";
import { unselectedTemplate } from "../template-validation.ts";

/** Nothing is said where the selector itself cannot be read: that has been said of the selector. */
export function unselectedTemplateErrors(
  selector: LabelSelector | undefined,
  template: PodTemplate,
): FieldError[] {
  try {
    if (labelMatcher(selector)(template.metadata?.labels)) return [];
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
  return [unselectedTemplate(template)];
}

/** None of the counts of a status may be negative. `names` is the order in which it is told. */
export function countErrors<T extends object>(
  status: T,
  names: (keyof T & string)[],
): FieldError[] {
  return names.flatMap((name) => atLeastZero(`status.${name}`, Number(status[name] ?? 0)));
}

/** The count by which two revisions of one name are told apart only grows, and is not lost. */
export function collisionErrors(count: number | undefined, old: number | undefined): FieldError[] {
  const now = count ?? 0;
  const isKept = old === undefined || (count !== undefined && now >= old);
  return isKept ? [] : [invalidValue("status.collisionCount", now, "cannot be decremented")];
}
