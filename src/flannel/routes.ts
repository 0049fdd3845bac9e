/**
 * Routes to the subnets of other hosts: what is there, what should be, and the difference.
 *
 * Rule: a route is only taken away if it leads to a subnet of the network, through a gateway, on our own
 * device. Nobody else makes such routes.
 *
 * In Kubernetes: github.com/flannel-io/flannel/pkg/backend/route_network.go, vxlan_network.go
 */
import type { RunCommand } from "../component/command.ts";
import type { NetworkConfig } from "./config.ts";
import { wordAfter } from "./links.ts";
import {
  contains,
  formatAddress,
  formatSubnet,
  isSameSubnet,
  parseAddress,
  parseSubnet,
  type Subnet,
} from "./subnet.ts";

export interface Route {
  readonly destination: Subnet;
  readonly gateway: number;
  /** The gateway is believed to be right there, though no address of the device says so. */
  readonly isOnLink: boolean;
}

/** Makes the device lead to the wanted subnets of the network, and to no others. */
export async function syncRoutes(
  device: string,
  wanted: readonly Route[],
  config: Pick<NetworkConfig, "network" | "subnetLength">,
  run: RunCommand,
): Promise<void> {
  const { network, subnetLength } = config;
  const isOurs = ({ destination: { address, length } }: Route) =>
    contains(network, address) && length === subnetLength;
  const changes = routeChanges(wanted, await listRoutes(device, run), isOurs);
  await runBatch(routeCommands(changes, device), run);
}

/** The routes of the device that go through a gateway. */
export async function listRoutes(device: string, run: RunCommand): Promise<Route[]> {
  const { stdout } = await run("ip", ["-4", "route", "show", "dev", device]);
  return stdout.split("\n").flatMap((line) => routeIn(line) ?? []);
}

/** "10.5.34.0/24 via 10.5.34.0 onlink"; an address alone is a network of 32 bits. */
function routeIn(line: string): Route | undefined {
  const words = line.trim().split(/\s+/);
  const [first = ""] = words;
  const destination = parseSubnet(first.includes("/") ? first : `${first}/32`);
  const gateway = parseAddress(wordAfter(words, "via") ?? "");
  if (destination === undefined || gateway === undefined) return undefined;
  return { destination, gateway, isOnLink: words.includes("onlink") };
}

export interface RouteChanges {
  readonly added: readonly Route[];
  readonly removed: readonly Route[];
}

/** `mayRemove`: whether a route that is not wanted is ours to take away. */
export function routeChanges(
  wanted: readonly Route[],
  actual: readonly Route[],
  mayRemove: (route: Route) => boolean,
): RouteChanges {
  const isIn = (routes: readonly Route[], route: Route) =>
    routes.some((one) => isSameRoute(one, route));
  return {
    added: wanted.filter((route) => !isIn(actual, route)),
    // One to the same destination is replaced, not removed: the subnet is never out of reach.
    removed: actual.filter(
      (route) =>
        !wanted.some((one) => isSameSubnet(one.destination, route.destination)) && mayRemove(route),
    ),
  };
}

/** As lines for `ip -batch`. */
export function routeCommands({ added, removed }: RouteChanges, device: string): string[] {
  return [
    ...removed.map(
      ({ destination, gateway }) =>
        `route del ${formatSubnet(destination)} via ${formatAddress(gateway)} dev ${device}`,
    ),
    ...added.map(
      ({ destination, gateway, isOnLink }) =>
        `route replace ${formatSubnet(destination)} via ${formatAddress(gateway)} dev ${device}` +
        (isOnLink ? " onlink" : ""),
    ),
  ];
}

/** All in one process. One that fails stops none of the others; then this rejects. */
export async function runBatch(commands: readonly string[], run: RunCommand): Promise<void> {
  if (commands.length === 0) return;
  await run("ip", ["-force", "-batch", "-"], `${commands.join("\n")}\n`);
}

function isSameRoute(a: Route, b: Route): boolean {
  return (
    isSameSubnet(a.destination, b.destination) &&
    a.gateway === b.gateway &&
    a.isOnLink === b.isOnLink
  );
}
