/**
 * A whole cluster in one process: the page on which all components are put together.
 *
 *   store <- API server <- controller manager, scheduler, kubelets
 *
 * They meet at the API server and nowhere else. In this process they call it without a socket, but
 * with a token each, the same authentication, and the same bytes.
 *
 * In Kubernetes: nowhere since 2014, when cmd/integration started a cluster in one function.
 */
import { setMaxListeners } from "node:events";
import type { Duplex } from "node:stream";
import { DEFAULT_PLUGINS_WITH_TOKENS } from "../apiserver/admission/plugins.ts";
import { type ApiServer, startApiServer } from "../apiserver/apiserver.ts";
import type { AuditOptions } from "../apiserver/audit/audit.ts";
import type { AuthorizationMode } from "../apiserver/authorization/authorization.ts";
import { type ComponentProbes, LOCAL_PROBES } from "../apiserver/component-statuses.ts";
import { kubeletConnector } from "../apiserver/kubelet-connection.ts";
import type { Listening, ListenOptions } from "../apiserver/server.ts";
import { runCompactor } from "../apiserver/storage/compactor.ts";
import type { Store } from "../apiserver/storage/store.ts";
import { accountTransport } from "../client/account-transport.ts";
import { Client } from "../client/client.ts";
import type { ComponentContext } from "../client/control-loop.ts";
import { createInformers } from "../client/informer.ts";
import type { Clock } from "../component/clock.ts";
import { hostAddress } from "../component/host-address.ts";
import type { Log } from "../component/log.ts";
import type { Random } from "../component/random.ts";
import { readSigningKey } from "../component/signing-key.ts";
import { DECISIONS_PATH, decisionsPage } from "../scheduler/decisions-page.ts";
import type { RunningScheduler } from "../scheduler/scheduler.ts";
import type { ClusterCertificates } from "./certificates.ts";
import { Identities } from "./identities.ts";
import { createStandardClass } from "./standard-class.ts";

/** What `--without` may name. */
export const OPTIONAL_COMPONENTS = ["controller-manager", "scheduler", "kubelet"] as const;
export type OptionalComponent = (typeof OPTIONAL_COMPONENTS)[number];

/** The nodes of a cluster: one kubelet each, and how its server is reached. */
export interface Nodes {
  /** The names, which must be known before the API server starts: each gets a token. */
  names: string[];
  start(name: string, context: ComponentContext): Promise<void>;
  /** A connection to the kubelet of a node in this process; undefined for any other node. */
  connect(name: string): Duplex | undefined;
  /** A connection to a pod; where it is absent, the machine's own network leads there. */
  dial?(host: string, port: number): Promise<Duplex>;
}

export interface ClusterOptions {
  store: Store;
  certificates: ClusterCertificates;
  nodes: Nodes;
  bindAddress: string;
  /** The plain port; 0 for none. */
  port: number;
  securePort: number;
  serviceClusterIpRange: string;
  /** Ranges of addresses for services of type LoadBalancer. Default: none. */
  loadBalancerAddresses?: readonly string[];
  without: ReadonlySet<OptionalComponent>;
  /** --authorization-mode. Default: Node and RBAC. */
  authorizationModes?: readonly AuthorizationMode[];
  /** Told of every request. Default: nobody is. */
  audit?: AuditOptions;
  clock: Clock;
  random: Random;
  log: Log;
}

export interface Cluster {
  apiServer: ApiServer;
  /** Where it listens: the plain port first, if there is one. */
  listening: Listening[];
  /** Stops everything but the store, in the order in which it depends on each other. */
  stop(): Promise<void>;
}

async function loadBalancersOf({ loadBalancerAddresses = [] }: ClusterOptions) {
  if (loadBalancerAddresses.length === 0) return {};
  const { AddressPool } = await import("../controller-manager/load-balancer/address-pool.ts");
  return { loadBalancerAddresses: new AddressPool(loadBalancerAddresses) };
}

/** As kubeadm names the cluster to those who check its tokens. */
const ISSUER = "https://kubernetes.default.svc.cluster.local";

