/**
 * A PodTemplate: what pods could be made from, kept by itself. Nothing in this cluster makes any of it.
 *
 * In Kubernetes: pkg/registry/core/podtemplate/strategy.go
 */
import { isDeepStrictEqual } from "node:util";
import { formatLabels, nameColumn } from "./columns.ts";
import { type Column, defineKind, type KubeObject } from "./kind.ts";
import { setPodSpecDefaults } from "./pod-defaults.ts";
import { validatePodTemplate } from "./pod-validation.ts";
import { podWarnings } from "./pod-warnings.ts";
import type { PodTemplate as Template } from "./replication-controller.ts";

export interface PodTemplate extends KubeObject {
  template: Template;
}

const columns: Column<PodTemplate>[] = [
  nameColumn,
  {
    name: "Containers",
    type: "string",
    description: "Names of each container in the template.",
    value: ({ template }) => template.spec.containers.map(({ name }) => name).join(","),
  },
  {
    name: "Images",
    type: "string",
    description: "Images referenced by each container in the template.",
    value: ({ template }) => template.spec.containers.map(({ image = "" }) => image).join(","),
  },
  {
    name: "Pod Labels",
    type: "string",
    description: "The labels for the pod template.",
    value: ({ template }) => formatLabels(template.metadata?.labels),
  },
];

export const PodTemplate = defineKind<PodTemplate>({
  group: "",
  version: "v1",
  kind: "PodTemplate",
  plural: "podtemplates",
  namespaced: true,
  storagePrefix: "podtemplates",
  schema: "io.k8s.api.core.v1.PodTemplate",
  isReturnedWhenDeleted: true,
  hasGeneration: true,
  columns,
  setDefaults(one) {
    one.template ??= { spec: { containers: [] } };
    one.template.spec ??= { containers: [] };
    setPodSpecDefaults(one.template.spec);
  },
  prepareForUpdate({ metadata, template }, old) {
    if (isDeepStrictEqual(template, old.template)) return;
    metadata.generation = (old.metadata.generation ?? 0) + 1;
  },
  validate: ({ template }) => validatePodTemplate(template, "template"),
  warnings({ metadata, template }, old) {
    const isSame = old !== undefined && old.metadata.generation === metadata.generation;
    return isSame ? [] : podWarnings(template, "template");
  },
  example: {
    apiVersion: "v1",
    kind: "PodTemplate",
    metadata: { name: "example" },
    template: {
      metadata: { labels: { app: "example" } },
      spec: { containers: [{ name: "main", image: "nginx:1.25" }] },
    },
  },
});
