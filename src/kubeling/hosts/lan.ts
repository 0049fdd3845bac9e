/**
 * The cables and the switch of the lab: a network namespace for each host, with an eth0, and one more for
 * the bridge they all hang on. The machine's own network sees nothing of it.
 */
import type { RunCommand } from "../../component/command.ts";
import { GATEWAY, type Host, LAN, namespaceOf } from "./host.ts";

const BRIDGE = "lan0";

export async function createSwitch(run: RunCommand): Promise<void> {
  await run("ip", ["netns", "add", LAN]);
  await ip(run, LAN, `link add ${BRIDGE} type bridge`);
  await ip(run, LAN, `link set ${BRIDGE} up`);
}

/** A namespace for the host, its eth0, its address, and the cable to the switch. */
export async function connectHost(run: RunCommand, { name, address }: Host): Promise<void> {
  await run("ip", ["netns", "add", name]);
  await ip(run, name, "link set lo up");
  const mac = hardwareAddressOf(address);
  await ip(
    run,
    name,
    `link add eth0 address ${mac} type veth peer name ${portOf(name)} netns ${LAN}`,
  );
  await ip(run, LAN, `link set ${portOf(name)} master ${BRIDGE} up`);
  await ip(run, name, `addr add ${address}/24 dev eth0`);
  await ip(run, name, "link set eth0 up");
  await ip(run, name, `route add default via ${GATEWAY}`);
}

/** Pulls the cable out of the switch, or puts it back. */
export async function setCable(run: RunCommand, name: string, state: "up" | "down") {
  await ip(run, LAN, `link set ${portOf(name)} ${state}`);
}

export async function isCut(run: RunCommand, name: string): Promise<boolean> {
  const shown = await ip(run, LAN, `-o link show ${portOf(name)}`);
  return !/<[^>]*\bUP\b/.test(shown);
}

/** Takes the cable away: the kernel does so itself, but some time after the namespace is gone. */
export async function disconnectHost(run: RunCommand, name: string): Promise<void> {
  await ip(run, LAN, `link del ${portOf(name)}`);
}

/** All that is in a namespace goes with it, but for processes. */
export async function removeNamespace(run: RunCommand, name: string): Promise<void> {
  await run("ip", ["netns", "del", name]);
}

/** The same after each start, as a card's is: others remember it. 10.211.55.21 -> 02:00:0a:d3:37:15 */
function hardwareAddressOf(address: string): string {
  const bytes = address.split(".").map((byte) => Number(byte).toString(16).padStart(2, "0"));
  return ["02", "00", ...bytes].join(":");
}

/** The name of an interface has 15 characters at most. */
function portOf(name: string): string {
  return `to-${name}`.slice(0, 15);
}

/** `ip netns exec` would hide the machine's /sys, and with it the cgroups; nsenter does not. */
async function ip(run: RunCommand, namespace: string, command: string): Promise<string> {
  const args = [`--net=${namespaceOf(namespace)}`, "ip", ...command.split(" ")];
  return (await run("nsenter", args)).stdout;
}
