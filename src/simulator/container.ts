/**
 * One simulated container: a program in its surroundings, from creation to exit, with its log.
 */
import { type Duplex, PassThrough, type Writable } from "node:stream";
import { type Clock, sleep } from "../component/clock.ts";
import type { Random } from "../component/random.ts";
import type {
  ContainerConfig,
  ContainerStatus,
  SessionStreams,
} from "../kubelet/runtime/runtime.ts";
import { containerFiles } from "./container-files.ts";
import { ContainerLog } from "./container-log.ts";
import { CPU_ANNOTATION, CPU_FILE, CpuMeter } from "./cpu-meter.ts";
import type { SimulatedFiles } from "./files.ts";
import { programFor, type SimulatedImage } from "./images.ts";
import type { ConnectionHandler } from "./network.ts";
import {
  type ContainerFiles,
  KILLED_EXIT_CODE,
  type Program,
  type Surroundings,
} from "./process.ts";
import type { SimulatedSandbox } from "./sandbox.ts";

export interface SimulatedContainerOptions {
  id: string;
  config: ContainerConfig;
  sandbox: SimulatedSandbox;
  image: SimulatedImage;
  imageId: string;
  files: SimulatedFiles;
  clock: Clock;
  random: Random;
  connect(host: string, port: number): Promise<Duplex>;
  onChange(type: "started" | "died"): void;
}

const MAX_MESSAGE_BYTES = 4096;
const POLICY = "io.kubernetes.container.terminationMessagePolicy";
const COMMAND_NOT_FOUND = 127;
const TERMINAL_START_MS = 50;

export class SimulatedContainer {
  readonly id: string;
  readonly config: ContainerConfig;
  readonly sandbox: SimulatedSandbox;
  readonly log = new ContainerLog();
  readonly #options: SimulatedContainerOptions;
  readonly #files: ContainerFiles;
  readonly #cpu: CpuMeter;
  readonly #terminated = new AbortController();
  readonly #killed = new AbortController();
  readonly #closers: (() => void)[] = [];
  readonly #attached = new Set<SessionStreams>();
  readonly #stdin: PassThrough | undefined;
  readonly #exited: Promise<void>;
  #onExit: () => void = () => undefined;
  #status: ContainerStatus;

