/**
 * The device packets enter the tunnel by: flannel.1, for the network with the number 1.
 *
 * Rule: one that is there and as it should be is kept, hardware address and all: the others know it.
 *
 * In Kubernetes: github.com/flannel-io/flannel/pkg/backend/vxlan/device.go
 */
import type { RunCommand } from "../../component/command.ts";
import type { Log } from "../../component/log.ts";
import type { Random } from "../../component/random.ts";
import { type Link, listAddresses, listLinks, wordAfter } from "../links.ts";
import { contains, formatAddress, type Subnet } from "../subnet.ts";

export interface VxlanSettings {
  /** The number of the network, which stands in each packet. */
  vni: number;
  /** 0: the kernel's own choice, 8472. */
  port: number;
  hasGroupPolicy: boolean;
  /** Whether the kernel learns who is where from the packets. We tell it, so it need not. */
  isLearning: boolean;
  mtu: number;
  /** The interface below. */
  parent: string;
  /** The address tunnels begin at. */
  local: string;
}

/** Linux' choice from before the number was assigned, kept by flannel. */
const KERNEL_PORT = 8472;

export class VxlanDevice {
  readonly name: string;
  readonly #settings: VxlanSettings;
  readonly #run: RunCommand;
  readonly #log: Log;
  #mac = "";

  constructor(settings: VxlanSettings, run: RunCommand, log: Log) {
    this.name = `flannel.${settings.vni}`;
    this.#settings = settings;
    this.#run = run;
    this.#log = log;
  }

  /** Known once `ensure` has resolved; the same from then on. */
  get mac(): string {
    return this.#mac;
  }

  /** Makes sure that it is there. */
  async ensure(random: Random): Promise<void> {
    const links = await listLinks(this.#run);
    const existing = links.find(({ name }) => name === this.name);
    const fault = existing && this.#faultOf(existing);
    if (existing?.mac !== undefined && fault === undefined) {
      this.#mac ||= existing.mac;
      if (existing.mac === this.#mac) return;
    }
    if (existing !== undefined) {
      const why = fault ?? `vtep MAC: ${this.#mac} vs ${existing.mac}`;
      this.#log.warn(
        `"${this.name}" already exists with incompatable configuration: ${why}; recreating device`,
      );
      await this.#run("ip", ["link", "del", this.name]);
    }
    this.#mac ||= randomMac(random);
    await this.#create();
  }

  /** Gives it the first address of our subnet, and takes away others of the network. */
  async configure(subnet: Subnet, network: Subnet): Promise<void> {
    const [addresses, links] = [await listAddresses(this.#run), await listLinks(this.#run)];
    const own = addresses.filter(({ device }) => device === this.name);
    const stale = own.filter(
      ({ address }) => contains(network, address) && address !== subnet.address,
    );
    for (const { address, network: of } of stale) {
      const text = `${formatAddress(address)}/${of.length}`;
      await this.#run("ip", ["addr", "del", text, "dev", this.name]);
    }
    if (!own.some(({ address }) => address === subnet.address)) {
      await this.#run("ip", [
        "addr",
        "add",
        `${formatAddress(subnet.address)}/32`,
        "dev",
        this.name,
      ]);
    }
    const { mtu } = this.#settings;
    const link = links.find(({ name }) => name === this.name);
    if (link?.isUp && link.mtu === mtu) return;
    await this.#run("ip", ["link", "set", "dev", this.name, "mtu", `${mtu}`, "up"]);
  }

  async #create(): Promise<void> {
    const { vni, port, hasGroupPolicy, isLearning, parent, local } = this.#settings;
    const args = ["link", "add", this.name, "address", this.#mac, "type", "vxlan"];
    args.push("id", `${vni}`, "dev", parent, "local", local, "dstport", `${port || KERNEL_PORT}`);
    if (!isLearning) args.push("nolearning");
    if (hasGroupPolicy) args.push("gbp");
    await this.#run("ip", args);
  }

  /** What is not as it should be, in flannel's words. What the kernel does not tell is not compared. */
  #faultOf({ details }: Link): string | undefined {
    const { vni, port, parent, local, hasGroupPolicy } = this.#settings;
    if (!details.includes("vxlan")) return "link type: vxlan vs another";
    const vxlan = details.slice(details.indexOf("vxlan"));
    const rows = [
      ["vni", `${vni}`, wordAfter(vxlan, "id")],
      ["vtep (external) interface", parent, wordAfter(vxlan, "dev")],
      ["vtep (external) IP", local, wordAfter(vxlan, "local")],
      ["port", `${port || KERNEL_PORT}`, wordAfter(vxlan, "dstport")],
      ["gbp", `${hasGroupPolicy}`, `${vxlan.includes("gbp")}`],
    ] as const;
    const [what, wanted, actual] =
      rows.find(([, wanted, actual]) => actual !== undefined && actual !== wanted) ?? [];
    if (what !== undefined) return `${what}: ${wanted} vs ${actual}`;
    return vxlan.includes("group") ? "group: none vs one" : undefined;
  }
}

/** Not a manufacturer's, and not a group's. */
function randomMac(random: Random): string {
  const bytes = random.bytes(6);
  bytes[0] = (bytes[0]! & 0xfe) | 0x02;
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(":");
}
