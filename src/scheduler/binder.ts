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
import { toApiTime } from "../component/clock.ts";
import { forEvent } from "./fit-error.ts";
import type { NodeCache } from "./node-cache.ts";
import type { PodInfo } from "./pod-info.ts";
import type { QueuedPod, SchedulingQueue } from "./scheduling-queue.ts";

export class Binder {
  readonly #context: ComponentContext;
  readonly #cache: NodeCache;
  readonly #queue: SchedulingQueue;
  readonly #events: EventRecorder;
  readonly #pods: Reader<Pod>;
  #inFlight = 0;
  #waiting: (() => void)[] = [];

  constructor(
    context: ComponentContext,
    cache: NodeCache,
    queue: SchedulingQueue,
    events: EventRecorder,
  ) {
    this.#context = context;
    this.#cache = cache;
    this.#queue = queue;
    this.#events = events;
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

  bind(queued: QueuedPod, pod: PodInfo, nodeName: string): void {
    this.#send(async () => {
      try {
        await this.#createBinding(pod.pod, nodeName);
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
    if (!condition) return;
    this.#send(async () => {
      try {
        await this.#patchCondition(pod, condition);
      } catch (error) {
        if (isNotFound(error) || this.#context.signal.aborted) return;
        const key = `${pod.metadata.namespace}/${pod.metadata.name}`;
        this.#context.log.error("Error updating pod condition", error, { pod: key });
      }
    });
  }

  #send(request: () => Promise<void>): void {
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
    this.#queue.moveOn("AssignedPodDelete", ({ metadata }) => metadata.uid !== pod.uid);
    const message = `running Bind plugin "DefaultBinder": ${wordingOf(error)}`;
    const { namespace, name } = pod.pod.metadata;
    const current = this.#pods.get(namespace, name);
    if (!current || current.metadata.uid !== pod.uid || isNotFound(error)) return;
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

  async #patchCondition({ metadata }: Pod, condition: PodCondition): Promise<void> {
    const { namespace = "default", name, uid } = metadata;
    const patch = { metadata: { uid }, status: { conditions: [condition] } };
    await this.#context.client.patch(Pod, namespace, name, patch, { subresource: "status" });
  }
}

function wordingOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
