/**
 * The endpoints of a service that have names: the ready ones, from its EndpointSlices or, where the
 * cluster has none, its Endpoints. Pure.
 *
 * In Kubernetes: the "ready" of the DNS specification 1.1.0, section 2.1;
 * github.com/coredns/coredns/plugin/kubernetes/object/endpoint.go
 */
import { isIP } from "node:net";
import type { EndpointSlice } from "../api/discovery/endpoint-slice.ts";
import type { Endpoints } from "../api/endpoints.ts";
import type { Service } from "../api/service.ts";
import { dashedIp } from "./domain-name.ts";

export interface NamedEndpoint {
  ip: string;
  /** One label: what the pod asked to be called, else its address in dashes. */
  hostname: string;
  ports: EndpointPort[];
}

interface EndpointPort {
  name: string;
  /** In lower case. */
  protocol: string;
  port: number;
}

/** What preceded spec.publishNotReadyAddresses. */
const TOLERATE_UNREADY = "service.alpha.kubernetes.io/tolerate-unready-endpoints";

/** What a cluster says the endpoints of a service by. */
export type EndpointsSource = Endpoints | EndpointSlice;

export function namedEndpoints(service: Service, sources: readonly EndpointsSource[]) {
  const named = sources.flatMap((one) =>
    "addressType" in one ? namedInSlice(service, one) : namedInEndpoints(service, one),
  );
  return named.filter(({ ip }) => isIP(ip) !== 0);
}

function namedInSlice(service: Service, slice: EndpointSlice): NamedEndpoint[] {
  const ports = (slice.ports ?? []).flatMap(({ name, protocol, port }) =>
    port ? [portOf(name, protocol, port)] : [],
  );
  return (slice.endpoints ?? [])
    .filter(({ conditions }) => conditions?.ready !== false || toleratesUnready(service))
    .flatMap(({ addresses, hostname }) =>
      addresses.map((ip) => ({ ip, hostname: hostnameOf({ ip, hostname }), ports })),
    );
}

function namedInEndpoints(service: Service, { subsets = [] }: Endpoints): NamedEndpoint[] {
  return subsets.flatMap(({ addresses = [], notReadyAddresses = [], ports: open = [] }) => {
    const ports = open.map(({ name, protocol, port }) => portOf(name, protocol, port));
    const published = toleratesUnready(service) ? [...addresses, ...notReadyAddresses] : addresses;
    return published.map(({ ip, hostname }) => ({
      ip,
      hostname: hostnameOf({ ip, hostname }),
      ports,
    }));
  });
}

function portOf(name = "", protocol = "TCP", port: number): EndpointPort {
  return { name: name.toLowerCase(), protocol: protocol.toLowerCase(), port };
}

function toleratesUnready({ spec, metadata }: Service): boolean {
  return (
    spec.publishNotReadyAddresses === true || metadata.annotations?.[TOLERATE_UNREADY] === "true"
  );
}

function hostnameOf({ hostname, ip }: { hostname: string | undefined; ip: string }): string {
  return hostname ? hostname.toLowerCase() : dashedIp(ip);
}
