/**
 * kube-apiserver as a daemon: flags, etcd, and two doors.
 *
 * In Kubernetes: cmd/kube-apiserver
 */
import type { Daemon, DaemonContext } from "../component/daemon.ts";
import { StartError } from "../component/daemon.ts";
import { hostAddress } from "../component/host-address.ts";
import { aggregationOf } from "./aggregation/flags.ts";
import { type ApiServer, startApiServer } from "./apiserver.ts";
import { auditOf } from "./audit/flags.ts";
import { authenticationOf } from "./authentication/flags.ts";
import { apiServerFlags } from "./flags.ts";
import { authorizationOf, limitsOf, withEncryption } from "./security-settings.ts";
import {
  admissionPluginsOf,
  checkFlags,
  fileOf,
  kubeletConnectorOf,
  nodePortRangeOf,
  plainDoorOf,
  podSecurityOf,
  serviceRangeOf,
  tlsDoorOf,
} from "./settings.ts";
import { runCompactor } from "./storage/compactor.ts";
import { openEtcdStore } from "./storage/etcd-store.ts";
import { type Store, UnavailableError } from "./storage/store.ts";

type Context = DaemonContext<typeof apiServerFlags>;

export const kubeApiServer: Daemon<typeof apiServerFlags> = {
  name: "kube-apiserver",
  about: "The Kubernetes API server: validates and keeps the objects of the cluster, in etcd.",
  flags: apiServerFlags,
  async run(context) {
    checkFlags(context.flags);
    const security = securityOf(context);
    const store = withEncryption(await openStore(context), context);
    try {
      await serve(context, store, security);
    } finally {
      await store.close();
    }
  },
};

/** Read before anything is opened, so that what is wrong with it is said first. */
function securityOf({ flags, clock, log }: Context) {
  const audit = auditOf(flags, { clock, log });
  return { ...authorizationOf(flags), ...limitsOf(flags), ...(audit && { audit }) };
}

async function serve(
  context: Context,
  store: Store,
  security: ReturnType<typeof securityOf>,
): Promise<void> {
  const { flags, given, clock, random, log, signal } = context;
  const plain = plainDoorOf(flags, given);
  const tls = await tlsDoorOf(flags, { clock, random });
  const address = advertisedAddress(context);
  const server = await startApiServer({
    ...{ store, clock, random, log },
    ...security,
    serviceClusterIpRange: serviceRangeOf(flags),
    serviceNodePortRange: nodePortRangeOf(flags),
    eventTtlMs: flags["event-ttl"],
    ...authenticationOf(flags),
    allowsPrivileged: flags["allow-privileged"],
    admissionPlugins: admissionPluginsOf(flags, given),
    ...podSecurityOf(flags),
    ...aggregationOf(flags, fileOf(flags, "client-ca-file")),
    connectToKubelet: kubeletConnectorOf(flags),
    ...(tls && address && { advertise: { address, port: tls.port } }),
  });
  try {
    for (const door of [plain, tls]) if (door) await open(server, door, context);
    context.ready();
    await runCompactor(store, { clock, log, signal });
  } finally {
    await server.stop();
    await security.audit?.close?.();
  }
}

async function open(server: ApiServer, door: Parameters<ApiServer["listen"]>[0], { log }: Context) {
  const { address, port } = door;
  try {
    await server.listen(door);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === "EADDRINUSE" ? "bind: address already in use" : message;
    throw new StartError(`failed to listen on ${address}:${port}: ${why}`);
  }
  log.info(door.tls ? "Serving securely" : "Serving insecurely", { address: `${address}:${port}` });
  if (!door.tls && !address.startsWith("127.") && address !== "::1") {
    log.warn("Whoever reaches the insecure port is the administrator of this cluster", { address });
  }
}

async function openStore({ flags, clock, log }: Context): Promise<Store> {
  const ca = fileOf(flags, "etcd-cafile");
  const cert = fileOf(flags, "etcd-certfile");
  const key = fileOf(flags, "etcd-keyfile");
  const tls = { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
  const endpoints = flags["etcd-servers"];
  try {
    const options = { endpoints, clock, log };
    return await openEtcdStore(Object.keys(tls).length > 0 ? { ...options, tls } : options);
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    throw new StartError(`etcd does not answer: ${error.message}`);
  }
}

/** Where the kubernetes service leads: as told, or this machine's own address. */
function advertisedAddress({ flags }: Context): string | undefined {
  const { "advertise-address": told, "bind-address": bound } = flags;
  const isOwn = bound !== "" && !/^(127\.|0\.0\.0\.0$|::)/.test(bound);
  return told || (isOwn ? bound : hostAddress());
}
