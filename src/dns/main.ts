/**
 * kube-dns, the daemon: the DNS server with flags, health and metrics.
 *
 * It needs no leader: any number of them answer beside one another.
 *
 * In Kubernetes: cmd/kube-dns/app/server.go of github.com/kubernetes/dns
 */
import { Registry } from "prom-client";
import { ConfigMap } from "../api/config-map.ts";
import { EndpointSlice } from "../api/discovery/endpoint-slice.ts";
import { Client } from "../client/client.ts";
import { createInformers, type Informers } from "../client/informer.ts";
import { type Connection, connect } from "../client/kubeconfig.ts";
import { isServed } from "../client/served-kind.ts";
import { sleep } from "../component/clock.ts";
import { type Daemon, type DaemonContext, StartError } from "../component/daemon.ts";
import { type HealthServer, startHealthServer } from "../component/health-server.ts";
import { addProcessMetrics } from "../component/process-metrics.ts";
import { type DnsOptions, type RunningDns, startDns } from "./dns.ts";
import { dnsFlags } from "./flags.ts";
import { type ForwardConfig, parseConfigData } from "./forward-config.ts";
import { optionsOf } from "./options.ts";

type Context = DaemonContext<typeof dnsFlags>;

export const kubeDns: Daemon<typeof dnsFlags> = {
  name: "kube-dns",
  about:
    "The Kubernetes DNS server gives services and pods names: it watches the API server and answers " +
    "from what it sees,\nand asks other name servers for everything outside of the cluster.",
  flags: dnsFlags,
  async run(daemon) {
    const { log, signal, ready } = daemon;
    const registry = new Registry();
    addProcessMetrics(registry);
    const options = { ...optionsOf(daemon.flags), registry };
    const connection = connectOrExplain(daemon);
    const client = new Client(connection.transport, connection.headers);
    const informers = createInformers({ ...daemon, client });
    let dns: RunningDns | undefined;
    const health = await serveHealth(daemon, registry, () => dns !== undefined);
    try {
      dns = await startInTime({ ...daemon, client }, informers, options);
      log.info("Serving DNS", { address: dns.address, port: dns.port, domain: options.domain });
      followConfig(daemon, informers, dns, options.forward);
      ready();
      await dns.probeForLoop();
      await stopped(signal);
    } finally {
      await dns?.stop();
      await health?.stop();
      connection.close();
    }
  },
};

function connectOrExplain({ flags }: Context): Connection {
  // "http://${KUBERNETES_SERVICE_HOST}:8080"
  const master = flags["kube-master-url"].replace(
    /\$\{?(\w+)\}?/g,
    (_, name: string) => process.env[name] ?? "",
  );
  try {
    return connect({ master, kubeconfig: flags["kubecfg-file"], userAgent: "kube-dns" });
  } catch (error) {
    throw new StartError(error instanceof Error ? error.message : String(error));
  }
}

async function serveHealth(
  { flags, log }: Context,
  metrics: Registry,
  isServing: () => boolean,
): Promise<HealthServer | undefined> {
  const [address, port] = [flags["healthz-address"], flags["healthz-port"]];
  if (port === 0) return undefined;
  const check = () => {
    if (!isServing()) throw new Error("services and endpoints have not been received yet");
  };
  const checks = [{ name: "kubernetes", check }];
  try {
    const server = await startHealthServer({
      address,
      port,
      checks,
      metrics,
      config: flags,
      flags,
    });
    log.info(`Serving healthz and metrics on ${server.url}`);
    return server;
  } catch (error) {
    throw new StartError(`failed to listen on ${address}:${port}: ${messageOf(error)}`);
  }
}

/** An API server that does not answer ends it, for the service manager to start it again. */
async function startInTime(
  daemon: Context & { client: Client },
  informers: Informers,
  options: DnsOptions,
): Promise<RunningDns> {
  const { flags, clock, signal } = daemon;
  const isOver = new AbortController();
  const limit = sleep(clock, flags["initial-sync-timeout"], isOver.signal).then(() => {
    throw new StartError("Timeout waiting for initialization");
  });
  const stop = stopped(signal).then(() => {
    throw new StartError("stopped before it had started");
  });
  const start = startOnSlices(daemon, informers, options).catch((error: unknown) => {
    const { address, port } = options;
    throw new StartError(`failed to serve DNS on ${address}:${port}: ${messageOf(error)}`);
  });
  try {
    return await Promise.race([start, limit, stop]);
  } finally {
    isOver.abort();
  }
}

/** An API server from before slices has Endpoints alone. */
async function startOnSlices(
  daemon: Context & { client: Client },
  informers: Informers,
  options: DnsOptions,
): Promise<RunningDns> {
  const usesSlices = await isServed(EndpointSlice, daemon);
  daemon.log.info(`Using ${usesSlices ? "EndpointSlices" : "Endpoints"}`, {}, 1);
  return startDns({ ...daemon, informers }, { ...options, usesSlices });
}

/** The ConfigMap, while there is one, says what the flags would. */
function followConfig(
  { flags, log }: Context,
  informers: Informers,
  dns: RunningDns,
  byFlags: ForwardConfig,
): void {
  const name = flags["config-map"];
  if (name === "") return;
  const selection = {
    namespace: flags["config-map-namespace"],
    fieldSelector: `metadata.name=${name}`,
  };
  informers.of(ConfigMap, selection).onChange((map) => {
    try {
      dns.forwardTo({ ...byFlags, ...parseConfigData(map?.data ?? {}) });
      log.info("Using the config-map", { name, keys: Object.keys(map?.data ?? {}) });
    } catch (error) {
      // What it said before stays in force.
      log.error("The config-map is not valid", messageOf(error), { name });
    }
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function stopped(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
