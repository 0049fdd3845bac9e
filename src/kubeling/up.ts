/**
 * `kubeling up`, which is what `npm start` runs: a whole cluster in this process, until Ctrl-C.
 *
 * Whatever the user can mend (a port in use, a directory that cannot be written, an etcd that does
 * not answer) is one sentence and exit code 1.
 */
import { mkdirSync } from "node:fs";
import { hostname } from "node:os";
import { authorizationModesOf } from "../apiserver/security-settings.ts";
import { openEmbeddedStore } from "../apiserver/storage/embedded-store.ts";
import type { Store } from "../apiserver/storage/store.ts";
import type { Daemon, DaemonContext } from "../component/daemon.ts";
import { ensureCertificates } from "./certificates.ts";
import { type Nodes, type OptionalComponent, startCluster } from "./cluster.ts";
import { type DataDirectory, openDataDirectory } from "./data-directory.ts";
import { writeKubeconfig } from "./kubeconfig-file.ts";
import { createSimulatedNodes } from "./simulated-nodes.ts";
import { startSentence } from "./start-sentence.ts";
import { summaryOf } from "./summary.ts";
import { checkUpFlags, upFlags } from "./up-flags.ts";

type Context = DaemonContext<typeof upFlags>;

export const up: Daemon<typeof upFlags> = {
  name: "kubeling up",
  about: "Starts a cluster in this process: API server, controllers, scheduler and nodes.",
  flags: upFlags,
  async run(context) {
    checkUpFlags(context.flags, context.given);
    try {
      await runCluster(context);
    } catch (error) {
      throw startSentence(error, context.flags) ?? error;
    }
  },
};

async function runCluster(context: Context): Promise<void> {
  const { flags, clock, random, log, signal } = context;
  const directory = openDataDirectory(flags["data-dir"]);
  const certificates = await ensureCertificates({
    directory: directory.pki,
    serverNames: serverNamesOf(flags["bind-address"]),
    ...{ clock, random },
  });
  const store = await openStore(context, directory);
  try {
    const nodes = await createNodes(context, directory);
    const cluster = await startCluster({
      ...{ store, certificates, nodes, clock, random, log },
      bindAddress: flags["bind-address"],
      port: flags.port,
      securePort: flags["secure-port"],
      serviceClusterIpRange: flags["service-cluster-ip-range"],
      loadBalancerAddresses: flags["load-balancer-addresses"],
      without: new Set(flags.without as OptionalComponent[]),
      authorizationModes: authorizationModesOf(flags["authorization-mode"]),
    });
    const server = `https://${hostOf(flags["bind-address"])}:${flags["secure-port"]}`;
    writeKubeconfig({ path: directory.kubeconfig, server, certificates });
    // The monotonic clock began with the process, so that loading the program counts as well; what
    // `npm start` had to install and build before does not.
    const [setUp] = performance.getEntriesByName("set-up");
    const tookMs = clock.monotonicMs() - (setUp?.startTime ?? 0);
    process.stdout.write(summaryOf({ flags, nodes: nodes.names, directory, tookMs }));
    context.ready();
    await aborted(signal);
    await cluster.stop();
  } finally {
    await store.close();
  }
}

async function openStore({ flags, clock, log }: Context, directory: DataDirectory): Promise<Store> {
  const endpoints = flags["etcd-servers"];
  if (endpoints.length === 0) {
    return openEmbeddedStore({ directory: directory.store, clock, log: log.named("store") });
  }
  const { openEtcdStore } = await import("../apiserver/storage/etcd-store.ts");
  return openEtcdStore({ endpoints, clock, log: log.named("store") });
}

async function createNodes(context: Context, directory: DataDirectory): Promise<Nodes> {
  const { flags, clock, random, log } = context;
  const clusterDns: string[] = [];
  if (flags.runtime === "simulated") {
    return createSimulatedNodes({ count: flags.nodes, clusterDns, clock, random });
  }
  mkdirSync(directory.nodes, { recursive: true });
  const { createDockerNode } = await import("./docker-node.ts");
  return createDockerNode({
    endpoint: flags["docker-endpoint"],
    directory: directory.nodes,
    sandboxImage: flags["pod-infra-container-image"],
    ...{ clusterDns, clock, log },
  });
}

/** Every name by which clients may know the API server. */
function serverNamesOf(bindAddress: string): string[] {
  const inCluster = ["kubernetes", "kubernetes.default", "kubernetes.default.svc"];
  const names = ["localhost", hostname(), ...inCluster, "kubernetes.default.svc.cluster.local"];
  return [...new Set([...names, "127.0.0.1", "10.254.0.1", hostOf(bindAddress)])];
}

/** Who listens on all addresses is reached at this machine's own. */
function hostOf(bindAddress: string): string {
  return bindAddress === "0.0.0.0" || bindAddress === "::" ? "127.0.0.1" : bindAddress;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
