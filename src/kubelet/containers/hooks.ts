/**
 * Lifecycle hooks: what a container wants done right after its start and right before its end.
 *
 * In Kubernetes: pkg/kubelet/lifecycle/handlers.go
 */
import { Writable } from "node:stream";
import type { Container, LifecycleHandler } from "kubernetes-types/core/v1.js";
import type { Pod } from "../../api/pod.ts";
import type { EventRecorder } from "../../client/events.ts";
import { type Clock, sleep } from "../../component/clock.ts";
import type { Connect } from "../probes/connect.ts";
import { httpGet } from "../probes/http-get.ts";
import { portOf } from "../probes/port.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { fieldPathOf } from "./start-error.ts";

const HTTP_TIMEOUT_MS = 60_000;

export interface HooksOptions {
  runtime: Runtime;
  events: EventRecorder;
  clock: Clock;
  connect: Connect;
  podIP(pod: Pod): string;
}

export class Hooks {
  readonly #options: HooksOptions;

  constructor(options: HooksOptions) {
    this.#options = options;
  }

  /** Rejects, with the event told, when the hook fails: the container must not go on. */
  async postStart(pod: Pod, container: Container, id: string, signal: AbortSignal): Promise<void> {
    const hook = container.lifecycle?.postStart;
    if (hook === undefined) return;
    try {
      await this.#run(hook, pod, container, id, signal);
    } catch (error) {
      this.#failed(pod, container, "FailedPostStartHook", "PostStartHook failed");
      throw error;
    }
  }

  /** Waits for it no longer than the grace period. A failure is told and does not matter else. */
  async preStop(pod: Pod, container: Container, id: string, graceSeconds: number): Promise<void> {
    const hook = container.lifecycle?.preStop;
    if (hook === undefined) return;
    const over = new AbortController();
    const timer = this.#options.clock.setTimeout(() => over.abort(), graceSeconds * 1000);
    try {
      await this.#run(hook, pod, container, id, over.signal);
    } catch {
      this.#failed(pod, container, "FailedPreStopHook", "PreStopHook failed");
    } finally {
      timer.cancel();
    }
  }

  async #run(
    hook: LifecycleHandler,
    pod: Pod,
    container: Container,
    id: string,
    signal: AbortSignal,
  ): Promise<void> {
    const { runtime, clock, connect, podIP } = this.#options;
    if (hook.exec) {
      const discard = () => new Writable({ write: (_chunk, _encoding, done) => done() });
      const streams = { stdout: discard(), stderr: discard(), tty: false, signal };
      const code = await orAborted(runtime.exec(id, hook.exec.command ?? [], streams), signal);
      if (code !== 0)
        throw new Error(`command ${JSON.stringify(hook.exec.command)} exited with ${code}`);
    } else if (hook.httpGet) {
      const { host = podIP(pod), path = "/", scheme = "HTTP", httpHeaders = [] } = hook.httpGet;
      const port = portOf(hook.httpGet.port, container);
      const target = { host, port, path, isTls: scheme === "HTTPS", headers: httpHeaders };
      await httpGet(target, { connect, clock, timeoutMs: HTTP_TIMEOUT_MS, signal });
    } else if (hook.sleep) {
      await sleep(clock, hook.sleep.seconds * 1000, signal);
    } else {
      throw new Error("invalid handler: nothing to do");
    }
  }

  #failed(pod: Pod, { name }: Container, reason: string, message: string): void {
    this.#options.events.event(pod, "Warning", reason, message, fieldPathOf(pod, name));
  }
}

/** What `promise` gives, or a rejection as soon as `signal` aborts. */
export function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
