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
import { PodDisruptionBudget } from "../api/policy/pod-disruption-budget.ts";
import type { ComponentContext } from "../client/control-loop.ts";
import { createEventRecorder, type RunningEventRecorder } from "../client/events.ts";
import { Binder } from "./binder.ts";
import { watchCluster } from "./cluster-watch.ts";
import { type Decision, DecisionLog } from "./decision.ts";
import { type ExtenderOptions, Extenders } from "./extenders.ts";
import { fitErrorOf, NO_NODES } from "./fit-error.ts";
import type { Cycle } from "./framework.ts";
import { NodeCache } from "./node-cache.ts";
import { Nominations } from "./nominations.ts";
import { PodInfo } from "./pod-info.ts";
import { PodVolumes } from "./pod-volumes.ts";
import { Evictor } from "./preemption/evictor.ts";
import { preempt } from "./preemption/preemption.ts";
import { DEFAULT_SCHEDULER, type ProfileOptions } from "./profile.ts";
import { Profile } from "./running-profile.ts";
import { type Backoff, type QueuedPod, SchedulingQueue } from "./scheduling-queue.ts";

const MOST_BINDINGS = 100;
/** After so long other work of the process gets its turn. */
const TURN_MS = 10;

export interface SchedulerOptions {
  /** One for each schedulerName it looks after. Default: that of "default-scheduler". */
  profiles?: readonly ProfileOptions[];
  extenders?: readonly ExtenderOptions[];
  backoff?: Backoff;
  /** Told of every attempt, for /metrics. */
  observer?: SchedulerObserver;
}

export type AttemptResult = "scheduled" | "unschedulable" | "error";

export interface SchedulerObserver {
  attempted(result: AttemptResult, tookMs: number, profile: string): void;
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
  readonly #observer: SchedulerObserver | undefined;
  readonly #cache = new NodeCache();
  readonly #nominations = new Nominations();
  readonly #profiles: ReadonlyMap<string, Profile>;
  readonly #extenders: Extenders;
  readonly #events: RunningEventRecorder;
  readonly #binder: Binder;
  readonly #evictor: Evictor;
  #isStarted = false;
  #isAtWork = false;

  constructor(context: ComponentContext, options: SchedulerOptions) {
    const { clock, signal, informers, random } = context;
    const { profiles = [{}], extenders = [], backoff, observer } = options;
    const log = context.log.named("scheduler");
    this.#context = { ...context, log };
    this.#observer = observer;
    const volumes = new PodVolumes(context);
    const all = profiles.map(
      (one) => new Profile(one, { informers, cache: this.#cache, random, volumes }),
    );
    this.#profiles = new Map(all.map((profile) => [profile.name, profile]));
    this.queue = new SchedulingQueue({
      clock,
      signal,
      onActive: () => this.#wake(),
      holdsBack: (pod) => this.#profileOf(pod)?.holdsBack(pod) ?? false,
      ...(backoff ? { backoff } : {}),
    });
    this.#extenders = new Extenders(extenders, { clock, log, signal });
    const component = all[0]?.name ?? DEFAULT_SCHEDULER;
    this.#events = createEventRecorder({ ...this.#context, component });
    this.#binder = new Binder({
      ...{ context: this.#context, cache: this.#cache, queue: this.queue },
      ...{ events: this.#events, nominations: this.#nominations },
    });
    this.#evictor = new Evictor(this.#context, this.#events, this.#nominations);
  }

  get idle(): boolean {
    const hasPods = this.queue.sizes.active > 0 && !this.#context.signal.aborted;
    return !hasPods && !this.#isAtWork && this.#binder.inFlight === 0 && this.#events.idle;
  }

  async start(): Promise<void> {
    const names = new Set(this.#profiles.keys());
    const [cache, queue, nominations] = [this.#cache, this.queue, this.#nominations];
    await watchCluster(this.#context, { names, cache, queue, nominations });
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
        await this.#try(queued);
      }
    }
    this.#isAtWork = false;
  }

  async #try(queued: QueuedPod): Promise<void> {
    const { log, clock } = this.#context;
    const profile = this.#profileOf(queued.pod)!;
    const startMs = clock.monotonicMs();
    const tell = (result: AttemptResult) =>
      this.#observer?.attempted(result, clock.monotonicMs() - startMs, profile.name);
    try {
      tell(await this.#schedule(queued, profile));
    } catch (error) {
      log.error("Error scheduling pod; retrying", error, { pod: queued.key });
      this.queue.addBackingOff(queued);
      const message = error instanceof Error ? error.message : String(error);
      this.#binder.report(queued.pod, "SchedulerError", message);
      tell("error");
    }
  }

  /** Filter, score, bind. */
  async #schedule(queued: QueuedPod, profile: Profile): Promise<"scheduled" | "unschedulable"> {
    const { pod, key } = queued;
    if (pod.metadata.deletionTimestamp) {
      this.#events.event(pod, "Warning", "FailedScheduling", `skip schedule deleting pod: ${key}`);
      return "unschedulable";
    }
    const cycle = this.#cycleFor(new PodInfo(pod));
    const decision = await this.#decide(cycle, profile);
    if (!decision.chosen) {
      await this.#reject(queued, cycle, decision, profile);
      return "unschedulable";
    }
    this.decisions.record(decision, this.#context.clock.now());
    const { chosen } = decision;
    this.#cache.assume(cycle.pod, chosen.name);
    this.#nominations.delete(key);
    this.#binder.bind(queued, cycle.pod, chosen.name, {
      prepare: () => profile.prepare(cycle.pod, chosen),
      bind: () => this.#extenders.bind(cycle.pod.pod, chosen.name),
    });
    return "scheduled";
  }

  #cycleFor(pod: PodInfo): Cycle {
    const promised = this.#nominations.nodeOf(pod.key);
    return {
      pod,
      nodes: this.#cache.nodes(),
      census: this.#cache.census,
      ...this.#nominations.respectedBy(pod),
      ...(promised === undefined ? {} : { promised }),
    };
  }

