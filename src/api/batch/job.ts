/**
 * A Job asks for work that ends: for so many pods to succeed, so many of them at a time.
 *
 * Its selector is made for it, from its uid, so that no two jobs can mistake each other's pods; only
 * who sets manualSelector brings one along.
 *
 * In Kubernetes: pkg/registry/batch/job/strategy.go, pkg/apis/batch/v1/defaults.go. Differs: managedBy and
 * successPolicy are taken off, as there without their feature gates (both alpha in 1.30).
 */
import type { JobStatus, JobSpec as TypedSpec } from "kubernetes-types/batch/v1.js";
import { setTemplateDefaults } from "../apps/replica-set.ts";
import { defineKind, type KubeObject } from "../kind.ts";
import type { PodTemplate } from "../replication-controller.ts";
import { jobSpecWarnings, nameWarnings } from "../workload-warnings.ts";
import { jobColumns } from "./job-columns.ts";
import { validateJobUpdate } from "./job-update-validation.ts";
import { validateJob, validateJobStatus } from "./job-validation.ts";

export interface JobSpec extends Omit<TypedSpec, "template"> {
  template: PodTemplate;
}

export interface Job extends KubeObject {
  spec: JobSpec;
  status?: JobStatus;
}

export const JOB_NAME_LABEL = "batch.kubernetes.io/job-name";
export const CONTROLLER_UID_LABEL = "batch.kubernetes.io/controller-uid";
/** The same two as they were called before labels of Kubernetes had a prefix; still set. */
export const LEGACY_JOB_NAME_LABEL = "job-name";
export const LEGACY_CONTROLLER_UID_LABEL = "controller-uid";

const MOST_RETRIES = 2 ** 31 - 1;
const RETRIES = 6;

export const Job = defineKind<Job>({
  group: "batch",
  version: "v1",
  kind: "Job",
  plural: "jobs",
  categories: ["all"],
  namespaced: true,
  storagePrefix: "jobs",
  schema: "io.k8s.api.batch.v1.Job",
  hasStatus: true,
  hasGeneration: true,
  defaultPropagation: "Orphan",
  orphanWarning:
    "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning",
  columns: jobColumns,
  selectableFields: ({ status }) => ({ "status.successful": String(status?.succeeded ?? 0) }),
  setDefaults: setJobDefaults,
  prepareForCreate(job) {
    dropAlphaFields(job.spec);
    if (!job.spec.manualSelector) generateSelector(job);
    labelLikeTemplate(job);
    job.status = {};
  },
  prepareForUpdate: ({ spec }) => dropAlphaFields(spec),
  validate: validateJob,
  validateUpdate: validateJobUpdate,
  validateStatusUpdate: validateJobStatus,
  warnings(job, old) {
    if (old === undefined) return [...nameWarnings(job), ...jobSpecWarnings(job.spec, "spec")];
    const isSame = old.metadata.generation === job.metadata.generation;
    return isSame ? [] : jobSpecWarnings(job.spec, "spec");
  },
  example: {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: "example" },
    spec: {
      template: {
        spec: {
          restartPolicy: "Never",
          containers: [{ name: "main", image: "busybox:1.36", command: ["true"] }],
        },
      },
    },
  },
});

function setJobDefaults(job: Job): void {
  job.spec ??= {} as JobSpec;
  const { spec } = job;
  if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1;
  spec.parallelism ??= 1;
  spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? RETRIES : MOST_RETRIES;
  spec.completionMode ??= "NonIndexed";
  spec.suspend ??= false;
  spec.manualSelector ??= false;
  setPodFailurePolicyDefaults(spec);
  spec.podReplacementPolicy ??=
    spec.podFailurePolicy === undefined ? "TerminatingOrFailed" : "Failed";
  setTemplateDefaults(spec);
  labelLikeTemplate(job);
}

/** A job without labels has those of its pods. */
function labelLikeTemplate({ metadata, spec }: Job): void {
  const { labels } = spec.template.metadata ?? {};
  if (labels === undefined || Object.keys(metadata.labels ?? {}).length > 0) return;
  metadata.labels = { ...labels };
}

export function setPodFailurePolicyDefaults({
  podFailurePolicy,
}: Pick<JobSpec, "podFailurePolicy">) {
  for (const { onPodConditions = [] } of podFailurePolicy?.rules ?? []) {
    for (const pattern of onPodConditions) pattern.status ||= "True";
  }
}

/** What the template says already stays; where it contradicts, validation says so. */
function generateSelector({ metadata, spec }: Job): void {
  const { name, uid = "" } = metadata;
  spec.template.metadata ??= {};
  spec.template.metadata.labels = {
    [LEGACY_JOB_NAME_LABEL]: name,
    [LEGACY_CONTROLLER_UID_LABEL]: uid,
    [JOB_NAME_LABEL]: name,
    [CONTROLLER_UID_LABEL]: uid,
    ...spec.template.metadata.labels,
  };
  spec.selector ??= {};
  spec.selector.matchLabels = { [CONTROLLER_UID_LABEL]: uid, ...spec.selector.matchLabels };
}

export function dropAlphaFields(spec: JobSpec): void {
  delete spec.managedBy;
  delete spec.successPolicy;
}
