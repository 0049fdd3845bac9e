/**
 * Keeps the backend in step with the leases of the other hosts: after each change, every ten seconds
 * in case somebody has deleted a route, and a second after it has failed for the first time.
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
  /** Key -> why a lease is of no use to us. */
  readonly #ignored = new Map<string, string>();
  #peers: readonly Lease[] = [];
  #running: Promise<void> | undefined;
  #isStale = false;
  #timer: Timer | undefined;
  #isStopped = false;
  #hasFailed = false;

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
        this.#hasFailed = false;
      } catch (error) {
        this.#options.log.error("Could not tell the kernel the way to all subnets", error);
        // What is wrong for longer is looked at as seldom as what is right.
        nextMs = this.#hasFailed ? CHECK_MS : RETRY_MS;
        this.#hasFailed = true;
      }
    }
    if (this.#isStopped) return;
    this.#timer = this.#options.clock.setTimeout(() => void this.#sync(), nextMs);
  }

  #speaksOurs({ subnet, attributes }: Lease): boolean {
    const { type } = this.#options.backend;
    const { backendType, publicAddress } = attributes;
    const isReachable = publicAddress !== 0;
    if (backendType === type && isReachable) return true;
    const why = isReachable
      ? `ignoring non-${type} subnet(${formatSubnet(subnet)}): type=${backendType}`
      : `ignoring subnet(${formatSubnet(subnet)}): no PublicIP`;
    // Told once, not whenever any lease is renewed.
    const key = subnetKey(subnet);
    if (this.#ignored.get(key) !== why) this.#options.log.warn(why);
    this.#ignored.set(key, why);
    return false;
  }
}
