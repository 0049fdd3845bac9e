/**
 * The controller of CronJobs: makes a Job whenever the schedule says so, and keeps the list of those at work.
 *
 * It wakes at the times themselves. What it missed while nobody ran it, it makes up for once, unless
 * startingDeadlineSeconds says that it is too late.
 *
 * In Kubernetes: pkg/controller/cronjob/cronjob_controllerv2.go. Differs: a schedule that cannot be carried
 * out is looked at again when it changes, not every sync.
 */
import { isDeepStrictEqual } from "node:util";
import { CronJob } from "../api/batch/cron-job.ts";
import { parseCronSchedule } from "../api/batch/cron-schedule.ts";
import { Job } from "../api/batch/job.ts";
import { endOfJob, isJobComplete } from "../api/batch/job-conditions.ts";
import { isKnownZone } from "../api/batch/time-zone.ts";
import { isAlreadyExists, isNotFound } from "../api/errors.ts";
import { isControlledBy } from "../api/owner.ts";
import type { Again, Controller, SyncContext } from "../client/control-loop.ts";
import { toApiTime } from "../component/clock.ts";
import { deleteJob, jobAt, jobNameAt, jobsPastHistory, referenceTo } from "./cron-job/made-jobs.ts";
import { isTooMany, missedTimes, ScheduleError, untilNextMs } from "./cron-job/missed-times.ts";
import { type NextTime, scheduleTimes } from "./cron-job/schedule-times.ts";
import { ownZone } from "./cron-job/zone-offset.ts";
import { isNamespaceTerminating, messageOf } from "./pod-control.ts";

export const cronJobController: Controller<CronJob> = {
  name: "cronjob-controller",
  watches: CronJob,
  owns: [Job],
  workers: 5,
  async sync(cronJob, _key, context) {
    if (cronJob === undefined) return undefined;
    return new CronJobSync(cronJob, context).run();
  },
};

type Draft = CronJob & { status: NonNullable<CronJob["status"]> };

class CronJobSync {
  readonly #stored: CronJob;
  /** With the status as it is going to be. */
  readonly #cronJob: Draft;
  readonly #context: SyncContext;
  readonly #zone: string;

  constructor(cronJob: CronJob, context: SyncContext) {
    this.#stored = cronJob;
    this.#cronJob = { ...cronJob, status: structuredClone(cronJob.status ?? {}) };
    this.#context = context;
    const [, inSchedule] = /^(?:CRON_)?TZ=(\S+)/.exec(cronJob.spec.schedule) ?? [];
    this.#zone = cronJob.spec.timeZone ?? inSchedule ?? ownZone();
  }

  /** The status is written also where the rest failed: what is in it has happened. */
  async run(): Promise<Again | undefined> {
    const { uid = "" } = this.#cronJob.metadata;
    const jobs = this.#context.cached(Job).by("owner", uid);
    try {
      this.#noteEnds(jobs);
      await this.#forgetMissing(jobs);
      return await this.#schedule();
    } finally {
      await this.#trimHistory(jobs);
      await this.#writeStatus();
    }
  }

