/**
 * Ends containers: the preStop hook first, then the runtime's polite and impolite ways, all within
 * the grace period.
 *
 * In Kubernetes: killContainer in pkg/kubelet/kuberuntime/kuberuntime_container.go
 */
import type { Container } from "kubernetes-types/core/v1.js";
import type { Pod } from "../../api/pod.ts";
import type { EventRecorder } from "../../client/events.ts";
import type { Clock } from "../../component/clock.ts";
import type { ContainerStatus, Runtime } from "../runtime/runtime.ts";
import type { Hooks } from "./hooks.ts";
import { fieldPathOf } from "./start-error.ts";

/** What is left after a long preStop hook, at least. */
const MIN_GRACE_SECONDS = 2;

export class ContainerKiller {
  readonly #runtime: Runtime;
  readonly #events: EventRecorder;
  readonly #clock: Clock;
  readonly #hooks: Hooks;

  constructor(options: {
    runtime: Runtime;
    events: EventRecorder;
    clock: Clock;
    hooks: Hooks;
  }) {
    this.#runtime = options.runtime;
    this.#events = options.events;
    this.#clock = options.clock;
    this.#hooks = options.hooks;
  }

  /** `message` is the event's; `graceSeconds` overrides what the pod asks for. */
  async kill(
    pod: Pod,
    container: ContainerStatus,
    message = "",
    graceSeconds = pod.spec.terminationGracePeriodSeconds ?? 30,
  ): Promise<void> {
    const text = message || `Stopping container ${container.name}`;
    this.#events.event(pod, "Normal", "Killing", text, fieldPathOf(pod, container.name));
    const startMs = this.#clock.monotonicMs();
    const spec = specOf(pod, container.name);
    if (spec?.lifecycle?.preStop && graceSeconds > 0 && container.state === "running") {
      await this.#hooks.preStop(pod, spec, container.id, graceSeconds);
    }
    const usedSeconds = Math.floor((this.#clock.monotonicMs() - startMs) / 1000);
    const left = usedSeconds === 0 ? graceSeconds : graceSeconds - usedSeconds;
    const least = Math.min(graceSeconds, MIN_GRACE_SECONDS);
    await this.#runtime.stopContainer(container.id, Math.max(left, least));
  }
}

function specOf({ spec }: Pod, name: string): Container | undefined {
  return [...spec.containers, ...(spec.initContainers ?? [])].find((c) => c.name === name);
}
