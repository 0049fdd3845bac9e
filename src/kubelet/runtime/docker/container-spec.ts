/**
 * An app container as Docker is asked for it: it lives in the network and IPC namespace of its
 * sandbox, and so takes its address, host name and name servers from there. Pure.
 *
 * In Kubernetes: pkg/kubelet/dockershim/docker_container.go, docker_legacy_service.go, security_context.go
 */
import type { ContainerCreateOptions, HostConfig } from "dockerode";
import type {
  ContainerConfig,
  ContainerSecurity,
  Mount,
  ResourceLimits,
  SandboxConfig,
} from "../runtime.ts";
import { containerLabels, containerName } from "./container-names.ts";

const CPU_PERIOD_US = 100_000;
const MIN_CPU_QUOTA_US = 1_000;

export interface ContainerSpecOptions {
  sandboxId: string;
  sandbox: SandboxConfig;
  oomScoreAdjust: number;
  /** "uid" or "uid:gid"; undefined: as the image says. */
  user: string | undefined;
  /** Where on the host the termination message is to be written. */
  terminationLog: string | undefined;
}

export function containerSpec(
  config: ContainerConfig,
  options: ContainerSpecOptions,
): ContainerCreateOptions {
  const { sandboxId, sandbox, user } = options;
  return {
    name: containerName(config, sandbox.pod),
    Image: config.image,
    Labels: containerLabels(config, sandbox.pod, sandboxId),
    ...(config.command.length > 0 && { Entrypoint: config.command }),
    ...(config.args.length > 0 && { Cmd: config.args }),
    ...(config.workingDir !== "" && { WorkingDir: config.workingDir }),
    ...(user !== undefined && { User: user }),
    Env: config.env.map(({ name, value }) => `${name}=${value}`),
    OpenStdin: config.stdin,
    StdinOnce: config.stdinOnce,
    Tty: config.tty,
    // The kubelet probes; Docker is not to do it as well.
    Healthcheck: { Test: ["NONE"] },
    HostConfig: {
      ...namespaces(sandboxId, sandbox),
      ...resources(config.resources),
      ...security(config.security),
      OomScoreAdj: options.oomScoreAdjust,
      Binds: binds(config, options.terminationLog),
      LogConfig: { Type: "json-file", Config: { "max-size": "10m", "max-file": "5" } },
      RestartPolicy: { Name: "no" },
    },
  };
}

function namespaces(sandboxId: string, sandbox: SandboxConfig): HostConfig {
  const sandboxMode = `container:${sandboxId}`;
  return {
    NetworkMode: sandboxMode,
    IpcMode: sandbox.hostIPC ? "host" : sandboxMode,
    ...(sandbox.hostNetwork && { UTSMode: "host" }),
    ...(sandbox.hostPID && { PidMode: "host" }),
    ...(sandbox.shareProcessNamespace && !sandbox.hostPID && { PidMode: sandboxMode }),
  };
}

function resources({ cpuShares, cpuLimitMilli, memoryLimitBytes }: ResourceLimits): HostConfig {
  const quota = Math.max(Math.ceil((cpuLimitMilli * CPU_PERIOD_US) / 1000), MIN_CPU_QUOTA_US);
  return {
    CpuShares: cpuShares,
    ...(cpuLimitMilli > 0 && { CpuPeriod: CPU_PERIOD_US, CpuQuota: quota }),
    // No swap beyond the limit.
    ...(memoryLimitBytes > 0 && { Memory: memoryLimitBytes, MemorySwap: memoryLimitBytes }),
  };
}

function security(security: ContainerSecurity): HostConfig {
  return {
    Privileged: security.privileged,
    ReadonlyRootfs: security.readOnlyRootFilesystem,
    CapAdd: security.addCapabilities,
    CapDrop: security.dropCapabilities,
    GroupAdd: security.supplementalGroups.map(String),
    SecurityOpt: [
      "seccomp=unconfined",
      ...(security.allowPrivilegeEscalation ? [] : ["no-new-privileges"]),
    ],
  };
}

function binds(config: ContainerConfig, terminationLog: string | undefined): string[] {
  const mounts: Mount[] = [...config.mounts];
  if (terminationLog) {
    const containerPath = config.terminationMessagePath;
    mounts.push({ hostPath: terminationLog, containerPath, readOnly: false });
  }
  return mounts.map(
    ({ hostPath, containerPath, readOnly }) =>
      `${hostPath}:${containerPath}${readOnly ? ":ro" : ""}`,
  );
}
