/**
 * What is said of the template of a workload: when it is made, and again when its spec has changed.
 *
 * In Kubernetes: WarningsOnCreate and WarningsOnUpdate in pkg/registry/<group>/<kind>/strategy.go
 */
import type { JobSpec } from "./batch/job.ts";
import type { KubeObject } from "./kind.ts";
import { dns1123LabelErrors } from "./names.ts";
import { hostNameWarnings, type PodLike, podWarnings } from "./pod-warnings.ts";

const MANY_COMPLETIONS = 100_000;
const MANY_AT_ONCE = 10_000;
const TOO_MANY_INDEXES =
  "In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail";

/** Its pods are called by its name. */
export function workloadWarnings(
  workload: KubeObject & { spec: { template: PodLike } },
  old?: KubeObject,
): string[] {
  const pods = templateWarnings(workload, old);
  return old === undefined ? [...nameWarnings(workload), ...pods] : pods;
}

export function templateWarnings(
  { metadata, spec }: KubeObject & { spec: { template: PodLike } },
  old?: KubeObject,
): string[] {
  if (old?.metadata.generation === metadata.generation && old !== undefined) return [];
  return podWarnings(spec.template, "spec.template");
}

export function nameWarnings({ metadata }: KubeObject): string[] {
  return hostNameWarnings(dns1123LabelErrors(metadata.name));
}

export function jobSpecWarnings(spec: JobSpec, path: string): string[] {
  const { completionMode, completions = 0, parallelism = 0 } = spec;
  const isHuge =
    completionMode === "Indexed" && completions > MANY_COMPLETIONS && parallelism > MANY_AT_ONCE;
  return [
    ...(isHuge ? [`${path}: ${TOO_MANY_INDEXES}`] : []),
    ...podWarnings(spec.template, `${path}.template`),
  ];
}
