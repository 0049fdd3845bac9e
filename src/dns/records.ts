/**
 * Which DNS records a service, a namespace and a pod have. Pure.
 *
 *   web.ns.svc.cluster.local              A      the cluster IP; of a headless service, each ready endpoint
 *   _http._tcp.web.ns.svc.cluster.local   SRV    a named port, at the service; headless: at each endpoint
 *   db-0.web.ns.svc.cluster.local         A      an endpoint of a headless service, by its hostname
 *   10-1-2-3.web.ns.svc.cluster.local     A      or by its address where it has none
 *   3.2.1.10.in-addr.arpa                 PTR    the way back
 *   db.ns.svc.cluster.local               CNAME  spec.externalName
 *   10-1-2-3.ns.pod.cluster.local         A      a pod
 *
 * A name without records of its own exists where there are names below it; a headless service
 * without ready endpoints has no records, so that its name does not exist.
 *
 * In Kubernetes: the DNS specification 1.1.0 (github.com/kubernetes/dns/docs/specification.md) and
 * coredns/plugin/kubernetes, from which come the priority and weight of SRV records and those of
 * the bare service name, which StatefulSets look for their peers with. Differs: the endpoints of a
 * service with a cluster IP have no names.
 */
import { isIP, isIPv6 } from "node:net";
import type { Namespace } from "../api/namespace.ts";
import type { Pod } from "../api/pod.ts";
import type { Service } from "../api/service.ts";
import {
  addressOfDashes,
  dashedIp,
  isDomainName,
  isWithin,
  normalName,
  reverseName,
} from "./domain-name.ts";
import type { DnsRecord } from "./record.ts";
import { type EndpointsSource, namedEndpoints } from "./service-endpoints.ts";

export const TTL_SECONDS = 30;
const SCHEMA_VERSION = "1.1.0";
const SCHEMA_TTL_SECONDS = 28_800;
/** What an SRV record's weights add up to. */
const WHOLE_WEIGHT = 100;

interface Target {
  /** Lower case; "" for a port without a name. */
  portName: string;
  protocol: string;
  port: number;
  target: string;
}

/** The records of the domain itself. */
export function domainRecords(domain: string): DnsRecord[] {
  const version = { name: `dns-version.${domain}`, ttl: SCHEMA_TTL_SECONDS, data: SCHEMA_VERSION };
  return [
    { name: domain, type: "NS", ttl: TTL_SECONDS, data: `ns.dns.${domain}` },
    { type: "TXT", ...version },
  ];
}

/** The names that exist because a namespace, or the cluster, does. */
export function domainNames(domain: string): string[] {
  return [`svc.${domain}`, `pod.${domain}`, `ns.dns.${domain}`];
}

export function namespaceNames({ metadata: { name } }: Namespace, domain: string): string[] {
  return [`${name}.svc.${domain}`, `${name}.pod.${domain}`];
}

export function serviceRecords(
  service: Service,
  endpoints: readonly EndpointsSource[],
  domain: string,
): DnsRecord[] {
  const { name, namespace = "" } = service.metadata;
  const own = `${name}.${namespace}.svc.${domain}`;
  if (service.spec.type === "ExternalName") return externalNameRecords(service, own);
  if (service.spec.clusterIP === "None") return headlessRecords(service, endpoints, own);
  const records = clusterIpRecords(service, own);
  const isNameServer = namespace === "kube-system" && name === "kube-dns";
  return isNameServer ? [...records, ...nameServerRecords(service, domain)] : records;
}

export function podRecords({ metadata, status }: Pod, domain: string): DnsRecord[] {
  const ips = status?.podIPs?.map(({ ip = "" }) => ip) ?? [status?.podIP ?? ""];
  const of = `${metadata.namespace}.pod.${domain}`;
  return ips.filter((ip) => isIP(ip)).map((ip) => addressRecord(`${dashedIp(ip)}.${of}`, ip));
}

