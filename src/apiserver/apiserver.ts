/**
 * The API server, put together: store and watch cache below, registry and handler above, and sockets
 * only where they are asked for.
 *
 * In Kubernetes: cmd/kube-apiserver/app/server.go
 */
import { storageKey } from "../api/kind.ts";
import type { Transport } from "../client/transport.ts";
import type { Clock } from "../component/clock.ts";
import type { Page } from "../component/health-server.ts";
import type { Log } from "../component/log.ts";
import type { Random } from "../component/random.ts";
import { certificateRequester } from "./admission/certificate-requester.ts";
import { createPlugins, DEFAULT_PLUGINS } from "./admission/plugins.ts";
import type { PodSecurityConfiguration } from "./admission/pod-security-configuration.ts";
import { refusePrivilegedContainers } from "./admission/privileged-containers.ts";
import { admitConnections } from "./admission/webhook-connect.ts";
import { Aggregation } from "./aggregation/aggregation.ts";
import {
  type AuthenticationInfo,
  writeAuthenticationInfo,
} from "./aggregation/authentication-info.ts";
import type { ProxyCredentials } from "./aggregation/remote-server.ts";
import { Audit, type AuditOptions } from "./audit/audit.ts";
import type { AuthenticationOptions } from "./authenticate.ts";
import { assembleAuthentication } from "./authentication/authentication.ts";
import { noteUse, startTracking } from "./authentication/legacy-token-tracking.ts";
import { isRequestHeader } from "./authentication/request-headers.ts";
import { type AuthorizationOptions, assembleAuthorization } from "./authorization/authorization.ts";
import { escalationCheck } from "./authorization/escalation.ts";
import { type Dial, dialTcp } from "./backend.ts";
import { bootstrap } from "./bootstrap.ts";
import type { ComponentProbes } from "./component-statuses.ts";
import { CustomResources } from "./custom-resources/custom-resources.ts";
import { serviceDialer } from "./custom-resources/service-dialer.ts";
import { startEventExpiry } from "./event-expiry.ts";
import { ensureFlowObjects } from "./flow-control/default-objects.ts";
import { type RequestLimitOptions, RequestLimits } from "./flow-control/request-limits.ts";
import { createHandler, type Handler } from "./handler.ts";
import { type KubeletConnector, kubeletConnector } from "./kubelet-connection.ts";
import { startMasterEndpoints } from "./master-endpoints.ts";
import { Registry } from "./registry.ts";
import { inTime } from "./request-deadline.ts";
import { ResourceHandler } from "./resource-handler.ts";
import { serveResourceMetrics } from "./resource-metrics.ts";
import { Resources } from "./resources.ts";
import { type Listening, type ListenOptions, listen } from "./server.ts";
import { ServiceAllocation } from "./service-allocation.ts";
import { SideEndpoints } from "./side-endpoints.ts";
import type { Store } from "./storage/store.ts";
import { WatchCache } from "./storage/watch-cache.ts";
import { subresourceHandlers } from "./subresources.ts";
import { createUpgrader } from "./upgrade.ts";

export interface ApiServerOptions
  extends AuthenticationOptions,
    AuthorizationOptions,
    RequestLimitOptions {
  store: Store;
  clock: Clock;
  random: Random;
  log: Log;
  /** The names of the admission plug-ins, in order. */
  admissionPlugins?: readonly string[];
  /** Our credentials for API servers behind this one. */
  proxyClient?: ProxyCredentials;
  /** Whom those should believe. */
  authenticationInfo?: AuthenticationInfo;
  /** What --admission-control-config-file says of PodSecurity. */
  podSecurity?: PodSecurityConfiguration;
  /** --allow-privileged. Default: no. */
  allowsPrivileged?: boolean;
  /** --service-cluster-ip-range. Default: 10.254.0.0/16. */
  serviceClusterIpRange?: string;
  /** --service-node-port-range. Default: 30000-32767. */
  serviceNodePortRange?: [number, number];
  /** --request-timeout. Default: as long as it takes. */
  requestTimeoutMs?: number;
  /** --event-ttl. Default: an hour. */
  eventTtlMs?: number;
  /** What is told of which request, and where. Default: nothing. */
  audit?: AuditOptions;
  /** Where the kubernetes service leads to. Without it the service has no endpoints. */
  advertise?: { address: string; port: number };
  /** Default: TCP to the node's address and the port it reports. */
  connectToKubelet?: KubeletConnector;
  /** Pages of other components in the same process, by path: "/debug/decisions". */
  pages?: Readonly<Record<string, Page>>;
  /** How scheduler and controller-manager are asked whether they are well. Default: at their ports. */
  componentProbes?: ComponentProbes;
  /** How the proxy subresource reaches pods and endpoints. Default: TCP. */
  dial?: Dial;
}

export interface ApiServer {
  /** The server as a function: for components in the same process. */
  transport: Transport;
  listen(options: ListenOptions): Promise<Listening>;
  /** Ends listening, lets what is under way finish, ends watches. The store stays open. */
  stop(): Promise<void>;
}

const DEFAULT_SERVICE_RANGE = "10.254.0.0/16";
const DEFAULT_NODE_PORTS: [number, number] = [30_000, 32_767];
const HOUR_MS = 3_600_000;

