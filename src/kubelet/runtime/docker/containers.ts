/**
 * App containers: made, started, stopped, removed, told of. What a container looks like to Docker is
 * in container-spec.ts, what Docker says of it is read in container-status.ts.
 *
 * In Kubernetes: pkg/kubelet/dockershim/docker_container.go
 */
import type { ContainerCreateOptions, ContainerInspectInfo } from "dockerode";
import {
  type Container,
  type ContainerConfig,
  type ContainerStatus,
  NotFoundError,
  type SandboxConfig,
} from "../runtime.ts";
import { CONTAINER, LABEL } from "./container-names.ts";
import { containerSpec } from "./container-spec.ts";
import { toContainer, toContainerStatus } from "./container-status.ts";
import { DaemonError, unlessGone } from "./daemon-error.ts";
import type { DockerConnection } from "./docker-connection.ts";
import type { InspectedImage } from "./image-names.ts";
import type { OomScore } from "./oom-score.ts";
import { readTerminationMessage, type TerminationLogs } from "./termination-log.ts";

const STOP_ALLOWANCE_MS = 120_000;

export class Containers {
  readonly #connection: DockerConnection;
  readonly #oomScore: OomScore;
  readonly #terminationLogs: TerminationLogs;

  constructor(connection: DockerConnection, oomScore: OomScore, terminationLogs: TerminationLogs) {
    this.#connection = connection;
    this.#oomScore = oomScore;
    this.#terminationLogs = terminationLogs;
  }

  async create(
    sandboxId: string,
    config: ContainerConfig,
    sandbox: SandboxConfig,
  ): Promise<string> {
    const terminationLog = await this.#terminationLogs.create(sandboxId, config);
    const spec = containerSpec(config, {
      sandboxId,
      sandbox,
      oomScoreAdjust: this.#oomScore.allowed(config.resources.oomScoreAdjust),
      user: await this.#userOf(config),
      terminationLog,
    });
    return createReplacing(this.#connection, spec);
  }

  async start(id: string): Promise<void> {
    try {
      await unlessGone304(
        this.#connection.ask((docker, abortSignal) =>
          docker.getContainer(id).start({ abortSignal }),
        ),
      );
    } catch (error) {
      this.#oomScore.learnFrom(error);
      throw restated(`failed to start container "${id}"`, error);
    }
  }

  async stop(id: string, graceSeconds: number): Promise<void> {
    const t = Math.max(0, Math.ceil(graceSeconds));
    const limitMs = t * 1000 + STOP_ALLOWANCE_MS;
    const stopped = this.#connection.ask((docker) => docker.getContainer(id).stop({ t }), {
      limitMs,
    });
    await unlessGone(stopped);
  }

  async remove(id: string): Promise<void> {
    const terminationLog = await this.#terminationLogOf(id);
    await removeForGood(this.#connection, id);
    if (terminationLog) await this.#terminationLogs.remove(terminationLog);
  }

  async list(): Promise<Container[]> {
    const filters = { label: [`${LABEL.type}=${CONTAINER}`] };
    const found = await this.#connection.ask((docker) =>
      docker.listContainers({ all: true, filters }),
    );
    return found.map(toContainer);
  }

  async status(id: string): Promise<ContainerStatus> {
    const inspected = await inspect(this.#connection, id);
    const image = await unlessGone(
      this.#connection.ask<InspectedImage>((docker) => docker.getImage(inspected.Image).inspect()),
    );
    const terminationLog = inspected.State.Running ? undefined : terminationLogIn(inspected);
    const message = terminationLog ? await readTerminationMessage(terminationLog) : "";
    return toContainerStatus(inspected, image, message);
  }

  async #terminationLogOf(id: string): Promise<string | undefined> {
    const inspected = await unlessGone(inspect(this.#connection, id));
    return inspected && terminationLogIn(inspected);
  }

  /** Docker knows no group without a user, so a group alone goes with the image's own user. */
  async #userOf({ security, image }: ContainerConfig): Promise<string | undefined> {
    const { runAsUser, runAsGroup } = security;
    if (runAsGroup === undefined) return runAsUser === undefined ? undefined : String(runAsUser);
    if (runAsUser !== undefined) return `${runAsUser}:${runAsGroup}`;
    const { Config } = await this.#connection.ask((docker) => docker.getImage(image).inspect());
    return `${Config?.User?.split(":")[0] || "0"}:${runAsGroup}`;
  }
}

export function inspect(connection: DockerConnection, id: string): Promise<ContainerInspectInfo> {
  return connection.ask((docker, abortSignal) => docker.getContainer(id).inspect({ abortSignal }));
}

/** Removes a container whether it runs or not; fine if it is gone, or going. */
export async function removeForGood(connection: DockerConnection, id: string): Promise<void> {
  try {
    await unlessGone(
      connection.ask((docker) => docker.getContainer(id).remove({ force: true, v: true })),
    );
  } catch (error) {
    const isGoing = error instanceof DaemonError && /already in progress/.test(error.message);
    if (!isGoing) throw error;
  }
}

/**
 * Creates a container. A kubelet that was killed between Docker's answer and its own next step finds
 * the name taken by what it made then: that one is removed, unless it runs, and made again.
 */
export async function createReplacing(
  connection: DockerConnection,
  spec: ContainerCreateOptions,
): Promise<string> {
  const create = () => connection.ask((docker) => docker.createContainer(spec));
  try {
    return (await create()).id;
  } catch (error) {
    const other = conflicting(error);
    if (!other || !(await isOurs(connection, other))) throw error;
    await unlessGone(connection.ask((docker) => docker.getContainer(other).remove({ v: true })));
    return (await create()).id;
  }
}

function conflicting(error: unknown): string | undefined {
  if (!(error instanceof DaemonError) || error.code !== 409) return undefined;
  return /is already in use by container "?([0-9a-f]+)/.exec(error.message)?.[1];
}

async function isOurs(connection: DockerConnection, id: string): Promise<boolean> {
  const inspected = await unlessGone(inspect(connection, id));
  return inspected === undefined || LABEL.type in (inspected.Config.Labels ?? {});
}

function terminationLogIn({ Mounts, Config }: ContainerInspectInfo): string | undefined {
  const path = Config.Labels?.[LABEL.terminationMessagePath];
  return path ? Mounts.find(({ Destination }) => Destination === path)?.Source : undefined;
}

/** A container that runs already need not be started; one that is gone cannot be. */
async function unlessGone304(asked: Promise<unknown>): Promise<void> {
  try {
    await asked;
  } catch (error) {
    if (!(error instanceof DaemonError) || error.code !== 304) throw error;
  }
}

/** The same error, saying what was tried. */
export function restated(tried: string, error: unknown): unknown {
  if (error instanceof NotFoundError) return new NotFoundError(`${tried}: ${error.message}`);
  if (!(error instanceof DaemonError)) return error;
  return new DaemonError(error.code, `${tried}: ${error.message}`);
}
