/**
 * Keeps this host's own lease: renews it an hour before its 24 are over, again every minute where
 * that fails, and notices when somebody else has changed or removed it.
 *
 * A lease that is gone may be another host's by now. Pods with its addresses can't stay: the daemon
 * ends, is started again, and asks for a lease anew.
 *
 * In Kubernetes: github.com/flannel-io/flannel/subnet/etcd/local_manager.go, CompleteLease
 */
import type { Clock, Timer } from "../component/clock.ts";
import type { Log } from "../component/log.ts";
import { isReservation, LEASE_SECONDS, type Lease } from "./lease.ts";
import type { LeaseStore } from "./lease-store.ts";
import { isSameSubnet } from "./subnet.ts";

const RETRY_MS = 60_000;

export interface LeaseKeeperOptions {
  store: LeaseStore;
  lease: Lease;
  /** How long before its end a lease is renewed. */
  renewMarginMs: number;
  clock: Clock;
  log: Log;
  /** Called once. */
  onRevoked(): void;
}

export class LeaseKeeper {
  readonly #options: LeaseKeeperOptions;
  #lease: Lease;
  #timer: Timer | undefined;
  #hasEnded = false;

  constructor(options: LeaseKeeperOptions) {
    this.#options = options;
    this.#lease = options.lease;
    if (!isReservation(this.#lease)) this.#expectEndIn(LEASE_SECONDS);
  }

  /** Told of all leases whenever one has changed. */
  observe(leases: readonly Lease[]): void {
    if (this.#hasEnded) return;
    const { subnet, attributes, revision } = this.#lease;
    const own = leases.find((one) => isSameSubnet(one.subnet, subnet));
    if (own === undefined || own.attributes.publicAddress !== attributes.publicAddress) {
      this.stop();
      this.#options.onRevoked();
    } else if (own.revision > revision) {
      this.#adopt(own);
    }
  }

  stop(): void {
    this.#hasEnded = true;
    this.#timer?.cancel();
  }

  /** Somebody has written it: an administrator who made it a reservation, or one who took that back. */
  #adopt(lease: Lease): void {
    // What it says about this host is for this host alone to say.
    this.#lease = { ...lease, attributes: this.#lease.attributes };
    this.#timer?.cancel();
    const { store, log } = this.#options;
    if (isReservation(lease)) {
      log.info("The lease has become a reservation: it need not be renewed");
      return;
    }
    store
      .remainingSeconds(lease)
      .then((seconds) => this.#expectEndIn(seconds))
      .catch((error: unknown) => {
        log.error("Error reading the lease's time to live (renewing it instead)", error);
        this.#expectEndIn(0);
      });
  }

  #expectEndIn(seconds: number): void {
    this.#renewIn(Math.max(seconds * 1_000 - this.#options.renewMarginMs, 0));
  }

  #renewIn(delayMs: number): void {
    this.#timer?.cancel();
    if (this.#hasEnded) return;
    this.#timer = this.#options.clock.setTimeout(() => void this.#renew(), delayMs);
  }

  async #renew(): Promise<void> {
    const { store, clock, log } = this.#options;
    try {
      const renewed = await store.renew(this.#lease);
      if (renewed === undefined) return this.observe((await store.list()).leases);
      this.#lease = renewed;
      const end = new Date(clock.now().getTime() + LEASE_SECONDS * 1_000).toISOString();
      log.info(`Lease renewed, new expiration: ${end}`);
      this.#expectEndIn(LEASE_SECONDS);
    } catch (error) {
      log.error("Error renewing lease (trying again in 1 min)", error);
      this.#renewIn(RETRY_MS);
    }
  }
}
