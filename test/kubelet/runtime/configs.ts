/** Sandboxes and containers as a kubelet would ask for them, but for what a test says. */
import { PassThrough, Writable } from "node:stream";
import type {
  ContainerConfig,
  LogOptions,
  Runtime,
  RuntimeEvent,
  SandboxConfig,
  SessionStreams,
} from "../../../src/kubelet/runtime/runtime.ts";

export function sandboxConfig(name: string, given: Partial<SandboxConfig> = {}): SandboxConfig {
  return {
    pod: { name, namespace: "default", uid: `uid-of-${name}` },
    attempt: 0,
    hostname: name,
    hostNetwork: false,
    hostPID: false,
    hostIPC: false,
    shareProcessNamespace: false,
    portMappings: [],
    labels: {},
    annotations: {},
    image: "pause",
    ...given,
  };
}

export function containerConfig(given: Partial<ContainerConfig> = {}): ContainerConfig {
  return {
    name: "main",
    attempt: 0,
    image: "busybox",
    command: [],
    args: [],
    workingDir: "",
    env: [],
    mounts: [],
    stdin: false,
    stdinOnce: false,
    tty: false,
    resources: { cpuShares: 2, cpuLimitMilli: 0, memoryLimitBytes: 0, oomScoreAdjust: 1000 },
    security: {
      privileged: false,
      supplementalGroups: [],
      readOnlyRootFilesystem: false,
      addCapabilities: [],
      dropCapabilities: [],
      allowPrivilegeEscalation: true,
    },
    terminationMessagePath: "/dev/termination-log",
    labels: {},
    annotations: {},
    specHash: "5eed",
    ...given,
  };
}

/** A stream that keeps what is written to it. */
export class Kept extends Writable {
  #chunks: Buffer[] = [];

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#chunks.push(chunk);
    done();
  }

  get text(): string {
    return Buffer.concat(this.#chunks).toString();
  }
}

export async function allOf(stream: AsyncIterable<Buffer>): Promise<string> {
  let all = "";
  for await (const chunk of stream) all += chunk;
  return all;
}

export async function logsOf(runtime: Runtime, id: string, options: Partial<LogOptions> = {}) {
  const stdout = new Kept();
  const stderr = new Kept();
  const signal = new AbortController().signal;
  await runtime.logs(id, { follow: false, timestamps: false, signal, ...options }, stdout, stderr);
  return { stdout: stdout.text, stderr: stderr.text };
}

export async function execIn(
  runtime: Runtime,
  id: string,
  command: string[],
  streams: Partial<SessionStreams> & { input?: string } = {},
) {
  const stdout = new Kept();
  const stderr = new Kept();
  const { input, ...given } = streams;
  const stdin = input === undefined ? {} : { stdin: new PassThrough().end(input) };
  const signal = new AbortController().signal;
  const all = { stdout, stderr, tty: false, signal, ...stdin, ...given };
  const exitCode = await runtime.exec(id, command, all);
  return { exitCode, stdout: stdout.text, stderr: stderr.text };
}

/** Watches a runtime's events; `until` resolves with one that has been or will be told. */
export function watchEvents(runtime: Runtime) {
  const seen: RuntimeEvent[] = [];
  const waiting = new Set<() => void>();
  const stop = new AbortController();
  runtime.watchEvents((event) => {
    seen.push(event);
    for (const look of waiting) look();
  }, stop.signal);
  const until = (type: RuntimeEvent["type"], containerId: string) =>
    new Promise<RuntimeEvent>((resolve) => {
      const look = () => {
        const found = seen.find((one) => one.type === type && one.containerId === containerId);
        if (!found) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
    });
  return { until, stop: () => stop.abort() };
}
