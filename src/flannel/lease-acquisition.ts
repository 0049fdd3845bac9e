/**
 * How a host comes by its subnet. In this order:
 *
 *   1. the lease that has its public address, if it still fits the config: a restart changes nothing
 *   2. the subnet it had before, from its own file, if nobody else has it now
 *   3. any free one
 *
 * Hosts race for the same subnet; the transaction lets one win, and the others look again.
 *
 * In Kubernetes: github.com/flannel-io/flannel/subnet/etcd/local_manager.go.
 * Differs: a host that loses a race tries again (flannel from 0.18 on gives up); a reservation,
 * a lease without an end, stays one.
 */
import type { Log } from "../component/log.ts";
import type { Random } from "../component/random.ts";
import { allocateSubnet, isCompatible } from "./allocation.ts";
import type { NetworkConfig } from "./config.ts";
import type { Lease, LeaseAttributes } from "./lease.ts";
import type { LeaseStore } from "./lease-store.ts";
import { formatAddress, formatSubnet, overlaps, type Subnet } from "./subnet.ts";

/** Each lost race means that another host has won one: even a crowd at a full range is soon through. */
const RACES_MAX = 100;

export interface LeaseRequest {
  store: LeaseStore;
  config: NetworkConfig;
  attributes: LeaseAttributes;
  /** What this host had before. */
  previous: Subnet | undefined;
  random: Random;
  log: Log;
}

/** Rejects with OutOfSubnets when there is none. */
export async function acquireLease(request: LeaseRequest): Promise<Lease> {
  for (let race = 0; race < RACES_MAX; race++) {
    const lease = await tryOnce(request);
    if (lease !== undefined) return lease;
  }
  throw new Error("Max retries reached trying to acquire a subnet");
}

/** Undefined when something has changed between looking and writing. */
async function tryOnce(request: LeaseRequest): Promise<Lease | undefined> {
  const { store, attributes, log } = request;
  const { leases } = await store.list();
  const own = leases.find((one) => one.attributes.publicAddress === attributes.publicAddress);
  if (own === undefined) return createLease(request, leases);
  const [subnet, address] = [formatSubnet(own.subnet), formatAddress(attributes.publicAddress)];
  if (isCompatible(request.config, own.subnet)) {
    log.info(`Found lease (${subnet}) for current IP (${address}), reusing`);
    return store.renew({ ...own, attributes });
  }
  log.info(
    `Found lease (${subnet}) for current IP (${address}) but not compatible with current config, deleting`,
  );
  if (!(await store.remove(own))) return undefined;
  return createLease(
    request,
    leases.filter((one) => one !== own),
  );
}

async function createLease(
  request: LeaseRequest,
  leases: readonly Lease[],
): Promise<Lease | undefined> {
  const { store, config, attributes, random, log } = request;
  const taken = leases.map(({ subnet }) => subnet);
  const subnet = previousSubnet(request, taken) ?? allocateSubnet(config, taken, random);
  const lease = await store.create(subnet, attributes);
  if (lease === undefined) return undefined;
  const address = formatAddress(attributes.publicAddress);
  log.info(`Allocated lease (${formatSubnet(subnet)}) to current node (${address})`);
  return lease;
}

function previousSubnet(
  { previous, config, log }: LeaseRequest,
  taken: readonly Subnet[],
): Subnet | undefined {
  if (previous === undefined || taken.some((one) => overlaps(one, previous))) return undefined;
  const text = formatSubnet(previous);
  if (isCompatible(config, previous)) {
    log.info(`Found previously leased subnet (${text}), reusing`);
    return previous;
  }
  log.warn(
    `Found previously leased subnet (${text}) that is not compatible with the Etcd network config, ignoring`,
  );
  return undefined;
}
