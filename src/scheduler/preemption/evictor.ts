/**
 * Sends the victims of a preemption away, and tells them why: a condition, a graceful deletion, an event.
 *
 * In Kubernetes: prepareCandidate in pkg/scheduler/framework/preemption/preemption.go
 */
import type { PodCondition } from "kubernetes-types/core/v1.js";
import { isNotFound } from "../../api/errors.ts";
import { Pod } from "../../api/pod.ts";
import type { ComponentContext } from "../../client/control-loop.ts";
import type { EventRecorder } from "../../client/events.ts";
import { toApiTime } from "../../component/clock.ts";
import type { Nominations } from "../nominations.ts";
import type { PodInfo } from "../pod-info.ts";
import type { Candidate } from "./victims.ts";

export class Evictor {
  readonly #context: ComponentContext;
  readonly #events: EventRecorder;
  readonly #nominations: Nominations;

  constructor(context: ComponentContext, events: EventRecorder, nominations: Nominations) {
    this.#context = context;
    this.#events = events;
    this.#nominations = nominations;
  }

  /** Rejects where a victim could be neither told nor deleted. */
  async makeRoom({ node, victims }: Candidate, { pod, priority }: PodInfo): Promise<void> {
    await Promise.all(
      victims.map(async (victim) => {
        await this.#sendAway(victim.pod, pod.spec.schedulerName ?? "default-scheduler");
        const message = `Preempted by pod ${pod.metadata.uid} on node ${node}`;
        this.#events.event(victim.pod, "Normal", "Preempted", message);
      }),
    );
    const lesser = this.#nominations.on(node).filter((one) => one.priority < priority);
    await Promise.all(lesser.map((one) => this.#takeBackPromise(one)));
  }

  /** One that is gone meanwhile needs no sending. */
  async #sendAway({ metadata }: Pod, schedulerName: string): Promise<void> {
    const { namespace = "default", name, uid } = metadata;
    const condition: PodCondition = {
      type: "DisruptionTarget",
      status: "True",
      reason: "PreemptionByScheduler",
      message: `${schedulerName}: preempting to accommodate a higher priority pod`,
      lastTransitionTime: toApiTime(this.#context.clock.now()),
    };
    const { client } = this.#context;
    const patch = { metadata: { uid }, status: { conditions: [condition] } };
    try {
      await client.patch(Pod, namespace, name, patch, { subresource: "status" });
      await client.delete(Pod, namespace, name, { ...(uid ? { preconditions: { uid } } : {}) });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  async #takeBackPromise({ key, pod }: PodInfo): Promise<void> {
    this.#nominations.delete(key);
    const { namespace = "default", name, uid } = pod.metadata;
    const patch = { metadata: { uid }, status: { nominatedNodeName: null } };
    try {
      await this.#context.client.patch(Pod, namespace, name, patch, { subresource: "status" });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}
