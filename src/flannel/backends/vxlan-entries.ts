/**
 * The two tables that lead a packet through the tunnel: which hardware address the gateway S.0 has
 * (neighbours), and at which host frames for that address leave the tunnel (forwarding entries).
 *
 * Rule: what is new is added before routes lead there, what is stale is removed after they do no longer.
 *
 * In Kubernetes: github.com/flannel-io/flannel/pkg/backend/vxlan/vxlan_network.go
 */
import type { RunCommand } from "../../component/command.ts";
import { attemptAll } from "../attempts.ts";
import { wordAfter } from "../links.ts";
import { runBatch } from "../routes.ts";
import { formatAddress, parseAddress, type Subnet } from "../subnet.ts";

/** The other end of a tunnel. */
export interface Endpoint {
  readonly subnet: Subnet;
  readonly mac: string;
  readonly publicAddress: number;
}

/** From an address to where it leads: of the gateway to its MAC, of a MAC to its host. */
type Table = ReadonlyMap<string, string>;

export async function addEntries(
  device: string,
  endpoints: readonly Endpoint[],
  run: RunCommand,
): Promise<void> {
  const neighbours = missing(neighboursOf(endpoints), await listNeighbours(device, run));
  await runBatch(
    neighbours.map(([address, mac]) => neighbourCommand("replace", address, mac, device)),
    run,
  );
  const forwarding = missing(forwardingOf(endpoints), await listForwarding(device, run));
  // The `bridge` of CentOS 7 takes no batches.
  await attemptAll(
    forwarding.map(([mac, host]) => () => {
      const entry = [mac, "dev", device, "dst", host, "self", "permanent"];
      return run("bridge", ["fdb", "replace", ...entry]);
    }),
  );
}

export async function removeStaleEntries(
  device: string,
  endpoints: readonly Endpoint[],
  run: RunCommand,
): Promise<void> {
  const neighbours = stale(neighboursOf(endpoints), await listNeighbours(device, run));
  await runBatch(
    neighbours.map(([address, mac]) => neighbourCommand("del", address, mac, device)),
    run,
  );
  const forwarding = stale(forwardingOf(endpoints), await listForwarding(device, run));
  await attemptAll(
    forwarding.map(([mac, host]) => () => {
      return run("bridge", ["fdb", "del", mac, "dev", device, "dst", host, "self"]);
    }),
  );
}

function neighboursOf(endpoints: readonly Endpoint[]): Table {
  return new Map(endpoints.map(({ subnet, mac }) => [formatAddress(subnet.address), mac]));
}

function forwardingOf(endpoints: readonly Endpoint[]): Table {
  return new Map(endpoints.map((one) => [one.mac, formatAddress(one.publicAddress)]));
}

function missing(wanted: Table, actual: Table): [string, string][] {
  return [...wanted].filter(([key, value]) => actual.get(key) !== value);
}

function stale(wanted: Table, actual: Table): [string, string][] {
  return [...actual].filter(([key]) => !wanted.has(key));
}

function neighbourCommand(verb: string, address: string, mac: string, device: string): string {
  return `neigh ${verb} ${address} lladdr ${mac} dev ${device} nud permanent`;
}

/** "10.5.34.0 lladdr 82:4b:b6:2f:54:4e PERMANENT": what we have written, not what the kernel has learnt. */
async function listNeighbours(device: string, run: RunCommand): Promise<Table> {
  const { stdout } = await run("ip", ["-4", "neigh", "show", "dev", device, "nud", "permanent"]);
  const lines = stdout.split("\n").map((line) => line.trim().split(/\s+/));
  return new Map(
    lines.flatMap((words) => {
      const [address = ""] = words;
      const mac = wordAfter(words, "lladdr");
      return parseAddress(address) === undefined || mac === undefined ? [] : [[address, mac]];
    }),
  );
}

/** "82:4b:b6:2f:54:4e dst 10.211.55.22 self permanent" */
async function listForwarding(device: string, run: RunCommand): Promise<Table> {
  const { stdout } = await run("bridge", ["fdb", "show", "dev", device]);
  const lines = stdout.split("\n").map((line) => line.trim().split(/\s+/));
  return new Map(
    lines.flatMap((words) => {
      const host = wordAfter(words, "dst");
      return host === undefined ? [] : [[words[0]!, host]];
    }),
  );
}
