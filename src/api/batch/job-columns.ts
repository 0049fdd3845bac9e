/**
 * The cells of `kubectl get jobs`.
 *
 * In Kubernetes: pkg/printers/internalversion/printers.go (printJob)
 */
import { containersColumn, imagesColumn, selectorColumn } from "../apps/template-columns.ts";
import { ageColumn, nameColumn } from "../columns.ts";
import { humanDuration } from "../human-duration.ts";
import type { Column } from "../kind.ts";
import type { Job } from "./job.ts";
import { isJobCondition } from "./job-conditions.ts";

export const jobColumns: Column<Job>[] = [
  nameColumn,
  { name: "Status", type: "string", description: "Status of the job.", value: statusOf },
  {
    name: "Completions",
    type: "string",
    description: "The number of pods which reached phase Succeeded.",
    value: completionsOf,
  },
  {
    name: "Duration",
    type: "string",
    description: "Time required to complete the job.",
    value: durationOf,
  },
  ageColumn,
  containersColumn,
  imagesColumn,
  selectorColumn(
    "A label query over pods that should match the pod count. Normally, the system sets this field for you. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors",
  ),
];

function statusOf(job: Job): string {
  if (isJobCondition(job, "Complete")) return "Complete";
  if (isJobCondition(job, "Failed")) return "Failed";
  if (job.metadata.deletionTimestamp !== undefined) return "Terminating";
  if (isJobCondition(job, "Suspended")) return "Suspended";
  return isJobCondition(job, "FailureTarget") ? "FailureTarget" : "Running";
}

function completionsOf({ spec, status }: Job): string {
  const succeeded = status?.succeeded ?? 0;
  const { completions, parallelism = 0 } = spec;
  if (completions !== undefined) return `${succeeded}/${completions}`;
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function durationOf({ status = {} }: Job, now: Date): string {
  const { startTime, completionTime } = status;
  if (startTime === undefined) return "";
  const endMs = completionTime === undefined ? now.getTime() : Date.parse(completionTime);
  return humanDuration(endMs - Date.parse(startTime));
}
