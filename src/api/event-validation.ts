/**
 * An event lives in the namespace of what it is about; events about objects without a namespace
 * live in "default". One with an `eventTime` is of the newer kind and says who reports it, and what
 * was done. Who writes through events.k8s.io/v1 is held to more.
 *
 * In Kubernetes: pkg/apis/core/validation/events.go
 */
import type { Event } from "./event.ts";
import { strictEventErrors, strictEventUpdateErrors } from "./events/strict-validation.ts";
import { type FieldError, invalidValue, required } from "./field-error.ts";
import type { Kind } from "./kind.ts";
import { qualifiedNameErrors } from "./names.ts";

const MOST_NAME_CHARACTERS = 128;
const MOST_MESSAGE_CHARACTERS = 1024;
const MISMATCH = "does not match event.namespace";

/** The name a version has for who reports. */
type Reporter = "reportingComponent" | "reportingController";

export function validateEvent(event: Event, askedAs?: Kind): FieldError[] {
  const errors = commonErrors(event, askedAs);
  return isStrict(askedAs) ? [...errors, ...strictEventErrors(event)] : errors;
}

export function validateEventUpdate(event: Event, old: Event, askedAs?: Kind): FieldError[] {
  const errors = commonErrors(event, askedAs);
  return isStrict(askedAs) ? [...errors, ...strictEventUpdateErrors(event, old)] : errors;
}

/** The older versions are as they always were. */
function isStrict(askedAs: Kind | undefined): boolean {
  return askedAs?.version === "v1" && askedAs.group === "events.k8s.io";
}

function commonErrors(event: Event, askedAs: Kind | undefined): FieldError[] {
  const { namespace: where = "" } = event.metadata;
  const { namespace: of = "" } = event.involvedObject ?? {};
  const path = "involvedObject.namespace";
  if (event.eventTime) {
    const isFiledRight = of !== "" || where === "default" || where === "kube-system";
    const reporter = askedAs === undefined ? "reportingComponent" : "reportingController";
    return [
      ...(isFiledRight ? [] : [invalidValue(path, of, MISMATCH)]),
      ...reportErrors(event, reporter),
    ];
  }
  const isFiledRight = of === "" ? where === "" || where === "default" : where === of;
  return isFiledRight ? [] : [invalidValue(path, of, MISMATCH)];
}

function reportErrors(event: Event, reporter: Reporter): FieldError[] {
  const { reportingComponent: component = "", message = "" } = event;
  const errors = component === "" ? [required(reporter)] : [];
  const wrong = qualifiedNameErrors(component);
  errors.push(...wrong.map((error) => invalidValue(reporter, component, error)));
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
