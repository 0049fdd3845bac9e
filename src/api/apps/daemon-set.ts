/**
 * A DaemonSet asks for one pod on every node, or on every node that its template suits.
 *
 * In Kubernetes: pkg/registry/apps/daemonset/strategy.go, pkg/apis/apps/v1/defaults.go
 */
import { isDeepStrictEqual } from "node:util";
import type { DaemonSetStatus, DaemonSetSpec as TypedSpec } from "kubernetes-types/apps/v1.js";
import { defineKind, type KubeObject } from "../kind.ts";
import { setPodSpecDefaults } from "../pod-defaults.ts";
import type { PodTemplate } from "../replication-controller.ts";
import { templateWarnings } from "../workload-warnings.ts";
import { daemonSetColumns } from "./daemon-set-columns.ts";
import {
  validateDaemonSet,
  validateDaemonSetStatus,
  validateDaemonSetUpdate,
} from "./daemon-set-validation.ts";

export interface DaemonSetSpec extends Omit<TypedSpec, "template"> {
  template: PodTemplate;
}

export interface DaemonSet extends KubeObject {
  spec: DaemonSetSpec;
  status?: DaemonSetStatus;
}

/** How often the template has been changed; kept for clients of the API's beta days. */
export const TEMPLATE_GENERATION = "deprecated.daemonset.template.generation";

export const DaemonSet = defineKind<DaemonSet>({
  group: "apps",
  version: "v1",
  kind: "DaemonSet",
  plural: "daemonsets",
  shortNames: ["ds"],
  categories: ["all"],
  namespaced: true,
  storagePrefix: "daemonsets",
  schema: "io.k8s.api.apps.v1.DaemonSet",
  hasStatus: true,
  hasGeneration: true,
  columns: daemonSetColumns,
  setDefaults: ({ spec }) => spec && setSpecDefaults(spec),
  prepareForCreate(set) {
    setTemplateGeneration(set, 1);
    set.status = noneScheduled();
  },
  prepareForUpdate(set, old) {
    const before = Number(old.metadata.annotations?.[TEMPLATE_GENERATION] ?? 1);
    const isSame = isDeepStrictEqual(set.spec.template, old.spec.template);
    setTemplateGeneration(set, isSame ? before : before + 1);
  },
  validate: validateDaemonSet,
  validateUpdate: validateDaemonSetUpdate,
  validateStatusUpdate: validateDaemonSetStatus,
  warnings: templateWarnings,
  example: {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: { name: "example" },
    spec: {
      selector: { matchLabels: { app: "example" } },
      template: {
        metadata: { labels: { app: "example" } },
        spec: { containers: [{ name: "main", image: "nginx:1.25" }] },
      },
    },
  },
});

function setSpecDefaults(spec: DaemonSetSpec): void {
  spec.updateStrategy ??= {};
  const { updateStrategy } = spec;
  updateStrategy.type ||= "RollingUpdate";
  if (updateStrategy.type === "RollingUpdate") {
    updateStrategy.rollingUpdate ??= {};
    updateStrategy.rollingUpdate.maxUnavailable ??= 1;
    updateStrategy.rollingUpdate.maxSurge ??= 0;
  }
  spec.revisionHistoryLimit ??= 10;
  spec.template ??= { spec: { containers: [] } };
  spec.template.spec ??= { containers: [] };
  setPodSpecDefaults(spec.template.spec);
}

function setTemplateGeneration({ metadata }: DaemonSet, generation: number): void {
  metadata.annotations = { ...metadata.annotations, [TEMPLATE_GENERATION]: String(generation) };
}

function noneScheduled(): DaemonSetStatus {
  return {
    currentNumberScheduled: 0,
    numberMisscheduled: 0,
    desiredNumberScheduled: 0,
    numberReady: 0,
  };
}
