/**
 * A StatefulSet asks for pods that are somebody: each has a number, and with it a name, a host name
 * and volumes of its own that stay when the pod is replaced.
 *
 * In Kubernetes: pkg/registry/apps/statefulset/strategy.go, pkg/apis/apps/v1/defaults.go. Differs:
 * maxUnavailable of a rolling update is taken off, as there without the feature gate
 * MaxUnavailableStatefulSet.
 */
import type { StatefulSetStatus, StatefulSetSpec as TypedSpec } from "kubernetes-types/apps/v1.js";
import type { PersistentVolumeClaim } from "kubernetes-types/core/v1.js";
import { defineKind, type KubeObject } from "../kind.ts";
import { nameIsDns1123Label } from "../names.ts";
import { setPodSpecDefaults } from "../pod-defaults.ts";
import { claimSpecWarnings } from "../quantity-warnings.ts";
import type { PodTemplate } from "../replication-controller.ts";
import { templateWarnings } from "../workload-warnings.ts";
import { statefulSetColumns } from "./stateful-set-columns.ts";
import {
  validateStatefulSet,
  validateStatefulSetStatus,
  validateStatefulSetUpdate,
} from "./stateful-set-validation.ts";

export interface StatefulSetSpec extends Omit<TypedSpec, "template"> {
  template: PodTemplate;
}

export interface StatefulSet extends KubeObject {
  spec: StatefulSetSpec;
  status?: StatefulSetStatus;
}

export const StatefulSet = defineKind<StatefulSet>({
  group: "apps",
  version: "v1",
  kind: "StatefulSet",
  plural: "statefulsets",
  shortNames: ["sts"],
  categories: ["all"],
  namespaced: true,
  storagePrefix: "statefulsets",
  schema: "io.k8s.api.apps.v1.StatefulSet",
  hasStatus: true,
  hasGeneration: true,
  scale: {
    specReplicasPath: ".spec.replicas",
    statusReplicasPath: ".status.replicas",
    labelSelectorPath: ".spec.selector",
  },
  columns: statefulSetColumns,
  validateName: nameIsDns1123Label,
  setDefaults: ({ spec }) => spec && setSpecDefaults(spec),
  prepareForCreate(set) {
    set.status = { replicas: 0, availableReplicas: 0 };
    dropMaxUnavailable(set);
  },
  prepareForUpdate: dropMaxUnavailable,
  validate: validateStatefulSet,
  validateUpdate: validateStatefulSetUpdate,
  validateStatusUpdate: validateStatefulSetStatus,
  warnings: (set, old) => [
    ...templateWarnings(set, old),
    ...(old?.metadata.generation === set.metadata.generation ? [] : claimWarnings(set)),
  ],
  example: {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: { name: "example" },
    spec: {
      serviceName: "example",
      selector: { matchLabels: { app: "example" } },
      template: {
        metadata: { labels: { app: "example" } },
        spec: { containers: [{ name: "main", image: "nginx:1.25" }] },
      },
    },
  },
});

function setSpecDefaults(spec: StatefulSetSpec): void {
  spec.podManagementPolicy ||= "OrderedReady";
  spec.updateStrategy ??= {};
  const { updateStrategy } = spec;
  updateStrategy.type ||= "RollingUpdate";
  if (updateStrategy.type === "RollingUpdate") {
    updateStrategy.rollingUpdate ??= {};
    updateStrategy.rollingUpdate.partition ??= 0;
  }
  spec.persistentVolumeClaimRetentionPolicy ??= {};
  spec.persistentVolumeClaimRetentionPolicy.whenDeleted ||= "Retain";
  spec.persistentVolumeClaimRetentionPolicy.whenScaled ||= "Retain";
  spec.replicas ??= 1;
  spec.revisionHistoryLimit ??= 10;
  spec.serviceName ??= "";
  spec.volumeClaimTemplates = spec.volumeClaimTemplates?.map(completeClaim) ?? [];
  if (spec.volumeClaimTemplates.length === 0) delete spec.volumeClaimTemplates;
  spec.template ??= { spec: { containers: [] } };
  spec.template.spec ??= { containers: [] };
  setPodSpecDefaults(spec.template.spec);
}

function claimWarnings({ spec }: StatefulSet): string[] {
  return (spec.volumeClaimTemplates ?? []).flatMap((claim, index) =>
    claimSpecWarnings(claim.spec ?? {}, `spec.volumeClaimTemplates[${index}]`),
  );
}

function completeClaim(claim: PersistentVolumeClaim): PersistentVolumeClaim {
  return {
    ...claim,
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    spec: { volumeMode: "Filesystem", ...claim.spec },
    status: { phase: "Pending", ...claim.status },
  };
}

function dropMaxUnavailable({ spec }: StatefulSet): void {
  delete spec.updateStrategy?.rollingUpdate?.maxUnavailable;
}
