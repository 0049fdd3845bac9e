/**
 * A PodDisruptionBudget: how many of some pods may be away at a time because somebody wished it (a
 * drained node), not because something broke.
 *
 * In Kubernetes: pkg/registry/policy/poddisruptionbudget/strategy.go, pkg/apis/policy/validation
 */
import type {
  PodDisruptionBudgetSpec,
  PodDisruptionBudgetStatus as TypedStatus,
} from "kubernetes-types/policy/v1.js";
import { validateLabelSelector } from "../affinity-validation.ts";
import { goLabelSelector } from "../apps/selector-validation.ts";
import { ageColumn, nameColumn } from "../columns.ts";
import { validateConditions } from "../condition-validation.ts";
import { type FieldError, GoStruct, invalidValue, notSupported } from "../field-error.ts";
import {
  goIntOrString,
  type IntOrPercent,
  validateAtMostAll,
  validateIntOrPercent,
} from "../int-or-percent.ts";
import { type Column, defineKind, type KubeObject } from "../kind.ts";
import { pathSegmentErrors } from "../names.ts";

export interface PodDisruptionBudgetStatus extends Omit<TypedStatus, "disruptedPods"> {
  /** Pods whose eviction was granted but has not been seen yet, and when. */
  disruptedPods?: Record<string, string>;
}

export interface PodDisruptionBudget extends KubeObject {
  spec: PodDisruptionBudgetSpec;
  status?: PodDisruptionBudgetStatus;
}

const EVICTION_POLICIES = ["AlwaysAllow", "IfHealthyBudget"];

const columns: Column<PodDisruptionBudget>[] = [
  nameColumn,
  {
    name: "Min Available",
    type: "string",
    description: "The minimum number of pods that must be available.",
    value: ({ spec }) => String(spec.minAvailable ?? "N/A"),
  },
  {
    name: "Max Unavailable",
    type: "string",
    description: "The maximum number of pods that may be unavailable.",
    value: ({ spec }) => String(spec.maxUnavailable ?? "N/A"),
  },
  {
    name: "Allowed Disruptions",
    type: "integer",
    description: "Calculated number of pods that may be disrupted at this time.",
    value: ({ status }) => status?.disruptionsAllowed ?? 0,
  },
  ageColumn,
];

export const PodDisruptionBudget = defineKind<PodDisruptionBudget>({
  group: "policy",
  version: "v1",
  kind: "PodDisruptionBudget",
  plural: "poddisruptionbudgets",
  shortNames: ["pdb"],
  namespaced: true,
  storagePrefix: "poddisruptionbudgets",
  schema: "io.k8s.api.policy.v1.PodDisruptionBudget",
  servedVersions: ["v1beta1"],
  hasStatus: true,
  hasGeneration: true,
  needsResourceVersion: true,
  // Kubernetes asks nothing of its name but that it can stand in a path.
  validateName: pathSegmentErrors,
  takesBareFinalizers: true,
  columns,
  setDefaults(budget) {
    budget.spec ??= {};
  },
  prepareForCreate(budget) {
    budget.status = {
      disruptionsAllowed: 0,
      currentHealthy: 0,
      desiredHealthy: 0,
      expectedPods: 0,
    };
  },
  validate: ({ spec }) => validateSpec(spec),
  validateStatusUpdate: ({ status }) => (status === undefined ? [] : validateStatus(status)),
  example: {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: { name: "example" },
    spec: { minAvailable: 1, selector: { matchLabels: { app: "example" } } },
  },
});

function validateSpec(spec: PodDisruptionBudgetSpec): FieldError[] {
  const { minAvailable, maxUnavailable, selector, unhealthyPodEvictionPolicy: policy } = spec;
  const errors: FieldError[] = [];
  if (minAvailable !== undefined && maxUnavailable !== undefined) {
    const why = "minAvailable and maxUnavailable cannot be both set";
    errors.push(invalidValue("spec", goSpec(spec), why));
  }
  for (const name of ["minAvailable", "maxUnavailable"] as const) {
    const amount = spec[name];
    if (amount !== undefined) errors.push(...amountErrors(amount, `spec.${name}`));
  }
  errors.push(...validateLabelSelector(selector, "spec.selector"));
  if (policy !== undefined && !EVICTION_POLICIES.includes(policy)) {
    errors.push(notSupported("spec.unhealthyPodEvictionPolicy", policy, EVICTION_POLICIES));
  }
  return errors;
}

function amountErrors(amount: IntOrPercent, path: string): FieldError[] {
  return [...validateIntOrPercent(amount, path), ...validateAtMostAll(amount, path)];
}

/** Go shows the addresses of the amounts, which mean nothing to a reader; here they are themselves. */
function goSpec({ minAvailable, maxUnavailable, selector }: PodDisruptionBudgetSpec): GoStruct {
  return new GoStruct("policy.PodDisruptionBudgetSpec", {
    MinAvailable: goIntOrString(minAvailable ?? 0),
    Selector: selector && goLabelSelector(selector),
    MaxUnavailable: goIntOrString(maxUnavailable ?? 0),
  });
}

function validateStatus(status: PodDisruptionBudgetStatus): FieldError[] {
  const errors = validateConditions(status.conditions ?? [], "status.conditions");
  const counts = [
    "disruptionsAllowed",
    "currentHealthy",
    "desiredHealthy",
    "expectedPods",
  ] as const;
  for (const name of counts) {
    if ((status[name] ?? 0) >= 0) continue;
    const why = "must be greater than or equal to 0";
    errors.push(invalidValue(`status.${name}`, status[name], why));
  }
  return errors;
}
