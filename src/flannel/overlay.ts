/**
 * Keeps the backend in step with the leases of the other hosts: after each change, every ten seconds
 * in case somebody has deleted a route, and again a second after it has failed.
 *
 * In Kubernetes: github.com/flannel-io/flannel/pkg/backend/route_network.go (routeCheck)
 */
import type { Clock, Timer } from "../component/clock.ts";
import type { Log } from "../component/log.ts";
import type { Backend } from "./backends/backend.ts";
import type { Lease } from "./lease.ts";
import { formatSubnet, isSameSubnet, type Subnet, subnetKey } from "./subnet.ts";

const CHECK_MS = 10_000;
const RETRY_MS = 1_000;

export interface OverlayOptions {
  backend: Backend;
  /** Our own, which needs no way to it. */
  subnet: Subnet;
  clock: Clock;
  log: Log;
}

export class Overlay {
  readonly #options: OverlayOptions;
  /** Key -> type, of leases others speak another language in. */
  readonly #ignored = new Map<string, string>();
  #peers: readonly Lease[] = [];
  #running: Promise<void> | undefined;
  #isStale = false;
  #timer: Timer | undefined;
  #isStopped = false;

  constructor(options: OverlayOptions) {
    this.#options = options;
  }

  /** Resolves when the kernel has been told, or refused: then it is tried again. */
  update(leases: readonly Lease[]): Promise<void> {
    const others = leases.filter(({ subnet }) => !isSameSubnet(subnet, this.#options.subnet));
    this.#peers = others.filter((lease) => this.#speaksOurs(lease));
    return this.#sync();
  }

  /** What the kernel has been told stays: pods go on while the daemon is restarted. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#timer?.cancel();
    await this.#running;
  }

  /** One at a time; what changes meanwhile makes it run once more. */
  #sync(): Promise<void> {
    this.#isStale = true;
    this.#running ??= this.#work().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #work(): Promise<void> {
    this.#timer?.cancel();
    let nextMs = CHECK_MS;
    while (this.#isStale && !this.#isStopped) {
      this.#isStale = false;
      try {
        await this.#options.backend.sync(this.#peers);
        nextMs = CHECK_MS;
      } catch (error) {
        this.#options.log.error("Could not tell the kernel the way to all subnets", error);
        nextMs = RETRY_MS;
      }
    }
    if (this.#isStopped) return;
    this.#timer = this.#options.clock.setTimeout(() => void this.#sync(), nextMs);
  }

  #speaksOurs({ subnet, attributes: { backendType } }: Lease): boolean {
    const { backend, log } = this.#options;
    if (backendType === backend.type) return true;
    const key = subnetKey(subnet);
    if (this.#ignored.get(key) === backendType) return false;
    this.#ignored.set(key, backendType);
    log.warn(`ignoring non-${backend.type} subnet(${formatSubnet(subnet)}): type=${backendType}`);
    return false;
  }
}
