/**
 * The Runtime on Docker. It holds no state of its own that matters: everything is asked of the daemon,
 * so that a kubelet that is started again finds its pods as they are.
 *
 * In Kubernetes: pkg/kubelet/dockershim (until 1.23), github.com/Mirantis/cri-dockerd since.
 */
import type { Duplex, Writable } from "node:stream";
import type { Clock } from "../../../component/clock.ts";
import type { Log } from "../../../component/log.ts";
import type {
  Container,
  ContainerConfig,
  ContainerStats,
  ContainerStatus,
  Image,
  LogOptions,
  RegistryCredentials,
  Runtime,
  RuntimeEvent,
  Sandbox,
  SandboxConfig,
  SessionStreams,
} from "../runtime.ts";
import { attachTo } from "./attach.ts";
import { Containers } from "./containers.ts";
import { DockerConnection } from "./docker-connection.ts";
import { followEvents } from "./events.ts";
import { runInContainer } from "./exec.ts";
import { Images } from "./images.ts";
import { writeLogs } from "./logs.ts";
import { OomScore } from "./oom-score.ts";
import { connectInSandbox } from "./port-forward.ts";
import { Sandboxes } from "./sandboxes.ts";
import { Stats } from "./stats.ts";
import { TerminationLogs } from "./termination-log.ts";

export interface DockerRuntimeOptions {
  /** "unix:///var/run/docker.sock" or "tcp://host:port". */
  endpoint: string;
  /** Where termination messages are kept while their containers are; the daemon must see it as well. */
  stateDirectory: string;
  clock: Clock;
  log: Log;
}

export class DockerRuntime implements Runtime {
  readonly #connection: DockerConnection;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #images: Images;
  readonly #sandboxes: Sandboxes;
  readonly #containers: Containers;
  readonly #stats: Stats;

  constructor({ endpoint, stateDirectory, clock, log }: DockerRuntimeOptions) {
    const connection = new DockerConnection(endpoint, clock);
    const oomScore = new OomScore(log);
    const terminationLogs = new TerminationLogs(stateDirectory);
    this.#connection = connection;
    this.#clock = clock;
    this.#log = log;
    this.#images = new Images(connection, clock);
    this.#sandboxes = new Sandboxes(connection, this.#images, oomScore, terminationLogs);
    this.#containers = new Containers(connection, oomScore, terminationLogs);
    this.#stats = new Stats(connection, clock);
  }

  async version(): Promise<{ name: string; version: string; apiVersion: string }> {
    return { name: "docker", ...(await this.#connection.checkVersion()) };
  }

  async checkReady(): Promise<void> {
    await this.#connection.checkVersion();
  }

  runSandbox(config: SandboxConfig, signal: AbortSignal): Promise<string> {
    return this.#sandboxes.run(config, signal);
  }

  stopSandbox(id: string): Promise<void> {
    return this.#sandboxes.stop(id);
  }

  removeSandbox(id: string): Promise<void> {
    return this.#sandboxes.remove(id);
  }

  listSandboxes(): Promise<Sandbox[]> {
    return this.#sandboxes.list();
  }

  createContainer(
    sandboxId: string,
    config: ContainerConfig,
    sandbox: SandboxConfig,
  ): Promise<string> {
    return this.#containers.create(sandboxId, config, sandbox);
  }

  startContainer(id: string): Promise<void> {
    return this.#containers.start(id);
  }

  stopContainer(id: string, graceSeconds: number): Promise<void> {
    return this.#containers.stop(id, graceSeconds);
  }

  removeContainer(id: string): Promise<void> {
    return this.#containers.remove(id);
  }

  listContainers(): Promise<Container[]> {
    return this.#containers.list();
  }

  containerStatus(id: string): Promise<ContainerStatus> {
    return this.#containers.status(id);
  }

  logs(id: string, options: LogOptions, stdout: Writable, stderr: Writable): Promise<void> {
    return writeLogs(this.#connection, id, options, { stdout, stderr });
  }

  exec(id: string, command: string[], streams: SessionStreams): Promise<number> {
    return runInContainer(this.#connection, this.#clock, id, command, streams);
  }

  attach(id: string, streams: SessionStreams): Promise<void> {
    return attachTo(this.#connection, this.#clock, id, streams);
  }

  portForward(sandboxId: string, port: number): Promise<Duplex> {
    return connectInSandbox(this.#connection, sandboxId, port);
  }

  imageStatus(image: string): Promise<Image | undefined> {
    return this.#images.status(image);
  }

  pullImage(image: string, credentials?: RegistryCredentials): Promise<void> {
    return this.#images.pull(image, credentials);
  }

  listImages(): Promise<Image[]> {
    return this.#images.list();
  }

  removeImage(id: string): Promise<void> {
    return this.#images.remove(id);
  }

  stats(): Promise<ContainerStats[]> {
    return this.#stats.read();
  }

  watchEvents(listener: (event: RuntimeEvent) => void, signal: AbortSignal): void {
    const options = { connection: this.#connection, clock: this.#clock, log: this.#log };
    followEvents({ ...options, listener, signal }).catch((error) =>
      this.#log.error("Events of Docker are followed no more", error),
    );
  }

  /** Closes the connections to the daemon that are kept for the next request. */
  close(): void {
    this.#connection.close();
  }
}
