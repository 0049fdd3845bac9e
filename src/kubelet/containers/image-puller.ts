/**
 * Sees to it that an image is there before a container is made of it, as its pull policy says, and
 * waits longer after each failure.
 *
 * In Kubernetes: pkg/kubelet/images/image_manager.go
 */
import type { Container } from "kubernetes-types/core/v1.js";
import type { Pod } from "../../api/pod.ts";
import type { EventRecorder } from "../../client/events.ts";
import type { Clock } from "../../component/clock.ts";
import {
  type Image,
  ImageError,
  type RegistryCredentials,
  type Runtime,
} from "../runtime/runtime.ts";
import { BackOff, goDuration } from "./back-off.ts";
import { fieldPathOf, StartError } from "./start-error.ts";

/** When a pod is looked at again after a failed pull; most often it is then told that it has to wait. */
const LOOK_AGAIN_MS = 10_000;

export class ImagePuller {
  readonly #runtime: Runtime;
  readonly #events: EventRecorder;
  readonly #clock: Clock;
  readonly #backOff: BackOff;
  /** Pulls go one after the other, so that the first is done soon. */
  #queue: Promise<unknown> = Promise.resolve();

  constructor(options: { runtime: Runtime; events: EventRecorder; clock: Clock }) {
    this.#runtime = options.runtime;
    this.#events = options.events;
    this.#clock = options.clock;
    this.#backOff = new BackOff(options.clock);
  }

  /** Rejects with a StartError when it cannot be had, now or ever. */
  async ensure(
    pod: Pod,
    container: Container,
    credentials: RegistryCredentials | undefined,
  ): Promise<Image> {
    const name = container.image ?? "";
    const say = this.#sayer(pod, container);
    const present = await this.#runtime.imageStatus(name);
    if (!shouldPull(container, present)) {
      if (present === undefined) throw this.#neverPulled(name, say);
      say("Normal", "Pulled", `Container image "${name}" already present on machine`);
      return present;
    }
    const key = `${pod.metadata.uid}_${name}`;
    const waitMs = this.#backOff.remainingSinceUpdateMs(key);
    if (waitMs > 0) {
      say("Normal", "BackOff", `Back-off pulling image "${name}"`);
      throw new StartError("ImagePullBackOff", `Back-off pulling image "${name}"`, waitMs);
    }
    say("Normal", "Pulling", `Pulling image "${name}"`);
    const image = await this.#pull(key, name, credentials, say);
    this.#backOff.reset(key);
    return image;
  }

  async #pull(
    key: string,
    name: string,
    credentials: RegistryCredentials | undefined,
    say: Say,
  ): Promise<Image> {
    const askedMs = this.#clock.monotonicMs();
    try {
      const { image, tookMs } = await this.#inTurn(name, credentials);
      const waitedMs = this.#clock.monotonicMs() - askedMs;
      const times = `${duration(tookMs)} (${duration(waitedMs)} including waiting)`;
      say(
        "Normal",
        "Pulled",
        `Successfully pulled image "${name}" in ${times}. Image size: ${image.sizeBytes} bytes.`,
      );
      return image;
    } catch (error) {
      if (!(error instanceof ImageError)) throw error;
      say("Warning", "Failed", `Failed to pull image "${name}": ${error.message}`);
      this.#backOff.next(key, this.#clock.now());
      const lookMs = Math.min(this.#backOff.delayMs(key) / 2, LOOK_AGAIN_MS);
      throw new StartError(error.reason, error.message, lookMs);
    }
  }

  #inTurn(
    name: string,
    credentials: RegistryCredentials | undefined,
  ): Promise<{ image: Image; tookMs: number }> {
    const turn = this.#queue.then(async () => {
      const startMs = this.#clock.monotonicMs();
      await this.#runtime.pullImage(name, credentials);
      const image = await this.#runtime.imageStatus(name);
      if (image === undefined) {
        throw new ImageError("ErrImagePull", `image ${name} is not there after it was pulled`);
      }
      return { image, tookMs: this.#clock.monotonicMs() - startMs };
    });
    // Its failure is its caller's; the next one in the queue goes on all the same.
    this.#queue = Promise.allSettled([turn]);
    return turn;
  }

  #neverPulled(name: string, say: Say): StartError {
    const message = `Container image "${name}" is not present with pull policy of Never`;
    say("Warning", "ErrImageNeverPull", message);
    return new StartError("ErrImageNeverPull", message);
  }

  #sayer(pod: Pod, container: Container): Say {
    const fieldPath = fieldPathOf(pod, container.name);
    return (type, reason, message) => this.#events.event(pod, type, reason, message, fieldPath);
  }
}

type Say = (type: "Normal" | "Warning", reason: string, message: string) => void;

function shouldPull({ imagePullPolicy = "IfNotPresent" }: Container, present?: Image): boolean {
  if (imagePullPolicy === "Never") return false;
  return imagePullPolicy === "Always" || present === undefined;
}

function duration(ms: number): string {
  return goDuration(Math.round(ms));
}
