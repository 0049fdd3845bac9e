/**
 * From a service and its pods to the subsets of its Endpoints: pure.
 *
 * A subset is a set of addresses that all have the same ports. Two pods whose named port "http" is
 * 8080 in one and 80 in the other make two subsets.
 *
 * Rule: the same pods give the same subsets in the same order, or every sync would write.
 *
 * In Kubernetes: pkg/controller/endpoint/endpoints_controller.go, pkg/api/v1/endpoints/util.go.
 */
import { isIPv6 } from "node:net";
import type {
  EndpointAddress,
  EndpointPort,
  EndpointSubset,
  ServicePort,
} from "kubernetes-types/core/v1.js";
import type { Pod } from "../api/pod.ts";
import { hasEnded, isPodReady } from "../api/pod-status.ts";
import type { Service } from "../api/service.ts";

/** The most addresses one Endpoints object may hold. */
const CAPACITY = 1_000;

/** One address on one port; without a port, on none in particular. */
interface Endpoint {
  address: EndpointAddress;
  port: EndpointPort | undefined;
  isReady: boolean;
}

export function subsetsOf(service: Service, pods: Pod[]): EndpointSubset[] {
  return pack(pods.flatMap((pod) => endpointsOf(service, pod)));
}

/** What one pod adds. A pod that has ended, is going or has no address yet adds nothing. */
function endpointsOf(service: Service, pod: Pod): Endpoint[] {
  const { publishNotReadyAddresses = false, clusterIP, ports = [] } = service.spec;
  const isGoing = pod.metadata.deletionTimestamp !== undefined && !publishNotReadyAddresses;
  const ip = ipOf(service, pod);
  if (hasEnded(pod) || isGoing || ip === undefined) return [];

  const address = addressOf(service, pod, ip);
  const isReady = publishNotReadyAddresses || isPodReady(pod);
  if (ports.length === 0) {
    return clusterIP === "None" ? [{ address, port: undefined, isReady }] : [];
  }
  return ports.flatMap((servicePort) => {
    const port = portOf(servicePort, pod);
    return port === undefined ? [] : [{ address, port, isReady }];
  });
}

/** The pod's address of the family the service has. */
export function ipOf({ spec }: Service, { status }: Pod): string | undefined {
  const family = spec.ipFamilies?.[0];
  const wantsIPv6 = family ? family === "IPv6" : isIPv6(spec.clusterIP ?? "");
  const ips = status?.podIPs?.flatMap(({ ip }) => (ip ? [ip] : [])) ?? [];
  if (ips.length === 0 && status?.podIP) ips.push(status.podIP);
  return ips.find((ip) => isIPv6(ip) === wantsIPv6);
}

function addressOf(service: Service, pod: Pod, ip: string): EndpointAddress {
  const { namespace, name, uid } = pod.metadata;
  const { nodeName, hostname, subdomain } = pod.spec;
  const hasName = hostname && subdomain === service.metadata.name;
  return {
    ip,
    ...(hasName ? { hostname } : {}),
    ...(nodeName ? { nodeName } : {}),
    targetRef: {
      kind: "Pod",
      ...(namespace === undefined ? {} : { namespace }),
      name,
      ...(uid === undefined ? {} : { uid }),
    },
  };
}

/** A target port that is a name is looked up in each pod, and may be another number in each. */
export function portOf(servicePort: ServicePort, pod: Pod): EndpointPort | undefined {
  const { name, protocol = "TCP", port, targetPort = port, appProtocol } = servicePort;
  const number = typeof targetPort === "number" ? targetPort : namedPort(pod, targetPort, protocol);
  if (number === undefined) return undefined;
  return { ...(name ? { name } : {}), port: number, protocol, ...(appProtocol && { appProtocol }) };
}

function namedPort({ spec }: Pod, name: string, protocol: string): number | undefined {
  const sidecars = (spec.initContainers ?? []).filter(
    ({ restartPolicy }) => restartPolicy === "Always",
  );
  const ports = [...spec.containers, ...sidecars].flatMap((container) => container.ports ?? []);
  return ports.find((port) => port.name === name && (port.protocol ?? "TCP") === protocol)
    ?.containerPort;
}

/** Brings together addresses with the same ports, and ports with the same addresses. */
function pack(endpoints: Endpoint[]): EndpointSubset[] {
  const byAddress = groupBy(endpoints, ({ address, isReady }) => textOf([address, isReady]));
  const withPorts = byAddress.map((same) => ({
    ...same[0]!,
    ports: distinct(same.flatMap(({ port }) => (port === undefined ? [] : [port]))),
  }));
  const subsets = groupBy(withPorts, ({ ports }) => textOf(ports)).map((same) => {
    const addresses = same.filter(({ isReady }) => isReady).map(({ address }) => address);
    const notReady = same.filter(({ isReady }) => !isReady).map(({ address }) => address);
    return {
      ...(addresses.length > 0 ? { addresses: distinct(addresses) } : {}),
      ...(notReady.length > 0 ? { notReadyAddresses: distinct(notReady) } : {}),
      ...(same[0]!.ports.length > 0 ? { ports: same[0]!.ports } : {}),
    };
  });
  return sorted(subsets, ({ ports }) => textOf(ports ?? []));
}

/**
 * Leaves out what is too many: first of those not ready, then of the ready, from each subset in
 * proportion to its size.
 */
export function truncateSubsets(subsets: EndpointSubset[]): {
  subsets: EndpointSubset[];
  isTruncated: boolean;
} {
  const ready = total(subsets, ({ addresses = [] }) => addresses.length);
  const notReady = total(subsets, ({ notReadyAddresses = [] }) => notReadyAddresses.length);
  if (ready + notReady <= CAPACITY) return { subsets, isTruncated: false };
  const cutsReady = ready > CAPACITY;
  const most = cutsReady ? CAPACITY : CAPACITY - ready;
  const all = cutsReady ? ready : notReady;
  let room = most;
  const truncated = subsets.map(({ addresses = [], notReadyAddresses = [], ...rest }) => {
    const candidates = cutsReady ? addresses : notReadyAddresses;
    const count = Math.min(Math.ceil((candidates.length / all) * most), room);
    room -= count;
    const kept = candidates.slice(0, count);
    const [ready, unready] = cutsReady ? [kept, []] : [addresses, kept];
    return {
      ...(ready.length > 0 ? { addresses: ready } : {}),
      ...(unready.length > 0 ? { notReadyAddresses: unready } : {}),
      ...rest,
    };
  });
  return { subsets: truncated, isTruncated: true };
}

function distinct<T>(items: T[]): T[] {
  const byText = new Map(items.map((item) => [textOf(item), item]));
  return sorted([...byText.values()], textOf);
}

function sorted<T>(items: T[], textOf: (item: T) => string): T[] {
  const withText = items.map((item) => ({ item, text: textOf(item) }));
  withText.sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0));
  return withText.map(({ item }) => item);
}

function groupBy<T>(items: T[], keyOf: (item: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return [...groups.values()];
}

function total<T>(items: T[], count: (item: T) => number): number {
  return items.reduce((sum, item) => sum + count(item), 0);
}

function textOf(value: unknown): string {
  return JSON.stringify(value);
}
