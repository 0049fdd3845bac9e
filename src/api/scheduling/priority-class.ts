/**
 * A PriorityClass: a name for how important a pod is. The Priority plug-in writes the number it
 * stands for into each pod that names it; the scheduler takes the highest first, and makes room
 * for it at the cost of lower ones.
 *
 * In Kubernetes: pkg/registry/scheduling/priorityclass/strategy.go,
 * pkg/apis/scheduling/v1/{defaults,helpers}.go
 */
import { ageColumn, nameColumn } from "../columns.ts";
import { defineKind, type KubeObject } from "../kind.ts";
import { validatePriorityClass, validatePriorityClassUpdate } from "./priority-class-validation.ts";

export type PreemptionPolicy = "PreemptLowerPriority" | "Never";

export interface PriorityClass extends KubeObject {
  value: number;
  globalDefault?: boolean;
  description?: string;
  preemptionPolicy?: PreemptionPolicy;
}

/** What the cluster's own pods are worth: more than anything a user may define. */
export const SYSTEM_PRIORITY_CLASSES: readonly PriorityClass[] = [
  {
    apiVersion: "scheduling.k8s.io/v1",
    kind: "PriorityClass",
    metadata: { name: "system-node-critical" },
    value: 2_000_001_000,
    description: "Used for system critical pods that must not be moved from their current node.",
  },
  {
    apiVersion: "scheduling.k8s.io/v1",
    kind: "PriorityClass",
    metadata: { name: "system-cluster-critical" },
    value: 2_000_000_000,
    description:
      "Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.",
  },
];

export const PriorityClass = defineKind<PriorityClass>({
  group: "scheduling.k8s.io",
  version: "v1",
  kind: "PriorityClass",
  plural: "priorityclasses",
  shortNames: ["pc"],
  namespaced: false,
  storagePrefix: "priorityclasses",
  schema: "io.k8s.api.scheduling.v1.PriorityClass",
  columns: [
    nameColumn,
    {
      name: "Value",
      type: "integer",
      description:
        "value represents the integer value of this priority class. This is the actual priority that pods receive when they have the name of this class in their pod spec.",
      value: ({ value }) => value,
    },
    {
      name: "Global-Default",
      type: "boolean",
      description:
        "globalDefault specifies whether this PriorityClass should be considered as the default priority for pods that do not have any priority class. Only one PriorityClass can be marked as `globalDefault`. However, if more than one PriorityClasses exists with their `globalDefault` field set to true, the smallest value of such global default PriorityClasses will be used as the default priority.",
      value: ({ globalDefault = false }) => globalDefault,
    },
    ageColumn,
  ],
  setDefaults(priorityClass) {
    priorityClass.value ??= 0;
    priorityClass.preemptionPolicy ??= "PreemptLowerPriority";
  },
  prepareForCreate({ metadata }) {
    metadata.generation = 1;
  },
  validate: (priorityClass) => validatePriorityClass(priorityClass, SYSTEM_PRIORITY_CLASSES),
  updatesAreJudgedAlone: true,
  validateUpdate: validatePriorityClassUpdate,
  example: {
    apiVersion: "scheduling.k8s.io/v1",
    kind: "PriorityClass",
    metadata: { name: "example" },
    value: 1_000,
    description: "More important than most.",
  },
});
