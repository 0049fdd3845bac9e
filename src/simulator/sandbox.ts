/** A simulated sandbox: an address, and what listens there. */
import type { Sandbox, SandboxConfig } from "../kubelet/runtime/runtime.ts";
import type { ConnectionHandler, SimulatedNetwork } from "./network.ts";

export class SimulatedSandbox {
  readonly id: string;
  readonly config: SandboxConfig;
  readonly createdAt: Date;
  /** Of its own, or the node's on the host's network. */
  readonly ip: string;
  readonly #network: SimulatedNetwork;
  readonly #ports = new Map<number, ConnectionHandler>();
  #isReady = true;

  constructor(
    id: string,
    config: SandboxConfig,
    place: { ip: string; createdAt: Date; network: SimulatedNetwork },
  ) {
    this.id = id;
    this.config = config;
    this.ip = place.ip;
    this.createdAt = place.createdAt;
    this.#network = place.network;
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  stop(): void {
    this.#isReady = false;
  }

  describe(): Sandbox {
    const { hostNetwork, pod, attempt } = this.config;
    return {
      id: this.id,
      pod,
      attempt,
      state: this.#isReady ? "ready" : "notReady",
      createdAt: this.createdAt,
      ip: hostNetwork ? "" : this.ip,
      hostNetwork,
    };
  }

  /** Undefined when the port is taken: the second to listen there is not heard. */
  listen(port: number, handler: ConnectionHandler): (() => void) | undefined {
    if (this.#ports.has(port)) return undefined;
    this.#ports.set(port, handler);
    const close = this.#network.listen(this.ip, port, handler);
    return () => {
      this.#ports.delete(port);
      close();
    };
  }
}
