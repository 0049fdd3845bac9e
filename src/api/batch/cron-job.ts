/**
 * A CronJob makes a Job from its template whenever its schedule says so.
 *
 * In Kubernetes: pkg/registry/batch/cronjob/strategy.go, pkg/apis/batch/v1/defaults.go
 */
import type { CronJobStatus, CronJobSpec as TypedSpec } from "kubernetes-types/batch/v1.js";
import type { ObjectMeta } from "kubernetes-types/meta/v1.js";
import { setTemplateDefaults } from "../apps/replica-set.ts";
import { defineKind, type KubeObject } from "../kind.ts";
import { jobSpecWarnings, nameWarnings } from "../workload-warnings.ts";
import { cronJobColumns } from "./cron-job-columns.ts";
import { validateCronJob, validateCronJobUpdate } from "./cron-job-validation.ts";
import { dropAlphaFields, type JobSpec, setPodFailurePolicyDefaults } from "./job.ts";

export interface CronJobSpec extends Omit<TypedSpec, "jobTemplate"> {
  jobTemplate: { metadata?: ObjectMeta; spec: JobSpec };
}

export interface CronJob extends KubeObject {
  spec: CronJobSpec;
  status?: CronJobStatus;
}

/** On each job it makes: for which time it was meant. */
export const SCHEDULED_TIMESTAMP = "batch.kubernetes.io/cronjob-scheduled-timestamp";

export const CronJob = defineKind<CronJob>({
  group: "batch",
  version: "v1",
  kind: "CronJob",
  plural: "cronjobs",
  shortNames: ["cj"],
  categories: ["all"],
  namespaced: true,
  storagePrefix: "cronjobs",
  schema: "io.k8s.api.batch.v1.CronJob",
  servedVersions: ["v1beta1"],
  hasStatus: true,
  hasGeneration: true,
  columns: cronJobColumns,
  setDefaults: setCronJobDefaults,
  prepareForCreate(cronJob) {
    dropAlphaFields(cronJob.spec.jobTemplate.spec);
    cronJob.status = {};
  },
  prepareForUpdate: ({ spec }) => dropAlphaFields(spec.jobTemplate.spec),
  validate: validateCronJob,
  validateUpdate: validateCronJobUpdate,
  warnings: cronJobWarnings,
  example: {
    apiVersion: "batch/v1",
    kind: "CronJob",
    metadata: { name: "example" },
    spec: {
      schedule: "*/5 * * * *",
      jobTemplate: {
        spec: {
          template: {
            spec: {
              restartPolicy: "Never",
              containers: [{ name: "main", image: "busybox:1.36", command: ["true"] }],
            },
          },
        },
      },
    },
  },
});

const ZONE_IN_SCHEDULE =
  "cannot use TZ or CRON_TZ in spec.spec.schedule, use timeZone instead, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details";
const SUCCESSFUL_JOBS_KEPT = 3;
const FAILED_JOBS_KEPT = 1;

function setCronJobDefaults(cronJob: CronJob): void {
  cronJob.spec ??= {} as CronJobSpec;
  const { spec } = cronJob;
  spec.schedule ??= "";
  spec.concurrencyPolicy ||= "Allow";
  spec.suspend ??= false;
  spec.successfulJobsHistoryLimit ??= SUCCESSFUL_JOBS_KEPT;
  spec.failedJobsHistoryLimit ??= FAILED_JOBS_KEPT;
  spec.jobTemplate ??= { spec: {} as JobSpec };
  spec.jobTemplate.spec ??= {} as JobSpec;
  setPodFailurePolicyDefaults(spec.jobTemplate.spec);
  setTemplateDefaults(spec.jobTemplate.spec);
}

function cronJobWarnings(cronJob: CronJob, old?: CronJob): string[] {
  const { metadata, spec } = cronJob;
  const isSame = old !== undefined && old.metadata.generation === metadata.generation;
  const path = "spec.jobTemplate.spec";
  const warnings = isSame ? [] : jobSpecWarnings(spec.jobTemplate.spec, path);
  if (old === undefined) return [...nameWarnings(cronJob), ...warnings];
  return spec.schedule.includes("TZ") ? [...warnings, ZONE_IN_SCHEDULE] : warnings;
}
