/**
 * kubelet, the daemon: this machine as a node, its containers run by Docker.
 *
 * In Kubernetes: cmd/kubelet
 */

import { lookup } from "node:dns/promises";
import { statfs } from "node:fs/promises";
import { isIP } from "node:net";
import { hostname } from "node:os";
import { Client } from "../client/client.ts";
import { createInformers } from "../client/informer.ts";
import { type Connection, connect } from "../client/kubeconfig.ts";
import { limitedTransport } from "../client/limited-transport.ts";
import { type Daemon, type DaemonContext, StartError } from "../component/daemon.ts";
import type { Flags } from "../component/flags.ts";
import { hostAddress } from "../component/host-address.ts";
import { kubeletFlags } from "./flags.ts";
import { startKubelet } from "./kubelet.ts";
import { bootstrapNode } from "./node/bootstrap.ts";
import { renewable, renewCertificate } from "./node/certificate-renewal.ts";
import { checkStore } from "./node/certificate-store.ts";
import { diskFiles } from "./node/disk-files.ts";
import { heartbeatClient } from "./node/heartbeats.ts";
import { thisMachine } from "./node/machine.ts";
import { readResolvConf } from "./node/resolv-conf.ts";
import { parseThresholds } from "./node/thresholds.ts";
import { machineUsage } from "./node/usage.ts";
import type { KubeletOptions } from "./options.ts";
import { FileSource } from "./pod-sources/file.ts";
import { HttpSource } from "./pod-sources/http.ts";
import type { PodSource } from "./pod-sources/sources.ts";
import { connectOverNetwork } from "./probes/connect.ts";
import { DockerRuntime } from "./runtime/docker/docker-runtime.ts";
import { startServers } from "./server/servers.ts";

type KubeletFlags = Flags<typeof kubeletFlags>;
type Context = DaemonContext<typeof kubeletFlags>;

export const kubelet: Daemon<typeof kubeletFlags> = {
  name: "kubelet",
  about:
    "The kubelet is the primary node agent that runs on each node: it sees to it that the containers " +
    "of the pods\nbound to its node run and are healthy.",
  flags: kubeletFlags,
  async run(daemon) {
    const { flags, clock, random, log, signal } = daemon;
    if (flags["container-runtime"] !== "docker") {
      throw new StartError(`unsupported container runtime ${flags["container-runtime"]} specified`);
    }
    const nodeName = (flags["hostname-override"] || hostname()).toLowerCase();
    await bootstrapOrExplain(daemon, nodeName);
    const connection = renewable(() => connectOrExplain(flags));
    const client = new Client(limited(connection, daemon), connection.headers);
    const forHeartbeats = renewable(() => connectOrExplain(flags));
    const heartbeatMs = flags["node-status-update-frequency"];
    const base = { client, clock, random, log, signal };
    if (flags["rotate-certificates"]) {
      const directory = flags["cert-dir"];
      const onRenewed = () => {
        connection.renew();
        forHeartbeats.renew();
      };
      renewCertificate({ directory, nodeName, onRenewed }, base);
    }
    const rootDir = flags["root-dir"];
    await diskFiles.makeDirectory(rootDir);
    const runtime = new DockerRuntime({
      endpoint: flags["docker-endpoint"],
      stateDirectory: `${rootDir}/termination`,
      clock,
      log,
    });
    await runtime.version().catch((error: Error) => {
      throw new StartError(`failed to run Kubelet: cannot use Docker: ${error.message}`);
    });
    const { blocks, bsize } = await statfs(rootDir);
    const machine = thisMachine(blocks * bsize);
    const running = await startKubelet(
      { ...base, informers: createInformers(base) },
      {
        ...{ nodeName, runtime, machine, rootDir, files: diskFiles, connect: connectOverNetwork },
        nodeIP: await addressOf(flags, nodeName),
        nodeLabels: flags["node-labels"],
        isSchedulable: flags["register-schedulable"],
        registerNode: flags["register-node"],
        maxPods: maxPodsOf(flags, machine.cpuCount),
        sandboxImage: flags["pod-infra-container-image"],
        clusterDns: flags["cluster-dns"] ? flags["cluster-dns"].split(",") : [],
        clusterDomain: flags["cluster-domain"],
        hostDns: () => readResolvConf(flags["resolv-conf"]),
        port: flags.port,
        staticSources: staticSources(daemon, nodeName),
        nodeStatusUpdateMs: heartbeatMs,
        heartbeats: heartbeatClient({ connection: forHeartbeats, limitMs: heartbeatMs, clock }),
        ...pressureOptions(flags),
      },
    );
    const servers = await startServers(running, daemon);
    daemon.ready();
    await stopped(signal);
    await servers.stop();
    forHeartbeats.close();
    connection.close();
  },
};

