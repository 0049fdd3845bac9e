/**
 * The DNS specification 1.1.0 of Kubernetes, read sentence by sentence for one question at a time,
 * by looking through everything there is: slow, and independent of how the server does it.
 */
import { isIPv4, isIPv6 } from "node:net";
import type { EndpointSubset } from "kubernetes-types/core/v1.js";
import type { Endpoints } from "../../src/api/endpoints.ts";
import type { Service } from "../../src/api/service.ts";

export interface MadeUpCluster {
  namespaces: string[];
  services: Service[];
  endpoints: Endpoints[];
}

export interface Expected {
  rcode: "NOERROR" | "NXDOMAIN";
  /** "A 10.0.0.1", in the order of the alphabet. SRV without priority and weight. */
  answers: string[];
}

interface Endpoint {
  ip: string;
  hostname: string;
  ports: NonNullable<EndpointSubset["ports"]>;
}

const NODATA: Expected = { rcode: "NOERROR", answers: [] };
const NXDOMAIN: Expected = { rcode: "NXDOMAIN", answers: [] };

/** `name` is in cluster.local, in any case. */
export function expectedAnswer(cluster: MadeUpCluster, name: string, type: string): Expected {
  const labels = name.toLowerCase().split(".").slice(0, -2).toReversed();
  const [kind, namespace, service, ...rest] = labels;
  // 2.2: the schema version; and the name server's name.
  if (kind === undefined) return type === "NS" ? found(["NS ns.dns.cluster.local"]) : NODATA;
  if (kind === "dns-version" && labels.length === 1) {
    return type === "TXT" ? found(["TXT 1.1.0"]) : NODATA;
  }
  if (kind === "dns") {
    return labels.length === 1 || (namespace === "ns" && labels.length === 2) ? NODATA : NXDOMAIN;
  }
  if (kind !== "svc" && kind !== "pod") return NXDOMAIN;
  if (namespace === undefined) return NODATA;
  if (kind === "svc" && service !== undefined) {
    return serviceAnswer(cluster, namespace, service, rest, type);
  }
  const hasNames =
    kind === "svc" && cluster.services.some((one) => isNamed(cluster, one, namespace));
  if (!cluster.namespaces.includes(namespace) && !hasNames) return NXDOMAIN;
  if (service === undefined) return NODATA;
  return rest.length === 0 && cluster.namespaces.includes(namespace)
    ? podAnswer(service, type)
    : NXDOMAIN;
}

/** 2.6: any address, whether there is such a pod or not. */
function podAnswer(label: string, type: string): Expected {
  const ip = [label.replaceAll("-", "."), label.replaceAll("-", ":")].find(
    (one) => isIPv4(one) || isIPv6(one),
  );
  return ip === undefined ? NXDOMAIN : ofType([addressOf(ip)], type);
}

function serviceAnswer(
  cluster: MadeUpCluster,
  namespace: string,
  name: string,
  rest: string[],
  type: string,
): Expected {
  const service = cluster.services.find(
    ({ metadata }) => metadata.namespace === namespace && metadata.name === name,
  );
  if (service === undefined || !isNamed(cluster, service, namespace)) return NXDOMAIN;
  const { spec } = service;
  const own = `${name}.${namespace}.svc.cluster.local`;
  const ready = spec.clusterIP === "None" ? readyEndpoints(cluster, service) : [];
  const ports =
    spec.clusterIP === "None"
      ? ready.flatMap((one) => one.ports.map((port) => ({ ...port, at: `${one.hostname}.${own}` })))
      : (spec.ports ?? []).map((port) => ({ ...port, at: own }));
  const srv = (some: typeof ports) => [...new Set(some.map(({ port, at }) => `SRV ${port} ${at}`))];
  if (rest.length === 0) {
    // 2.3.1, 2.4.1
    const ips = spec.clusterIP === "None" ? ready.map(({ ip }) => ip) : (spec.clusterIPs ?? []);
    return ofType([...ips.map(addressOf), ...srv(ports)], type);
  }
  const [first, second, ...more] = rest;
  const hostnames = ready.filter(({ hostname }) => hostname === first);
  // 2.4.1: an endpoint's own name
  if (hostnames.length > 0 && second === undefined) {
    return ofType(
      hostnames.map(({ ip }) => addressOf(ip)),
      type,
    );
  }
  // 2.3.2, 2.4.2: named ports
  const ofProtocol = ports.filter(
    (port) => port.name && `_${(port.protocol ?? "TCP").toLowerCase()}` === first,
  );
  if (second === undefined) return ofProtocol.length > 0 ? NODATA : NXDOMAIN;
  const named = ofProtocol.filter((port) => `_${port.name}` === second);
  return named.length > 0 && more.length === 0 ? ofType(srv(named), type) : NXDOMAIN;
}

/** 2.4.1: a headless service without ready endpoints is NXDOMAIN. */
function isNamed(cluster: MadeUpCluster, service: Service, namespace: string): boolean {
  const { metadata, spec } = service;
  if (metadata.namespace !== namespace) return false;
  return spec.clusterIP !== "None" || readyEndpoints(cluster, service).length > 0;
}

/** 2.1 */
function readyEndpoints(cluster: MadeUpCluster, { metadata, spec }: Service): Endpoint[] {
  const own = cluster.endpoints.filter(
    (one) => one.metadata.namespace === metadata.namespace && one.metadata.name === metadata.name,
  );
  return own.flatMap(({ subsets = [] }) =>
    subsets.flatMap(({ addresses = [], notReadyAddresses = [], ports = [] }) =>
      [...addresses, ...(spec.publishNotReadyAddresses ? notReadyAddresses : [])].map(
        ({ ip, hostname = ip.replace(/[.:]/g, "-") }) => ({ ip, hostname, ports }),
      ),
    ),
  );
}

function addressOf(ip: string): string {
  return `${isIPv4(ip) ? "A" : "AAAA"} ${ip}`;
}

function ofType(records: string[], type: string): Expected {
  return found(records.filter((record) => type === "ANY" || record.startsWith(`${type} `)));
}

function found(answers: string[]): Expected {
  return { rcode: "NOERROR", answers: [...new Set(answers)].toSorted() };
}
