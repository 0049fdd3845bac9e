/**
 * An Event: a note of something that happened to an object, kept for an hour. For people to read;
 * no controller may act on one.
 *
 * In Kubernetes: pkg/registry/core/event/strategy.go
 */
import type { EventSeries, EventSource, ObjectReference } from "kubernetes-types/core/v1.js";
import { eventColumns } from "./event-columns.ts";
import { validateEvent, validateEventUpdate } from "./event-validation.ts";
import { defineKind, type KubeObject } from "./kind.ts";

export interface Event extends KubeObject {
  involvedObject: ObjectReference;
  type?: string;
  reason?: string;
  message?: string;
  source?: EventSource;
  count?: number;
  firstTimestamp?: string | null;
  lastTimestamp?: string | null;
  eventTime?: string | null;
  series?: EventSeries;
  action?: string;
  related?: ObjectReference;
  reportingComponent?: string;
  reportingInstance?: string;
}

export const Event = defineKind<Event>({
  group: "",
  version: "v1",
  kind: "Event",
  plural: "events",
  shortNames: ["ev"],
  namespaced: true,
  storagePrefix: "events",
  schema: "io.k8s.api.core.v1.Event",
  isCreatedByUpdate: true,
  columns: eventColumns,
  selectableFields: ({ involvedObject: of = {}, ...event }) => ({
    "involvedObject.kind": of.kind ?? "",
    "involvedObject.namespace": of.namespace ?? "",
    "involvedObject.name": of.name ?? "",
    "involvedObject.uid": of.uid ?? "",
    "involvedObject.apiVersion": of.apiVersion ?? "",
    "involvedObject.resourceVersion": of.resourceVersion ?? "",
    "involvedObject.fieldPath": of.fieldPath ?? "",
    reason: event.reason ?? "",
    reportingComponent: event.reportingComponent ?? "",
    source: event.source?.component ?? event.reportingComponent ?? "",
    type: event.type ?? "",
  }),
  /** It is always there, if empty: to Go it is no pointer. */
  setDefaults(event) {
    event.involvedObject ??= {};
  },
  validate: validateEvent,
  validateUpdate: validateEventUpdate,
  updatesAreJudgedAlone: true,
  example: {
    apiVersion: "v1",
    kind: "Event",
    metadata: { name: "example.1", namespace: "default" },
    involvedObject: { kind: "Pod", namespace: "default", name: "example" },
    type: "Normal",
    reason: "Started",
    message: "Started container",
    source: { component: "kubelet", host: "node1" },
  },
});
