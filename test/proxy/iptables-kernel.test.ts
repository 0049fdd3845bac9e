/** The rules of iptables mode in the real kernel: who answers, and what the pod sees as its client. */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { findIptables } from "../../src/component/iptables.ts";
import { silentLog } from "../../src/component/log.ts";
import { joinServices } from "../../src/proxy/endpoints-map.ts";
import { IPTABLES_OWNERSHIP } from "../../src/proxy/iptables-mode.ts";
import { compileIptablesRules } from "../../src/proxy/iptables-rules.ts";
import { RuleSync } from "../../src/proxy/rule-sync.ts";
import { describeWith } from "../support/needs.ts";
import {
  CASES,
  CLUSTER_IP,
  EXTERNAL_IP,
  LOAD_BALANCER_IP,
  NODE,
  NODE_PORT,
  PODS,
} from "./cases.ts";
import { chiSquared, ODDS_ONE_IN_A_MILLION } from "./chi-squared.ts";
import { type Ask, byPod, NODE_IP, NodeLab, OUTSIDE_IP, POD_GATEWAY } from "./node-lab.ts";

let lab: NodeLab;
let sync: RuleSync;

const SERVICE: Ask = { address: CLUSTER_IP, port: 80 };
const AT_NODE_PORT: Ask = { address: NODE_IP, port: NODE_PORT };
const REFUSED = { ECONNREFUSED: 3 };
const DROPPED = { timeout: 3 };
const THRICE = { count: 3 };
/** Not worth waiting for longer: nothing comes. */
const SHORT = { ...THRICE, waitMs: 400 };

async function load(name: string) {
  const { services, endpoints, options } = CASES.find((one) => one.name === name)!;
  await sync.check(compileIptablesRules(joinServices(services, endpoints, NODE), options));
}

