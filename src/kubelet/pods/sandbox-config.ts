/**
 * What a pod asks of its sandbox: host name, name servers, ports, namespaces. A pure function.
 *
 * In Kubernetes: pkg/kubelet/kuberuntime/kuberuntime_sandbox.go, pkg/kubelet/network/dns/dns.go
 */
import type { Pod } from "../../api/pod.ts";
import type { DnsConfig, PortMapping, SandboxConfig } from "../runtime/runtime.ts";
import { identityOf } from "./state.ts";

export interface NodeNetworkConfig {
  /** The pause container's image. */
  sandboxImage: string;
  clusterDns: string[];
  clusterDomain: string;
  /** What the node's own resolv.conf says. */
  hostDns: DnsConfig;
}

export function sandboxConfigOf(pod: Pod, attempt: number, node: NodeNetworkConfig): SandboxConfig {
  const { spec, metadata } = pod;
  const identity = identityOf(pod);
  return {
    pod: identity,
    attempt,
    hostname: hostnameOf(pod),
    hostNetwork: spec.hostNetwork ?? false,
    hostPID: spec.hostPID ?? false,
    hostIPC: spec.hostIPC ?? false,
    shareProcessNamespace: spec.shareProcessNamespace ?? false,
    portMappings: portMappingsOf(pod),
    dns: dnsOf(pod, node),
    hostAliases: (spec.hostAliases ?? []).map(({ ip = "", hostnames = [] }) => ({ ip, hostnames })),
    sysctls: Object.fromEntries(
      (spec.securityContext?.sysctls ?? []).map(({ name, value }) => [name, value]),
    ),
    labels: {
      ...metadata.labels,
      "io.kubernetes.pod.name": identity.name,
      "io.kubernetes.pod.namespace": identity.namespace,
      "io.kubernetes.pod.uid": identity.uid,
    },
    annotations: { ...metadata.annotations },
    image: node.sandboxImage,
  };
}

/** At most 63 characters, and none of "-." at the end. */
export function hostnameOf({ spec, metadata }: Pod): string {
  return (spec.hostname ?? metadata.name).slice(0, 63).replace(/[-.]+$/, "");
}

function portMappingsOf({ spec }: Pod): PortMapping[] {
  return spec.containers.flatMap(({ ports = [] }) =>
    ports.map(({ protocol = "TCP", containerPort, hostPort = 0, hostIP }) => ({
      protocol: protocol as PortMapping["protocol"],
      containerPort,
      hostPort,
      ...(hostIP ? { hostIP } : {}),
    })),
  );
}

/** True when the pod wants the cluster's name servers and the node has been told of none. */
export function lacksClusterDns({ spec }: Pod, { clusterDns }: NodeNetworkConfig): boolean {
  return clusterDns.length === 0 && policyOf(spec) === "ClusterFirst";
}

function policyOf({ dnsPolicy = "ClusterFirst", hostNetwork }: Pod["spec"]): string {
  if (dnsPolicy === "ClusterFirstWithHostNet") return "ClusterFirst";
  return dnsPolicy === "ClusterFirst" && hostNetwork ? "Default" : dnsPolicy;
}

function dnsOf({ spec, metadata }: Pod, node: NodeNetworkConfig): DnsConfig {
  const base = baseDns(policyOf(spec), metadata.namespace ?? "default", node);
  const { nameservers = [], searches = [], options = [] } = spec.dnsConfig ?? {};
  const asked = options.map(({ name = "", value }) => (value ? `${name}:${value}` : name));
  const nameOf = (option: string) => option.split(":")[0];
  const kept = base.options.filter((option) => !asked.some((o) => nameOf(o) === nameOf(option)));
  return {
    servers: [...new Set([...base.servers, ...nameservers])],
    searches: [...new Set([...base.searches, ...searches])],
    options: [...kept, ...asked],
  };
}

function baseDns(policy: string, namespace: string, node: NodeNetworkConfig): DnsConfig {
  if (policy === "None") return { servers: [], searches: [], options: [] };
  if (policy !== "ClusterFirst" || node.clusterDns.length === 0) return node.hostDns;
  const domain = node.clusterDomain;
  const cluster = domain ? [`${namespace}.svc.${domain}`, `svc.${domain}`, domain] : [];
  return {
    servers: node.clusterDns,
    searches: [...cluster, ...node.hostDns.searches],
    options: ["ndots:5"],
  };
}