  /** Nothing is waited for, and so nothing comes between, where no extender is asked. */
  async #decide(cycle: Cycle, profile: Profile): Promise<Decision> {
    const filtered = profile.cycle.filter(cycle);
    if (!this.#extenders.areInterestedIn(cycle.pod.pod)) {
      return profile.cycle.choose(cycle, filtered);
    }
    const left = await this.#extenders.filter(cycle.pod.pod, filtered);
    const scores = await this.#extenders.prioritize(cycle.pod.pod, left.feasible);
    return profile.cycle.choose(cycle, left, scores);
  }

  async #reject(
    queued: QueuedPod,
    cycle: Cycle,
    decision: Decision,
    profile: Profile,
  ): Promise<void> {
    const { nodes } = cycle;
    const afterwards =
      nodes.length === 0 ? undefined : await this.#makeRoom(cycle, decision, profile);
    const message = nodes.length === 0 ? NO_NODES : fitErrorOf(decision, nodes.length, afterwards);
    this.decisions.record(decision, this.#context.clock.now(), message);
    const { log } = this.#context;
    log.info("Unable to schedule pod; no fit; waiting", { pod: queued.key, err: message }, 2);
    this.queue.addUnschedulable(queued, profile.helpedBy(decision));
    this.#binder.report(queued.pod, "Unschedulable", message);
  }

  /** Sends less important pods away, if that helps; else says why it does not. */
  async #makeRoom(cycle: Cycle, decision: Decision, profile: Profile): Promise<string | undefined> {
    if (!profile.preempts) return undefined;
    const { pod, nodes } = cycle;
    const { random, informers } = this.#context;
    const budgets = informers.of(PodDisruptionBudget).list();
    const outcome = await preempt(
      {
        ...{ cycle, decision, budgets, random },
        review: (candidates) => this.#extenders.reviewPreemption(pod.pod, candidates, nodes),
      },
      profile.preemption,
    );
    if ("why" in outcome) {
      if (outcome.clearsNomination) this.#nominations.delete(pod.key);
      return outcome.why;
    }
    const { candidate } = outcome;
    this.#nominations.set(pod.pod, candidate.node);
    this.#binder.send(() => this.#evict(candidate, pod));
    return undefined;
  }

  async #evict(candidate: Parameters<Evictor["makeRoom"]>[0], pod: PodInfo): Promise<void> {
    try {
      await this.#evictor.makeRoom(candidate, pod);
    } catch (error) {
      this.#context.log.error("Error preempting pods", error, { pod: pod.key });
      this.#nominations.delete(pod.key);
      this.queue.tryAgain(pod.key);
    }
  }

  #profileOf({ spec }: PodInfo["pod"]): Profile | undefined {
    return this.#profiles.get(spec.schedulerName ?? DEFAULT_SCHEDULER);
  }
}
