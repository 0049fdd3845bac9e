/**
 * The /etc/hosts of a pod: a pure function.
 *
 * In Kubernetes: managedHostsFileContent in pkg/kubelet/kubelet_pods.go
 */
import type { PodSpec } from "kubernetes-types/core/v1.js";

export function hostsFileOf(podIP: string, hostname: string, spec: PodSpec): string {
  const lines = [
    "# Kubernetes-managed hosts file.",
    "127.0.0.1\tlocalhost",
    "::1\tlocalhost ip6-localhost ip6-loopback",
    "fe00::0\tip6-localnet",
    "fe00::0\tip6-mcastprefix",
    "fe00::1\tip6-allnodes",
    "fe00::2\tip6-allrouters",
    `${podIP}\t${hostname}`,
  ];
  const aliases = spec.hostAliases ?? [];
  if (aliases.length > 0) lines.push("", "# Entries added by HostAliases.");
  for (const { ip, hostnames = [] } of aliases) lines.push(`${ip}\t${hostnames.join("\t")}`);
  return `${lines.join("\n")}\n`;
}
