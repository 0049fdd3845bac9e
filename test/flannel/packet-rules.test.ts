import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { silentLog } from "../../src/component/log.ts";
import { keepPacketRules } from "../../src/flannel/packet-rule-keeper.ts";
import {
  forwardRules,
  isInPlace,
  masqueradeRules,
  restoreText,
} from "../../src/flannel/packet-rules.ts";
import { parseSubnet } from "../../src/flannel/subnet.ts";
import { eventually } from "../support/eventually.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { describeWith } from "../support/needs.ts";
import { type LabHost, type NetworkLab, startNetworkLab } from "./network-lab.ts";

const network = parseSubnet("10.5.0.0/16")!;
const subnet = parseSubnet("10.5.34.0/24")!;

describe("flannel's rules", () => {
  test("masquerade what leaves the network, and nothing else", () => {
    expect(restoreText(masqueradeRules(network, subnet, true), "")).toBe(`*nat
:FLANNEL-POSTRTG - [0:0]
-I POSTROUTING 1 -m comment --comment "flanneld masq" -j FLANNEL-POSTRTG
-A FLANNEL-POSTRTG -m mark --mark 0x4000/0x4000 -m comment --comment "flanneld masq" -j RETURN
-A FLANNEL-POSTRTG -s 10.5.0.0/16 -d 10.5.0.0/16 -m comment --comment "flanneld masq" -j RETURN
-A FLANNEL-POSTRTG -s 10.5.0.0/16 ! -d 224.0.0.0/4 -m comment --comment "flanneld masq" -j MASQUERADE --random-fully
-A FLANNEL-POSTRTG ! -s 10.5.0.0/16 -d 10.5.34.0/24 -m comment --comment "flanneld masq" -j RETURN
-A FLANNEL-POSTRTG ! -s 10.5.0.0/16 -d 10.5.0.0/16 -m comment --comment "flanneld masq" -j MASQUERADE --random-fully
COMMIT
`);
  });

  test("do without --random-fully where iptables has it not", () => {
    expect(restoreText(masqueradeRules(network, subnet, false), "")).not.toContain("random");
  });

  test("let packets of pods pass", () => {
    expect(restoreText(forwardRules(network), "")).toBe(`*filter
:FLANNEL-FWD - [0:0]
-I FORWARD 1 -m comment --comment "flanneld forward" -j FLANNEL-FWD
-A FLANNEL-FWD -s 10.5.0.0/16 -m comment --comment "flanneld forward" -j ACCEPT
-A FLANNEL-FWD -d 10.5.0.0/16 -m comment --comment "flanneld forward" -j ACCEPT
COMMIT
`);
  });
});

describeWith(["root", "iptables"], "flannel's rules in the kernel", () => {
  let lab: NetworkLab;
  let host: LabHost;
  let hosts = 0;
  let clock: ManualClock;
  let life: AbortController;
  beforeAll(async () => {
    lab = await startNetworkLab();
  });
  afterAll(() => lab?.remove());
  beforeEach(async () => {
    host = await lab.addHost(`rules${++hosts}`, `10.211.55.${20 + hosts}`);
    clock = new ManualClock();
    life = new AbortController();
  });

  const keep = (more = {}) =>
    keepPacketRules({
      network,
      subnet,
      ipMasq: true,
      forward: true,
      periodMs: 5_000,
      run: host.run,
      clock,
      log: silentLog,
      signal: life.signal,
      ...more,
    });
  const rules = async (table: string) => (await host.run("iptables-save", ["-t", table])).stdout;
  const chains = [masqueradeRules(network, subnet, true), forwardRules(network)];
  const inPlace = async () =>
    Promise.all(chains.map(async (chain) => isInPlace(chain, await rules(chain.table))));

  test("are there, before those of others, which stay", async () => {
    const other = ["-s", "10.9.0.0/16", "-j", "MASQUERADE"];
    await host.run("iptables", ["-t", "nat", "-A", "POSTROUTING", ...other]);
    await keep();
    expect(await inPlace()).toEqual([true, true]);
    const lines = (await rules("nat")).split("\n").filter((line) => /^-A POSTROUTING/.test(line));
    expect(lines).toEqual([
      '-A POSTROUTING -m comment --comment "flanneld masq" -j FLANNEL-POSTRTG',
      "-A POSTROUTING -s 10.9.0.0/16 -j MASQUERADE",
    ]);
    life.abort();
  });

  test("are the same after a second start, once each", async () => {
    await keep();
    const before = [await rules("nat"), await rules("filter")].map(withoutComments);
    await keep();
    expect([await rules("nat"), await rules("filter")].map(withoutComments)).toEqual(before);
    life.abort();
  });

  test("follow a subnet that has changed", async () => {
    await keep({ subnet: parseSubnet("10.5.99.0/24") });
    await keep();
    expect(await inPlace()).toEqual([true, true]);
    expect(await rules("nat")).not.toContain("10.5.99.0");
    life.abort();
  });

  test.each([
    ["-t nat -F", "somebody flushes the table"],
    ["-t nat -D FLANNEL-POSTRTG 2", "somebody deletes one"],
    ["-t nat -I FLANNEL-POSTRTG 1 -j RETURN", "somebody adds one of his own"],
    ["-t filter -F FORWARD", "a firewall is restarted"],
  ])("are put back within five seconds after iptables %s: %s", async (args) => {
    await keep();
    await host.run("iptables", args.split(" "));
    expect(await inPlace()).toContain(false);
    clock.advance(5_000);
    await eventually(async () => expect(await inPlace()).toEqual([true, true]));
    life.abort();
  });

  test("are only those asked for", async () => {
    await keep({ ipMasq: false });
    expect(await inPlace()).toEqual([false, true]);
    await keep({ ipMasq: false, forward: false });
    life.abort();
  });
});

/** Without the time of day and the counters. */
function withoutComments(text: string): string[] {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return lines.map((line) => line.replace(/\[\d+:\d+\]/, ""));
}
