/**
 * Refuses a Network that the hosts themselves live in.
 *
 * Were 10.211.55.0/24 both the LAN of the hosts and the network of the pods, an address in it would be
 * a host's and a pod's at once: the routes to the pods would swallow those to the hosts, etcd's included.
 *
 * In Kubernetes: nothing; flannel goes on, and nodes fall off the network one after another.
 */
import { ConfigError, type NetworkConfig } from "./config.ts";
import type { ExternalInterface } from "./interface.ts";
import {
  contains,
  formatAddress,
  formatSubnet,
  overlaps,
  parseSubnet,
  type Subnet,
} from "./subnet.ts";

/** Private networks to suggest; not 10.254.0.0/16, the services' in most set-ups. */
const CANDIDATES = ["10.1.0.0/16", "10.244.0.0/16", "172.20.0.0/16", "192.168.0.0/16"];

export function refuseOverlap(
  { network }: NetworkConfig,
  external: ExternalInterface,
  configKey: string,
): void {
  const { name, networks, address, publicAddress } = external;
  const inTheWay = networks.find((one) => overlaps(one, network));
  const isInside = [address, publicAddress].some((one) => contains(network, one));
  if (inTheWay === undefined && !isInside) return;
  const lan = inTheWay === undefined ? "" : `${formatSubnet(inTheWay)}, `;
  throw new ConfigError(
    `Network ${formatSubnet(network)} overlaps the hosts' own network: ${lan}${name} of this host ` +
      `has the address ${formatAddress(address)} in it. An address can't be a host's and a pod's at ` +
      "once. Choose a private network that no host is in, for example: " +
      suggestion(networks, configKey),
  );
}

function suggestion(taken: readonly Subnet[], configKey: string): string {
  const free = CANDIDATES.find((text) => taken.every((one) => !overlaps(one, parseSubnet(text)!)));
  const config = JSON.stringify({ Network: free ?? CANDIDATES[0], Backend: { Type: "vxlan" } });
  return `ETCDCTL_API=3 etcdctl put ${configKey} '${config}'`;
}
