/**
 * A simulated machine with a kubelet: its containers outlive the kubelet, and not the machine.
 */
import type { Server } from "node:http";
import type { Duplex } from "node:stream";
import { Client } from "../../src/client/client.ts";
import { createInformers } from "../../src/client/informer.ts";
import type { Clock } from "../../src/component/clock.ts";
import { linkedPair } from "../../src/component/linked-pair.ts";
import type { Log } from "../../src/component/log.ts";
import type { Random } from "../../src/component/random.ts";
import { startKubelet } from "../../src/kubelet/kubelet.ts";
import { createKubeletServer } from "../../src/kubelet/server/server.ts";
import { SimulatedFiles } from "../../src/simulator/files.ts";
import type { SimulatedNetwork } from "../../src/simulator/network.ts";
import { SimulatedRuntime } from "../../src/simulator/runtime.ts";
import type { RoughNetwork } from "./rough-network.ts";

export interface MachineSurroundings {
  clock: Clock;
  random: Random;
  log: Log;
  network: RoughNetwork;
  pods: SimulatedNetwork;
  /** Told of what no component may ever do: reject where nobody listens. */
  onFailure(what: string, error: unknown): void;
}

const GIBIBYTE = 2 ** 30;
const RELIST_MS = 60_000;

export class Machine {
  readonly name: string;
  runtime: SimulatedRuntime;
  #files = new SimulatedFiles();
  #lifetime: AbortController | undefined;
  #server: Server | undefined;
  readonly #index: number;
  readonly #around: MachineSurroundings;

  constructor(index: number, around: MachineSurroundings) {
    this.name = `node${index + 1}`;
    this.#index = index;
    this.#around = around;
    this.runtime = this.#boot();
  }

  get isUp(): boolean {
    return this.#lifetime !== undefined;
  }

  /** Starts the kubelet, unless it runs. */
  start(): void {
    if (this.#lifetime) return;
    const { clock, random, log, network, pods } = this.#around;
    const lifetime = new AbortController();
    this.#lifetime = lifetime;
    const { signal } = lifetime;
    const client = new Client(network.transportOf(this.name, signal));
    const base = { client, clock, random, log: log.named(this.name), signal };
    const context = { ...base, informers: createInformers(base) };
    const starting = startKubelet(context, {
      nodeName: this.name,
      runtime: this.runtime,
      files: this.#files,
      nodeIP: `10.211.55.${21 + this.#index}`,
      podCIDR: this.#podCIDR,
      clusterDns: ["10.254.0.10"],
      machine: machineOf(this.name),
      connect: (host, port) => pods.connect(host, port),
      relistMs: RELIST_MS,
    });
    starting.then((kubelet) => {
      if (!signal.aborted) this.#server = createKubeletServer(kubelet);
    });
    starting.catch((error: unknown) => {
      if (!signal.aborted) this.#around.onFailure(`the kubelet of ${this.name} ended`, error);
    });
  }

  /** Ends the kubelet; what runs goes on. */
  stop(): void {
    this.#lifetime?.abort(new Error("the kubelet is killed"));
    this.#lifetime = undefined;
    this.#server = undefined;
  }

  /** As the API server reaches the kubelet. */
  connect(): Duplex {
    if (this.#server === undefined || !this.#around.network.isReachable(this.name)) {
      throw Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
    }
    const [ours, theirs] = linkedPair();
    this.#server.emit("connection", theirs);
    return ours;
  }

  /** The machine loses its power: nothing that ran is there afterwards. */
  crash(): void {
    this.stop();
    this.#files = new SimulatedFiles();
    this.runtime = this.#boot();
  }

  get #podCIDR(): string {
    return `10.244.${this.#index + 1}.0/24`;
  }

  #boot(): SimulatedRuntime {
    const { clock, random, pods } = this.#around;
    const address = { podCIDR: this.#podCIDR, nodeIP: `10.211.55.${21 + this.#index}` };
    return new SimulatedRuntime({ clock, random, network: pods, files: this.#files, ...address });
  }
}

function machineOf(name: string) {
  return {
    cpuCount: 4,
    memoryBytes: 8 * GIBIBYTE,
    diskBytes: 100 * GIBIBYTE,
    info: {
      architecture: "amd64",
      bootID: `simulated-${name}`,
      kernelVersion: "simulated",
      machineID: name,
      operatingSystem: "linux",
      osImage: "kubeling simulated node",
      systemUUID: name,
    },
  };
}
