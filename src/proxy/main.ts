/**
 * kube-proxy, the daemon: the service proxy of a node with flags, health and metrics.
 *
 * In Kubernetes: cmd/kube-proxy
 */
import { writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { Registry } from "prom-client";
import { EndpointSlice } from "../api/discovery/endpoint-slice.ts";
import { Client } from "../client/client.ts";
import { createInformers } from "../client/informer.ts";
import { type Connection, connect } from "../client/kubeconfig.ts";
import { limitedTransport } from "../client/limited-transport.ts";
import { createLoopMetrics } from "../client/loop-metrics.ts";
import { isServed } from "../client/served-kind.ts";
import { commandRunner, type RunCommand } from "../component/command.ts";
import { type Daemon, type DaemonContext, StartError } from "../component/daemon.ts";
import { findIptables, type Iptables } from "../component/iptables.ts";
import type { Log } from "../component/log.ts";
import { addProcessMetrics } from "../component/process-metrics.ts";
import { setConntrackLimits } from "./conntrack-limits.ts";
import { proxyFlags } from "./flags.ts";
import { type HealthServers, startHealthServers } from "./health-servers.ts";
import { findHostAddress } from "./host-address.ts";
import { IPTABLES_OWNERSHIP, IptablesMode } from "./iptables-mode.ts";
import type { Kernel, ProxyMode, ProxyModeName } from "./mode.ts";
import { nodePortAddresses } from "./node-port-addresses.ts";
import { createProxyMetrics } from "./observer.ts";
import { type RunningProxy, startProxy } from "./proxy.ts";
import { RuleSync } from "./rule-sync.ts";
import { type ProxySettings, settingsFrom } from "./settings.ts";
import { readSysctl } from "./sysctl.ts";
import { PORTAL_OWNERSHIP } from "./userspace/portal-rules.ts";
import { UserspaceMode } from "./userspace/userspace-mode.ts";

type Context = DaemonContext<typeof proxyFlags>;

/** `run`: what carries out its programs, and so in which network namespace its rules are. */
export function kubeProxyWith(run: RunCommand): Daemon<typeof proxyFlags> {
  return {
    name: "kube-proxy",
    about:
      "The Kubernetes network proxy runs on each node. It reflects the services of the API on its " +
      "node: a connection to\na service's address is led to one of the pods behind it, by rules of " +
      "the kernel or through the proxy itself.",
    flags: proxyFlags,
    async run(daemon) {
      const settings = settingsFrom(daemon.flags, daemon.given);
      const kernel = { run, iptables: await iptablesOrExplain(run, daemon.log), log: daemon.log };
      if (daemon.flags.cleanup || daemon.flags["cleanup-iptables"]) await cleanup(kernel);
      else await proxy(daemon, settings, kernel);
    },
  };
}

export const kubeProxy = kubeProxyWith(commandRunner());

async function proxy(daemon: Context, settings: ProxySettings, kernel: Kernel): Promise<void> {
  const { flags, clock, random, log, signal } = daemon;
  const nodeName = (flags["hostname-override"] || hostname()).trim().toLowerCase();
  const connection = connectOrExplain(daemon);
  const client = new Client(limited(connection, daemon), connection.headers);
  const metrics = new Registry();
  addProcessMetrics(metrics);
  setOomScore(daemon);
  await setConntrackLimits(flags, kernel.run, log);
  const modeName = settings.mode ?? (await bestMode(kernel.run));
  log.info(`Using ${modeName} Proxier`);

  let running: RunningProxy | undefined;
  const status = () =>
    running && {
      lastSynced: running.lastSynced,
      isHealthy: running.waitingMs < 2 * flags["iptables-sync-period"],
    };
  const health = await serveHealth(daemon, settings, { metrics, mode: modeName, status });
  try {
    const base = { client, clock, random, log, signal, observer: createLoopMetrics(metrics) };
    const address = { client, nodeName, run: kernel.run, log };
    const hostIP = await findHostAddress({ ...address, bindAddress: flags["bind-address"] });
    const mode = await createMode(modeName, daemon, settings, kernel, hostIP);
    const usesSlices = isGateOpen(daemon) && (await isServed(EndpointSlice, base));
    log.info(`Using ${usesSlices ? "EndpointSlices" : "Endpoints"}`, {}, 1);
    running = await startProxy(
      { ...base, informers: createInformers(base) },
      {
        ...{ nodeName, mode, usesSlices },
        syncPeriodMs: flags["iptables-sync-period"],
        minSyncPeriodMs: flags["iptables-min-sync-period"],
        observer: createProxyMetrics(metrics),
      },
    );
    if (!signal.aborted) daemon.ready();
    await running.stopped;
  } finally {
    await health.stop();
    connection.close();
  }
}

/** EndpointSliceProxying, which is on. */
function isGateOpen({ flags, log }: Context): boolean {
  const { EndpointSliceProxying: gate = "true", ...others } = flags["feature-gates"];
  for (const name of Object.keys(others)) log.warn("unrecognized feature gate", { gate: name });
  if (gate === "true" || gate === "false") return gate === "true";
  throw new StartError(
    `invalid value of EndpointSliceProxying: ${gate}, err: must be true or false`,
  );
}

async function createMode(
  name: ProxyModeName,
  { flags, clock, random }: Context,
  settings: ProxySettings,
  kernel: Kernel,
  hostIP: string,
): Promise<ProxyMode> {
  if (name === "userspace") {
    const { portRange } = settings;
    const portals = { bindAddress: flags["bind-address"], hostIP, portRange };
    return new UserspaceMode(kernel, {
      ...portals,
      udpIdleMs: flags["udp-timeout"],
      clock,
      random,
    });
  }
  return new IptablesMode(kernel, {
    ...settings.iptables,
    ...(await nodePortAddresses(flags["nodeport-addresses"], kernel.run)),
    randomFully: kernel.iptables.hasRandomFully,
    nodeIP: hostIP,
  });
}

/** iptables, unless the kernel is too old to lead node ports on 127.0.0.1 elsewhere. */
async function bestMode(run: RunCommand): Promise<ProxyModeName> {
  const setting = await readSysctl(run, "net.ipv4.conf.all.route_localnet");
  return setting === undefined ? "userspace" : "iptables";
}

async function cleanup({ iptables, log }: Kernel): Promise<void> {
  for (const ownership of [PORTAL_OWNERSHIP, IPTABLES_OWNERSHIP]) {
    await new RuleSync(iptables, ownership, log).cleanup();
  }
}

async function iptablesOrExplain(run: RunCommand, log: Log): Promise<Iptables> {
  try {
    const iptables = await findIptables(run);
    const { version, backend, warning } = iptables;
    log.info("Using iptables", { version, backend }, 1);
    if (warning !== undefined) log.warn("Two kinds of iptables are in use", { warning });
    return iptables;
  } catch (error) {
    throw new StartError(`can't use iptables: ${wordingOf(error)}`);
  }
}

function connectOrExplain({ flags, log }: Context): Connection {
  const { master, kubeconfig } = flags;
  if (master === "" && kubeconfig === "") {
    log.warn(
      "Neither --kubeconfig nor --master was specified. " +
        "Using default API client. This might not work.",
    );
  }
  try {
    return connect({ master, kubeconfig, userAgent: "kube-proxy" });
  } catch (error) {
    throw new StartError(wordingOf(error));
  }
}

function limited({ transport }: Connection, { flags, clock }: Context) {
  const requestsPerSecond = flags["kube-api-qps"];
  const burst = flags["kube-api-burst"] || 2 * requestsPerSecond;
  if (requestsPerSecond <= 0) return transport;
  return limitedTransport(transport, { requestsPerSecond, burst }, clock);
}

async function serveHealth(
  { flags, clock, log }: Context,
  { healthzAt, metricsAt }: ProxySettings,
  more: Pick<Parameters<typeof startHealthServers>[0], "metrics" | "mode" | "status">,
): Promise<HealthServers> {
  const now = () => clock.now();
  try {
    const servers = await startHealthServers({ healthzAt, metricsAt, flags, now, ...more });
    log.info(`Serving metrics on ${servers.metricsUrl}, healthz on ${servers.healthzUrl}`);
    return servers;
  } catch (error) {
    throw new StartError(`failed to start the health servers: ${wordingOf(error)}`);
  }
}

function setOomScore({ flags, given, log }: Context): void {
  try {
    writeFileSync("/proc/self/oom_score_adj", String(flags["oom-score-adj"]));
  } catch (error) {
    if (given.has("oom-score-adj")) log.error("Failed to set OOM score", error);
  }
}

function wordingOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
