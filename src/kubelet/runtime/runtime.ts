/**
 * The Runtime: what the kubelet needs of whatever runs containers. Docker fulfils it with real
 * containers (docker/), the simulator without any (src/simulator); the rest of the kubelet does not
 * know which it has.
 *
 * In Kubernetes: staging/src/k8s.io/cri-api (RuntimeService and ImageService).
 * Differs: streams are handed over, not served at a URL of the runtime's own; times are Dates.
 */
import type { Duplex, Readable, Writable } from "node:stream";

/** Whom a sandbox or container belongs to: enough to find it again after a restart of the kubelet. */
export interface PodIdentity {
  name: string;
  namespace: string;
  uid: string;
}

export interface PortMapping {
  protocol: "TCP" | "UDP" | "SCTP";
  containerPort: number;
  hostPort: number;
  hostIP?: string;
}

export interface DnsConfig {
  servers: string[];
  searches: string[];
  options: string[];
}

export interface SandboxConfig {
  pod: PodIdentity;
  /** 0 for the first sandbox of a pod, one more for each that replaces a dead one. */
  attempt: number;
  hostname: string;
  hostNetwork: boolean;
  hostPID: boolean;
  hostIPC: boolean;
  shareProcessNamespace: boolean;
  portMappings: PortMapping[];
  dns?: DnsConfig;
  hostAliases?: { ip: string; hostnames: string[] }[];
  sysctls?: Record<string, string>;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  /** Of the pause container. */
  image: string;
}

export interface Sandbox {
  id: string;
  pod: PodIdentity;
  attempt: number;
  state: "ready" | "notReady";
  createdAt: Date;
  /** Empty while there is none, and for pods on the host's network. */
  ip: string;
  hostNetwork: boolean;
}

export interface Mount {
  hostPath: string;
  containerPath: string;
  readOnly: boolean;
}

export interface ResourceLimits {
  /** Relative weight of CPU time (requests.cpu in milli-CPU * 1024 / 1000, at least 2). */
  cpuShares: number;
  /** limits.cpu in milli-CPU; 0: no limit. */
  cpuLimitMilli: number;
  /** limits.memory; 0: no limit. */
  memoryLimitBytes: number;
  /** -1000 to 1000: who is killed first when memory runs out. */
  oomScoreAdjust: number;
}

export interface ContainerSecurity {
  privileged: boolean;
  runAsUser?: number;
  runAsGroup?: number;
  supplementalGroups: number[];
  readOnlyRootFilesystem: boolean;
  addCapabilities: string[];
  dropCapabilities: string[];
  /** False forbids gaining privileges through setuid programs. */
  allowPrivilegeEscalation: boolean;
}

export interface ContainerConfig {
  name: string;
  /** How often this container has been restarted: its restartCount. */
  attempt: number;
  /** The image as resolved by imageStatus or pullImage. */
  image: string;
  /** Empty: the image's own entry point. */
  command: string[];
  args: string[];
  workingDir: string;
  env: { name: string; value: string }[];
  mounts: Mount[];
  stdin: boolean;
  stdinOnce: boolean;
  tty: boolean;
  resources: ResourceLimits;
  security: ContainerSecurity;
  /** Where the termination message is read from after the container ended. */
  terminationMessagePath: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  /** Of the container's spec: a different one means that the container must be replaced. */
  specHash: string;
}

export interface Container {
  id: string;
  sandboxId: string;
  pod: PodIdentity;
  name: string;
  attempt: number;
  specHash: string;
  state: "created" | "running" | "exited" | "unknown";
  createdAt: Date;
}

export interface ContainerStatus extends Container {
  startedAt?: Date;
  finishedAt?: Date;
  exitCode?: number;
  /** "Completed", "Error", "OOMKilled", "ContainerCannotRun". */
  reason?: string;
  /** The termination message, or why it could not run. */
  message?: string;
  /** Of its config's annotations: whether the end of its log may stand for a message. */
  terminationMessagePolicy?: string;
  /** As the user named it. */
  image: string;
  /** "docker-pullable://nginx@sha256:..." or "docker://sha256:...". */
  imageId: string;
}

export interface Image {
  id: string;
  tags: string[];
  digests: string[];
  sizeBytes: number;
  /** The user the image runs as, where it says so. */
  user: string;
}

export interface RegistryCredentials {
  username: string;
  password: string;
  serverAddress?: string;
}

