/**
 * /etc/hosts of a pod. Docker keeps one file for the pause container and binds it into all that share
 * its network; we write it as Kubernetes does, host aliases at the end.
 *
 * In Kubernetes: pkg/kubelet/kubelet_pods.go (ensureHostsFile, managedHostsFileContent)
 * Differs: there the kubelet makes a file of its own and mounts it into each container.
 */
import { readFile, writeFile } from "node:fs/promises";
import type { SandboxConfig } from "../runtime.ts";

const HEADER = "# Kubernetes-managed hosts file.";
const HEADER_HOST_NETWORK = "# Kubernetes-managed hosts file (host network).";
const LOCAL = [
  "127.0.0.1\tlocalhost",
  "::1\tlocalhost ip6-localhost ip6-loopback",
  "fe00::0\tip6-localnet",
  "fe00::0\tip6-mcastprefix",
  "fe00::1\tip6-allnodes",
  "fe00::2\tip6-allrouters",
];

/**
 * Writes the file at `path`. A daemon elsewhere keeps it elsewhere, and it is not ours to write unless
 * we are root: then Docker's own file stays, which says the same in other words.
 */
export async function writeHostsFile(
  path: string,
  config: SandboxConfig,
  ip: string,
): Promise<void> {
  try {
    const present = await readFile(path, "utf8");
    await writeFile(path, hostsFile(config, ip, present));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOENT" && code !== "EACCES") throw error;
  }
}

/** `present` is what Docker wrote; on the host's network that is the host's own file. */
export function hostsFile(config: SandboxConfig, ip: string, present: string): string {
  const own = config.hostNetwork
    ? [HEADER_HOST_NETWORK, present.trimEnd()]
    : [HEADER, ...LOCAL, ...(ip ? [`${ip}\t${config.hostname}`] : [])];
  const aliases = (config.hostAliases ?? []).map(({ ip, hostnames }) =>
    [ip, ...hostnames].join("\t"),
  );
  const added = aliases.length > 0 ? ["", "# Entries added by HostAliases.", ...aliases] : [];
  return [...own, ...added, ""].join("\n");
}