export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const { store, clock, random, log } = options;
  const resources = new Resources();
  const prefixes = resources.stored.map((kind) => storageKey(kind));
  const cache = await WatchCache.start(store, prefixes, { clock, log });
  const services = new ServiceAllocation({
    ...{ store, cache, clock, log, random },
    range: options.serviceClusterIpRange ?? DEFAULT_SERVICE_RANGE,
    nodePorts: options.serviceNodePortRange ?? DEFAULT_NODE_PORTS,
  });
  const authorization = assembleAuthorization(options, { cache, clock, log });
  const { authorizer } = authorization;
  const authentication = assembleAuthentication({
    ...{ ...options, cache, authorizer },
    noteUse: (secret) => noteUse(secret, { registry: unguarded, clock, log }),
  });
  const { authenticate } = authentication;
  const plugins = createPlugins(options.admissionPlugins ?? DEFAULT_PLUGINS, {
    ...{ store, cache, clock, random, log, resources },
    ...(options.podSecurity && { podSecurity: options.podSecurity }),
    dialService: (namespace, name, port) => dialService(namespace, name, port),
    registry: () => registry,
    authorizer,
    issuesTokens: options.accountTokens?.signingKey !== undefined,
  });
  const admission = [
    certificateRequester({ clock }),
    ...(options.allowsPrivileged ? [] : [refusePrivilegedContainers]),
    ...plugins,
    escalationCheck(authorization.roles, authorizer),
    services.admission,
  ];
  const registry: Registry = new Registry({ store, clock, random, admission });
  const parts = { store, cache, registry, clock, random, log, resources };
  const limits = new RequestLimits(options, { cache, clock });
  const audit = options.audit && new Audit(options.audit, { clock, random });
  let aggregation: Aggregation | undefined;
  const side = new SideEndpoints({
    aggregation: () => aggregation,
    ...parts,
    ...authentication,
    advertise: options.advertise,
    pages: options.pages ?? {},
    limits,
  });
  const connections = {
    connectToKubelet: options.connectToKubelet ?? kubeletConnector(),
    dial: options.dial ?? dialTcp,
    admitConnection: admitConnections(plugins, resources),
  };
  const dialService = serviceDialer({ ...parts, ...connections });
  const unbounded = createHandler({
    ...{ ...parts, limits },
    ...(audit && { audit }),
    authenticate,
    authorizer,
    resourceHandler: new ResourceHandler(parts),
    subresources: subresourceHandlers({
      ...parts,
      ...(options.componentProbes && { componentProbes: options.componentProbes }),
      ...connections,
      ...authentication,
      ...authorization,
    }),
    other: (call) => side.answer(call),
    onAnswer: (info, status, durationMs) => side.metrics.observe(info, status, durationMs),
  });
  const { requestTimeoutMs } = options;
  const handler: Handler =
    requestTimeoutMs === undefined ? unbounded : inTime(unbounded, requestTimeoutMs, clock);
  const lifetime = new AbortController();
  // What the server itself cannot do without is up to no plug-in.
  const unguarded = new Registry({ store, clock, random, admission: [services.admission] });
  await bootstrap({ registry: unguarded, advertise: options.advertise, services });
  const { signal } = lifetime;
  await ensureFlowObjects({ registry: unguarded, cache, clock, log, signal });
  if (options.accountTokens) await startTracking(unguarded, clock);
  const masters =
    options.advertise &&
    (await startMasterEndpoints({
      ...{ store, clock, log, advertise: options.advertise },
      ...{ registry: unguarded, signal: lifetime.signal },
    }));
  if (authorization.usesRbac) {
    const { reconcilePolicy } = await import("./authorization/reconcile-policy.ts");
    await reconcilePolicy(unguarded);
    // Who comes now is judged by all of it.
    await cache.fresh();
  }
  const custom = await CustomResources.start({ ...parts, registry: unguarded, dialService });
  serveResourceMetrics({ ...parts, ...connections });
  aggregation = await Aggregation.start({ ...parts, ...options, registry: unguarded, dialService });
  await writeAuthenticationInfo(options.authenticationInfo ?? {}, unguarded);
  startEventExpiry({ ...parts, ttlMs: options.eventTtlMs ?? HOUR_MS, signal: lifetime.signal });
  side.isReady = true;

  const upgrade = createUpgrader({
    ...parts,
    ...connections,
    ...authentication,
    ...authorization,
    ...(audit && { audit }),
  });
  const frontProxies = options.authenticationInfo?.requestHeader;
  const keepsApart = frontProxies && { keepsApart: isRequestHeader(frontProxies) };
  const listening: Listening[] = [];
  return {
    transport: (request) => handler(request),
    async listen(where) {
      const one = await listen(where, { handler, upgrade, log, clock, ...keepsApart });
      listening.push(one);
      return one;
    },
    async stop() {
      side.isReady = false;
      lifetime.abort();
      await masters?.leave();
      services.stop();
      custom.stop();
      aggregation?.stop();
      cache.stop();
      await Promise.all(listening.map((one) => one.close()));
    },
  };
}
