/**
 * The simulated container runtime: fulfils the kubelet's Runtime contract without root, without
 * images, without anything of the machine it runs on. Containers are small programs in this process
 * (images.ts); time is the clock's.
 */
import type { Duplex, Writable } from "node:stream";
import { type Clock, sleep } from "../component/clock.ts";
import type { Random } from "../component/random.ts";
import {
  type Container,
  type ContainerConfig,
  type ContainerStats,
  type ContainerStatus,
  type Image,
  type LogOptions,
  NotFoundError,
  type Runtime,
  type RuntimeEvent,
  type Sandbox,
  type SandboxConfig,
  type SessionStreams,
} from "../kubelet/runtime/runtime.ts";
import { AddressPool } from "./address-pool.ts";
import { SimulatedContainer } from "./container.ts";
import type { SimulatedFiles } from "./files.ts";
import { SimulatedImageStore } from "./image-store.ts";
import type { SimulatedNetwork } from "./network.ts";
import { SimulatedSandbox } from "./sandbox.ts";
import { statsOf } from "./stats.ts";

export interface SimulatedRuntimeOptions {
  clock: Clock;
  random: Random;
  network: SimulatedNetwork;
  files: SimulatedFiles;
  /** "10.244.1.0/24" */
  podCIDR: string;
  nodeIP: string;
  /** How long the start of a container, and the pull of an image, take. */
  startDelayMs?: number;
  pullDelayMs?: number;
}

export class SimulatedRuntime implements Runtime {
  readonly #options: SimulatedRuntimeOptions;
  readonly #addresses: AddressPool;
  readonly #images: SimulatedImageStore;
  readonly #sandboxes = new Map<string, SimulatedSandbox>();
  readonly #containers = new Map<string, SimulatedContainer>();
  readonly #listeners = new Set<(event: RuntimeEvent) => void>();
  #failure: string | undefined;

  constructor(options: SimulatedRuntimeOptions) {
    this.#options = options;
    this.#addresses = new AddressPool(options.podCIDR);
    this.#images = new SimulatedImageStore();
  }

  version() {
    return Promise.resolve({ name: "simulated", version: "0.1.0", apiVersion: "v1" });
  }

