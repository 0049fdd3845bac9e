/**
 * The name servers, search domains and resolver options of a pod: pure functions.
 *
 * Rule: the policy chooses between the cluster's DNS and the node's; what the pod's dnsConfig asks for
 * comes on top; and what a resolver could not take is cut off, with a warning.
 *
 * In Kubernetes: pkg/kubelet/network/dns/dns.go
 */
import { isIPv6 } from "node:net";
import type { PodDNSConfig } from "kubernetes-types/core/v1.js";
import type { Pod } from "../../api/pod.ts";
import { mergeOptions } from "../node/resolv-conf.ts";
import type { DnsConfig } from "../runtime/runtime.ts";

export interface NodeDns {
  nodeIP: string;
  clusterDns: string[];
  clusterDomain: string;
  /** What the node's own resolv.conf says; undefined with --resolv-conf="". */
  hostDns: DnsConfig | undefined;
}

export interface PodDns {
  dns: DnsConfig;
  /** What had to be left out, for events of reason DNSConfigForming. */
  warnings: string[];
}

const MAX_SERVERS = 3;
const MAX_SEARCHES = 32;
const MAX_SEARCH_LINE = 2048;
/** Some resolvers (glibc 2.28) abort on a longer one. */
const MAX_SEARCH = 253;

/** True of a pod that asks for the cluster's DNS on a node that has not been told of one. */
export function missesClusterDns({ spec }: Pod, { clusterDns }: Pick<NodeDns, "clusterDns">) {
  return clusterDns.length === 0 && policyOf(spec) === "ClusterFirst";
}

export function podDnsOf({ spec, metadata }: Pod, node: NodeDns): PodDns {
  const base = baseDns(policyOf(spec), metadata.namespace ?? "default", node);
  return withinLimits(spec.dnsConfig ? withConfig(base, spec.dnsConfig) : base);
}

function withConfig(base: DnsConfig, config: PodDNSConfig): DnsConfig {
  const { nameservers = [], searches = [], options = [] } = config;
  const asked = options.map(({ name = "", value }) => (value ? `${name}:${value}` : name));
  return {
    servers: distinct([...base.servers, ...nameservers]),
    searches: distinct([...base.searches, ...searches]),
    options: mergeOptions(base.options, asked),
  };
}

function policyOf({ dnsPolicy = "ClusterFirst", hostNetwork }: Pod["spec"]): string {
  if (dnsPolicy === "ClusterFirstWithHostNet") return "ClusterFirst";
  return dnsPolicy === "ClusterFirst" && hostNetwork ? "Default" : dnsPolicy;
}

function baseDns(policy: string, namespace: string, node: NodeDns): DnsConfig {
  if (policy === "None") return { servers: [], searches: [], options: [] };
  const isOfCluster = policy === "ClusterFirst" && node.clusterDns.length > 0;
  if (!isOfCluster) return node.hostDns ?? noDns(node);
  const domain = node.clusterDomain;
  const cluster = [`${namespace}.svc.${domain}`, `svc.${domain}`, domain];
  const ofHost = node.hostDns?.searches ?? [];
  return {
    servers: node.clusterDns,
    searches: domain ? distinct([...cluster, ...ofHost]) : ofHost,
    options: ["ndots:5"],
  };
}

/** A resolver that is told nothing asks its own machine: so it is told that, and finds nobody. */
function noDns({ nodeIP }: NodeDns): DnsConfig {
  return { servers: [isIPv6(nodeIP) ? "::1" : "127.0.0.1"], searches: ["."], options: [] };
}

function withinLimits(dns: DnsConfig): PodDns {
  const servers = dns.servers.slice(0, MAX_SERVERS);
  const searches = searchesWithinLimits(dns.searches);
  const warnings: string[] = [];
  if (servers.length < dns.servers.length) {
    warnings.push(
      "Nameserver limits were exceeded, some nameservers have been omitted, " +
        `the applied nameserver line is: ${servers.join(" ")}`,
    );
  }
  if (searches.length < dns.searches.length) {
    warnings.push(
      "Search Line limits were exceeded, some search paths have been omitted, " +
        `the applied search line is: ${searches.join(" ")}`,
    );
  }
  return { dns: { ...dns, servers, searches }, warnings };
}

/** The first 32, without those too long, as many of them as fit on the line. */
function searchesWithinLimits(searches: string[]): string[] {
  const kept = searches.slice(0, MAX_SEARCHES).filter((search) => search.length <= MAX_SEARCH);
  while (kept.join(" ").length > MAX_SEARCH_LINE) kept.pop();
  return kept;
}

function distinct(values: string[]): string[] {
  return [...new Set(values)];
}
