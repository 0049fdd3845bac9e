/**
 * The pod a job makes: its template, a finalizer so that it is counted, and in an indexed job its
 * index as annotation, label, host name and environment variable.
 *
 * In Kubernetes: manageJob in pkg/controller/job/job_controller.go, indexed_job_utils.go
 */
import type { Container } from "kubernetes-types/core/v1.js";
import type { Job } from "../../api/batch/job.ts";
import { controllerRef } from "../../api/owner.ts";
import type { Pod } from "../../api/pod.ts";
import type { Draft } from "../../client/client.ts";
import { failuresOf, newFailuresAfter } from "./index-failures.ts";
import { INDEX } from "./indexes.ts";
import { TRACKING_FINALIZER } from "./tracking.ts";

/** A generated name has 63 characters, of which the last five are chance. */
const LONGEST_PREFIX = 58;

/** `index` in an indexed job; `replaced` is the pod of that index that failed before. */
export function jobPodFor(job: Job, index?: number, replaced?: Pod): Draft<Pod> {
  const { metadata: { labels, annotations, finalizers = [] } = {}, spec } = job.spec.template;
  const others = finalizers.filter((one) => one !== TRACKING_FINALIZER);
  const pod: Draft<Pod> = {
    metadata: {
      generateName: `${job.metadata.name}-`,
      ...(labels && { labels }),
      ...(annotations && { annotations }),
      finalizers: [...others, TRACKING_FINALIZER],
      ownerReferences: [controllerRef(job)],
    },
    spec,
  };
  return index === undefined ? pod : indexed(pod, job, index, replaced);
}

function indexed(pod: Draft<Pod>, job: Job, index: number, replaced?: Pod): Draft<Pod> {
  const { containers, initContainers } = pod.spec;
  const mark = { [INDEX]: String(index) };
  const failures = job.spec.backoffLimitPerIndex === undefined ? {} : failureMarks(job, replaced);
  return {
    metadata: {
      ...pod.metadata,
      generateName: prefixFor(job.metadata.name, index),
      labels: { ...pod.metadata.labels, ...mark },
      annotations: { ...pod.metadata.annotations, ...mark, ...failures },
    },
    spec: {
      ...pod.spec,
      hostname: `${job.metadata.name}-${index}`,
      containers: containers.map(withIndexVariable),
      ...(initContainers && { initContainers: initContainers.map(withIndexVariable) }),
    },
  };
}

function failureMarks(job: Job, replaced: Pod | undefined): Record<string, string> {
  return failuresOf.write(newFailuresAfter(job, replaced));
}

function prefixFor(name: string, index: number): string {
  const end = `-${index}-`;
  return name.slice(0, LONGEST_PREFIX - end.length) + end;
}

function withIndexVariable(container: Container): Container {
  const { env = [] } = container;
  if (env.some(({ name }) => name === "JOB_COMPLETION_INDEX")) return container;
  const fieldRef = { fieldPath: `metadata.labels['${INDEX}']` };
  return { ...container, env: [...env, { name: "JOB_COMPLETION_INDEX", valueFrom: { fieldRef } }] };
}