  async checkReady(): Promise<void> {
    if (this.#failure !== undefined) throw new Error(this.#failure);
  }

  /** Makes the runtime fail from now on, or work again: for lessons and tests. */
  fail(why: string | undefined): void {
    this.#failure = why;
  }

  /** Ends a container as a crash would. */
  kill(containerId: string): void {
    this.#container(containerId).kill();
  }

  async runSandbox(config: SandboxConfig, signal: AbortSignal): Promise<string> {
    await this.checkReady();
    signal.throwIfAborted();
    await this.#delay(this.#options.startDelayMs, signal);
    const { clock, network, nodeIP } = this.#options;
    const ip = config.hostNetwork ? nodeIP : this.#addresses.take();
    const id = this.#newId();
    const sandbox = new SimulatedSandbox(id, config, { ip, createdAt: clock.now(), network });
    this.#sandboxes.set(id, sandbox);
    return id;
  }

  async stopSandbox(id: string): Promise<void> {
    const sandbox = this.#sandboxes.get(id);
    if (!sandbox?.isReady) return;
    for (const container of this.#containers.values()) {
      if (container.sandbox === sandbox) container.kill();
    }
    sandbox.stop();
    if (!sandbox.config.hostNetwork) this.#addresses.giveBack(sandbox.ip);
    this.#tell({ podUid: sandbox.config.pod.uid, containerId: id, type: "died" });
  }

  async removeSandbox(id: string): Promise<void> {
    await this.stopSandbox(id);
    for (const [containerId, { sandbox }] of this.#containers) {
      if (sandbox.id === id) await this.removeContainer(containerId);
    }
    this.#sandboxes.delete(id);
  }

  async listSandboxes(): Promise<Sandbox[]> {
    await this.checkReady();
    return [...this.#sandboxes.values()].map((sandbox) => sandbox.describe());
  }

  createContainer(sandboxId: string, config: ContainerConfig): Promise<string> {
    const { clock, random, files, network } = this.#options;
    const sandbox = this.#sandbox(sandboxId);
    if (!sandbox.isReady) return Promise.reject(new Error(`sandbox ${sandboxId} is not running`));
    const { image, id: imageId } = this.#images.use(config.image);
    const id = this.#newId();
    const container = new SimulatedContainer({
      ...{ id, config, sandbox, image, files, clock, random },
      imageId: `docker-pullable://${imageId}`,
      connect: (host, port) => network.connect(host, port),
      onChange: (type) => this.#tell({ podUid: sandbox.config.pod.uid, containerId: id, type }),
    });
    this.#containers.set(id, container);
    return Promise.resolve(id);
  }

  async startContainer(id: string): Promise<void> {
    await this.#delay(this.#options.startDelayMs);
    this.#container(id).start();
  }

  async stopContainer(id: string, graceSeconds: number): Promise<void> {
    await this.#containers.get(id)?.stop(graceSeconds);
  }

  removeContainer(id: string): Promise<void> {
    const container = this.#containers.get(id);
    if (container === undefined) return Promise.resolve();
    container.kill();
    this.#containers.delete(id);
    this.#tell({ podUid: container.status.pod.uid, containerId: id, type: "removed" });
    return Promise.resolve();
  }

  async listContainers(): Promise<Container[]> {
    await this.checkReady();
    return [...this.#containers.values()].map(({ status }) => status);
  }

  async containerStatus(id: string): Promise<ContainerStatus> {
    return this.#container(id).status;
  }

  async logs(id: string, options: LogOptions, stdout: Writable, stderr: Writable): Promise<void> {
    await this.#container(id).log.copyTo(options, stdout, stderr);
  }

  async exec(id: string, command: string[], streams: SessionStreams): Promise<number> {
    const container = this.#container(id);
    if (container.status.state !== "running") throw new Error(`container ${id} is not running`);
    return container.exec(command, streams);
  }

  async attach(id: string, streams: SessionStreams): Promise<void> {
    await this.#container(id).attach(streams);
  }

  async portForward(sandboxId: string, port: number): Promise<Duplex> {
    return this.#options.network.connect(this.#sandbox(sandboxId).ip, port);
  }

  imageStatus(image: string): Promise<Image | undefined> {
    return Promise.resolve(this.#images.find(image));
  }

  async pullImage(image: string): Promise<void> {
    await this.#delay(this.#options.pullDelayMs);
    this.#images.pull(image);
  }

  listImages(): Promise<Image[]> {
    return Promise.resolve(this.#images.list());
  }

  removeImage(id: string): Promise<void> {
    this.#images.remove(id);
    return Promise.resolve();
  }

  stats(): Promise<ContainerStats[]> {
    const running = [...this.#containers.values()].filter(
      ({ status }) => status.state === "running",
    );
    return Promise.resolve(
      running.map((container) => statsOf(container, this.#options.clock.now())),
    );
  }

  watchEvents(listener: (event: RuntimeEvent) => void, signal: AbortSignal): void {
    this.#listeners.add(listener);
    signal.addEventListener("abort", () => this.#listeners.delete(listener), { once: true });
  }

  #tell(event: RuntimeEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  #delay(ms = 0, signal?: AbortSignal): Promise<void> {
    return ms > 0 ? sleep(this.#options.clock, ms, signal) : Promise.resolve();
  }

  #newId(): string {
    return this.#options.random.bytes(32).toString("hex");
  }

  #sandbox(id: string): SimulatedSandbox {
    const sandbox = this.#sandboxes.get(id);
    if (sandbox === undefined) throw new NotFoundError(`No such sandbox: ${id}`);
    return sandbox;
  }

  #container(id: string): SimulatedContainer {
    const container = this.#containers.get(id);
    if (container === undefined) throw new NotFoundError(`No such container: ${id}`);
    return container;
  }
}
