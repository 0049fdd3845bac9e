/**
 * The columns of `kubectl get -o wide` that all workloads have, and the warnings of their names.
 *
 * In Kubernetes: pkg/printers/internalversion/printers.go, pkg/registry/apps/<kind>/strategy.go
 */
import type { LabelSelector } from "kubernetes-types/meta/v1.js";
import type { Column, KubeObject } from "../kind.ts";
import { formatSelector, selectorOf } from "../labels.ts";
import { dns1123LabelErrors } from "../names.ts";
import { podSpecWarnings } from "../pod-warnings.ts";
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

/** Said when it is created, and again when its spec has changed. */
export function workloadWarnings(workload: Workload, old?: Workload): string[] {
  const { metadata, spec } = workload;
  if (old !== undefined && old.metadata.generation === metadata.generation) return [];
  const pods = podSpecWarnings(spec.template.spec, "spec.template.spec");
  return old === undefined ? [...nameWarnings(metadata.name), ...pods] : pods;
}

function nameWarnings(name: string): string[] {
  const wrong = dns1123LabelErrors(name);
  if (wrong.length === 0) return [];
  return [
    `metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: [${wrong.join(" ")}]`,
  ];
}
