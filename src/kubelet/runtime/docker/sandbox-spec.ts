/**
 * A sandbox as Docker is asked for it: a pause container that holds what the pod's containers share
 * (network, host name, IPC, and on request process ids) while they come and go. Pure.
 *
 * In Kubernetes: pkg/kubelet/dockershim/docker_sandbox.go (makeSandboxDockerConfig), security_context.go
 */
import type { ContainerCreateOptions, HostConfig } from "dockerode";
import type { PortMapping, SandboxConfig } from "../runtime.ts";
import { sandboxLabels, sandboxName } from "./container-names.ts";

/** The pause container is the last to be killed when memory runs out: its pod would go with it. */
export const SANDBOX_OOM_SCORE = -998;
const MIN_CPU_SHARES = 2;

export interface SandboxSpecOptions {
  oomScoreAdjust: number;
  /** The daemon wants to be told that others may join the IPC namespace (from API 1.34 on). */
  saysShareable: boolean;
}

export function sandboxSpec(
  config: SandboxConfig,
  { oomScoreAdjust, saysShareable }: SandboxSpecOptions,
): ContainerCreateOptions {
  return {
    name: sandboxName(config),
    Image: config.image,
    Labels: sandboxLabels(config),
    // With the host's network comes the host's name.
    ...(!config.hostNetwork && { Hostname: config.hostname }),
    ExposedPorts: Object.fromEntries(config.portMappings.map((port) => [portKey(port), {}])),
    HostConfig: {
      ...namespaces(config, saysShareable),
      ...nameService(config),
      PortBindings: portBindings(config),
      Sysctls: config.sysctls ?? {},
      CpuShares: MIN_CPU_SHARES,
      OomScoreAdj: oomScoreAdjust,
      SecurityOpt: ["seccomp=unconfined"],
      LogConfig: { Type: "json-file", Config: { "max-size": "1m" } },
      RestartPolicy: { Name: "no" },
    },
  };
}

function namespaces(config: SandboxConfig, saysShareable: boolean): HostConfig {
  return {
    NetworkMode: config.hostNetwork ? "host" : "default",
    ...(config.hostNetwork && { UTSMode: "host" }),
    ...(config.hostPID && { PidMode: "host" }),
    IpcMode: config.hostIPC ? "host" : saysShareable ? "shareable" : "",
  };
}

/** Docker writes /etc/resolv.conf and /etc/hosts of the pause container; the others share the files. */
function nameService({ dns, hostAliases = [] }: SandboxConfig): HostConfig {
  const hosts = hostAliases.flatMap(({ ip, hostnames }) =>
    hostnames.map((hostname) => `${hostname}:${ip}`),
  );
  return {
    ...(hosts.length > 0 && { ExtraHosts: hosts }),
    ...(dns && {
      Dns: dns.servers,
      // None at all, rather than those of the host.
      DnsSearch: dns.searches.length > 0 ? dns.searches : ["."],
      DnsOptions: dns.options,
    }),
  };
}

function portBindings({ hostNetwork, portMappings }: SandboxConfig): Record<string, object[]> {
  const bindings: Record<string, object[]> = {};
  if (hostNetwork) return bindings;
  for (const port of portMappings.filter(({ hostPort }) => hostPort > 0)) {
    bindings[portKey(port)] ??= [];
    bindings[portKey(port)]!.push({ HostPort: String(port.hostPort), HostIp: port.hostIP ?? "" });
  }
  return bindings;
}

function portKey({ containerPort, protocol }: PortMapping): string {
  return `${containerPort}/${protocol.toLowerCase()}`;
}
