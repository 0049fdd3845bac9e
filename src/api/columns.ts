/**
 * The columns that kinds share, and the two words a cell uses for nothing: `<none>` for an empty
 * value, `<unknown>` for a time that is not there.
 *
 * In Kubernetes: pkg/printers/internalversion/printers.go
 */
import { humanDuration } from "./human-duration.ts";
import type { Column, KubeObject } from "./kind.ts";

export const nameColumn: Column<KubeObject> = {
  name: "Name",
  type: "string",
  format: "name",
  description:
    "Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names",
  value: (obj) => obj.metadata.name,
};

export const ageColumn: Column<KubeObject> = {
  name: "Age",
  type: "string",
  description:
    "CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata",
  value: (obj, now) => age(obj.metadata.creationTimestamp, now),
};

/** How long ago a time was: "5m", or "<unknown>" where there is none. */
export function age(time: string | undefined, now: Date): string {
  return time === undefined ? "<unknown>" : humanDuration(now.getTime() - Date.parse(time));
}

/** What a cell shows for a map of labels: "a=b,c=d" in the order of the keys. */
export function formatLabels(labels: Record<string, string> = {}): string {
  const pairs = Object.keys(labels)
    .toSorted()
    .map((key) => `${key}=${labels[key]}`);
  return pairs.join(",") || "<none>";
}
