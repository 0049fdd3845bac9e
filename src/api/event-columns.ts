/**
 * The cells of `kubectl get events`. The only kind whose first column is not its name.
 *
 * In Kubernetes: pkg/printers/internalversion/printers.go (printEvent)
 */
import { age } from "./columns.ts";
import type { Event } from "./event.ts";
import type { Column } from "./kind.ts";

export const eventColumns: Column<Event>[] = [
  {
    name: "Last Seen",
    type: "string",
    description: "The time at which the most recent occurrence of this event was recorded.",
    value: lastSeen,
  },
  {
    name: "Type",
    type: "string",
    description: "Type of this event (Normal, Warning), new types could be added in the future",
    value: (event) => event.type ?? "",
  },
  {
    name: "Reason",
    type: "string",
    description:
      "This should be a short, machine understandable string that gives the reason for the transition into the object's current status.",
    value: (event) => event.reason ?? "",
  },
  {
    name: "Object",
    type: "string",
    description: "The object that this event is about.",
    value: ({ involvedObject: { kind = "", name } }) =>
      kind.toLowerCase() + (name ? `/${name}` : ""),
  },
  {
    name: "Subobject",
    type: "string",
    priority: 1,
    description:
      'If referring to a piece of an object instead of an entire object, this string should contain a valid JSON/Go field access statement, such as desiredState.manifest.containers[2]. For example, if the object reference is to a container within a pod, this would take on a value like: "spec.containers{name}" (where "name" refers to the name of the container that triggered the event) or if no container name is specified "spec.containers[2]" (container with index 2 in this pod). This syntax is chosen only to have some well-defined way of referencing a part of an object.',
    value: (event) => event.involvedObject.fieldPath ?? "",
  },
  {
    name: "Source",
    type: "string",
    priority: 1,
    description:
      "The component reporting this event. Should be a short machine understandable string.",
    value: sourceOf,
  },
  {
    name: "Message",
    type: "string",
    description: "A human-readable description of the status of this operation.",
    value: (event) => event.message?.trim() ?? "",
  },
  {
    name: "First Seen",
    type: "string",
    priority: 1,
    description:
      "The time at which the event was first recorded. (Time of server receipt is in TypeMeta.)",
    value: firstSeen,
  },
  {
    name: "Count",
    type: "string",
    priority: 1,
    description: "The number of times this event has occurred.",
    value: (event) => event.series?.count ?? (event.count || 1),
  },
  {
    name: "Name",
    type: "string",
    format: "name",
    priority: 1,
    description:
      "Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names",
    value: (event) => event.metadata.name,
  },
];

function firstSeen(event: Event, now: Date): string {
  return age(event.firstTimestamp ?? event.eventTime ?? undefined, now);
}

function lastSeen(event: Event, now: Date): string {
  if (event.series) return age(event.series.lastObservedTime, now);
  return event.lastTimestamp ? age(event.lastTimestamp, now) : firstSeen(event, now);
}

function sourceOf({ source, reportingComponent, reportingInstance }: Event): string {
  const component = source?.component || reportingComponent || "";
  const instance = source?.host || reportingInstance || "";
  return instance === "" ? component : `${component}, ${instance}`;
}
