/**
 * Gives services of type LoadBalancer an address from a pool, which kube-proxy on every node then answers for,
 * and takes it back when the service goes. A finalizer makes sure that it is taken back.
 *
 * Rule: an address has one service. A service keeps its address as long as it wants one.
 *
 * In Kubernetes: staging/src/k8s.io/cloud-provider/controllers/service/controller.go. Differs: the cloud is a pool
 * of addresses; events are told when an address is given or taken, not at every change of the nodes.
 */
import { isNotFound } from "../api/errors.ts";
import { Service } from "../api/service.ts";
import type { Again, Controller, SyncContext } from "../client/control-loop.ts";
import type { AddressPool } from "./load-balancer/address-pool.ts";

export const CLEANUP_FINALIZER = "service.kubernetes.io/load-balancer-cleanup";

const LOOK_AGAIN_MS = 60_000;

export function loadBalancerController(pool: AddressPool): Controller<Service> {
  /** By the key of its service: what the cache may not show yet. */
  const given = new Map<string, string>();
  const waiting = new Set<string>();
  return {
    name: "service-controller",
    watches: Service,
    /** One that is gone may have left an address for those that wait. */
    follows: [
      { kind: Service, keysOf: (_service, old) => (old === undefined ? [...waiting] : []) },
    ],
    workers: 1,
    async sync(service, key, context) {
      waiting.delete(key);
      if (service === undefined) return void given.delete(key);
      if (!wantsLoadBalancer(service)) {
        if (!hasFinalizer(service)) return undefined;
        await release(service, context);
        given.delete(key);
        return undefined;
      }
      const again = await ensure(service, key, { pool, given }, context);
      if (again !== undefined) waiting.add(key);
      return again;
    },
  };
}

interface Addresses {
  pool: AddressPool;
  given: Map<string, string>;
}

async function ensure(
  service: Service,
  key: string,
  { pool, given }: Addresses,
  context: SyncContext,
): Promise<Again | undefined> {
  const { events } = context;
  const asked = service.spec.loadBalancerIP || undefined;
  const [has] = addressesOf(service);
  if (has !== undefined && (asked === undefined || asked === has)) {
    given.set(key, has);
    if (!hasFinalizer(service)) await addFinalizer(service, context);
    return undefined;
  }
  events.event(service, "Normal", "EnsuringLoadBalancer", "Ensuring load balancer");
  const taken = takenBut(key, given, context);
  const address =
    asked === undefined ? pool.free(taken) : pool.has(asked) && !taken.has(asked) && asked;
  if (!address) {
    const why = asked === undefined ? `no address is free in ${pool.text}` : notFree(asked, pool);
    const message = `Error syncing load balancer: failed to ensure load balancer: ${why}`;
    events.event(service, "Warning", "SyncLoadBalancerFailed", message);
    return { againInMs: LOOK_AGAIN_MS };
  }
  given.set(key, address);
  if (!hasFinalizer(service)) await addFinalizer(service, context);
  await writeIngress(service, [{ ip: address, ipMode: "VIP" }], context);
  events.event(service, "Normal", "EnsuredLoadBalancer", "Ensured load balancer");
  return undefined;
}

function notFree(asked: string, pool: AddressPool): string {
  return pool.has(asked)
    ? `the address ${asked} belongs to another service`
    : `the address ${asked} is not in ${pool.text}`;
}

async function release(service: Service, context: SyncContext): Promise<void> {
  const { client, events } = context;
  const { namespace = "", name, uid } = service.metadata;
  events.event(service, "Normal", "DeletingLoadBalancer", "Deleting load balancer");
  if (addressesOf(service).length > 0) await writeIngress(service, [], context);
  const finalizers = { "$deleteFromPrimitiveList/finalizers": [CLEANUP_FINALIZER] };
  try {
    const patch = { metadata: { uid, ...finalizers } };
    await client.patch(Service, namespace, name, patch, { subresource: "status" });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
  events.event(service, "Normal", "DeletedLoadBalancer", "Deleted load balancer");
}

async function addFinalizer({ metadata }: Service, { client }: SyncContext): Promise<void> {
  const { namespace = "", name, uid } = metadata;
  const patch = { metadata: { uid, finalizers: [CLEANUP_FINALIZER] } };
  await client.patch(Service, namespace, name, patch, { subresource: "status" });
}

async function writeIngress(
  { metadata }: Service,
  ingress: { ip: string; ipMode: string }[],
  { client }: SyncContext,
): Promise<void> {
  const { namespace = "", name } = metadata;
  const patch = {
    status: { loadBalancer: ingress.length === 0 ? { ingress: null } : { ingress } },
  };
  await client.patch(Service, namespace, name, patch, { type: "merge", subresource: "status" });
}

function takenBut(key: string, given: Map<string, string>, { cached }: SyncContext): Set<string> {
  const stored = cached(Service)
    .list()
    .filter(({ metadata }) => `${metadata.namespace}/${metadata.name}` !== key)
    .flatMap(addressesOf);
  const others = [...given].filter(([one]) => one !== key).map(([, address]) => address);
  return new Set([...stored, ...others]);
}

/** One of another class is somebody else's. */
function wantsLoadBalancer({ metadata, spec }: Service): boolean {
  if (metadata.deletionTimestamp !== undefined) return false;
  return spec.type === "LoadBalancer" && spec.loadBalancerClass === undefined;
}

function hasFinalizer({ metadata }: Service): boolean {
  return metadata.finalizers?.includes(CLEANUP_FINALIZER) ?? false;
}

function addressesOf({ status }: Service): string[] {
  return (status?.loadBalancer?.ingress ?? []).map(({ ip }) => ip).filter((ip) => ip !== undefined);
}
