/**
 * What the controllers of pods ask of their templates: pods that their selector sees, and that are always started
 * again.
 *
 * In Kubernetes: pkg/apis/core/validation/validation.go, pkg/apis/apps/validation/validation.go
 */
import { type FieldError, forbidden, invalidValue, notSupported } from "./field-error.ts";
import type { PodTemplate } from "./replication-controller.ts";

/** The selector does not see what the template makes: there would be pods for ever. */
export function unselectedTemplate({ metadata }: PodTemplate): FieldError {
  const why = "`selector` does not match template `labels`";
  return invalidValue("spec.template.metadata.labels", metadata?.labels ?? {}, why);
}

/** `workload` is how the message names it: "DaemonSet". */
export function unendingTemplateErrors({ spec }: PodTemplate, workload: string): FieldError[] {
  const errors: FieldError[] = [];
  if (spec.restartPolicy !== "Always") {
    errors.push(notSupported("spec.template.spec.restartPolicy", spec.restartPolicy, ["Always"]));
  }
  if (spec.activeDeadlineSeconds !== undefined) {
    const why = `activeDeadlineSeconds in ${workload} is not Supported`;
    errors.push(forbidden("spec.template.spec.activeDeadlineSeconds", why));
  }
  return errors;
}
