/**
 * The interface through which this host reaches the others, and the address they reach it at.
 *
 * Asked for by address, name, pattern, or by whom it reaches; else the one with the default route.
 * The classic trap: where each virtual machine has the same address on its first interface, all
 * of them would share one lease. --iface is for that.
 *
 * In Kubernetes: github.com/flannel-io/flannel/pkg/ipmatch/match.go
 */
import type { RunCommand } from "../component/command.ts";
import { StartError } from "../component/daemon.ts";
import type { Log } from "../component/log.ts";
import { type InterfaceAddress, type Link, listAddresses, listLinks, wordAfter } from "./links.ts";
import { formatAddress, parseAddress, type Subnet } from "./subnet.ts";

export interface ExternalInterface {
  readonly name: string;
  readonly mtu: number;
  readonly address: number;
  /** The one others use, which differs behind a NAT. */
  readonly publicAddress: number;
  /** The networks this interface is in. */
  readonly networks: readonly Subnet[];
}

export interface InterfaceChoice {
  /** Names or addresses; the first that is there. */
  iface: readonly string[];
  ifaceRegex: readonly string[];
  canReach: string;
  publicIp: string;
}

type Found = Pick<InterfaceAddress, "device" | "address">;

export async function findExternalInterface(
  choice: InterfaceChoice,
  run: RunCommand,
  log: Log,
): Promise<ExternalInterface> {
  const [addresses, links] = await Promise.all([listAddresses(run), listLinks(run)]);
  const { device, address } = await find(choice, { addresses, links, run, log });
  const mtu = links.find((link) => link.name === device)?.mtu ?? 0;
  if (mtu === 0) throw new StartError(`failed to determine MTU for ${device} interface`);
  const publicAddress = choice.publicIp === "" ? address : parseAddress(choice.publicIp);
  if (publicAddress === undefined) {
    throw new StartError(`invalid public IP address: ${choice.publicIp}`);
  }
  const networks = addresses.filter((one) => one.device === device).map(({ network }) => network);
  log.info(`Using interface with name ${device} and address ${formatAddress(address)}`);
  log.info(
    choice.publicIp === ""
      ? `Defaulting external address to interface address (${formatAddress(address)})`
      : `Using ${choice.publicIp} as external address`,
  );
  return { name: device, mtu, address, publicAddress, networks };
}

interface Host {
  addresses: readonly InterfaceAddress[];
  links: readonly Link[];
  run: RunCommand;
  log: Log;
}

async function find(choice: InterfaceChoice, host: Host): Promise<Found> {
  const { iface, ifaceRegex, canReach } = choice;
  for (const wanted of iface) {
    const found = named(wanted, host);
    if (found !== undefined) return found;
    host.log.info(`Could not find valid interface matching ${wanted}`);
  }
  for (const pattern of ifaceRegex) {
    const found = matching(pattern, host);
    if (found !== undefined) return found;
    host.log.info(`Could not find valid interface matching ${pattern}`);
  }
  if (iface.length > 0 || ifaceRegex.length > 0) {
    throw new StartError(
      "Failed to find interface to use that matches the interfaces and/or regexes provided",
    );
  }
  return canReach === "" ? withDefaultRoute(host) : reaching(canReach, host);
}

function named(wanted: string, host: Host): Found | undefined {
  const address = parseAddress(wanted);
  if (address !== undefined) return host.addresses.find((one) => one.address === address);
  return host.links.some(({ name }) => name === wanted) ? usableOf(wanted, host) : undefined;
}

/** An address that matches comes before a name that does. */
function matching(pattern: string, host: Host): Found | undefined {
  const regex = regexOf(pattern);
  const byAddress = host.addresses.find(({ address }) => regex.test(formatAddress(address)));
  if (byAddress !== undefined) return byAddress;
  const link = host.links.find(({ name }) => regex.test(name));
  return link && usableOf(link.name, host);
}

function regexOf(pattern: string): RegExp {
  try {
    return new RegExp(pattern);
  } catch (error) {
    throw new StartError(
      `error matching interface with --iface-regex=${pattern}: ${(error as Error).message}`,
    );
  }
}

async function reaching(target: string, host: Host): Promise<Found> {
  if (parseAddress(target) === undefined) {
    throw new StartError(`error parsing IP address: ${target}`);
  }
  const { stdout } = await host.run("ip", ["-4", "route", "get", target]);
  const words = stdout.split(/\s+/);
  const device = wordAfter(words, "dev");
  const address = parseAddress(wordAfter(words, "src") ?? "");
  if (device === undefined || address === undefined) {
    throw new StartError(`failed to get a route to ${target}`);
  }
  return { device, address };
}

async function withDefaultRoute(host: Host): Promise<Found> {
  host.log.info("Determining IP address of default interface");
  const { stdout } = await host.run("ip", ["-4", "route", "show", "default"]);
  const device = wordAfter(stdout.split("\n")[0]!.split(/\s+/), "dev");
  if (device === undefined) {
    throw new StartError(
      "failed to get default interface: unable to find default route; name one with --iface",
    );
  }
  return usableOf(device, host);
}

/** An address that holds everywhere, else one that holds on the link. */
function usableOf(device: string, { addresses }: Host): Found {
  const own = addresses.filter((one) => one.device === device);
  const isLocal = ({ address }: InterfaceAddress) => formatAddress(address).startsWith("169.254.");
  const found =
    own.find((one) => one.scope !== "host" && !isLocal(one)) ?? own.find((one) => isLocal(one));
  if (found !== undefined) return found;
  throw new StartError(`failed to find IPv4 address for interface ${device}`);
}
