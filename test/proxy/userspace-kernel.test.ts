/** Userspace mode in the real kernel: rules that lead to sockets, and the proxies behind them. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ServiceEndpoints } from "../../src/proxy/endpoint.ts";
import { joinServices } from "../../src/proxy/endpoints-map.ts";
import { describeWith } from "../support/needs.ts";
import {
  aService,
  CASES,
  CLUSTER_IP,
  EXTERNAL_IP,
  endpointsOf,
  LOAD_BALANCER_IP,
  NODE,
  NODE_PORT,
  PODS,
} from "./cases.ts";
import { type Ask, byPod, NODE_IP, NodeLab, POD_GATEWAY } from "./node-lab.ts";

let lab: NodeLab;
let node: ChildProcess;
let answers: AsyncIterator<string>;

/** Of twelve connections. */
const EACH = { a: 4, b: 4, c: 4 };
const HALF = { a: 6, far: 6 };
const SERVICE: Ask = { address: CLUSTER_IP, port: 80 };

async function load(services: ServiceEndpoints[]) {
  node.stdin!.write(`${JSON.stringify(services)}\n`);
  expect((await answers.next()).value).toBe("synced");
}

function loadCase(name: string) {
  const { services, endpoints } = CASES.find((one) => one.name === name)!;
  return load(joinServices(services, endpoints, NODE));
}

async function netns(...args: string[]) {
  const [program = "", ...rest] = args;
  return (await lab.runIn("node")(program, rest)).stdout;
}