describeWith(["root", "iptables"], "iptables mode in the kernel", () => {
  beforeAll(async () => {
    lab = await NodeLab.start();
    sync = new RuleSync(await findIptables(lab.runIn("node")), IPTABLES_OWNERSHIP, silentLog);
  });
  afterAll(() => lab?.stop());
  beforeEach(async () => {
    // What affinity and connection tracking remember is of the test before.
    await lab.runIn("node")("conntrack", ["-F"]);
  });

  test("no-endpoints: refuses", async () => {
    await load("no-endpoints");
    expect(await lab.ask("a", { ...SERVICE, ...THRICE })).toEqual(REFUSED);
    expect(await lab.ask("node", { ...SERVICE, ...THRICE })).toEqual(REFUSED);
  });

  test("one-endpoint: leads there, from a pod, the node, and outside", async () => {
    await load("one-endpoint");
    expect(await lab.ask("b", { ...SERVICE, count: 5 })).toEqual({ [`a ${PODS.b}`]: 5 });
    expect(byPod(await lab.ask("node", { ...SERVICE, count: 5 }))).toEqual({ a: 5 });
    expect(await lab.ask("outside", { ...SERVICE, count: 5 })).toEqual({ [`a ${OUTSIDE_IP}`]: 5 });
  });

  test("one-endpoint: leads a pod to itself, which sees the node as its client", async () => {
    await load("one-endpoint");
    expect(await lab.ask("a", { ...SERVICE, count: 5 })).toEqual({ [`a ${POD_GATEWAY}`]: 5 });
  });

  test("three-endpoints: spreads connections evenly over all", async () => {
    await load("three-endpoints");
    const counts = byPod(await lab.ask("far", { ...SERVICE, count: 3_000 }));
    expect(Object.keys(counts).toSorted()).toEqual(["a", "b", "c"]);
    expect(chiSquared(Object.values(counts))).toBeLessThan(ODDS_ONE_IN_A_MILLION[2]!);
  });

  test("not-ready: leaves out who is not ready", async () => {
    await load("not-ready");
    expect(byPod(await lab.ask("far", { ...SERVICE, count: 20 }))).toEqual({ a: 20 });
  });

  test("unnamed-port: leads to the endpoints", async () => {
    await load("unnamed-port");
    const counts = byPod(await lab.ask("far", { ...SERVICE, count: 60 }));
    expect(Object.keys(counts).toSorted()).toEqual(["a", "b", "c"]);
  });

  test("cluster-cidr: masquerades what does not come from a pod", async () => {
    await load("cluster-cidr");
    expect(seenClients(await lab.ask("outside", { ...SERVICE, count: 20 }))).toEqual([POD_GATEWAY]);
    expect(seenClients(await lab.ask("far", { ...SERVICE, count: 20 }))).toEqual([PODS.far]);
  });

  test.each(["masquerade-all", "other-mark"])(
    "%s: masquerades what comes from a pod",
    async (name) => {
      await load(name);
      expect(seenClients(await lab.ask("far", { ...SERVICE, count: 20 }))).toEqual([POD_GATEWAY]);
    },
  );

  test("client-ip-affinity: a client stays with its endpoint, clients do not all have the same", async () => {
    await load("client-ip-affinity");
    const first = byPod(await lab.ask("far", { ...SERVICE, count: 1 }));
    const later = byPod(await lab.ask("far", { ...SERVICE, count: 200 }));
    expect(Object.keys(later)).toEqual(Object.keys(first));
  });

  test("udp: answers datagrams", async () => {
    await load("udp");
    const ask = { protocol: "udp", address: CLUSTER_IP, port: 53, count: 60 } as const;
    const counts = byPod(await lab.ask("far", ask));
    expect(Object.keys(counts).toSorted()).toEqual(["a", "b", "c"]);
  });

  test("sctp: is taken by the kernel", async () => {
    await load("sctp");
    const { stdout } = await lab.runIn("node")("iptables-save", ["-t", "nat"]);
    expect(stdout).toContain("-m sctp -j DNAT --to-destination 172.16.1.2:8080");
  });

  test("two-ports: answers the same port over UDP and TCP", async () => {
    await load("two-ports");
    const ask = { address: CLUSTER_IP, port: 53, count: 10 };
    expect(total(byPod(await lab.ask("far", ask)), ["a", "b", "c"])).toBe(10);
    const udp = byPod(await lab.ask("far", { ...ask, protocol: "udp" }));
    expect(total(udp, ["a", "b", "c"])).toBe(10);
  });

  test("node-port: leads from outside, from the node, from 127.0.0.1, from a pod", async () => {
    await load("node-port");
    const outside = await lab.ask("outside", { ...AT_NODE_PORT, count: 60 });
    expect(Object.keys(byPod(outside)).toSorted()).toEqual(["a", "b", "c"]);
    expect(seenClients(outside)).toEqual([POD_GATEWAY]);
    for (const [place, address] of [
      ["node", NODE_IP],
      ["node", "127.0.0.1"],
      ["far", POD_GATEWAY],
      ["a", NODE_IP],
    ] as const) {
      const counts = byPod(await lab.ask(place, { ...AT_NODE_PORT, address, count: 10 }));
      expect(total(counts, ["a", "b", "c"])).toBe(10);
    }
  });

  test("node-port-not-on-localhost: answers outside, not on 127.0.0.1", async () => {
    await load("node-port-not-on-localhost");
    expect(total(byPod(await lab.ask("outside", AT_NODE_PORT)), ["a", "b", "c"])).toBe(1);
    const local = { ...AT_NODE_PORT, address: "127.0.0.1", ...THRICE };
    expect(await lab.ask("node", local)).toEqual(REFUSED);
  });

  test("node-port-on-one-address: answers there alone", async () => {
    await load("node-port-on-one-address");
    expect(total(byPod(await lab.ask("outside", AT_NODE_PORT)), ["a", "b", "c"])).toBe(1);
    const other = { ...AT_NODE_PORT, address: POD_GATEWAY, ...THRICE };
    expect(await lab.ask("far", other)).toEqual(REFUSED);
  });

  test("node-port-without-endpoints: refuses", async () => {
    await load("node-port-without-endpoints");
    expect(await lab.ask("outside", { ...AT_NODE_PORT, ...THRICE })).toEqual(REFUSED);
  });

  test("node-port-external-local: keeps the client's address, and to the node's own pods", async () => {
    await load("node-port-external-local");
    const outside = await lab.ask("outside", { ...AT_NODE_PORT, count: 20 });
    expect(outside).toEqual({ [`a ${OUTSIDE_IP}`]: 20 });
    // What comes from this node or its pods may go anywhere.
    const inside = byPod(await lab.ask("b", { ...AT_NODE_PORT, count: 40 }));
    expect(Object.keys(inside).toSorted()).toEqual(["a", "far"]);
    const own = byPod(await lab.ask("node", { ...AT_NODE_PORT, count: 40 }));
    expect(Object.keys(own).toSorted()).toEqual(["a", "far"]);
  });

  test("node-port-external-local-elsewhere: drops what comes from outside", async () => {
    await load("node-port-external-local-elsewhere");
    expect(await lab.ask("outside", { ...AT_NODE_PORT, ...SHORT })).toEqual(DROPPED);
    expect(byPod(await lab.ask("b", { ...AT_NODE_PORT, count: 5 }))).toEqual({ far: 5 });
  });

  test("internal-local: keeps to the node's own pods", async () => {
    await load("internal-local");
    expect(byPod(await lab.ask("b", { ...SERVICE, count: 40 }))).toEqual({ a: 40 });
  });

  test("internal-local-elsewhere: drops", async () => {
    await load("internal-local-elsewhere");
    expect(await lab.ask("b", { ...SERVICE, ...SHORT })).toEqual(DROPPED);
  });

  test("external-ip: leads from outside, masqueraded", async () => {
    await load("external-ip");
    const answers = await lab.ask("outside", { address: EXTERNAL_IP, port: 80, count: 40 });
    expect(Object.keys(byPod(answers)).toSorted()).toEqual(["a", "b", "c"]);
    expect(seenClients(answers)).toEqual([POD_GATEWAY]);
  });

  test("load-balancer: keeps the client's address where the policy is Local", async () => {
    await load("load-balancer");
    const ask = { address: LOAD_BALANCER_IP, port: 80, count: 20 };
    expect(await lab.ask("outside", ask)).toEqual({ [`a ${OUTSIDE_IP}`]: 20 });
  });

  test("load-balancer-source-ranges: drops who is not in them", async () => {
    await load("load-balancer-source-ranges");
    const ask = { address: LOAD_BALANCER_IP, port: 80 };
    const allowed = byPod(await lab.ask("outside", { ...ask, count: 10 }));
    expect(total(allowed, ["a", "b", "c"])).toBe(10);
    expect(await lab.ask("far", { ...ask, ...SHORT })).toEqual(DROPPED);
  });

  test.each(["headless", "another-proxy's"])("%s: has no rules", async (name) => {
    await load(name);
    expect(await lab.ask("a", { ...SERVICE, ...SHORT })).not.toHaveProperty(`a ${PODS.a}`);
    const { stdout } = await lab.runIn("node")("iptables-save", ["-t", "nat"]);
    expect(stdout).not.toMatch(/KUBE-SVC|KUBE-SEP/);
  });
});

function seenClients(answers: Record<string, number>): string[] {
  return [...new Set(Object.keys(answers).map((answer) => answer.split(" ")[1]!))];
}

function total(counts: Record<string, number>, of: string[]): number {
  return of.reduce((sum, who) => sum + (counts[who] ?? 0), 0);
}
