/**
 * The columns of `kubectl get -o wide` that all workloads have.
 *
 * In Kubernetes: pkg/printers/internalversion/printers.go
 */
import type { LabelSelector } from "kubernetes-types/meta/v1.js";
import type { Column, KubeObject } from "../kind.ts";
import { formatSelector, selectorOf } from "../labels.ts";
import type { PodTemplate } from "../replication-controller.ts";

export interface Workload extends KubeObject {
  spec: { template: PodTemplate; selector?: LabelSelector };
}

export const containersColumn: Column<Workload> = {
  name: "Containers",
  type: "string",
  priority: 1,
  description: "Names of each container in the template.",
  value: ({ spec }) => spec.template.spec.containers.map(({ name }) => name).join(","),
};

export const imagesColumn: Column<Workload> = {
  name: "Images",
  type: "string",
  priority: 1,
  description: "Images referenced by each container in the template.",
  value: ({ spec }) => spec.template.spec.containers.map(({ image }) => image ?? "").join(","),
};

export function selectorColumn(description: string): Column<Workload> {
  return {
    name: "Selector",
    type: "string",
    priority: 1,
    description,
    value: ({ spec }) => formatSelector(selectorOf(spec.selector ?? {})) || "<none>",
  };
}
