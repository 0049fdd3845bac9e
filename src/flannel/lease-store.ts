/**
 * The leases where all hosts see them: in etcd.
 *
 *   <prefix>/config                    the network's configuration, written by a person
 *   <prefix>/subnets/10.5.34.0-24      a lease, with an etcd lease of 24 hours on it
 *
 * Rule: every write is a transaction on the key as it was last seen. Nothing else is ever written
 * under <prefix>: flannel 0.7 stumbles over keys it can't read.
 *
 * In Kubernetes: github.com/flannel-io/flannel/subnet/etcd/registry.go (0.18 and later: etcd v3)
 */
import type { IEvent, IKeyValue, IRequestOp } from "etcd3";
import type { Clock } from "../component/clock.ts";
import type { EtcdConnection } from "../component/etcd/etcd-connection.ts";
import { rangeOf } from "../component/etcd/etcd-range.ts";
import { EtcdWatch } from "../component/etcd/etcd-watch.ts";
import type { Log } from "../component/log.ts";
import {
  decodeAttributes,
  encodeAttributes,
  isReservation,
  LEASE_SECONDS,
  type Lease,
  type LeaseAttributes,
  NO_LEASE,
} from "./lease.ts";
import { parseSubnetKey, type Subnet, subnetKey } from "./subnet.ts";

export interface LeaseStoreOptions {
  connection: EtcdConnection;
  /** "/coreos.com/network" */
  prefix: string;
  clock: Clock;
  log: Log;
}

export interface LeaseWatchHandler {
  onPut(lease: Lease): void;
  onRemoved(subnet: Subnet): void;
  /** It can't go on from where it was. What has happened since is to be learned from a list. */
  onLost(error: Error): void;
}

export class LeaseStore {
  readonly #options: LeaseStoreOptions;

  constructor(options: LeaseStoreOptions) {
    this.#options = options;
  }

  get configKey(): string {
    return `${this.#options.prefix}/config`;
  }

  /** The text as it was written; undefined where nobody has. */
  async config(): Promise<string | undefined> {
    const request = { key: Buffer.from(this.configKey) };
    const { kvs } = await this.#options.connection.read((client, options) =>
      client.kv.range(request, options),
    );
    return kvs[0]?.value.toString();
  }

  async list(): Promise<{ leases: Lease[]; revision: number }> {
    const { kvs, header } = await this.#options.connection.read((client, options) =>
      client.kv.range(rangeOf(this.#directory), options),
    );
    const leases = kvs.flatMap((kv) => this.#leaseOf(kv) ?? []);
    return { leases, revision: Number(header.revision) };
  }

  /** Undefined when another host was faster. */
  create(subnet: Subnet, attributes: LeaseAttributes): Promise<Lease | undefined> {
    return this.#put({ subnet, attributes, revision: 0 }, LEASE_SECONDS);
  }

  /**
   * Writes the lease anew, for another 24 hours; a reservation stays without end. Undefined when it
   * is no longer as it was.
   */
  renew(lease: Lease): Promise<Lease | undefined> {
    return this.#put(lease, isReservation(lease) ? undefined : LEASE_SECONDS);
  }

  /** False when it is no longer as it was. */
  remove({ subnet, revision }: Lease): Promise<boolean> {
    const key = this.#key(subnet);
    return this.#swap(key, revision, { request_delete_range: { key } });
  }

  /** How long etcd will still keep the lease, in seconds; negative when it is no longer there. */
  async remainingSeconds({ leaseId }: Lease): Promise<number> {
    const { TTL } = await this.#options.connection.read((client, options) =>
      client.leaseClient.leaseTimeToLive({ ID: leaseId }, options),
    );
    return Number(TTL);
  }

  watch(fromRevision: number, handler: LeaseWatchHandler): { stop(): void } {
    const { connection, clock, log } = this.#options;
    return new EtcdWatch({
      connection,
      prefix: this.#directory,
      fromRevision,
      clock,
      log,
      handler: {
        onEvents: (events) => {
          for (const event of events) this.#tell(event, handler);
        },
        onCompacted: (revision) =>
          handler.onLost(new Error(`etcd has forgotten the changes before revision ${revision}`)),
        onError: (error) => handler.onLost(error),
      },
    });
  }

  get #directory(): string {
    return `${this.#options.prefix}/subnets/`;
  }

  #key(subnet: Subnet): Buffer {
    return Buffer.from(this.#directory + subnetKey(subnet));
  }

  /** The etcd lease is new each time, as in flannel: the old one has no key any more, and runs out. */
  async #put(
    { subnet, attributes, revision }: Omit<Lease, "leaseId">,
    seconds: number | undefined,
  ): Promise<Lease | undefined> {
    const leaseId = seconds === undefined ? NO_LEASE : await this.#grant(seconds);
    const key = this.#key(subnet);
    const value = Buffer.from(encodeAttributes(attributes));
    const { connection } = this.#options;
    const { succeeded, header } = await connection.write((client, options) =>
      client.kv.txn(
        swapOf(key, revision, { request_put: { key, value, lease: leaseId } }),
        options,
      ),
    );
    if (succeeded) return { subnet, attributes, leaseId, revision: Number(header.revision) };
    if (leaseId !== NO_LEASE) await this.#revoke(leaseId);
    return undefined;
  }

  async #grant(seconds: number): Promise<string> {
    const { ID } = await this.#options.connection.write((client, options) =>
      client.leaseClient.leaseGrant({ TTL: seconds }, options),
    );
    return ID;
  }

  /** Of a lease that came to nothing. Were it to stay it would run out by itself. */
  async #revoke(leaseId: string): Promise<void> {
    await this.#options.connection.write((client, options) =>
      client.leaseClient.leaseRevoke({ ID: leaseId }, options),
    );
  }

  async #swap(key: Buffer, revision: number, operation: IRequestOp): Promise<boolean> {
    const { succeeded } = await this.#options.connection.write((client, options) =>
      client.kv.txn(swapOf(key, revision, operation), options),
    );
    return succeeded;
  }

  #tell({ type, kv }: IEvent, handler: LeaseWatchHandler): void {
    const subnet = this.#subnetOf(kv);
    if (subnet === undefined) return;
    const lease = type === "Delete" ? undefined : this.#leaseOf(kv);
    // What can't be read any more can't be reached any more either.
    if (lease === undefined) handler.onRemoved(subnet);
    else handler.onPut(lease);
  }

  #leaseOf(kv: IKeyValue): Lease | undefined {
    const subnet = this.#subnetOf(kv);
    if (subnet === undefined) return undefined;
    try {
      const attributes = decodeAttributes(kv.value.toString());
      return { subnet, attributes, leaseId: kv.lease, revision: Number(kv.mod_revision) };
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.#options.log.warn("Ignoring bad subnet node", {
        key: kv.key.toString(),
        err: error.message,
      });
      return undefined;
    }
  }

  #subnetOf({ key }: IKeyValue): Subnet | undefined {
    const subnet = parseSubnetKey(key.toString().slice(this.#directory.length));
    if (subnet === undefined) {
      this.#options.log.warn("Ignoring bad subnet node", { key: key.toString() });
    }
    return subnet;
  }
}

function swapOf(key: Buffer, revision: number, operation: IRequestOp) {
  return {
    compare: [{ key, target: "Mod", result: "Equal", mod_revision: revision } as const],
    success: [operation],
  };
}
