/**
 * A ReplicationController asks for a number of pods that look alike.
 *
 * The declaration below is all the API server knows about the kind; what keeps the pods running
 * is the controller of the same name.
 *
 * In Kubernetes: pkg/registry/core/replicationcontroller/strategy.go
 */
import type { PodSpec, ReplicationControllerStatus } from "kubernetes-types/core/v1.js";
import type { ObjectMeta } from "kubernetes-types/meta/v1.js";
import { defineKind, type KubeObject } from "./kind.ts";
import { setPodSpecDefaults } from "./pod-defaults.ts";
import { replicationControllerColumns } from "./replication-controller-columns.ts";
import {
  validateReplicationController,
  validateReplicationControllerStatus,
} from "./replication-controller-validation.ts";
import { workloadWarnings } from "./workload-warnings.ts";

/** What pods are made from: all of a pod but its own name and status. */
export interface PodTemplate {
  metadata?: ObjectMeta;
  spec: PodSpec;
}

export interface ReplicationControllerSpec {
  replicas?: number;
  minReadySeconds?: number;
  selector?: Record<string, string>;
  template: PodTemplate;
}

export interface ReplicationController extends KubeObject {
  spec: ReplicationControllerSpec;
  status?: ReplicationControllerStatus;
}

export const ReplicationController = defineKind<ReplicationController>({
  group: "",
  version: "v1",
  kind: "ReplicationController",
  plural: "replicationcontrollers",
  shortNames: ["rc"],
  categories: ["all"],
  namespaced: true,
  storagePrefix: "controllers",
  schema: "io.k8s.api.core.v1.ReplicationController",
  hasStatus: true,
  hasGeneration: true,
  scale: {
    specReplicasPath: ".spec.replicas",
    statusReplicasPath: ".status.replicas",
    labelSelectorPath: ".spec.selector",
  },
  columns: replicationControllerColumns,
  selectableFields: (rc) => ({ "status.replicas": String(rc.status?.replicas ?? 0) }),
  setDefaults(rc) {
    // Without a template there is none to default; validation says so.
    rc.spec ??= {} as ReplicationControllerSpec;
    rc.spec.replicas ??= 1;
    setTemplateDefaults(rc);
    const { template } = rc.spec;
    if (!template) return;
    template.spec ??= { containers: [] };
    setPodSpecDefaults(template.spec);
  },
  prepareForCreate(rc) {
    rc.status = { replicas: 0 };
  },
  validate: validateReplicationController,
  validateStatusUpdate: validateReplicationControllerStatus,
  warnings: workloadWarnings,
  defaultPropagation: "Orphan",
  example: {
    apiVersion: "v1",
    kind: "ReplicationController",
    metadata: { name: "example" },
    spec: {
      replicas: 1,
      selector: { app: "example" },
      template: {
        metadata: { labels: { app: "example" } },
        spec: { containers: [{ name: "main", image: "nginx:1.25" }] },
      },
    },
  },
});

/** The labels of the template stand in for a selector, and for labels of the controller's own. */
function setTemplateDefaults({ metadata, spec }: ReplicationController): void {
  const labels = spec.template?.metadata?.labels;
  if (labels === undefined) return;
  if (Object.keys(spec.selector ?? {}).length === 0) spec.selector = { ...labels };
  if (Object.keys(metadata.labels ?? {}).length === 0) metadata.labels = { ...labels };
}
