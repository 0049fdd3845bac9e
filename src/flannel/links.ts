/**
 * The network interfaces of this host and their addresses, as `ip` prints them. In text, for the `ip`
 * of CentOS 7 prints no JSON.
 *
 * In Kubernetes: github.com/flannel-io/flannel/pkg/ip/iface.go (through netlink)
 */
import type { RunCommand } from "../component/command.ts";
import { parseAddress, parseSubnet, type Subnet, subnetAround } from "./subnet.ts";

export interface InterfaceAddress {
  readonly device: string;
  readonly address: number;
  /** As long as it says: 10.211.55.21/24 is in 10.211.55.0/24. */
  readonly network: Subnet;
  readonly scope: string;
}

export interface Link {
  readonly name: string;
  readonly mtu: number;
  /** "82:4b:b6:2f:54:4e" */
  readonly mac: string | undefined;
  readonly isUp: boolean;
  /** The line it was read from, with what is particular to its kind. */
  readonly details: readonly string[];
}

export async function listAddresses(run: RunCommand): Promise<InterfaceAddress[]> {
  const { stdout } = await run("ip", ["-4", "-o", "addr", "show"]);
  return stdout.split("\n").flatMap((line) => addressIn(line) ?? []);
}

export async function listLinks(run: RunCommand): Promise<Link[]> {
  const { stdout } = await run("ip", ["-o", "-d", "link", "show"]);
  return stdout.split("\n").flatMap((line) => linkIn(line) ?? []);
}

/** The word behind a word: of "mtu" in "... mtu 1500 ..." it is "1500". */
export function wordAfter(words: readonly string[], word: string): string | undefined {
  const at = words.indexOf(word);
  return at < 0 ? undefined : words[at + 1];
}

/** "2: eth0    inet 10.211.55.21/24 brd 10.211.55.255 scope global eth0\       valid_lft ..." */
function addressIn(line: string): InterfaceAddress | undefined {
  const words = line.split(/\s+/);
  const device = words[1];
  const [quad = "", length = "32"] = (wordAfter(words, "inet") ?? "").split("/");
  const address = parseAddress(quad);
  if (device === undefined || address === undefined) return undefined;
  // Between the two ends of a tunnel the network is that of the other end.
  const peer = parseSubnet(wordAfter(words, "peer") ?? "");
  const network = peer ?? subnetAround(address, Number(length));
  return { device, address, network, scope: wordAfter(words, "scope") ?? "global" };
}

/** "3: eth0@if4: <BROADCAST,UP> mtu 1500 qdisc ... \    link/ether 82:4b:... brd ff:... \    vxlan id 1 ..." */
function linkIn(line: string): Link | undefined {
  const [, name, states, rest] = /^\d+: ([^:@]+)(?:@[^:]*)?: <([^>]*)> (.*)$/.exec(line) ?? [];
  if (name === undefined || states === undefined || rest === undefined) return undefined;
  const details = rest.replaceAll("\\", " ").split(/\s+/);
  return {
    name,
    mtu: Number(wordAfter(details, "mtu") ?? 0),
    mac: wordAfter(details, "link/ether"),
    isUp: states.split(",").includes("UP"),
    details,
  };
}