/** What a name under `pod` says of itself, whether there is such a pod or not. */
export function podRecordByName(name: string, domain: string): DnsRecord | undefined {
  if (!isWithin(name, `pod.${domain}`)) return undefined;
  const labels = name.slice(0, -`.pod.${domain}`.length).split(".");
  const ip = labels.length === 2 ? addressOfDashes(labels[0]!) : undefined;
  return ip === undefined ? undefined : addressRecord(name, ip);
}

function clusterIpRecords(service: Service, own: string): DnsRecord[] {
  const ips = clusterIpsOf(service);
  if (ips.length === 0) return [];
  const targets = (service.spec.ports ?? []).map(({ name = "", protocol = "TCP", port }) => ({
    ...{ portName: name.toLowerCase(), protocol: protocol.toLowerCase(), port, target: own },
  }));
  return [
    ...ips.map((ip) => addressRecord(own, ip)),
    ...portRecords(targets, own),
    ...ips.map((ip) => pointerRecord(ip, own)),
  ];
}

function headlessRecords(
  service: Service,
  endpoints: readonly EndpointsSource[],
  own: string,
): DnsRecord[] {
  const all = namedEndpoints(service, endpoints);
  const nameOf = (hostname: string) => `${hostname}.${own}`;
  const targets = all.flatMap(({ hostname, ports }) =>
    ports.map(({ name, protocol, port }) => ({
      ...{ portName: name, protocol, port, target: nameOf(hostname) },
    })),
  );
  return [
    ...all.map(({ ip }) => addressRecord(own, ip)),
    ...all.map(({ ip, hostname }) => addressRecord(nameOf(hostname), ip)),
    ...portRecords(targets, own),
    ...all.map(({ ip, hostname }) => pointerRecord(ip, nameOf(hostname))),
  ];
}

/** An external name that is an address, or can't be a name, is not answered. */
function externalNameRecords({ spec }: Service, own: string): DnsRecord[] {
  const target = normalName(spec.externalName ?? "");
  if (isIP(target) !== 0 || !isDomainName(target)) return [];
  return [{ name: own, type: "CNAME", ttl: TTL_SECONDS, data: target }];
}

/** The SRV records of each named port, and of the bare name those of all ports. */
function portRecords(targets: Target[], own: string): DnsRecord[] {
  const byName = new Map<string, Target[]>([[own, targets]]);
  for (const one of targets) {
    if (one.portName === "") continue;
    const name = `_${one.portName}._${one.protocol}.${own}`;
    const others = byName.get(name);
    if (others === undefined) byName.set(name, [one]);
    else others.push(one);
  }
  return [...byName].flatMap(([name, at]) => srvRecords(name, at));
}

function srvRecords(name: string, targets: Target[]): DnsRecord[] {
  const different = new Map(targets.map((one) => [`${one.port} ${one.target}`, one]));
  const weight = Math.max(1, Math.floor(WHOLE_WEIGHT / different.size));
  return [...different.values()].map(({ port, target }) => ({
    ...{ name, type: "SRV", ttl: TTL_SECONDS, data: { priority: 0, weight, port, target } },
  }));
}

/** The address of the server that is asked, for whoever asks where that is. */
function nameServerRecords(service: Service, domain: string): DnsRecord[] {
  return clusterIpsOf(service).map((ip) => addressRecord(`ns.dns.${domain}`, ip));
}

function clusterIpsOf({ spec: { clusterIP = "", clusterIPs = [clusterIP] } }: Service): string[] {
  return clusterIPs.filter((ip) => isIP(ip) !== 0);
}

function addressRecord(name: string, ip: string): DnsRecord {
  return { name, type: isIPv6(ip) ? "AAAA" : "A", ttl: TTL_SECONDS, data: ip };
}

function pointerRecord(ip: string, target: string): DnsRecord {
  return { name: reverseName(ip), type: "PTR", ttl: TTL_SECONDS, data: target };
}
