/**
 * Starts one container of a pod: image, config, create, start, postStart hook.
 *
 * In Kubernetes: startContainer in pkg/kubelet/kuberuntime/kuberuntime_container.go
 */
import type { Container } from "kubernetes-types/core/v1.js";
import type { Pod } from "../../api/pod.ts";
import type { EventRecorder } from "../../client/events.ts";
import type { Log } from "../../component/log.ts";
import { ConfigError, type ConfigObjects } from "../pods/config-objects.ts";
import type { ContainerConfig, Runtime, SandboxConfig } from "../runtime/runtime.ts";
import type { Volumes } from "../volumes/volumes.ts";
import { containerConfigOf } from "./config.ts";
import type { EnvironmentContext } from "./environment.ts";
import { type Hooks, orAborted } from "./hooks.ts";
import type { ImagePuller } from "./image-puller.ts";
import type { ContainerKiller } from "./killer.ts";
import { pullCredentials } from "./pull-secrets.ts";
import { fieldPathOf, StartError } from "./start-error.ts";

export interface ContainerStarterOptions {
  runtime: Runtime;
  events: EventRecorder;
  log: Log;
  puller: ImagePuller;
  hooks: Hooks;
  killer: ContainerKiller;
  volumes: Volumes;
  objects: ConfigObjects;
  environment(pod: Pod, podIP: string): EnvironmentContext;
}

/** Where a container goes: the sandbox that is up for its pod. */
export interface Place {
  sandboxId: string;
  sandbox: SandboxConfig;
  podIP: string;
}

export class ContainerStarter {
  readonly #options: ContainerStarterOptions;

  constructor(options: ContainerStarterOptions) {
    this.#options = options;
  }

  /** Rejects with a StartError, its event told, when the container does not run. */
  async start(
    pod: Pod,
    container: Container,
    attempt: number,
    place: Place,
    signal: AbortSignal,
  ): Promise<void> {
    const { runtime, puller, objects } = this.#options;
    const say = (type: "Normal" | "Warning", reason: string, message: string) =>
      this.#options.events.event(pod, type, reason, message, fieldPathOf(pod, container.name));
    try {
      const credentials = await pullCredentials(pod, container.image ?? "", objects);
      const image = await orAborted(puller.ensure(pod, container, credentials), signal);
      const config = await this.#config(pod, container, attempt, place, image);
      const id = await this.#create(config, place);
      say("Normal", "Created", `Created container ${container.name}`);
      signal.throwIfAborted();
      await as("RunContainerError", () => runtime.startContainer(id));
      say("Normal", "Started", `Started container ${container.name}`);
      await this.#afterStart(pod, container, id, signal);
    } catch (error) {
      if (!(error instanceof StartError)) throw error;
      if (error.cause instanceof Error) {
        const about = { pod: pod.metadata.name, container: container.name };
        this.#options.log.warn("Container was not started", { ...about, err: error.cause.message });
      }
      if (!isSaidAlready(error.reason)) say("Warning", "Failed", `Error: ${error.message}`);
      if (isImageReason(error.reason)) say("Warning", "Failed", `Error: ${error.reason}`);
      throw error;
    }
  }

  async #config(
    pod: Pod,
    container: Container,
    attempt: number,
    { podIP }: Place,
    image: Awaited<ReturnType<ImagePuller["ensure"]>>,
  ): Promise<ContainerConfig> {
    const { volumes, environment } = this.#options;
    return as("CreateContainerConfigError", async () =>
      containerConfigOf(pod, container, {
        attempt,
        image,
        volumes: volumes.pathsOf(pod),
        environment: environment(pod, podIP),
        extraMounts: await volumes.etcHosts(pod, container, podIP),
        makeSubPath: (path, subPath) => volumes.makeSubPath(path, subPath),
      }),
    );
  }

  #create(config: ContainerConfig, { sandboxId, sandbox }: Place): Promise<string> {
    const { runtime } = this.#options;
    return as("CreateContainerError", () => runtime.createContainer(sandboxId, config, sandbox));
  }

  async #afterStart(pod: Pod, container: Container, id: string, signal: AbortSignal) {
    const { hooks, killer, runtime } = this.#options;
    try {
      await hooks.postStart(pod, container, id, signal);
    } catch (error) {
      signal.throwIfAborted();
      await killer.kill(pod, await runtime.containerStatus(id), "FailedPostStartHook");
      throw new StartError("PostStartHookError", (error as Error).message);
    }
  }
}

/** Any failure of `act` is why the container waits. */
async function as<T>(reason: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const isBug = reason === "CreateContainerConfigError" && !(error instanceof ConfigError);
    if (isBug && !("code" in error)) throw error;
    throw new StartError(reason, error.message, undefined, error.cause);
  }
}

const IMAGE_REASONS = [
  "ErrImagePull",
  "ImagePullBackOff",
  "ErrImageNeverPull",
  "InvalidImageName",
  "ImageInspectError",
];
const isImageReason = (reason: string) => IMAGE_REASONS.includes(reason);
const isSaidAlready = (reason: string) => isImageReason(reason) || reason === "PostStartHookError";
