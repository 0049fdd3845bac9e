/**
 * The scheduler: for each pod without a node, find one and bind the pod to it.
 *
 * Pods are thought about one after another, so that each sees the room the others have taken; the
 * bindings travel meanwhile, several at a time. Nothing of it is remembered but in the API server:
 * a scheduler that starts again finds out from pods and nodes where it was.
 *
 * In Kubernetes: pkg/scheduler/scheduler.go, schedule_one.go
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { ComponentContext } from "../client/control-loop.ts";
import { createEventRecorder, type RunningEventRecorder } from "../client/events.ts";
import { Binder } from "./binder.ts";
import { watchCluster } from "./cluster-watch.ts";
import { type Decision, DecisionLog } from "./decision.ts";
import { fitErrorOf, NO_NODES } from "./fit-error.ts";
import type { Plugin } from "./framework.ts";
import { NodeCache } from "./node-cache.ts";
import { PodInfo } from "./pod-info.ts";
import { createProfile, type ProfileOptions } from "./profile.ts";
import { SchedulingCycle } from "./scheduling-cycle.ts";
import { type QueuedPod, SchedulingQueue } from "./scheduling-queue.ts";

const DEFAULT_NAME = "default-scheduler";
const MOST_BINDINGS = 100;
/** After so long other work of the process gets its turn. */
const TURN_MS = 10;

export interface SchedulerOptions {
  /** It looks after the pods whose schedulerName is this. Default: "default-scheduler". */
  name?: string;
  profile?: ProfileOptions;
  percentageOfNodesToScore?: number;
  /** Told of every attempt, for /metrics. */
  observer?: SchedulerObserver;
}

export interface SchedulerObserver {
  attempted(result: "scheduled" | "unschedulable" | "error", tookMs: number): void;
}

export interface RunningScheduler {
  /** Why the latest pods went where they went. */
  readonly decisions: DecisionLog;
  readonly queue: SchedulingQueue;
  /** True when there is no pod to try and nothing on its way to the API server. */
  readonly idle: boolean;
}

/** Runs a scheduler until the signal aborts. Resolves when its caches are filled and it is at work. */
export async function startScheduler(
  context: ComponentContext,
  options: SchedulerOptions = {},
): Promise<RunningScheduler> {
  const scheduler = new Scheduler(context, options);
  await scheduler.start();
  return scheduler;
}

class Scheduler implements RunningScheduler {
  readonly decisions = new DecisionLog();
  readonly queue: SchedulingQueue;
  readonly #context: ComponentContext;
  readonly #options: SchedulerOptions;
  readonly #cache = new NodeCache();
  readonly #cycle: SchedulingCycle;
  readonly #events: RunningEventRecorder;
  readonly #binder: Binder;
  readonly #plugins: ReadonlyMap<string, Plugin>;
  #isStarted = false;
  #isAtWork = false;

  constructor(context: ComponentContext, options: SchedulerOptions) {
    const { clock, random, signal } = context;
    const { name = DEFAULT_NAME, percentageOfNodesToScore = 0 } = options;
    const log = context.log.named("scheduler");
    this.#context = { ...context, log };
    this.#options = options;
    this.queue = new SchedulingQueue({ clock, signal, onActive: () => this.#wake() });
    const plugins = createProfile(context.informers, this.#cache, options.profile);
    this.#plugins = new Map(plugins.map(({ plugin }) => [plugin.name, plugin]));
    this.#cycle = new SchedulingCycle({ plugins, random, percentageOfNodesToScore });
    this.#events = createEventRecorder({ ...this.#context, component: name });
    this.#binder = new Binder(this.#context, this.#cache, this.queue, this.#events);
  }

  get idle(): boolean {
    const hasPods = this.queue.sizes.active > 0 && !this.#context.signal.aborted;
    return !hasPods && !this.#isAtWork && this.#binder.inFlight === 0 && this.#events.idle;
  }

  async start(): Promise<void> {
    const { name = DEFAULT_NAME } = this.#options;
    await watchCluster(this.#context, { name, cache: this.#cache, queue: this.queue });
    this.#isStarted = true;
    this.#wake();
  }

  #wake(): void {
    if (!this.#isStarted || this.#isAtWork || this.#context.signal.aborted) return;
    this.#isAtWork = true;
    void this.#work();
  }

  /** Tries pod after pod until there is none left. */
  async #work(): Promise<void> {
    const { clock, signal } = this.#context;
    while (!signal.aborted && this.queue.sizes.active > 0) {
      await nextTurn();
      const startMs = clock.monotonicMs();
      while (!signal.aborted && clock.monotonicMs() - startMs < TURN_MS) {
        if (this.#binder.inFlight >= MOST_BINDINGS) {
          await this.#binder.landed();
          continue;
        }
        const queued = this.queue.pop();
        if (!queued) break;
        this.#try(queued);
      }
    }
    this.#isAtWork = false;
  }

  #try(queued: QueuedPod): void {
    const { log, clock } = this.#context;
    const startMs = clock.monotonicMs();
    try {
      const result = this.#schedule(queued);
      this.#options.observer?.attempted(result, clock.monotonicMs() - startMs);
    } catch (error) {
      log.error("Error scheduling pod; retrying", error, { pod: queued.key });
      this.queue.addBackingOff(queued);
      this.#options.observer?.attempted("error", clock.monotonicMs() - startMs);
    }
  }

  /** Filter, score, bind. */
  #schedule(queued: QueuedPod): "scheduled" | "unschedulable" {
    const { pod, key } = queued;
    if (pod.metadata.deletionTimestamp) {
      this.#events.event(pod, "Warning", "FailedScheduling", `skip schedule deleting pod: ${key}`);
      return "unschedulable";
    }
    const info = new PodInfo(pod);
    const decision = this.#cycle.run({
      pod: info,
      nodes: this.#cache.nodes(),
      nodesWithAffinity: this.#cache.nodesWithAffinity(),
    });
    this.decisions.record(decision, this.#context.clock.now());
    if (!decision.chosen) {
      this.#reject(queued, decision);
      return "unschedulable";
    }
    this.#cache.assume(info, decision.chosen.name);
    this.#binder.bind(queued, info, decision.chosen.name);
    return "scheduled";
  }

  #reject(queued: QueuedPod, { verdicts }: Decision): void {
    const nodeCount = this.#cache.nodes().length;
    const rejections = verdicts.map(({ rejection }) => rejection);
    const message = nodeCount === 0 ? NO_NODES : fitErrorOf(queued.pod, rejections, nodeCount);
    const { log } = this.#context;
    log.info("Unable to schedule pod; no fit; waiting", { pod: queued.key, err: message }, 2);
    const rejecting = new Set(verdicts.map(({ plugin }) => plugin));
    const wakesOn = [...rejecting].flatMap((name) => this.#plugins.get(name)?.wakesOn ?? []);
    this.queue.addUnschedulable(queued, new Set(wakesOn));
    this.#binder.report(queued.pod, "Unschedulable", message);
  }
}
