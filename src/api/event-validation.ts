/**
 * An event lives in the namespace of what it is about; events about objects without a namespace
 * live in "default". One with an `eventTime` is of the newer kind and says who reports it, and what
 * was done.
 *
 * In Kubernetes: pkg/apis/core/validation/events.go (legacyValidateEvent)
 */
import type { Event } from "./event.ts";
import { type FieldError, invalidValue, required } from "./field-error.ts";
import { qualifiedNameErrors } from "./names.ts";

const MOST_NAME_CHARACTERS = 128;
const MOST_MESSAGE_CHARACTERS = 1024;
const MISMATCH = "does not match event.namespace";

export function validateEvent(event: Event): FieldError[] {
  const { namespace: where = "" } = event.metadata;
  const { namespace: of = "" } = event.involvedObject ?? {};
  const path = "involvedObject.namespace";
  if (event.eventTime) {
    const isFiledRight = of !== "" || where === "default" || where === "kube-system";
    return [...(isFiledRight ? [] : [invalidValue(path, of, MISMATCH)]), ...reportErrors(event)];
  }
  const isFiledRight = of === "" ? where === "" || where === "default" : where === of;
  return isFiledRight ? [] : [invalidValue(path, of, MISMATCH)];
}

function reportErrors(event: Event): FieldError[] {
  const { reportingComponent: component = "", message = "" } = event;
  const errors = component === "" ? [required("reportingComponent")] : [];
  const wrong = qualifiedNameErrors(component);
  errors.push(...wrong.map((error) => invalidValue("reportingComponent", component, error)));
  for (const field of ["reportingInstance", "action", "reason"] as const) {
    const value = event[field] ?? "";
    if (value === "") errors.push(required(field));
    errors.push(...tooLongErrors(value, MOST_NAME_CHARACTERS, field));
  }
  return [...errors, ...tooLongErrors(message, MOST_MESSAGE_CHARACTERS, "message")];
}

function tooLongErrors(value: string, most: number, path: string): FieldError[] {
  if (value.length <= most) return [];
  return [invalidValue(path, "", `can have at most ${most} characters`)];
}
