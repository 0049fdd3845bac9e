/**
 * What a pod asks of its sandbox: host name, name servers, ports, namespaces. A pure function.
 *
 * In Kubernetes: pkg/kubelet/kuberuntime/kuberuntime_sandbox.go
 */
import type { Pod } from "../../api/pod.ts";
import type { DnsConfig, PortMapping, SandboxConfig } from "../runtime/runtime.ts";
import { identityOf } from "./state.ts";

export interface SandboxSettings {
  attempt: number;
  dns: DnsConfig;
  /** The pause container's image. */
  image: string;
}

export function sandboxConfigOf(pod: Pod, { attempt, dns, image }: SandboxSettings): SandboxConfig {
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
    dns,
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
    image,
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
