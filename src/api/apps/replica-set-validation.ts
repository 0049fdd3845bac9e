/**
 * What a ReplicaSet must be: its numbers not negative, its selector one that selects what it makes.
 *
 * In Kubernetes: pkg/apis/apps/validation/validation.go (ValidateReplicaSetSpec)
 */
import type { FieldError } from "../field-error.ts";
import {
  atLeastZero,
  validateReplicationControllerStatus,
} from "../replication-controller-validation.ts";
import type { ReplicaSet } from "./replica-set.ts";
import { validateReplicaTemplate, validateSelector } from "./selector-validation.ts";

export function validateReplicaSet({ spec }: ReplicaSet): FieldError[] {
  return [
    ...atLeastZero("spec.replicas", spec.replicas ?? 0),
    ...atLeastZero("spec.minReadySeconds", spec.minReadySeconds ?? 0),
    ...validateSelector(spec.selector, "spec.selector"),
    ...validateReplicaTemplate(spec),
  ];
}

/** The same numbers as a ReplicationController's. */
export const validateReplicaSetStatus = (replicaSet: ReplicaSet): FieldError[] =>
  validateReplicationControllerStatus(replicaSet);
