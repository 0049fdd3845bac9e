/**
 * A whole cluster that can be maltreated: API server, controller manager, scheduler and simulated
 * machines in this process, on time that moves only when told to, over a network that fails by dice.
 * Nothing in it depends on anything but its seed.
 */
import { setMaxListeners } from "node:events";
import { Node } from "../../src/api/node.ts";
import { type ApiServer, startApiServer } from "../../src/apiserver/apiserver.ts";
import { openMemoryStore } from "../../src/apiserver/storage/embedded-store.ts";
import { Client } from "../../src/client/client.ts";
import type { ComponentContext } from "../../src/client/control-loop.ts";
import { createInformers } from "../../src/client/informer.ts";
import type { Log } from "../../src/component/log.ts";
import { seededRandom } from "../../src/component/random.ts";
import { startControllerManager } from "../../src/controller-manager/controller-manager.ts";
import { AddressPool } from "../../src/controller-manager/load-balancer/address-pool.ts";
import { startScheduler } from "../../src/scheduler/scheduler.ts";
import { SimulatedNetwork } from "../../src/simulator/network.ts";
import { TestClock } from "../support/test-clock.ts";
import { Machine } from "./machine.ts";
import { RoughNetwork, USER } from "./rough-network.ts";

const NODES = 3;
/** So many turns of the event loop without a request: nobody has anything left to do. */
const CALM_TURNS = 3;
const MOST_TURNS = 1_000_000;
/** Timers so close together go off at once. */
const GRAIN_MS = 20;

type Start = (context: ComponentContext) => Promise<unknown>;
/** Fewer than there may be services that want one. */
export const LOAD_BALANCERS = ["192.0.2.101", "192.0.2.102", "192.0.2.103"];
export const ROOT_CA = "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n";
const MANAGER_OPTIONS = {
  loadBalancerAddresses: new AddressPool(LOAD_BALANCERS),
  rootCa: ROOT_CA,
};
const DAEMONS: Record<string, Start> = {
  "controller-manager": (context) => startControllerManager(context, MANAGER_OPTIONS),
  scheduler: (context) => startScheduler(context),
};
export const DAEMON_NAMES = Object.keys(DAEMONS);

export class ChaosCluster {
  readonly clock = new TestClock();
  readonly network: RoughNetwork;
  readonly machines: Machine[];
  /** The one who uses the cluster: no fault meets her, but there may be no server. */
  readonly user: Client;
  /** What no component may ever do: each a sentence with its stack. */
  readonly failures: string[] = [];
  readonly #random;
  readonly #log: Log;
  readonly #store;
  readonly #daemons = new Map<string, AbortController>();
  readonly #end = new AbortController();
  #server: ApiServer | undefined;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
    this.network = new RoughNetwork(this.clock, seededRandom(seed + 0x5eed));
    this.#log = this.#watchfulLog("");
    this.#store = openMemoryStore({ log: this.#log });
    setMaxListeners(0, this.#end.signal);
    this.user = new Client(this.network.transportOf(USER, this.#end.signal));
    const { clock, network } = this;
    const onFailure = (what: string, error: unknown) => this.#failed(what, error);
    const pods = new SimulatedNetwork();
    const around = { clock, network, pods, random: this.#random, log: this.#log, onFailure };
    this.machines = Array.from({ length: NODES }, (_, i) => new Machine(i, around));
  }

  async start(): Promise<void> {
    await this.startServer();
    for (const name of DAEMON_NAMES) this.startDaemon(name);
    for (const machine of this.machines) machine.start();
    await this.pass(5_000);
  }

  async stop(): Promise<void> {
    for (const machine of this.machines) machine.stop();
    for (const name of DAEMON_NAMES) this.stopDaemon(name);
    await this.stopServer();
    this.#end.abort(new Error("it is over"));
    await this.#store.close();
  }

  get hasServer(): boolean {
    return this.#server !== undefined;
  }

  async startServer(): Promise<void> {
    if (this.#server) return;
    const [clock, random] = [this.clock, this.#random];
    this.#server = await startApiServer({
      ...{ store: this.#store, clock, random, log: this.#log },
      connectToKubelet: async ({ metadata }) => this.#machine(metadata.name).connect(),
    });
    this.network.server = this.#server.transport;
  }

  async stopServer(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    this.network.server = undefined;
    this.network.cutWatches(1);
    await server?.stop();
  }

  #machine(name: string): Machine {
    const found = this.machines.find((machine) => machine.name === name);
    if (found === undefined) throw new Error(`there is no machine ${name}`);
    return found;
  }

  startDaemon(name: string): void {
    if (this.#daemons.has(name)) return;
    const lifetime = new AbortController();
    const { signal } = lifetime;
    setMaxListeners(0, signal);
    this.#daemons.set(name, lifetime);
    const client = new Client(this.network.transportOf(name, signal));
    const base = { client, clock: this.clock, random: this.#random, log: this.#log, signal };
    const starting = DAEMONS[name]!({ ...base, informers: createInformers(base) });
    starting.catch((error: unknown) => {
      if (!signal.aborted) this.#failed(`${name} ended`, error);
    });
  }

  stopDaemon(name: string): void {
    this.#daemons.get(name)?.abort(new Error(`${name} is killed`));
    this.#daemons.delete(name);
  }

  /** Lets time go by, timer after timer, everybody doing what there is to do in between. */
  async pass(ms: number): Promise<void> {
    const endMs = this.clock.monotonicMs() + ms;
    await this.#settle();
    for (let nowMs = this.clock.monotonicMs(); nowMs < endMs; nowMs = this.clock.monotonicMs()) {
      const nextMs = Math.max(this.clock.nextDueMs ?? endMs, nowMs + GRAIN_MS);
      this.clock.advance(Math.min(nextMs, endMs) - nowMs);
      await this.#settle();
    }
  }

  async #settle(): Promise<void> {
    let calm = 0;
    for (let turns = 0; calm < CALM_TURNS; turns++) {
      if (turns > MOST_TURNS) throw new Error("somebody never rests, though no time goes by");
      const before = this.network.activity;
      await new Promise((resolve) => setImmediate(resolve));
      const isCalm = this.network.activity === before && this.network.inServer === 0;
      calm = isCalm ? calm + 1 : 0;
    }
  }

  /** A log in which only bugs count: errors with a stack, as opposed to what networks do. */
  #watchfulLog(name: string): Log {
    return {
      info: () => undefined,
      warn: () => undefined,
      error: (message, error) => this.#failed(`${name}: ${message}`, error),
      named: (other) => this.#watchfulLog(other),
    };
  }

  #failed(what: string, error: unknown): void {
    if (error instanceof Error && isNetwork(error)) return;
    const stack = error instanceof Error ? error.stack : String(error);
    this.failures.push(`${what}: ${stack}`);
  }
}

/** What a network does, or a server says; in whatever sentence it is wrapped. */
function isNetwork(error: Error): boolean {
  if (error.name === "ApiError" || "code" in error) return true;
  return error.cause instanceof Error && isNetwork(error.cause);
}

/**
 * What is loaded at its first use is loaded once this resolves: to load takes real time, and who comes
 * first meanwhile is not up to the seed.
 */
export async function loadAll(): Promise<void> {
  const cluster = new ChaosCluster(0);
  await cluster.start();
  await cluster.user.patch(Node, "", "node1", { metadata: { labels: { warm: "up" } } });
  await cluster.user.raw("GET", "/apis/metrics.k8s.io/v1beta1/nodes");
  await cluster.pass(1_000);
  await cluster.stop();
}
