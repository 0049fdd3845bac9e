/**
 * Which other servers are asked, and for which names. Pure.
 *
 *   --nameservers=8.8.8.8,1.1.1.1:5353          for everything outside of the cluster
 *   --stub-domains=acme.local=10.0.0.1,...      for one domain
 *   ConfigMap kube-system/kube-dns              upstreamNameservers ["8.8.8.8"] and stubDomains
 *                                               {"acme.local": ["10.0.0.1"]}, in the flags' place
 *   /etc/resolv.conf                            where nothing says otherwise
 *
 * In Kubernetes: github.com/kubernetes/dns/pkg/dns/config
 */
import { isDomainName, normalName } from "./domain-name.ts";
import type { UpstreamsByZone } from "./forward.ts";
import { nameOfUpstream, parseUpstream, type Upstream } from "./upstream.ts";

const NAMESERVERS_MAX = 3;

/** Throws a RangeError for what is no address. */
export function parseNameservers(servers: readonly string[]): Upstream[] {
  return servers.map((server) => parseUpstream(server.trim()));
}

/** "acme.local=10.0.0.1"; the same domain may come again. Throws a RangeError. */
export function parseStubDomains(pairs: readonly string[]): Map<string, Upstream[]> {
  const zones = new Map<string, Upstream[]>();
  for (const pair of pairs) {
    const [domain = "", server = ""] = pair.split("=");
    const zone = stubZone(domain);
    zones.set(zone, [...(zones.get(zone) ?? []), parseUpstream(server.trim())]);
  }
  return zones;
}

/** The name servers of a resolv.conf; the resolver library asks no more than three either. */
export function resolvConfNameservers(text: string): Upstream[] {
  const lines = text.split("\n").map((line) => line.trim().split(/\s+/));
  return lines
    .filter(([key, address]) => key === "nameserver" && address)
    .slice(0, NAMESERVERS_MAX)
    .map(([, address = ""]) => parseUpstream(address.split("%")[0]!));
}

export interface ForwardConfig {
  upstreamNameservers?: Upstream[];
  stubDomains?: Map<string, Upstream[]>;
}

/** What the ConfigMap's data says. Throws an Error that says what is wrong with it. */
export function parseConfigData(data: Record<string, string>): ForwardConfig {
  const config: ForwardConfig = {};
  for (const [key, text] of Object.entries(data)) {
    if (key === "upstreamNameservers") {
      config.upstreamNameservers = parseNameservers(stringsOf(key, jsonOf(key, text)));
    } else if (key === "stubDomains") {
      const domains = jsonOf(key, text);
      if (typeof domains !== "object" || domains === null || Array.isArray(domains)) {
        throw new RangeError(`${key}: must be an object of lists of servers`);
      }
      config.stubDomains = new Map(
        Object.entries(domains).map(([domain, servers]) => [
          stubZone(domain),
          parseNameservers(stringsOf(`${key}.${domain}`, servers)),
        ]),
      );
    } else throw new RangeError(`${JSON.stringify(key)} is not supported`);
  }
  return config;
}

/** A server that is ourselves is left out: it would only ask us again. */
export function upstreamsByZone(config: ForwardConfig, self: Upstream): UpstreamsByZone {
  const { upstreamNameservers = [], stubDomains = new Map<string, Upstream[]>() } = config;
  const others = (servers: Upstream[]) =>
    servers.filter((server) => nameOfUpstream(server) !== nameOfUpstream(self));
  const zones: [string, Upstream[]][] = [["", upstreamNameservers], ...stubDomains];
  return new Map(zones.map(([zone, servers]) => [zone, others(servers)]));
}

function stubZone(domain: string): string {
  const zone = normalName(domain.trim());
  if (isDomainName(zone)) return zone;
  throw new RangeError(`not a domain name: ${JSON.stringify(domain)}`);
}

function jsonOf(key: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new RangeError(`${key}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function stringsOf(key: string, value: unknown): string[] {
  if (Array.isArray(value) && value.every((one) => typeof one === "string")) return value;
  throw new RangeError(`${key}: must be a list of strings`);
}
