/**
 * Tells the API server what the scheduler has decided: which node a pod goes to, or why to none.
 *
 * Its rule: it never keeps the scheduler waiting. What fails is taken back and the pod is tried
 * again later; what has been done by somebody else meanwhile is left alone.
 *
 * In Kubernetes: pkg/scheduler/schedule_one.go (bindingCycle, handleSchedulingFailure)
 */
import type { PodCondition } from "kubernetes-types/core/v1.js";
import { isNotFound } from "../api/errors.ts";
import { Pod } from "../api/pod.ts";
import type { ComponentContext } from "../client/control-loop.ts";
import type { EventRecorder } from "../client/events.ts";
import type { Reader } from "../client/informer.ts";
import { keyOf } from "../client/object-cache.ts";
import { toApiTime } from "../component/clock.ts";
import { forEvent } from "./fit-error.ts";
import type { NodeCache } from "./node-cache.ts";
import type { Nominations } from "./nominations.ts";
import type { PodInfo } from "./pod-info.ts";
import type { QueuedPod, SchedulingQueue } from "./scheduling-queue.ts";

export interface BindingWays {
  prepare?(): Promise<void>;
  bind?(): Promise<void> | undefined;
}

export interface BinderOptions {
  context: ComponentContext;
  cache: NodeCache;
  queue: SchedulingQueue;
  events: EventRecorder;
  nominations: Nominations;
}

export class Binder {
  readonly #context: ComponentContext;
  readonly #cache: NodeCache;
  readonly #queue: SchedulingQueue;
  readonly #events: EventRecorder;
  readonly #pods: Reader<Pod>;
  readonly #nominations: Nominations;
  #inFlight = 0;
  #waiting: (() => void)[] = [];

  constructor({ context, cache, queue, events, nominations }: BinderOptions) {
    this.#context = context;
    this.#cache = cache;
    this.#queue = queue;
    this.#events = events;
    this.#nominations = nominations;
    this.#pods = context.informers.of(Pod);
  }

  /** How many requests have not been answered yet. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Resolves when one of them has been. */
  landed(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** `prepare` is done before; `bind` in place of the API server's own binding, if anybody has another way. */
  bind(queued: QueuedPod, pod: PodInfo, nodeName: string, ways: BindingWays = {}): void {
    this.send(async () => {
      try {
        await ways.prepare?.();
        await named(
          'running Bind plugin "DefaultBinder"',
          ways.bind?.() ?? this.#createBinding(pod.pod, nodeName),
        );
      } catch (error) {
        this.#takeBack(queued, pod, error);
        return;
      }
      this.#context.log.info("Successfully bound pod to node", { pod: pod.key, node: nodeName }, 2);
      const message = `Successfully assigned ${pod.key} to ${nodeName}`;
      this.#events.event(pod.pod, "Normal", "Scheduled", message);
    });
  }

  /** Says why the pod has no node: in an event and in its PodScheduled condition. */
  report(pod: Pod, reason: "Unschedulable" | "SchedulerError", message: string): void {
    this.#events.event(pod, "Warning", "FailedScheduling", forEvent(message));
    const condition = this.#newCondition(pod, reason, message);
    const nominatedNodeName = this.#nominations.nodeOf(keyOf(pod.metadata)) ?? null;
    const isPromised = (pod.status?.nominatedNodeName ?? null) === nominatedNodeName;
    if (!condition && isPromised) return;
    this.send(async () => {
      try {
        await this.#patchStatus(pod, {
          ...(condition ? { conditions: [condition] } : {}),
          ...(isPromised ? {} : { nominatedNodeName }),
        });
      } catch (error) {
        if (isNotFound(error) || this.#context.signal.aborted) return;
        const key = `${pod.metadata.namespace}/${pod.metadata.name}`;
        this.#context.log.error("Error updating pod condition", error, { pod: key });
      }
    });
  }

  /** Lets a request go on its way, and counts it until it is answered. */
  send(request: () => Promise<void>): void {
    this.#inFlight++;
    void request().finally(() => {
      this.#inFlight--;
      for (const resolve of this.#waiting.splice(0)) resolve();
    });
  }

  async #createBinding({ metadata }: Pod, nodeName: string): Promise<void> {
    const { namespace = "default", name, uid } = metadata;
    await this.#context.client.createSubresource(Pod, namespace, name, "binding", {
      apiVersion: "v1",
      kind: "Binding",
      metadata: { namespace, name, uid },
      target: { kind: "Node", name: nodeName },
    });
  }

  #takeBack(queued: QueuedPod, pod: PodInfo, error: unknown): void {
    if (this.#context.signal.aborted) return;
    this.#cache.forget(pod);
    const change = { event: "AssignedPodDelete", object: pod.pod } as const;
    this.#queue.moveOn(change, ({ metadata }) => metadata.uid !== pod.uid);
    const message = wordingOf(error);
    const { namespace, name } = pod.pod.metadata;
    const current = this.#pods.get(namespace, name);
    if (!current || current.metadata.uid !== pod.uid || isNotFound((error as Error).cause)) return;
    this.#context.log.error("Error scheduling pod; retrying", error, { pod: pod.key });
    this.report(current, "SchedulerError", message);
    if (!current.spec.nodeName) this.#queue.addBackingOff({ ...queued, pod: current });
  }

  /** Undefined when the pod says so already: a write that changes nothing would wake everybody. */
  #newCondition(pod: Pod, reason: string, message: string): PodCondition | undefined {
    const old = pod.status?.conditions?.find(({ type }) => type === "PodScheduled");
    const isKnown = old?.status === "False" && old.reason === reason && old.message === message;
    if (isKnown) return undefined;
    const since = old?.status === "False" ? old.lastTransitionTime : undefined;
    return {
      type: "PodScheduled",
      status: "False",
      reason,
      message,
      lastTransitionTime: since ?? toApiTime(this.#context.clock.now()),
    };
  }

  async #patchStatus({ metadata }: Pod, status: object): Promise<void> {
    const { namespace = "default", name, uid } = metadata;
    const patch = { metadata: { uid }, status };
    await this.#context.client.patch(Pod, namespace, name, patch, { subresource: "status" });
  }
}

/** Says at which step something failed, and keeps what it was. */
async function named(step: string, work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    throw new Error(`${step}: ${wordingOf(error)}`, { cause: error });
  }
}

function wordingOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