export interface LogOptions {
  follow: boolean;
  /** Only what was written since then. */
  since?: Date;
  tailLines?: number;
  timestamps: boolean;
  /** Stop after so many bytes. */
  limitBytes?: number;
  /** Ends a followed log. */
  signal: AbortSignal;
}

/** The ends of an exec or attach session. Absent streams are not wanted. */
export interface SessionStreams {
  stdin?: Readable;
  stdout?: Writable;
  stderr?: Writable;
  tty: boolean;
  /** Calls back with each new size of the user's terminal. */
  onResize?(listener: (size: { width: number; height: number }) => void): void;
  /** Aborts when the user has gone. */
  signal: AbortSignal;
}

export interface ContainerStats {
  containerId: string;
  pod: PodIdentity;
  name: string;
  time: Date;
  /** CPU time used since the start, in nanoseconds. */
  cpuNanoseconds: number;
  memoryUsageBytes: number;
  /** Usage without what can be reclaimed at once. */
  memoryWorkingSetBytes: number;
  memoryRssBytes: number;
  /** Of the pod's network; the same for all containers of a pod. */
  network?: { rxBytes: number; txBytes: number; rxErrors: number; txErrors: number };
  writableLayerBytes?: number;
}

/** Something changed for a pod: look at it again. */
export interface RuntimeEvent {
  podUid: string;
  containerId: string;
  type: "started" | "died" | "removed";
}

/** Says that an image cannot be had. `reason` is the container's waiting reason. */
export class ImageError extends Error {
  override readonly name = "ImageError";
  readonly reason: "ErrImagePull" | "InvalidImageName" | "ErrImageNeverPull" | "ImageInspectError";

  constructor(reason: ImageError["reason"], message: string) {
    super(message);
    this.reason = reason;
  }
}

/** The container or sandbox named is not there (any more). */
export class NotFoundError extends Error {
  override readonly name = "NotFoundError";
}

export interface Runtime {
  /** {"docker", "20.10.24"}: node.status.nodeInfo.containerRuntimeVersion is "docker://20.10.24". */
  version(): Promise<{ name: string; version: string; apiVersion: string }>;
  /** Rejects, saying why, when the runtime cannot run containers now. */
  checkReady(): Promise<void>;

  /** Creates and starts a sandbox, its network included. Resolves to its id. */
  runSandbox(config: SandboxConfig, signal: AbortSignal): Promise<string>;
  /** Stops it and all its containers. Fine if it is stopped or gone already. */
  stopSandbox(id: string): Promise<void>;
  removeSandbox(id: string): Promise<void>;
  /** All sandboxes this runtime keeps for the kubelet, dead ones too. */
  listSandboxes(): Promise<Sandbox[]>;

  createContainer(
    sandboxId: string,
    config: ContainerConfig,
    sandbox: SandboxConfig,
  ): Promise<string>;
  startContainer(id: string): Promise<void>;
  /** Asks it to end, and kills it after `graceSeconds`. Fine if it has ended or gone already. */
  stopContainer(id: string, graceSeconds: number): Promise<void>;
  removeContainer(id: string): Promise<void>;
  listContainers(): Promise<Container[]>;
  /** Rejects with NotFoundError when it is gone. */
  containerStatus(id: string): Promise<ContainerStatus>;

  /** Writes the log to `stdout` and `stderr`; resolves when all (asked for) is written. */
  logs(id: string, options: LogOptions, stdout: Writable, stderr: Writable): Promise<void>;
  /** Runs a command; resolves to its exit code. */
  exec(id: string, command: string[], streams: SessionStreams): Promise<number>;
  /** Joins the container's own streams; resolves when it or the user has ended. */
  attach(id: string, streams: SessionStreams): Promise<void>;
  /** A connection to a TCP port inside the sandbox. */
  portForward(sandboxId: string, port: number): Promise<Duplex>;

  imageStatus(image: string): Promise<Image | undefined>;
  /** Rejects with ImageError. */
  pullImage(image: string, credentials?: RegistryCredentials): Promise<void>;
  listImages(): Promise<Image[]>;
  removeImage(id: string): Promise<void>;

  /** Figures of all running containers. */
  stats(): Promise<ContainerStats[]>;
  /** Tells of changes as they happen, until the signal aborts. Hints only: the kubelet lists as well. */
  watchEvents(listener: (event: RuntimeEvent) => void, signal: AbortSignal): void;
}
