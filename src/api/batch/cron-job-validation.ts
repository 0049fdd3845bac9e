/**
 * What a CronJob must be: a schedule that can be read, a time zone that is known, and a template of
 * a Job that leaves the selector to the system.
 *
 * In Kubernetes: pkg/apis/batch/validation/validation.go (validateCronJobSpec)
 */
import { goLabelSelector } from "../apps/selector-validation.ts";
import { type FieldError, invalidValue, notSupported, required } from "../field-error.ts";
import { atLeastZero } from "../replication-controller-validation.ts";
import type { CronJob, CronJobSpec } from "./cron-job.ts";
import { parseCronSchedule } from "./cron-schedule.ts";
import { validateJobSpec } from "./job-validation.ts";
import { timeZoneErrors } from "./time-zone.ts";

const POLICIES = ["Allow", "Forbid", "Replace"];
/** A job is named by the CronJob and eleven characters more, and a name of a job has 63 at most. */
const LONGEST_NAME = 52;

export function validateCronJob({ metadata, spec }: CronJob): FieldError[] {
  const isNew = metadata.resourceVersion === undefined;
  return [
    ...scheduleErrors(spec.schedule),
    ...(isNew ? zoneInScheduleErrors(spec) : []),
    ...atLeastZero("spec.startingDeadlineSeconds", spec.startingDeadlineSeconds ?? 0),
    ...(isNew ? zoneErrors(spec.timeZone) : []),
    ...policyErrors(spec.concurrencyPolicy ?? ""),
    ...jobTemplateErrors(spec),
    ...atLeastZero("spec.successfulJobsHistoryLimit", spec.successfulJobsHistoryLimit ?? 0),
    ...atLeastZero("spec.failedJobsHistoryLimit", spec.failedJobsHistoryLimit ?? 0),
    ...(isNew ? nameErrors(metadata.name) : []),
  ];
}

/** What is new is judged; what was let in by an older version stays. */
export function validateCronJobUpdate({ spec }: CronJob, old: CronJob): FieldError[] {
  return [
    ...zoneInScheduleErrors(spec, old.spec),
    ...(spec.timeZone === old.spec.timeZone ? [] : zoneErrors(spec.timeZone)),
  ];
}

function nameErrors(name: string): FieldError[] {
  if (name.length <= LONGEST_NAME) return [];
  return [invalidValue("metadata.name", name, "must be no more than 52 characters")];
}

function scheduleErrors(schedule: string): FieldError[] {
  if (schedule === "") return [required("spec.schedule")];
  try {
    parseCronSchedule(schedule);
    return [];
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return [invalidValue("spec.schedule", schedule, error.message)];
  }
}

function zoneInScheduleErrors({ schedule, timeZone }: CronJobSpec, old?: CronJobSpec) {
  if (!schedule.includes("TZ")) return [];
  if (!old?.schedule.includes("TZ")) {
    const why = "cannot use TZ or CRON_TZ in schedule, use timeZone field instead";
    return [invalidValue("spec.schedule", schedule, why)];
  }
  if (timeZone === undefined) return [];
  const why = "cannot use both timeZone field and TZ or CRON_TZ in schedule";
  return [invalidValue("spec.schedule", schedule, why)];
}

function zoneErrors(zone: string | undefined): FieldError[] {
  const wrong = zone === undefined ? [] : timeZoneErrors(zone);
  return wrong.map((error) => invalidValue("spec.timeZone", zone, error));
}

function policyErrors(policy: string): FieldError[] {
  const path = "spec.concurrencyPolicy";
  if (policy === "") return [required(path)];
  return POLICIES.includes(policy) ? [] : [notSupported(path, policy, POLICIES)];
}

function jobTemplateErrors({ jobTemplate }: CronJobSpec): FieldError[] {
  const path = "spec.jobTemplate.spec";
  const { selector, manualSelector } = jobTemplate.spec;
  const errors = validateJobSpec(jobTemplate.spec, path);
  if (selector !== undefined) {
    const value = goLabelSelector(selector);
    errors.push(invalidValue(`${path}.selector`, value, "`selector` will be auto-generated"));
  }
  if (manualSelector) {
    errors.push(notSupported(`${path}.manualSelector`, manualSelector, ["nil", "false"]));
  }
  return errors;
}
