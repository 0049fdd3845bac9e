/**
 * The controller of Jobs: runs pods until enough of them have succeeded, or the job has failed.
 *
 * Each sync looks at the pods (job/tally.ts), asks whether the job has failed (job/verdict.ts), makes or
 * takes away pods (job/manage-pods.ts), and counts those that have ended (job/count-pods.ts).
 *
 * Rule: a pod that has succeeded is counted once, whatever fails or restarts in between.
 *
 * In Kubernetes: pkg/controller/job/job_controller.go. Differs: no expectations, since the control loop
 * reads its own writes, and no second queue for stray pods (job/tracking.ts).
 */
import type { JobCondition, JobStatus } from "kubernetes-types/batch/v1.js";
import { Job } from "../api/batch/job.ts";
import { endOfJob, jobConditionOf } from "../api/batch/job-conditions.ts";
import { labelMatcher } from "../api/labels.ts";
import { controllerOf } from "../api/owner.ts";
import { Pod } from "../api/pod.ts";
import {
  type Again,
  type ComponentContext,
  type Controller,
  type RunningController,
  runController,
  type SyncContext,
} from "../client/control-loop.ts";
import { keyOf } from "../client/object-cache.ts";
import { toApiTime } from "../component/clock.ts";
import { claim } from "./claim-pods.ts";
import { JobBackOff } from "./job/back-off.ts";
import { countPods, setCount } from "./job/count-pods.ts";
import { deleteActivePods } from "./job/end-pods.ts";
import { type Managed, managePods } from "./job/manage-pods.ts";
import { type Tally, tallyOf } from "./job/tally.ts";
import {
  jobKeysOf,
  releaseStrays,
  TRACKED_BY_JOB,
  TRACKING_FINALIZER,
  trackingJobKeys,
} from "./job/tracking.ts";
import { failureOf, jobCondition, untilDeadlineMs } from "./job/verdict.ts";

export function startJobController(
  context: ComponentContext,
  workers = 5,
): Promise<RunningController> {
  context.informers.of(Pod).addIndex(TRACKED_BY_JOB, trackingJobKeys);
  return runController(jobController(workers), context);
}

function jobController(workers: number): Controller<Job> {
  const backOff = new JobBackOff();
  return {
    name: "job-controller",
    watches: Job,
    owns: [Pod],
    follows: [{ kind: Pod, keysOf: (pod, _old, context) => orphanKeys(pod as Pod, context) }],
    workers,
    async sync(job, key, context) {
      await releaseStrays(job, key, context);
      if (job === undefined || endOfJob(job) !== undefined) return backOff.forget(key);
      return new JobSync(job, key, backOff, context).run();
    },
  };
}

class JobSync {
  readonly #stored: Job;
  /** With the status as it is going to be. */
  readonly #job: Job & { status: JobStatus };
  readonly #key: string;
  readonly #backOff: JobBackOff;
  readonly #context: SyncContext;

  constructor(job: Job, key: string, backOff: JobBackOff, context: SyncContext) {
    this.#stored = job;
    this.#job = { ...job, status: structuredClone(job.status ?? {}) };
    this.#key = key;
    this.#backOff = backOff;
    this.#context = context;
  }

