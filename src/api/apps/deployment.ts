/**
 * A Deployment says which pods there are to be, and how one version of them gives way to the next.
 *
 * The pods are not its own: for each version of the template it has a ReplicaSet, and lets the new
 * one grow as the old ones shrink. The old ones stay, empty, to go back to.
 *
 * In Kubernetes: pkg/registry/apps/deployment/strategy.go
 */
import { isDeepStrictEqual } from "node:util";
import type {
  DeploymentStatus,
  DeploymentSpec as GeneratedSpec,
} from "kubernetes-types/apps/v1.js";
import { defineKind, type KubeObject } from "../kind.ts";
import type { PodTemplate } from "../replication-controller.ts";
import { workloadWarnings } from "../workload-warnings.ts";
import { deploymentColumns } from "./deployment-columns.ts";
import { validateDeployment, validateDeploymentStatus } from "./deployment-validation.ts";
import { setTemplateDefaults } from "./replica-set.ts";
import { validateSameSelector } from "./selector-validation.ts";

export interface DeploymentSpec extends Omit<GeneratedSpec, "template"> {
  template: PodTemplate;
}

export interface Deployment extends KubeObject {
  spec: DeploymentSpec;
  status?: DeploymentStatus;
}

export const Deployment = defineKind<Deployment>({
  group: "apps",
  version: "v1",
  kind: "Deployment",
  plural: "deployments",
  shortNames: ["deploy"],
  categories: ["all"],
  namespaced: true,
  storagePrefix: "deployments",
  schema: "io.k8s.api.apps.v1.Deployment",
  hasStatus: true,
  hasGeneration: true,
  scale: {
    specReplicasPath: ".spec.replicas",
    statusReplicasPath: ".status.replicas",
    labelSelectorPath: ".spec.selector",
  },
  columns: deploymentColumns,
  setDefaults(deployment) {
    deployment.spec ??= {} as DeploymentSpec;
    setSpecDefaults(deployment.spec);
    setTemplateDefaults(deployment.spec);
  },
  prepareForCreate(deployment) {
    deployment.status = {};
  },
  /** Its annotations are copied to its ReplicaSets, so that a change of them is one to act on. */
  prepareForUpdate({ metadata }, old) {
    if (isDeepStrictEqual(metadata.annotations ?? {}, old.metadata.annotations ?? {})) return;
    metadata.generation = (old.metadata.generation ?? 0) + 1;
  },
  validate: validateDeployment,
  validateUpdate: ({ spec }, old) => validateSameSelector(spec.selector, old.spec.selector),
  validateStatusUpdate: validateDeploymentStatus,
  warnings: workloadWarnings,
  example: {
    apiVersion: "apps/v1",
    kind: "Deployment",
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

function setSpecDefaults(spec: DeploymentSpec): void {
  spec.replicas ??= 1;
  spec.strategy ??= {};
  spec.strategy.type ||= "RollingUpdate";
  if (spec.strategy.type === "RollingUpdate") {
    spec.strategy.rollingUpdate ??= {};
    spec.strategy.rollingUpdate.maxUnavailable ??= "25%";
    spec.strategy.rollingUpdate.maxSurge ??= "25%";
  }
  spec.revisionHistoryLimit ??= 10;
  spec.progressDeadlineSeconds ??= 600;
}
