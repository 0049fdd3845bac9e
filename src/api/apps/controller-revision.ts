/**
 * A ControllerRevision: what a DaemonSet or a StatefulSet looked like once, so that it can look like
 * that again.
 *
 * Its rule: the data never changes; only its number may, when an old state becomes the newest.
 *
 * In Kubernetes: pkg/registry/apps/controllerrevision/strategy.go
 */
import { isDeepStrictEqual } from "node:util";
import { ageColumn, nameColumn } from "../columns.ts";
import { type FieldError, GoStruct, invalidValue, required } from "../field-error.ts";
import { defineKind, type KubeObject } from "../kind.ts";
import { controllerOf } from "../owner.ts";
import { atLeastZero } from "../replication-controller-validation.ts";

export interface ControllerRevision extends KubeObject {
  data?: Record<string, unknown>;
  revision: number;
}

export const ControllerRevision = defineKind<ControllerRevision>({
  group: "apps",
  version: "v1",
  kind: "ControllerRevision",
  plural: "controllerrevisions",
  namespaced: true,
  storagePrefix: "controllerrevisions",
  schema: "io.k8s.api.apps.v1.ControllerRevision",
  columns: [
    nameColumn,
    {
      name: "Controller",
      type: "string",
      description: "Controller of the object",
      value: controllerName,
    },
    {
      name: "Revision",
      type: "string",
      description: "Revision indicates the revision of the state represented by Data.",
      value: ({ revision }) => revision ?? 0,
    },
    ageColumn,
  ],
  setDefaults(revision) {
    revision.revision ??= 0;
  },
  validate: ({ data, revision }) => [
    ...(data === undefined ? [required("data", "data is mandatory")] : []),
    ...atLeastZero("revision", revision),
  ],
  validateUpdate,
  example: {
    apiVersion: "apps/v1",
    kind: "ControllerRevision",
    metadata: { name: "example" },
    data: { spec: { template: { $patch: "replace" } } },
    revision: 1,
  },
});

/** "daemonset.apps/logs" */
function controllerName(revision: ControllerRevision): string {
  const owner = controllerOf(revision);
  if (owner === undefined) return "<none>";
  const [group] = owner.apiVersion.includes("/") ? owner.apiVersion.split("/") : [];
  const kind = owner.kind.toLowerCase();
  return `${group === undefined ? kind : `${kind}.${group}`}/${owner.name}`;
}

function validateUpdate(now: ControllerRevision, old: ControllerRevision): FieldError[] {
  if (isDeepStrictEqual(now.data, old.data)) return [];
  const raw = new GoStruct("", {}, JSON.stringify(now.data ?? null));
  return [invalidValue("data", raw, "field is immutable")];
}