  constructor(options: SimulatedContainerOptions) {
    const { config, sandbox, clock, image } = options;
    this.id = options.id;
    this.config = config;
    this.sandbox = sandbox;
    this.#options = options;
    this.#cpu = new CpuMeter(config.resources.cpuShares);
    this.#stdin = config.stdin ? new PassThrough() : undefined;
    this.#files = containerFiles(options.files, config.mounts, {
      ...image.files,
      "/etc/hostname": `${sandbox.config.hostname}\n`,
      "/etc/hosts": `127.0.0.1\tlocalhost\n${sandbox.ip}\t${sandbox.config.hostname}\n`,
      "/etc/resolv.conf": resolvConf(sandbox),
    });
    this.#exited = new Promise((resolve) => {
      this.#onExit = resolve;
    });
    this.#status = {
      id: options.id,
      sandboxId: sandbox.id,
      pod: sandbox.config.pod,
      name: config.name,
      attempt: config.attempt,
      specHash: config.specHash,
      state: "created",
      createdAt: clock.now(),
      image: config.image,
      imageId: options.imageId,
      terminationMessagePolicy: config.annotations[POLICY] ?? "File",
    };
  }

  get status(): ContainerStatus {
    return this.#status;
  }

  /** The processor's time it has used since its start. */
  cpuNanoseconds(now: Date): number {
    const load = this.#files.read(CPU_FILE)?.toString();
    const annotated = this.sandbox.config.annotations[CPU_ANNOTATION];
    const startedMs = (this.#status.startedAt ?? now).getTime();
    return this.#cpu.read(now.getTime(), startedMs, load ?? annotated);
  }

  /** Rejects when there is no such program in the image. */
  start(): void {
    const { clock, image, onChange, config } = this.#options;
    const argv = [...config.command, ...config.args];
    const program = programFor(image, argv);
    if (program === undefined) {
      const message = startFailure(argv[0] ?? "");
      this.#end(COMMAND_NOT_FOUND, "ContainerCannotRun", message);
      throw new Error(message);
    }
    this.#status = { ...this.#status, state: "running", startedAt: clock.now() };
    const surroundings = this.#surroundings(argv, this.#stdin, (stream, text) => {
      this.log.append(stream, `${text}`, clock.now());
      for (const { stdout, stderr } of this.#attached) {
        (stream === "stdout" ? stdout : (stderr ?? stdout))?.write(text);
      }
    });
    onChange("started");
    void this.#run(program, surroundings);
  }

  /** SIGTERM, and SIGKILL when the time is over. */
  async stop(graceSeconds: number): Promise<void> {
    if (this.#status.state !== "running") return;
    this.#terminated.abort();
    const over = new AbortController();
    const wait = sleep(this.#options.clock, graceSeconds * 1000, over.signal).then(
      () => this.kill(),
      () => undefined,
    );
    await this.#exited;
    over.abort();
    await wait;
  }

  /** Ends it at once, as `kill -9` or a crash would. */
  kill(): void {
    this.#killed.abort();
  }

  /**
   * Runs another program beside it. On a terminal it takes as long to begin as a real one would: kubectl first says
   * how large the terminal is, and complains where nobody is there any more to hear it.
   */
  async exec(argv: string[], streams: SessionStreams): Promise<number> {
    const program = programFor(this.#options.image, argv);
    if (argv.length === 0 || program === undefined) {
      throw new Error(execFailure(argv[0] ?? ""));
    }
    let full: Writable | undefined;
    const write: Surroundings["write"] = (stream, text) => {
      const cooked = streams.tty ? `${text}`.replace(/\r?\n/g, "\r\n") : text;
      const to = stream === "stdout" || streams.tty ? streams.stdout : streams.stderr;
      if (to?.write(cooked) === false) full = to;
    };
    const drained = async () => {
      if (full?.writableNeedDrain) await roomIn(full, streams.signal);
      full = undefined;
    };
    const surroundings = this.#surroundings(argv, streams.stdin, write);
    const killed = AbortSignal.any([streams.signal, this.#killed.signal, this.#terminated.signal]);
    if (streams.tty && !killed.aborted) await sleep(this.#options.clock, TERMINAL_START_MS);
    return program({ ...surroundings, killed, drained, isTerminal: streams.tty });
  }

  async attach(streams: SessionStreams): Promise<void> {
    this.#attached.add(streams);
    if (this.#stdin) streams.stdin?.pipe(this.#stdin, { end: this.config.stdinOnce });
    const gone = new Promise<void>((resolve) => {
      streams.signal.addEventListener("abort", () => resolve(), { once: true });
    });
    await Promise.race([this.#exited, gone]);
    if (this.#stdin) streams.stdin?.unpipe(this.#stdin);
    this.#attached.delete(streams);
  }

  async #run(program: Program, surroundings: Surroundings): Promise<void> {
    const killed = new Promise<number>((resolve) => {
      this.#killed.signal.addEventListener("abort", () => resolve(KILLED_EXIT_CODE), {
        once: true,
      });
    });
    try {
      this.#end(await Promise.race([program(surroundings), killed]));
    } catch (error) {
      surroundings.write("stderr", `${(error as Error).message}\n`);
      this.#end(1);
    }
  }

  #end(exitCode: number, reason?: string, why?: string): void {
    const { clock, onChange, config } = this.#options;
    for (const close of this.#closers) close();
    const now = clock.now();
    this.log.close(now);
    const written = this.#files.read(config.terminationMessagePath)?.toString("utf8");
    const message = why ?? written?.slice(0, MAX_MESSAGE_BYTES);
    this.#status = {
      ...this.#status,
      state: "exited",
      finishedAt: now,
      exitCode,
      reason: reason ?? (exitCode === 0 ? "Completed" : "Error"),
      ...(message ? { message } : {}),
    };
    this.#killed.abort();
    this.#onExit();
    onChange("died");
  }

  #surroundings(
    argv: string[],
    stdin: Surroundings["stdin"],
    write: Surroundings["write"],
  ): Surroundings {
    const { clock, random, connect, config, image, sandbox } = this.#options;
    const { hostname } = sandbox.config;
    const env = new Map(Object.entries({ ...image.env, HOSTNAME: hostname, HOME: "/root" }));
    for (const { name, value } of config.env) env.set(name, value);
    return {
      argv,
      env,
      hostname,
      ip: sandbox.ip,
      stdin,
      write,
      drained: () => Promise.resolve(),
      files: this.#files,
      clock,
      random,
      terminated: this.#terminated.signal,
      killed: this.#killed.signal,
      isTerminal: config.tty,
      workingDir: config.workingDir || "/",
      startedAt: this.#status.startedAt ?? clock.now(),
      listen: (port, handler) => this.#listen(port, handler),
      connect: (host, port) => connect(host === "localhost" ? sandbox.ip : host, port),
      ports: sandbox.config.portMappings.map(({ containerPort }) => containerPort),
    };
  }

  #listen(port: number, handler: ConnectionHandler): void {
    const close = this.sandbox.listen(port, handler);
    if (close) this.#closers.push(close);
  }
}

function roomIn(stream: Writable, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed || signal.aborted) return resolve();
    const done = () => {
      for (const event of ["drain", "close"]) stream.off(event, done);
      signal.removeEventListener("abort", done);
      resolve();
    };
    for (const event of ["drain", "close"]) stream.once(event, done);
    signal.addEventListener("abort", done, { once: true });
  });
}

function resolvConf({ config: { dns } }: SimulatedSandbox): string {
  const { servers = [], searches = [], options = [] } = dns ?? {};
  const lines = servers.map((server) => `nameserver ${server}`);
  if (searches.length > 0) lines.push(`search ${searches.join(" ")}`);
  if (options.length > 0) lines.push(`options ${options.join(" ")}`);
  return lines.map((line) => `${line}\n`).join("");
}

function startFailure(name: string): string {
  return (
    "failed to create shim task: OCI runtime create failed: runc create failed: unable to start " +
    `container process: exec: "${name}": ${whyNotFound(name)}: unknown`
  );
}

function execFailure(name: string): string {
  return (
    "OCI runtime exec failed: exec failed: unable to start container process: " +
    `exec: "${name}": ${whyNotFound(name)}: unknown`
  );
}

function whyNotFound(name: string): string {
  if (name.startsWith("/")) return `stat ${name}: no such file or directory`;
  return "executable file not found in $PATH";
}
