/**
 * A Lease: who holds something, and until when. Nodes show by one that they live, and of several
 * schedulers the holder of one is the leader.
 *
 * In Kubernetes: pkg/registry/coordination/lease/strategy.go, pkg/apis/coordination/validation
 */
import type { LeaseSpec } from "kubernetes-types/coordination/v1.js";
import { ageColumn, nameColumn } from "./columns.ts";
import { type FieldError, invalidValue } from "./field-error.ts";
import { defineKind, type KubeObject } from "./kind.ts";

export interface Lease extends KubeObject {
  spec: LeaseSpec;
}

export const Lease = defineKind<Lease>({
  group: "coordination.k8s.io",
  version: "v1",
  kind: "Lease",
  plural: "leases",
  namespaced: true,
  storagePrefix: "leases",
  schema: "io.k8s.api.coordination.v1.Lease",
  needsResourceVersion: true,
  isCreatedByUpdate: true,
  takesBareFinalizers: true,
  columns: [
    nameColumn,
    {
      name: "Holder",
      type: "string",
      description: "holderIdentity contains the identity of the holder of a current lease.",
      value: (lease) => lease.spec?.holderIdentity ?? "",
    },
    ageColumn,
  ],
  setDefaults(lease) {
    lease.spec ??= {};
  },
  validate: ({ spec }) => validateSpec(spec),
  example: {
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    metadata: { name: "example" },
    spec: { holderIdentity: "node1", leaseDurationSeconds: 40 },
  },
});

function validateSpec({ leaseDurationSeconds = 1, leaseTransitions = 0 }: LeaseSpec): FieldError[] {
  const errors: FieldError[] = [];
  if (leaseDurationSeconds <= 0) {
    const path = "spec.leaseDurationSeconds";
    errors.push(invalidValue(path, leaseDurationSeconds, "must be greater than 0"));
  }
  if (leaseTransitions < 0) {
    const path = "spec.leaseTransitions";
    errors.push(invalidValue(path, leaseTransitions, "must be greater than or equal to 0"));
  }
  return errors;
}