export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const { store, nodes, clock, random, log, without } = options;
  const identities = new Identities(random);
  const managerHeaders = identities.add("system:kube-controller-manager");
  const schedulerHeaders = identities.add("system:kube-scheduler");
  const nodeHeaders = new Map(nodes.names.map((name) => [name, identities.addNode(name)]));

  const credentials = credentialsOf(options.certificates);
  const overNetwork = kubeletConnector();
  let scheduler: RunningScheduler | undefined;
  const apiServer = await startApiServer({
    store,
    ...{ clock, random, log: log.named("apiserver") },
    tokens: identities.tokens,
    ...credentials.apiServer,
    ...permissionsOf(options),
    ...(options.audit && { audit: options.audit }),
    serviceClusterIpRange: options.serviceClusterIpRange,
    pages: { [DECISIONS_PATH]: (query) => decisionsPage(scheduler, query) },
    ...advertised(options),
    componentProbes: probesOf(options),
    allowsPrivileged: true,
    connectToKubelet: async (node) => nodes.connect(node.metadata.name) ?? overNetwork(node),
    ...(nodes.dial ? { dial: nodes.dial } : {}),
  });
  await createStandardClass(apiServer);
  const listening = await listenAll(apiServer, options);

  const lifetime = new AbortController();
  const { signal } = lifetime;
  // Every informer, queue and timer of the process listens to it.
  setMaxListeners(0, signal);
  void runCompactor(store, { clock, log: log.named("store"), signal });
  const contextFor = (name: string, headers: Record<string, string>): ComponentContext => {
    const client = new Client(apiServer.transport, headers);
    const context = { client, clock, random, log: log.named(name), signal };
    return { ...context, informers: createInformers(context) };
  };
  const starting: Promise<unknown>[] = [];
  if (!without.has("controller-manager")) {
    const { startControllerManager } = await import("../controller-manager/controller-manager.ts");
    const { transport } = apiServer;
    const root = new Client(transport, managerHeaders);
    const clientOf = (name: string) =>
      new Client(
        accountTransport({ root, transport, namespace: "kube-system", name, clock }),
        managerHeaders,
      );
    starting.push(
      startControllerManager(contextFor("controller-manager", managerHeaders), {
        clientOf,
        controllers: ["*", "bootstrapsigner", "tokencleaner"],
        ...credentials.controllerManager,
        ...(await loadBalancersOf(options)),
      }),
    );
  }
  if (!without.has("scheduler")) {
    const { startScheduler } = await import("../scheduler/scheduler.ts");
    const start = async () => {
      scheduler = await startScheduler(contextFor("scheduler", schedulerHeaders));
    };
    starting.push(start());
  }
  if (!without.has("kubelet")) {
    for (const [name, headers] of nodeHeaders) {
      starting.push(nodes.start(name, contextFor("kubelet", headers)));
    }
  }
  await Promise.all(starting);
  return {
    apiServer,
    listening,
    async stop() {
      lifetime.abort();
      await apiServer.stop();
    },
  };
}

/** With what tokens and certificates are made and checked, on both sides. */
function credentialsOf({ ca, accountKey }: ClusterCertificates) {
  const key = readSigningKey(accountKey);
  const rootCa = ca.certificate;
  return {
    apiServer: {
      accountTokens: { issuers: [ISSUER], signingKey: key },
      takesBootstrapTokens: true,
    },
    controllerManager: {
      accountTokens: { key, rootCa },
      rootCa,
      csrSigning: { authority: ca },
    },
  };
}

/** Who may do what; with the Node authorizer goes the plug-in that looks at what a node writes. */
function permissionsOf({ authorizationModes = ["Node", "RBAC"] }: ClusterOptions) {
  const restriction = authorizationModes.includes("Node") ? ["NodeRestriction"] : [];
  return { authorizationModes, admissionPlugins: [...DEFAULT_PLUGINS_WITH_TOKENS, ...restriction] };
}

/** Endpoints may not be loopback addresses: on a machine without a network there are none. */
function advertised({ bindAddress, securePort: port }: ClusterOptions) {
  const isOwn = !/^(127\.|0\.0\.0\.0$|::)/.test(bindAddress);
  const address = isOwn ? bindAddress : hostAddress();
  return address === undefined ? {} : { advertise: { address, port } };
}

async function listenAll(apiServer: ApiServer, options: ClusterOptions): Promise<Listening[]> {
  const { bindAddress: address, port, securePort, certificates } = options;
  const { server, ca } = certificates;
  const secure: ListenOptions = {
    address,
    port: securePort,
    tls: { cert: server.certificate, key: server.key, clientCa: ca.certificate },
  };
  const listening: Listening[] = [];
  try {
    if (port !== 0) listening.push(await apiServer.listen({ address, port }));
    listening.push(await apiServer.listen(secure));
  } catch (error) {
    await apiServer.stop();
    throw error;
  }
  return listening;
}

/** What runs in this process lives as long as it does. */
function probesOf({ without }: ClusterOptions): ComponentProbes {
  const isLeftOut = (name: string) => without.has(name as OptionalComponent);
  return Object.fromEntries(
    Object.entries(LOCAL_PROBES).map(([name, probe]) => [
      name,
      isLeftOut(name) ? probe : async () => "ok",
    ]),
  );
}
