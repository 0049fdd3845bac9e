/**
 * Which subnet a host gets: any one of the first hundred that are free, by chance.
 *
 * By chance, because many hosts ask at once: were each to take the first, all but one would have
 * to try again. Free means to overlap no lease, of whatever size: the config may have changed since.
 *
 * In Kubernetes: github.com/flannel-io/flannel/subnet/etcd/local_manager.go, allocateSubnet
 */
import type { Random } from "../component/random.ts";
import type { NetworkConfig } from "./config.ts";
import { formatAddress, lastAddress, type Subnet, sizeOf } from "./subnet.ts";

const CANDIDATES_MAX = 100;

export class OutOfSubnets extends Error {
  override readonly name = "OutOfSubnets";
  readonly code = "ENOSPC";
}

type Range = Pick<NetworkConfig, "firstSubnet" | "lastSubnet" | "subnetLength">;

export function allocateSubnet(range: Range, taken: readonly Subnet[], random: Random): Subnet {
  const free = freeSubnets(range, taken);
  const chosen = free[Math.floor(random.next() * free.length)];
  if (chosen !== undefined) return chosen;
  const { firstSubnet, lastSubnet, subnetLength } = range;
  const [first, last] = [firstSubnet, lastSubnet].map(formatAddress);
  throw new OutOfSubnets(
    `out of subnets: every /${subnetLength} from ${first} to ${last} is leased. Give the network a ` +
      "larger Network or a longer SubnetLen, or wait until the lease of a host that is gone expires",
  );
}

/** The lowest ones that are free, in order. */
export function freeSubnets(range: Range, taken: readonly Subnet[]): Subnet[] {
  const { firstSubnet, lastSubnet, subnetLength: length } = range;
  const size = sizeOf({ length });
  const inOrder = taken.toSorted((a, b) => a.address - b.address);
  const free: Subnet[] = [];
  let next = 0;
  /** No address up to here is free, as far as the leases that have been looked at go. */
  let takenUpTo = -1;
  for (let address = firstSubnet; address <= lastSubnet; address += size) {
    for (let one = inOrder[next]; one && one.address < address + size; one = inOrder[++next]) {
      takenUpTo = Math.max(takenUpTo, lastAddress(one));
    }
    if (takenUpTo >= address) continue;
    free.push({ address, length });
    if (free.length === CANDIDATES_MAX) break;
  }
  return free;
}

/** Whether a subnet leased before may be kept under this config. */
export function isCompatible(config: Range, { address, length }: Subnet): boolean {
  const { firstSubnet, lastSubnet, subnetLength } = config;
  return length === subnetLength && address >= firstSubnet && address <= lastSubnet;
}
