/**
 * The endpoints of a service that have names: the ready ones. Pure.
 *
 * EndpointSlices, when the cluster has them, come in here: they too are (address, hostname, ports).
 *
 * In Kubernetes: the "ready" of the DNS specification 1.1.0, section 2.1;
 * github.com/coredns/coredns/plugin/kubernetes/object/endpoint.go
 */
import { isIP } from "node:net";
import type { EndpointAddress } from "kubernetes-types/core/v1.js";
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

export function namedEndpoints(service: Service, endpoints: Endpoints | undefined) {
  const named: NamedEndpoint[] = [];
  for (const subset of endpoints?.subsets ?? []) {
    const { addresses = [], notReadyAddresses = [] } = subset;
    const ports = (subset.ports ?? []).map(({ name = "", protocol = "TCP", port }) => ({
      ...{ name: name.toLowerCase(), protocol: protocol.toLowerCase(), port },
    }));
    const published = toleratesUnready(service) ? [...addresses, ...notReadyAddresses] : addresses;
    for (const address of published) {
      if (isIP(address.ip) === 0) continue;
      named.push({ ip: address.ip, hostname: hostnameOf(address), ports });
    }
  }
  return named;
}

function toleratesUnready({ spec, metadata }: Service): boolean {
  return (
    spec.publishNotReadyAddresses === true || metadata.annotations?.[TOLERATE_UNREADY] === "true"
  );
}

function hostnameOf({ hostname, ip }: EndpointAddress): string {
  return hostname ? hostname.toLowerCase() : dashedIp(ip);
}