describeWith(["root", "iptables"], "userspace mode in the kernel", () => {
  beforeAll(async () => {
    lab = await NodeLab.start(`ku${process.pid}`);
    const script = fileURLToPath(new URL("lab/userspace-node.ts", import.meta.url));
    const program = [process.execPath, "--import", "tsx", script, NODE_IP];
    const args = [`--net=${lab.netnsPath("node")}`, ...program];
    node = spawn("nsenter", args, { stdio: ["pipe", "pipe", "inherit"] });
    answers = createInterface({ input: node.stdout! })[Symbol.asyncIterator]();
    expect((await answers.next()).value).toBe("ready");
  });
  afterAll(async () => {
    const ended = once(node, "exit");
    node.stdin!.end();
    await ended;
    await lab.stop();
  });

  test("leads to each endpoint in turn, which sees the node as its client", async () => {
    await loadCase("three-endpoints");
    const counts = await lab.ask("far", { ...SERVICE, count: 300 });
    expect(byPod(counts)).toEqual({ a: 100, b: 100, c: 100 });
    expect([...new Set(Object.keys(counts).map((one) => one.split(" ")[1]))]).toEqual([
      POD_GATEWAY,
    ]);
  });

  test.each(["a", "node", "outside"] as const)("answers %s", async (place) => {
    await loadCase("three-endpoints");
    expect(byPod(await lab.ask(place, { ...SERVICE, count: 30 }))).toEqual({ a: 10, b: 10, c: 10 });
  });

  test("keeps a client with its endpoint under session affinity", async () => {
    await loadCase("client-ip-affinity");
    const one = Object.keys(byPod(await lab.ask("far", SERVICE)));
    expect(Object.keys(byPod(await lab.ask("far", { ...SERVICE, count: 100 })))).toEqual(one);
  });

  test.each(["node-port", "node-port-external-local"])(
    "%s: answers at the node's port",
    async (name) => {
      await loadCase(name);
      for (const place of ["outside", "node", "far"] as const) {
        const counts = byPod(await lab.ask(place, { address: NODE_IP, port: NODE_PORT, count: 6 }));
        expect(Object.values(counts).reduce((sum, count) => sum + count, 0)).toBe(6);
        expect(Object.keys(counts).every((pod) => pod in PODS)).toBe(true);
      }
      expect(await netns("ss", "-Hltn", `sport = :${NODE_PORT}`)).toContain(`:${NODE_PORT}`);
    },
  );

  test.each([
    ["external-ip", EXTERNAL_IP],
    ["load-balancer-source-ranges", LOAD_BALANCER_IP],
  ])("%s: answers from outside", async (name, address) => {
    await loadCase(name);
    const counts = byPod(await lab.ask("outside", { address, port: 80, count: 9 }));
    expect(counts).toEqual({ a: 3, b: 3, c: 3 });
  });

  test("answers the same port over UDP and TCP", async () => {
    await loadCase("two-ports");
    const ask = { address: CLUSTER_IP, port: 53, count: 30 };
    expect(byPod(await lab.ask("far", ask))).toEqual({ a: 10, b: 10, c: 10 });
    const udp = byPod(await lab.ask("far", { ...ask, protocol: "udp" }));
    expect(udp).toEqual({ a: 10, b: 10, c: 10 });
  });

  test("closes a connection where there is no endpoint", async () => {
    await loadCase("no-endpoints");
    const counts = await lab.ask("far", { ...SERVICE, count: 3 });
    expect(counts.timeout).toBeUndefined();
    expect((counts.closed ?? 0) + (counts.ECONNRESET ?? 0)).toBe(3);
  });

  test("goes on to the next endpoint when one does not answer", async () => {
    const endpoints = endpointsOf({ pods: ["a", "b"] });
    endpoints.subsets![0]!.addresses!.push({ ip: "172.16.1.99", nodeName: NODE });
    await load(joinServices([aService({})], [endpoints], NODE));
    // Three at a time: one of them meets the silent endpoint, and the next one is another.
    for (let round = 0; round < 5; round++) {
      const counts = byPod(await lab.ask("far", { ...SERVICE, count: 3 }));
      expect((counts.a ?? 0) + (counts.b ?? 0)).toBe(3);
    }
  });

  test.each([
    ["one-endpoint", { a: 12 }],
    ["not-ready", { a: 12 }],
    ["three-endpoints", EACH],
    ["unnamed-port", EACH],
    ["cluster-cidr", EACH],
    ["masquerade-all", EACH],
    ["other-mark", EACH],
    ["node-port", EACH],
    ["node-port-not-on-localhost", EACH],
    ["node-port-on-one-address", EACH],
    ["external-ip", EACH],
    ["load-balancer-source-ranges", EACH],
    // This mode knows no Local: to it every endpoint is as good as another.
    ["internal-local", HALF],
    ["node-port-external-local", HALF],
    ["load-balancer", HALF],
    ["internal-local-elsewhere", { far: 12 }],
    ["node-port-external-local-elsewhere", { far: 12 }],
  ])("%s: a pod's connections to the cluster IP go to %j", async (name, counts) => {
    await loadCase(name);
    expect(byPod(await lab.ask("b", { ...SERVICE, count: 12 }))).toEqual(counts);
  });

  test("udp: a pod's datagrams go to each endpoint in turn", async () => {
    await loadCase("udp");
    const ask = { protocol: "udp", address: CLUSTER_IP, port: 53, count: 1 } as const;
    const counts = byPod(await lab.ask("b", ask));
    expect(Object.values(counts)).toEqual([1]);
  });

  test("node-port-without-endpoints: closes connections at the node's port, too", async () => {
    await loadCase("node-port-without-endpoints");
    const ask = { address: NODE_IP, port: NODE_PORT, count: 3 };
    const counts = await lab.ask("outside", ask);
    expect((counts.closed ?? 0) + (counts.ECONNRESET ?? 0)).toBe(3);
  });

  test.each(["headless", "another-proxy's", "sctp"])("%s: has no rules", async (name) => {
    await loadCase(name);
    expect(await netns("iptables-save", "-t", "nat")).not.toContain("default/web");
  });

  test.each(CASES)("loads $name, and listens for it in the port range", async ({ name }) => {
    await loadCase(name);
    const nat = await netns("iptables-save", "-t", "nat");
    const ports = [...nat.matchAll(/--to-ports (\d+)/g)].map((found) => Number(found[1]));
    const sockets = await netns("ss", "-Hltun");
    for (const port of ports) {
      expect(port).toBeGreaterThanOrEqual(20_000);
      expect(port).toBeLessThan(20_100);
      expect(sockets).toContain(`:${port} `);
    }
  });

  test("opens no more ports than it has services, and closes them", async () => {
    await loadCase("node-port");
    await load([]);
    expect(await netns("ss", "-Hltun")).not.toMatch(/:200\d\d |:30080 /);
    expect(await netns("iptables-save", "-t", "nat")).not.toContain("default/web");
  });
});
