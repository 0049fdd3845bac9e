/**
 * What an event has to fulfil that is written through events.k8s.io/v1, besides what every event has to:
 * it has the fields of the newer kind and none of the older, and later only its series goes on.
 *
 * In Kubernetes: ValidateEventCreate and ValidateEventUpdate in pkg/apis/core/validation/events.go
 */
import type { EventSource, ObjectReference } from "kubernetes-types/core/v1.js";
import { isEqual } from "lodash-es";
import type { Event } from "../event.ts";
import { type FieldError, GoStruct, invalidValue, required } from "../field-error.ts";

const TYPES = ["Normal", "Warning"];
const UNSET = "needs to be unset";
const IMMUTABLE = "field is immutable";

export function strictEventErrors(event: Event): FieldError[] {
  const { type = "", source = {} } = event;
  const errors = seriesErrors(event);
  if (!event.eventTime) errors.push(required("eventTime"));
  if (!TYPES.includes(type)) {
    errors.push(invalidValue("type", "", `has invalid value: ${type}`));
  }
  if (event.firstTimestamp) errors.push(invalidValue("firstTimestamp", "", UNSET));
  if (event.lastTimestamp) errors.push(invalidValue("lastTimestamp", "", UNSET));
  if (event.count) errors.push(invalidValue("count", "", UNSET));
  if (source.component || source.host) errors.push(invalidValue("source", "", UNSET));
  return errors;
}

export function strictEventUpdateErrors(event: Event, old: Event): FieldError[] {
  const now = lastingFields(event);
  const was = lastingFields(old);
  const changed = now.filter(([, value], i) => !isEqual(value, was[i]![1]));
  return [
    ...(isEqual(event.series, old.series) ? [] : seriesErrors(event)),
    ...changed.map(([field, value]) => invalidValue(field, value, IMMUTABLE)),
  ];
}

function seriesErrors({ series }: Event): FieldError[] {
  if (series === undefined) return [];
  const errors: FieldError[] = [];
  if ((series.count ?? 0) < 2) {
    errors.push(invalidValue("series.count", "", "should be at least 2"));
  }
  if (!series.lastObservedTime) errors.push(required("series.lastObservedTime"));
  return errors;
}

/** In the order of the original, which asks for the reason twice. */
function lastingFields(event: Event): [field: string, value: unknown][] {
  const { reason = "", related } = event;
  return [
    ["involvedObject", goReference(event.involvedObject)],
    ["reason", reason],
    ["message", event.message ?? ""],
    ["source", goSource(event.source)],
    ["firstTimestamp", goTime(event.firstTimestamp)],
    ["lastTimestamp", goTime(event.lastTimestamp)],
    ["count", event.count ?? 0],
    ["reason", reason],
    ["type", event.type ?? ""],
    ["eventTime", goTime(event.eventTime)],
    ["action", event.action ?? ""],
    ["related", related && goReference(related)],
    ["reportingController", event.reportingComponent ?? ""],
    ["reportingInstance", event.reportingInstance ?? ""],
  ];
}

function goReference(of: ObjectReference): GoStruct {
  return new GoStruct("core.ObjectReference", {
    Kind: of.kind ?? "",
    Namespace: of.namespace ?? "",
    Name: of.name ?? "",
    UID: of.uid ?? "",
    APIVersion: of.apiVersion ?? "",
    ResourceVersion: of.resourceVersion ?? "",
    FieldPath: of.fieldPath ?? "",
  });
}

function goSource({ component = "", host = "" }: EventSource = {}): GoStruct {
  return new GoStruct("core.EventSource", { Component: component, Host: host });
}

/** As Go prints a time: to the microsecond, without the zeros at its end. */
function goTime(time: string | null | undefined): GoStruct {
  const [, day = "0001-01-01", second = "00:00:00", fraction = ""] =
    /^(.*)T(\d\d:\d\d:\d\d)(\.\d*)?/.exec(time ?? "") ?? [];
  const precise = fraction.replace(/\.?0*$/, "");
  return new GoStruct("", {}, `${day} ${second}${precise} +0000 UTC`);
}
