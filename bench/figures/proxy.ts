/**
 * kube-proxy: how long a full sync takes against iptables-restore by hand, how long one changed
 * endpoint takes against that, and what a service costs a stream of bytes from pod to pod. Everything
 * in network namespaces of its own.
 */
import { once } from "node:events";
import { commandRunner, type RunCommand } from "../../src/component/command.ts";
import { findIptables } from "../../src/component/iptables.ts";
import { silentLog } from "../../src/component/log.ts";
import type { Endpoint, ServiceEndpoints } from "../../src/proxy/endpoint.ts";
import { IPTABLES_OWNERSHIP } from "../../src/proxy/iptables-mode.ts";
import { DEFAULT_OPTIONS } from "../../src/proxy/iptables-options.ts";
import { compileIptablesRules } from "../../src/proxy/iptables-rules.ts";
import { restoreText } from "../../src/proxy/rule-set.ts";
import { RuleSync } from "../../src/proxy/rule-sync.ts";
import { CLUSTER_IP, PODS } from "../../test/proxy/cases.ts";
import { NODE_IP, NodeLab, scriptAt } from "../../test/proxy/node-lab.ts";
import type { Benchmark } from "../bench.ts";
import { missingOf } from "../machine.ts";
import type { Figure } from "../report.ts";
import { compare } from "../rounds.ts";

const SERVICES = 1_000;
const ENDPOINTS = 10;
const STREAM_PORT = 9_000;
const STREAM_MIB = 2_048;

export const proxy: Benchmark = {
  name: "proxy",
  about: "a sync of 1,000 services, one changed endpoint, a stream through a service",
  missing: () => missingOf("root", "ip", "nsenter", "iptables-restore"),
  run: async ({ rounds }) => [...(await syncFigures(rounds)), ...(await streamFigures(rounds))],
};

/** 1,000 services of 10 endpoints each; `generation` moves one endpoint of the first. */
function manyServices(generation = 0): ServiceEndpoints[] {
  return Array.from({ length: SERVICES }, (_, i) => ({
    servicePort: {
      name: `default/service-${i}:http`,
      protocol: "TCP",
      clusterIP: `10.254.${Math.floor(i / 250)}.${(i % 250) + 1}`,
      port: 80,
      nodePort: 0,
      externalIPs: [],
      loadBalancerIPs: [],
      loadBalancerSourceRanges: [],
      isInternalPolicyLocal: false,
      isExternalPolicyLocal: false,
      healthCheckNodePort: 0,
    },
    endpoints: Array.from({ length: ENDPOINTS }, (_, j) =>
      endpointAt(i === 0 && j === 0 ? 200 + generation : j, i),
    ),
  }));
}

function endpointAt(host: number, network: number): Endpoint {
  const ip = `172.${16 + Math.floor(network / 250)}.${network % 250}.${host + 1}`;
  const state = { isLocal: true, isReady: true, isServing: true, isTerminating: false };
  return { ip, port: 8080, ...state };
}

async function syncFigures(rounds: number): Promise<Figure[]> {
  const common = { rounds, unit: "ms", isSmallerBetter: true };
  const note = `${SERVICES.toLocaleString("en")} services of ${ENDPOINTS} endpoints`;
  const full = () => inNamespace(fullSync);
  return [
    await compare({
      ...{ name: "proxy: full sync", ...common, note, measure: full },
      baseline: { name: "iptables-restore by hand", measure: () => inNamespace(restoreByHand) },
    }),
    await compare({
      ...{ name: "proxy: one changed endpoint", ...common, note },
      measure: () => inNamespace(oneEndpoint),
      baseline: { name: "a full sync", measure: full },
    }),
  ];
}

/** Pod to pod on one node, through a service and directly. */
async function streamFigures(rounds: number): Promise<Figure[]> {
  const lab = await NodeLab.start(`kb${process.pid}`);
  try {
    await lab.startIn("b", [scriptAt("stream-server.mjs"), String(STREAM_PORT)]);
    const services = [streamService()];
    const common = { rounds, unit: "MiB/s" };
    const stream = async (address: string, port: number) => {
      const args = [scriptAt("stream-client.mjs"), address, `${port}`, `${STREAM_MIB}`];
      return Number((await lab.runIn("a")(process.execPath, args)).stdout);
    };
    const through = () => stream(CLUSTER_IP, 80);
    const baseline = { name: "directly", measure: () => stream(PODS.b, STREAM_PORT) };
    const sync = new RuleSync(
      await findIptables(lab.runIn("node")),
      ...([IPTABLES_OWNERSHIP, silentLog] as const),
    );
    await sync.apply(compileIptablesRules(services));
    const iptables = { name: "proxy: a stream through iptables", measure: through };
    const figures = [await compare({ ...common, ...iptables, baseline })];
    await sync.cleanup();
    const proxy = await lab.startIn("node", [
      ...["--import", "tsx", scriptAt("userspace-node.ts"), NODE_IP],
    ]);
    proxy.stdin!.write(`${JSON.stringify(services)}\n`);
    await once(proxy.stdout!, "data");
    const userspace = { name: "proxy: a stream through userspace", measure: through };
    figures.push(await compare({ ...common, ...userspace, baseline }));
    return figures;
  } finally {
    await lab.stop();
  }
}

function streamService(): ServiceEndpoints {
  const [one] = manyServices();
  const state = { isLocal: true, isReady: true, isServing: true, isTerminating: false };
  return {
    servicePort: { ...one!.servicePort, clusterIP: CLUSTER_IP },
    endpoints: [{ ip: PODS.b, port: STREAM_PORT, ...state }],
  };
}

async function restoreByHand(run: RunCommand): Promise<number> {
  const { filter, nat } = compileIptablesRules(manyServices());
  const text = restoreText(filter) + restoreText(nat);
  return timed(() => run("iptables-restore", ["--noflush", "-w", "5"], text));
}

/** From the services and endpoints to the kernel, as at the start of a proxy. */
async function fullSync(run: RunCommand): Promise<number> {
  const sync = new RuleSync(await findIptables(run), IPTABLES_OWNERSHIP, silentLog);
  const services = manyServices();
  return timed(() => sync.apply(compileIptablesRules(services, DEFAULT_OPTIONS)));
}

async function oneEndpoint(run: RunCommand): Promise<number> {
  const sync = new RuleSync(await findIptables(run), IPTABLES_OWNERSHIP, silentLog);
  await sync.apply(compileIptablesRules(manyServices()));
  const services = manyServices(1);
  return timed(() => sync.apply(compileIptablesRules(services, DEFAULT_OPTIONS)));
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

async function inNamespace<T>(work: (run: RunCommand) => Promise<T>): Promise<T> {
  const name = `kubeling-bench-${process.pid}`;
  const run = commandRunner();
  await run("ip", ["netns", "add", name]);
  try {
    return await work(commandRunner(["nsenter", `--net=/run/netns/${name}`]));
  } finally {
    await run("ip", ["netns", "delete", name]);
  }
}