  async run(): Promise<Again | undefined> {
    const { clock } = this.#context;
    const tally = tallyOf(this.#job, await this.#claimPods());
    if (!this.#job.spec.suspend) this.#job.status.startTime ??= toApiTime(clock.now());
    const uid = this.#job.metadata.uid ?? "";
    const record = this.#backOff.with(this.#key, uid, tally.newSucceeded, tally.newFailed);

    let end = failureOf(this.#job, tally, clock.now());
    let managed: Managed;
    if (end !== undefined) {
      managed = await deleteActivePods(this.#job, tally, this.#context);
      if (managed.failure !== undefined) end = undefined;
    } else {
      managed =
        this.#job.metadata.deletionTimestamp === undefined
          ? await managePods(this.#job, tally, record, this.#context)
          : countsOf(tally);
      if (isComplete(this.#job, tally, managed)) end = jobCondition("Complete", clock.now());
      else this.#noteSuspension();
    }
    this.#noteCounts(managed);
    const onNoted = () => this.#backOff.keep(this.#key, uid, record);
    const round = { job: this.#stored, status: this.#job.status, tally, end, onNoted };
    const ended = await countPods(round, this.#context);
    if (ended !== undefined) this.#tellEnd(ended);
    if (managed.failure !== undefined) throw managed.failure;
    return this.#again(managed);
  }

  #claimPods(): Promise<Pod[]> {
    const matches = labelMatcher(this.#job.spec.selector);
    const pods = {
      kind: Pod,
      isSelected: ({ metadata }: Pod) => matches(metadata.labels),
      isAlive: ({ metadata }: Pod) => metadata.deletionTimestamp === undefined,
      finalizer: TRACKING_FINALIZER,
    };
    return claim(Job, this.#job, pods, this.#context);
  }

  #noteCounts({ active, ready, terminating }: Managed): void {
    setCount(this.#job.status, "active", active);
    this.#job.status.ready = ready;
    this.#job.status.terminating = terminating;
  }

  /** A job that resumes gets a new start, from which its deadline counts. */
  #noteSuspension(): void {
    const { spec, metadata } = this.#job;
    if (metadata.deletionTimestamp !== undefined) return;
    const { clock, events } = this.#context;
    const now = clock.now();
    const old = jobConditionOf(this.#job, "Suspended");
    const isSuspended = old?.status === "True";
    const shouldBe = spec.suspend === true;
    if (isSuspended === shouldBe) return;
    const condition = shouldBe
      ? jobCondition("Suspended", now, { reason: "JobSuspended", message: "Job suspended" })
      : jobCondition("Suspended", now, {
          status: "False",
          reason: "JobResumed",
          message: "Job resumed",
        });
    const others = (this.#job.status.conditions ?? []).filter(({ type }) => type !== "Suspended");
    this.#job.status.conditions = [...others, condition];
    if (!shouldBe) this.#job.status.startTime = toApiTime(now);
    const [reason, message] = shouldBe
      ? ["Suspended", "Job suspended"]
      : ["Resumed", "Job resumed"];
    events.event(this.#job, "Normal", reason!, message!);
  }

  #tellEnd({ type, reason = "", message = "" }: JobCondition): void {
    const { events } = this.#context;
    if (type !== "Complete") {
      events.event(this.#job, "Warning", reason, message);
      return;
    }
    const { completions = Number.POSITIVE_INFINITY } = this.#job.spec;
    if ((this.#job.status.succeeded ?? 0) > completions) {
      const tooMany = "Too many succeeded pods running after completion count reached";
      events.event(this.#job, "Warning", "TooManySucceededPods", tooMany);
    }
    events.event(this.#job, "Normal", "Completed", "Job completed");
  }

  #again({ againInMs }: Managed): Again | undefined {
    const deadlineMs = untilDeadlineMs(this.#job, this.#context.clock.now());
    const waits = [againInMs, deadlineMs].filter((wait) => wait !== undefined);
    return waits.length === 0 ? undefined : { againInMs: Math.min(...waits) };
  }
}

function countsOf({ active, ready, terminating }: Tally): Managed {
  return { active: active.length, ready, terminating: terminating.length };
}

/** Without a number of completions any success will do, once the others have ended. */
function isComplete({ spec }: Job, { succeeded }: Tally, { active }: Managed): boolean {
  return succeeded >= (spec.completions ?? 1) && active === 0;
}

/** Pods without a controller: those that a job may adopt, and those that one has left behind. */
function orphanKeys(pod: Pod, { cached }: SyncContext): string[] {
  if (controllerOf(pod) !== undefined) return [];
  const adopters = cached(Job)
    .list(pod.metadata.namespace)
    .filter(({ spec }) => labelMatcher(spec.selector)(pod.metadata.labels))
    .map(({ metadata }) => keyOf(metadata));
  return [...new Set([...adopters, ...(trackingJobKeys(pod).length > 0 ? jobKeysOf(pod) : [])])];
}
