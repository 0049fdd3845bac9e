/**
 * The event of events.k8s.io: the same events as the core group's, under newer names. What is written
 * by one is read by the other; they are stored as the core group's.
 *
 * In Kubernetes: pkg/apis/events/v1/conversion.go, pkg/apis/core/validation/events.go
 */
import type { EventSource, ObjectReference } from "kubernetes-types/core/v1.js";
import type { EventSeries } from "kubernetes-types/events/v1.js";
import { Event as CoreEvent } from "../event.ts";
import type { KubeObject } from "../kind.ts";
import type { OtherVersion } from "../served-versions.ts";

interface NewerEvent extends KubeObject {
  eventTime?: string | null;
  series?: EventSeries;
  reportingController?: string;
  reportingInstance?: string;
  action?: string;
  reason?: string;
  regarding?: ObjectReference;
  related?: ObjectReference;
  note?: string;
  type?: string;
  deprecatedSource?: EventSource;
  deprecatedFirstTimestamp?: string | null;
  deprecatedLastTimestamp?: string | null;
  deprecatedCount?: number;
}

const GROUP = "events.k8s.io";

/** The fields that changed their names: those of the core group, then those of this one. */
const RENAMED = [
  ["involvedObject", "regarding"],
  ["message", "note"],
  ["reportingComponent", "reportingController"],
  ["source", "deprecatedSource"],
  ["firstTimestamp", "deprecatedFirstTimestamp"],
  ["lastTimestamp", "deprecatedLastTimestamp"],
  ["count", "deprecatedCount"],
] as const;

function eventOf(version: string): OtherVersion {
  const apiVersion = `${GROUP}/${version}`;
  return Object.freeze({
    ...(CoreEvent as unknown as OtherVersion),
    group: GROUP,
    version,
    schema: "io.k8s.api.events.v1.Event",
    storedAs: {
      kind: CoreEvent as unknown as OtherVersion,
      toStored: (obj: KubeObject) => ({ ...withCoreNames(obj), apiVersion: "v1" }),
      fromStored: (obj: KubeObject) => ({ ...withNewerNames(obj as CoreEvent), apiVersion }),
    },
  });
}

export const EventInV1 = eventOf("v1");
export const EventInV1beta1 = eventOf("v1beta1");

function withCoreNames(obj: KubeObject): CoreEvent {
  const renamed: Record<string, unknown> = { ...obj };
  for (const [core, newer] of RENAMED) rename(renamed, newer, core);
  renamed.involvedObject ??= {};
  return renamed as unknown as CoreEvent;
}

function withNewerNames(obj: CoreEvent): NewerEvent {
  const renamed: Record<string, unknown> = { ...obj };
  for (const [core, newer] of RENAMED) rename(renamed, core, newer);
  renamed.eventTime ??= null;
  return renamed as unknown as NewerEvent;
}

function rename(fields: Record<string, unknown>, from: string, to: string): void {
  const { [from]: value } = fields;
  delete fields[from];
  if (value !== undefined) fields[to] = value;
}
