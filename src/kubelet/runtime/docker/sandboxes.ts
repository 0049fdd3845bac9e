/**
 * Sandboxes: one pause container per pod, started before the pod's own containers and stopped after
 * them.
 *
 * In Kubernetes: pkg/kubelet/dockershim/docker_sandbox.go
 */
import type { Sandbox, SandboxConfig } from "../runtime.ts";
import { NotFoundError } from "../runtime.ts";
import { CONTAINER, LABEL, SANDBOX } from "./container-names.ts";
import { toSandbox } from "./container-status.ts";
import { createReplacing, removeForGood, restated } from "./containers.ts";
import { asRemote, unlessGone } from "./daemon-error.ts";
import type { DockerConnection } from "./docker-connection.ts";
import type { Images } from "./images.ts";
import type { OomScore } from "./oom-score.ts";
import { SANDBOX_OOM_SCORE, sandboxSpec } from "./sandbox-spec.ts";
import type { TerminationLogs } from "./termination-log.ts";

/** From this version on, a container says whether others may join its IPC namespace. */
const SHAREABLE_SINCE = "1.34";
const SANDBOX_GRACE_SECONDS = 10;

export class Sandboxes {
  readonly #connection: DockerConnection;
  readonly #images: Images;
  readonly #oomScore: OomScore;
  readonly #terminationLogs: TerminationLogs;

  constructor(
    connection: DockerConnection,
    images: Images,
    oomScore: OomScore,
    terminationLogs: TerminationLogs,
  ) {
    this.#connection = connection;
    this.#images = images;
    this.#oomScore = oomScore;
    this.#terminationLogs = terminationLogs;
  }

  async run(config: SandboxConfig, signal: AbortSignal): Promise<string> {
    try {
      return await this.#start(await this.#create(config), config, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (this.#oomScore.learnFrom(error)) return this.run(config, signal);
      throw asRemote(error);
    }
  }

  /** One that cannot be started is not left behind: it would be taken for a dead one. */
  async #start(id: string, config: SandboxConfig, signal: AbortSignal): Promise<string> {
    try {
      signal.throwIfAborted();
      await this.#connection.ask((docker) => docker.getContainer(id).start());
      signal.throwIfAborted();
      return id;
    } catch (error) {
      await removeForGood(this.#connection, id);
      throw restated(`failed to start sandbox container for pod "${config.pod.name}"`, error);
    }
  }

  /** Pulls the image of the pause container where it is missing: nobody else does. */
  async #create(config: SandboxConfig): Promise<string> {
    const spec = sandboxSpec(config, {
      oomScoreAdjust: this.#oomScore.allowed(SANDBOX_OOM_SCORE),
      saysShareable: await this.#connection.speaks(SHAREABLE_SINCE),
    });
    const create = async () => {
      try {
        return await createReplacing(this.#connection, spec);
      } catch (error) {
        if (error instanceof NotFoundError) throw error;
        throw restated(`failed to create a sandbox for pod "${config.pod.name}"`, error);
      }
    };
    try {
      return await create();
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
      await this.#pull(config.image);
      return create();
    }
  }

  async #pull(image: string): Promise<void> {
    try {
      await this.#images.fetch(image);
    } catch (error) {
      throw restated(`failed pulling image "${image}"`, error);
    }
  }

  async stop(id: string): Promise<void> {
    await Promise.all((await this.#containersOf(id)).map((container) => this.#stop(container, 0)));
    await this.#stop(id, SANDBOX_GRACE_SECONDS);
  }

  async remove(id: string): Promise<void> {
    const containers = await this.#containersOf(id);
    await Promise.all(containers.map((container) => removeForGood(this.#connection, container)));
    await removeForGood(this.#connection, id);
    await this.#terminationLogs.removeAllOf(id);
  }

  async list(): Promise<Sandbox[]> {
    const filters = { label: [`${LABEL.type}=${SANDBOX}`] };
    const found = await this.#connection.ask((docker) =>
      docker.listContainers({ all: true, filters }),
    );
    return found.map(toSandbox);
  }

  async #stop(id: string, t: number): Promise<void> {
    await unlessGone(this.#connection.ask((docker) => docker.getContainer(id).stop({ t })));
  }

  async #containersOf(sandboxId: string): Promise<string[]> {
    const label = [`${LABEL.type}=${CONTAINER}`, `${LABEL.sandboxId}=${sandboxId}`];
    const found = await this.#connection.ask((docker) =>
      docker.listContainers({ all: true, filters: { label } }),
    );
    return found.map(({ Id }) => Id);
  }
}