async function bootstrapOrExplain({ flags, ...context }: Context, nodeName: string) {
  const { kubeconfig, "bootstrap-kubeconfig": bootstrapKubeconfig } = flags;
  const directory = flags["cert-dir"];
  try {
    if (bootstrapKubeconfig !== "") {
      await bootstrapNode({ kubeconfig, bootstrapKubeconfig, directory, nodeName }, context);
    }
    if (flags["rotate-certificates"]) checkStore(directory);
  } catch (error) {
    throw new StartError(`failed to run Kubelet: ${(error as Error).message}`);
  }
}

function connectOrExplain({ kubeconfig, master, ...flags }: KubeletFlags): Connection {
  const [first = master] = flags["api-servers"];
  try {
    return connect({ master: first, kubeconfig, userAgent: "kubelet" });
  } catch (error) {
    throw new StartError(`failed to run Kubelet: ${(error as Error).message}`);
  }
}

function limited({ transport }: Connection, { flags, clock }: Context) {
  const requestsPerSecond = flags["kube-api-qps"];
  if (requestsPerSecond <= 0) return transport;
  const burst = flags["kube-api-burst"] || requestsPerSecond * 2;
  return limitedTransport(transport, { requestsPerSecond, burst }, clock);
}

/**
 * --node-ip, the name if it is an address, --address if only this machine can reach it, what the name
 * stands for, or an address of this machine.
 */
async function addressOf(flags: KubeletFlags, nodeName: string): Promise<string> {
  if (flags["node-ip"]) return flags["node-ip"];
  if (isIP(nodeName)) return nodeName;
  if (flags.address.startsWith("127.")) return flags.address;
  const [looked] = await Promise.allSettled([lookup(nodeName, 4)]);
  const found = looked.status === "fulfilled" ? looked.value.address : undefined;
  if (found && !found.startsWith("127.")) return found;
  return hostAddress() ?? found ?? "127.0.0.1";
}

/** When pods are evicted, and images removed. */
function pressureOptions(flags: KubeletFlags): Partial<KubeletOptions> {
  const high = flags["image-gc-high-threshold"];
  const low = flags["image-gc-low-threshold"];
  if (high < 0 || high > 100 || low < 0 || low > high) {
    throw new StartError(
      `failed to run Kubelet: invalid image garbage collection thresholds: low ${low}, high ${high}`,
    );
  }
  try {
    return {
      usage: () => machineUsage(flags["root-dir"]),
      evictionHard: parseThresholds(flags["eviction-hard"]),
      imageGcHighThreshold: high,
      imageGcLowThreshold: low,
    };
  } catch (error) {
    throw new StartError(`failed to run Kubelet: ${(error as Error).message}`);
  }
}

function maxPodsOf(flags: KubeletFlags, cpuCount: number): number {
  const perCore = flags["pods-per-core"];
  return perCore > 0 ? Math.min(flags["max-pods"], perCore * cpuCount) : flags["max-pods"];
}

function staticSources({ flags, clock, log, signal }: Context, nodeName: string): PodSource[] {
  const base = { nodeName, clock, log, signal };
  const path = flags["pod-manifest-path"] || flags.config;
  const url = flags["manifest-url"];
  const [, name, value = ""] = /^([^:]+):(.*)$/.exec(flags["manifest-url-header"]) ?? [];
  const periodMs = flags["file-check-frequency"];
  return [
    ...(path ? [new FileSource({ ...base, path, files: diskFiles, periodMs })] : []),
    ...(url
      ? [
          new HttpSource({
            ...base,
            url,
            headers: name ? { [name]: value.trim() } : {},
            periodMs: flags["http-check-frequency"],
          }),
        ]
      : []),
  ];
}

function stopped(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
