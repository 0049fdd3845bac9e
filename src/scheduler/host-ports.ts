/**
 * The ports of a node's own addresses that its pods occupy.
 *
 * 0.0.0.0 is every address: a port taken there is taken everywhere.
 *
 * In Kubernetes: pkg/scheduler/framework/types.go (HostPortInfo)
 */
import type { PodSpec } from "kubernetes-types/core/v1.js";

export interface HostPort {
  hostIP: string;
  protocol: string;
  hostPort: number;
}

const EVERY_ADDRESS = "0.0.0.0";

export function hostPortsOf(spec: PodSpec): HostPort[] {
  const ports = spec.containers.flatMap((container) => container.ports ?? []);
  return ports.flatMap(({ hostIP, protocol, hostPort }) =>
    hostPort ? [{ hostIP: hostIP || EVERY_ADDRESS, protocol: protocol ?? "TCP", hostPort }] : [],
  );
}

export class UsedPorts {
  /** "TCP/80" -> address -> how many pods hold it there. */
  readonly #holders = new Map<string, Map<string, number>>();

  add(ports: readonly HostPort[]): void {
    for (const port of ports) this.#count(port, 1);
  }

  /** Takes what is used elsewhere in the place of its own. */
  copyFrom(other: UsedPorts): void {
    this.#holders.clear();
    for (const [key, addresses] of other.#holders) this.#holders.set(key, new Map(addresses));
  }

  remove(ports: readonly HostPort[]): void {
    for (const port of ports) this.#count(port, -1);
  }

  conflictsWith({ hostIP, protocol, hostPort }: HostPort): boolean {
    const addresses = this.#holders.get(`${protocol}/${hostPort}`);
    if (!addresses) return false;
    return hostIP === EVERY_ADDRESS || addresses.has(hostIP) || addresses.has(EVERY_ADDRESS);
  }

  #count({ hostIP, protocol, hostPort }: HostPort, change: 1 | -1): void {
    const key = `${protocol}/${hostPort}`;
    const addresses = this.#holders.get(key) ?? new Map<string, number>();
    const count = (addresses.get(hostIP) ?? 0) + change;
    if (count > 0) addresses.set(hostIP, count);
    else addresses.delete(hostIP);
    if (addresses.size > 0) this.#holders.set(key, addresses);
    else this.#holders.delete(key);
  }
}
