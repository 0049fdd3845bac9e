/**
 * A ReplicaSet asks for a number of pods that look alike. It is a ReplicationController with a
 * selector that can say more, and is seldom made by hand: each version of a Deployment has one.
 *
 * In Kubernetes: pkg/registry/apps/replicaset/strategy.go
 */
import type {
  ReplicaSetSpec as GeneratedSpec,
  ReplicaSetStatus,
} from "kubernetes-types/apps/v1.js";
import { defineKind, type KubeObject } from "../kind.ts";
import { setPodSpecDefaults } from "../pod-defaults.ts";
import type { PodTemplate } from "../replication-controller.ts";
import { workloadWarnings } from "../workload-warnings.ts";
import { replicaSetColumns } from "./replica-set-columns.ts";
import { validateReplicaSet, validateReplicaSetStatus } from "./replica-set-validation.ts";
import { validateSameSelector } from "./selector-validation.ts";

export interface ReplicaSetSpec extends Omit<GeneratedSpec, "template"> {
  template: PodTemplate;
}

export interface ReplicaSet extends KubeObject {
  spec: ReplicaSetSpec;
  status?: ReplicaSetStatus;
}

export const ReplicaSet = defineKind<ReplicaSet>({
  group: "apps",
  version: "v1",
  kind: "ReplicaSet",
  plural: "replicasets",
  shortNames: ["rs"],
  categories: ["all"],
  namespaced: true,
  storagePrefix: "replicasets",
  schema: "io.k8s.api.apps.v1.ReplicaSet",
  hasStatus: true,
  hasGeneration: true,
  scale: {
    specReplicasPath: ".spec.replicas",
    statusReplicasPath: ".status.replicas",
    labelSelectorPath: ".spec.selector",
  },
  columns: replicaSetColumns,
  setDefaults(replicaSet) {
    replicaSet.spec ??= {} as ReplicaSetSpec;
    replicaSet.spec.replicas ??= 1;
    setTemplateDefaults(replicaSet.spec);
  },
  prepareForCreate(replicaSet) {
    replicaSet.status = { replicas: 0 };
  },
  validate: validateReplicaSet,
  validateUpdate: ({ spec }, old) => validateSameSelector(spec.selector, old.spec.selector),
  validateStatusUpdate: validateReplicaSetStatus,
  warnings: workloadWarnings,
  example: {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    metadata: { name: "example" },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: "example" } },
      template: {
        metadata: { labels: { app: "example" } },
        spec: { containers: [{ name: "main", image: "nginx:1.25" }] },
      },
    },
  },
});

/** Where there is no template the defaults make an empty one, and validation says what it lacks. */
export function setTemplateDefaults(spec: { template: PodTemplate }): void {
  spec.template ??= {} as PodTemplate;
  spec.template.spec ??= { containers: [] };
  spec.template.spec.containers ??= [];
  setPodSpecDefaults(spec.template.spec);
}