  #noteEnds(jobs: Job[]): void {
    for (const job of jobs) {
      const { name, uid = "" } = job.metadata;
      const end = endOfJob(job);
      const isListed = this.#active.some((one) => one.uid === uid);
      if (!isListed && end === undefined) {
        const message = `Saw a job that the controller did not create or forgot: ${name}`;
        this.#tell("Warning", "UnexpectedJob", message);
      }
      if (isListed && end !== undefined) {
        this.#unlist(uid);
        const message = `Saw completed job: ${name}, status: ${end.type}`;
        this.#tell("Normal", "SawCompletedJob", message);
      }
      if (isJobComplete(job)) this.#noteSuccess(job.status?.completionTime);
    }
  }

  #noteSuccess(completionTime: string | undefined): void {
    const { status } = this.#cronJob;
    const last = status.lastSuccessfulTime;
    if (completionTime === undefined) return;
    if (last !== undefined && Date.parse(completionTime) <= Date.parse(last)) return;
    status.lastSuccessfulTime = completionTime;
  }

  /** What the cache does not show the server is asked for: a cache may be behind. */
  async #forgetMissing(jobs: Job[]): Promise<void> {
    for (const { namespace = "", name = "", uid = "" } of this.#active) {
      if (jobs.some(({ metadata }) => metadata.uid === uid)) continue;
      try {
        await this.#context.client.get(Job, namespace, name);
      } catch (error) {
        if (!isNotFound(error)) throw error;
        this.#tell("Normal", "MissingJob", `Active job went missing: ${name}`);
        this.#unlist(uid);
      }
    }
  }

  async #schedule(): Promise<Again | undefined> {
    const { metadata, spec } = this.#cronJob;
    if (metadata.deletionTimestamp !== undefined) return undefined;
    if (!this.#hasKnownZone() || spec.suspend) return undefined;
    const next = this.#times();
    if (next === undefined) return undefined;
    try {
      const due = this.#dueTime(next);
      if (due !== undefined) await this.#start(due);
    } catch (error) {
      if (!(error instanceof ScheduleError)) throw error;
      const message = `invalid schedule: ${spec.schedule} : ${error.message}`;
      this.#tell("Warning", "InvalidSchedule", message);
      return undefined;
    }
    const againInMs = untilNextMs(this.#cronJob, next, this.#context.clock.now());
    return againInMs === undefined ? undefined : { againInMs };
  }

  #hasKnownZone(): boolean {
    if (isKnownZone(this.#zone)) return true;
    const zone = JSON.stringify(this.#zone);
    const message = `invalid timeZone: ${zone}: unknown time zone ${this.#zone}`;
    this.#tell("Warning", "UnknownTimeZone", message);
    return false;
  }

  #times(): NextTime | undefined {
    const { schedule } = this.#cronJob.spec;
    try {
      return scheduleTimes(parseCronSchedule(schedule), this.#zone);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      const message = `unparseable schedule: ${JSON.stringify(schedule)} : ${error.message}`;
      this.#tell("Warning", "UnparseableSchedule", message);
      return undefined;
    }
  }

  /** The time that asks for a job now. */
  #dueTime(next: NextTime): Date | undefined {
    const now = this.#context.clock.now();
    const { spec, status } = this.#cronJob;
    const missed = missedTimes(this.#cronJob, next, now);
    const time = missed.last;
    if (time === undefined) return undefined;
    if (isTooMany(missed)) {
      const message =
        "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew";
      this.#tell("Warning", "TooManyMissedTimes", message);
    }
    const { startingDeadlineSeconds: deadline = Number.POSITIVE_INFINITY } = spec;
    if (time.getTime() + deadline * 1000 < now.getTime()) {
      const when = time.toUTCString().replace("GMT", "+0000");
      this.#tell("Warning", "MissSchedule", `Missed scheduled time to start a job: ${when}`);
      return undefined;
    }
    const name = jobNameAt(this.#cronJob, time);
    const isListed = this.#active.some((one) => one.name === name);
    const { lastScheduleTime } = status;
    const isDone =
      lastScheduleTime !== undefined && Date.parse(lastScheduleTime) === time.getTime();
    return isListed || isDone ? undefined : time;
  }

  async #start(time: Date): Promise<void> {
    const { concurrencyPolicy } = this.#cronJob.spec;
    if (concurrencyPolicy === "Forbid" && this.#active.length > 0) {
      const message =
        "Not starting job because prior execution is running and concurrency policy is Forbid";
      this.#tell("Normal", "JobAlreadyActive", message);
      return;
    }
    if (concurrencyPolicy === "Replace") await this.#replaceActive();
    const job = await this.#create(time);
    if (job === undefined) return;
    this.#cronJob.status.active = [...this.#active, referenceTo(job)];
    this.#cronJob.status.lastScheduleTime = toApiTime(time);
  }

  async #replaceActive(): Promise<void> {
    for (const { namespace = "", name = "", uid = "" } of this.#active) {
      const isGone = await deleteJob(this.#cronJob, { namespace, name }, this.#context);
      if (!isGone) throw new ReplaceError(`could not replace job ${namespace}/${name}`);
      this.#unlist(uid);
    }
  }

  /** One that is there already, and is ours, was made before we could write that down. */
  async #create(time: Date): Promise<Job | undefined> {
    const { client } = this.#context;
    const { namespace = "" } = this.#cronJob.metadata;
    const draft = jobAt(this.#cronJob, time, this.#zone);
    try {
      const job = await client.create(Job, namespace, draft);
      this.#tell("Normal", "SuccessfulCreate", `Created job ${job.metadata.name}`);
      return job;
    } catch (error) {
      if (isAlreadyExists(error)) {
        const job = await client.get(Job, namespace, draft.metadata.name ?? "");
        return isControlledBy(job, this.#cronJob) ? job : undefined;
      }
      if (!isNamespaceTerminating(error)) {
        this.#tell("Warning", "FailedCreate", `Error creating job: ${messageOf(error)}`);
      }
      throw error;
    }
  }

  async #trimHistory(jobs: Job[]): Promise<void> {
    for (const { metadata } of jobsPastHistory(this.#cronJob, jobs)) {
      const isGone = await deleteJob(this.#cronJob, metadata, this.#context);
      if (isGone) this.#unlist(metadata.uid ?? "");
    }
  }

  async #writeStatus(): Promise<void> {
    const { status } = this.#cronJob;
    if (status.active?.length === 0) delete status.active;
    if (isDeepStrictEqual(this.#stored.status ?? {}, status)) return;
    await this.#context.client.updateStatus(CronJob, this.#cronJob);
  }

  get #active() {
    return this.#cronJob.status.active ?? [];
  }

  #unlist(uid: string): void {
    this.#cronJob.status.active = this.#active.filter((one) => one.uid !== uid);
  }

  #tell(type: "Normal" | "Warning", reason: string, message: string): void {
    this.#context.events.event(this.#cronJob, type, reason, message);
  }
}

/** Expected now and then, so it carries a code and is logged in a line (see component/log.ts). */
class ReplaceError extends Error {
  override readonly name = "ReplaceError";
  readonly code = "JOB_NOT_REPLACED";
}
