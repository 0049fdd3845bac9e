/**
 * From EndpointSlices, or Endpoints, to the endpoints of each service port, and the two joined. Pure.
 *
 * Rule: in the order of their addresses, each address and port once, so that the same endpoints
 * always give the same rules, whichever slice they are in. In Endpoints an address that is not ready
 * neither serves nor terminates; slices say more.
 *
 * In Kubernetes: pkg/proxy/endpointschangetracker.go, endpointslicecache.go (1.30). Differs: still reads
 * Endpoints as well.
 */
import { isIPv4 } from "node:net";
import { type EndpointSlice, SERVICE_NAME_LABEL } from "../api/discovery/endpoint-slice.ts";
import type { Endpoints } from "../api/endpoints.ts";
import type { Service } from "../api/service.ts";
import type { Endpoint, ServiceEndpoints } from "./endpoint.ts";
import { isOurs, servicePortName, servicePortsOf } from "./service-map.ts";

/** The endpoints by the name of their service port: "default/web:http". */
export type EndpointsMap = Map<string, Endpoint[]>;

/** What a cluster says its endpoints by. */
export type EndpointsSource = Endpoints | EndpointSlice;

/** The endpoints that are found, by service port and by address. */
type Found = Map<string, Map<string, Endpoint>>;

/** What these have for each service port, seen from `nodeName`, which is in `zone`. */
export function endpointsByPort(
  sources: readonly EndpointsSource[],
  nodeName: string,
  zone?: string,
): EndpointsMap {
  const found: Found = new Map();
  for (const source of sources) {
    if (!isOurs(source.metadata.labels)) continue;
    if (isSlice(source)) addSlice(found, source, { nodeName, zone });
    else addEndpoints(found, source, nodeName);
  }
  return new Map([...found].map(([port, of]) => [port, sorted([...of.values()])]));
}

/** Every service port with what is behind it, by name. */
export function joinServices(
  services: readonly Service[],
  endpoints: readonly EndpointsSource[],
  nodeName: string,
  zone?: string,
): ServiceEndpoints[] {
  const behind = endpointsByPort(endpoints, nodeName, zone);
  return services
    .flatMap((service) => servicePortsOf(service))
    .map((servicePort) => ({ servicePort, endpoints: behind.get(servicePort.name) ?? [] }))
    .toSorted(byName);
}

function isSlice(source: EndpointsSource): source is EndpointSlice {
  return "addressType" in source;
}

function addEndpoints(found: Found, { metadata, subsets = [] }: Endpoints, nodeName: string) {
  const { namespace = "", name } = metadata;
  for (const { addresses = [], notReadyAddresses = [], ports = [] } of subsets) {
    for (const { name: portName, port } of ports) {
      const of = entry(found, servicePortName(namespace, name, portName));
      const put = (ip: string, node: string | undefined, isReady: boolean) => {
        const state = { isReady, isServing: isReady, isTerminating: false };
        add(of, { ip, port, isLocal: node === nodeName, ...state });
      };
      for (const one of notReadyAddresses) put(one.ip, one.nodeName, false);
      for (const one of addresses) put(one.ip, one.nodeName, true);
    }
  }
}

function addSlice(
  found: Found,
  slice: EndpointSlice,
  { nodeName, zone }: { nodeName: string; zone: string | undefined },
): void {
  const { namespace = "", labels } = slice.metadata;
  const name = labels?.[SERVICE_NAME_LABEL];
  if (!name || slice.addressType !== "IPv4") return;
  for (const { name: portName, port } of slice.ports ?? []) {
    // A port without a number stands for all of them: none that a rule could name.
    if (!port) continue;
    const of = entry(found, servicePortName(namespace, name, portName));
    for (const { addresses, nodeName: node, conditions = {}, hints } of slice.endpoints ?? []) {
      const zones = zone ? (hints?.forZones ?? []) : [];
      const hint = zones.length > 0 && { isForZone: zones.some(({ name: one }) => one === zone) };
      const { ready: isReady = true, serving = isReady, terminating = false } = conditions;
      const state = { isReady, isServing: serving, isTerminating: terminating };
      add(of, { ip: addresses[0] ?? "", port, isLocal: node === nodeName, ...state, ...hint });
    }
  }
}

/** Of two that are the same, one that is ready. */
function add(to: Map<string, Endpoint>, endpoint: Endpoint): void {
  const key = `${endpoint.ip}:${endpoint.port}`;
  if (!isIPv4(endpoint.ip) || to.get(key)?.isReady) return;
  to.set(key, endpoint);
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
