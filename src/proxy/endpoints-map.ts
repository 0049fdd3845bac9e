/**
 * From Endpoints to the endpoints of each service port, and the two joined. Pure.
 *
 * Rule: in the order of their addresses, each address and port once, so that the same endpoints
 * always give the same rules. EndpointSlices, when the cluster has them, come in here: they too
 * are (service port name, endpoint) pairs.
 *
 * In Kubernetes: pkg/proxy/endpointschangetracker.go, endpointslicecache.go (1.30). Differs: reads
 * Endpoints, in which an address that is not ready neither serves nor terminates.
 */
import { isIPv4 } from "node:net";
import type { EndpointAddress } from "kubernetes-types/core/v1.js";
import type { Endpoints } from "../api/endpoints.ts";
import type { Service } from "../api/service.ts";
import type { Endpoint, ServiceEndpoints } from "./endpoint.ts";
import { isOurs, servicePortName, servicePortsOf } from "./service-map.ts";

/** The endpoints by the name of their service port: "default/web:http". */
export type EndpointsMap = Map<string, Endpoint[]>;

/** What one Endpoints object has for each service port, seen from `nodeName`. */
export function endpointsByPort(endpoints: Endpoints, nodeName: string): EndpointsMap {
  const { namespace = "", name, labels } = endpoints.metadata;
  const found = new Map<string, Map<string, Endpoint>>();
  if (!isOurs(labels)) return new Map();
  for (const { addresses = [], notReadyAddresses = [], ports = [] } of endpoints.subsets ?? []) {
    for (const { name: portName, port } of ports) {
      const of = entry(found, servicePortName(namespace, name, portName));
      for (const one of notReadyAddresses) add(of, one, port, false, nodeName);
      for (const one of addresses) add(of, one, port, true, nodeName);
    }
  }
  return new Map([...found].map(([port, of]) => [port, sorted([...of.values()])]));
}

/** Every service port with what is behind it, by name. */
export function joinServices(
  services: readonly Service[],
  endpoints: readonly Endpoints[],
  nodeName: string,
): ServiceEndpoints[] {
  const behind = new Map(endpoints.flatMap((one) => [...endpointsByPort(one, nodeName)]));
  return services
    .flatMap((service) => servicePortsOf(service))
    .map((servicePort) => ({ servicePort, endpoints: behind.get(servicePort.name) ?? [] }))
    .toSorted(byName);
}

function add(
  to: Map<string, Endpoint>,
  { ip, nodeName: node }: EndpointAddress,
  port: number,
  isReady: boolean,
  nodeName: string,
): void {
  const key = `${ip}:${port}`;
  if (!isIPv4(ip) || to.get(key)?.isReady) return;
  const isLocal = node === nodeName;
  to.set(key, { ip, port, isLocal, isReady, isServing: isReady, isTerminating: false });
}

function sorted(endpoints: Endpoint[]): Endpoint[] {
  const keyOf = ({ ip, port }: Endpoint) => `${ip}:${port}`;
  return endpoints.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

function byName({ servicePort: a }: ServiceEndpoints, { servicePort: b }: ServiceEndpoints) {
  if (a.name !== b.name) return a.name < b.name ? -1 : 1;
  return a.protocol < b.protocol ? -1 : 1;
}

function entry<V>(map: Map<string, Map<string, V>>, key: string): Map<string, V> {
  const value = map.get(key) ?? new Map<string, V>();
  map.set(key, value);
  return value;
}
