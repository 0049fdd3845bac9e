/**
 * The way to the Docker daemon: a socket, and the version of its API both sides speak.
 *
 * Everything asked of the daemon goes through `ask`, so that each request has a time limit and each
 * failure has Docker's own words. The version is agreed on before the first request, and again after
 * `checkVersion` (a daemon may have been upgraded meanwhile).
 *
 * In Kubernetes: pkg/kubelet/dockershim/libdocker/kube_docker_client.go
 */
import { Agent } from "node:http";
import type { Readable } from "node:stream";
import Docker from "dockerode";
import type { Clock } from "../../../component/clock.ts";
import { toDaemonError } from "./daemon-error.ts";

const NEWEST_KNOWN = "1.44";
const OLDEST_KNOWN = "1.24";
const REQUEST_LIMIT_MS = 120_000;

export interface DockerVersion {
  version: string;
  apiVersion: string;
}

export interface AskOptions {
  limitMs?: number;
  signal?: AbortSignal;
}

export class DockerConnection {
  readonly #endpoint: string;
  readonly #clock: Clock;
  readonly #agent = new Agent({ keepAlive: true });
  #agreed: Promise<{ docker: Docker; apiVersion: string }> | undefined;

  /** `endpoint` as --docker-endpoint has it: "unix:///var/run/docker.sock" or "tcp://host:2375". */
  constructor(endpoint: string, clock: Clock) {
    this.#endpoint = endpoint;
    this.#clock = clock;
  }

  /** Asks the daemon something. The signal given to `question` aborts when the time is up. */
  async ask<T>(
    question: (docker: Docker, signal: AbortSignal) => Promise<T>,
    { limitMs = REQUEST_LIMIT_MS, signal }: AskOptions = {},
  ): Promise<T> {
    const limit = new AbortController();
    const stop = () => limit.abort(signal!.reason);
    if (signal?.aborted) throw signal.reason;
    signal?.addEventListener("abort", stop, { once: true });
    const timer = this.#clock.setTimeout(
      () => limit.abort(new Error("operation timeout: context deadline exceeded")),
      limitMs,
    );
    try {
      return await unlessAborted(
        this.#agree().then(({ docker }) => question(docker, limit.signal)),
        limit.signal,
      );
    } catch (error) {
      if (limit.signal.aborted) throw limit.signal.reason;
      throw toDaemonError(error, this.#endpoint);
    } finally {
      timer.cancel();
      signal?.removeEventListener("abort", stop);
    }
  }

  /** Opens an answer that goes on for long; aborting the signal closes it. */
  async open(path: string, query: Record<string, unknown>, signal: AbortSignal): Promise<Readable> {
    try {
      const { docker } = await this.#agree();
      return await dial(docker, path, query, signal);
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      throw toDaemonError(error, this.#endpoint);
    }
  }

  /** Asks which version the daemon is of, and agrees on the API's version anew. */
  async checkVersion(): Promise<DockerVersion> {
    const unversioned = this.#client();
    const asked = this.#ask(unversioned);
    const agreed = asked.then(({ ApiVersion, MinAPIVersion }) => {
      const apiVersion = agreeOn(ApiVersion, MinAPIVersion ?? OLDEST_KNOWN);
      return { docker: this.#client(`v${apiVersion}`), apiVersion };
    });
    this.#agreed = agreed;
    agreed.catch(() => {
      if (this.#agreed === agreed) this.#agreed = undefined;
    });
    const { Version } = await asked;
    return { version: Version, apiVersion: (await agreed).apiVersion };
  }

  /** Whether the agreed version of the API is this one or later. */
  async speaks(version: string): Promise<boolean> {
    const { apiVersion } = await this.#agree();
    return minor(apiVersion) >= minor(version);
  }

  close(): void {
    this.#agent.destroy();
  }

  async #agree() {
    if (!this.#agreed) await this.checkVersion();
    return this.#agreed!;
  }

  async #ask(docker: Docker) {
    const limit = new AbortController();
    const timer = this.#clock.setTimeout(
      () => limit.abort(new Error("operation timeout: context deadline exceeded")),
      REQUEST_LIMIT_MS,
    );
    try {
      return await unlessAborted(docker.version(), limit.signal);
    } catch (error) {
      throw toDaemonError(error, this.#endpoint);
    } finally {
      timer.cancel();
    }
  }

  #client(version?: string): Docker {
    const { protocol, hostname, port, pathname } = new URL(this.#endpoint);
    const place =
      protocol === "unix:"
        ? { socketPath: decodeURIComponent(pathname) }
        : { protocol: "http" as const, host: hostname, port: port || "2375" };
    return new Docker({ ...place, agent: this.#agent, ...(version && { version }) } as object);
  }
}

/** The newer of the two sides gives way, as long as the older is not too old. */
export function agreeOn(theirs: string, theirOldest: string): string {
  if (minor(theirs) < minor(OLDEST_KNOWN)) {
    throw new Error(
      `Docker API version is older than ${OLDEST_KNOWN}: the daemon speaks ${theirs}; Docker 1.12 or later is needed`,
    );
  }
  if (minor(theirOldest) > minor(NEWEST_KNOWN)) {
    throw new Error(
      `client version ${NEWEST_KNOWN} is too old. Minimum supported API version is ${theirOldest}, please upgrade your client to a newer version`,
    );
  }
  return minor(theirs) < minor(NEWEST_KNOWN) ? theirs : NEWEST_KNOWN;
}

/** Every version is 1.something. */
function minor(version: string): number {
  return Number(version.split(".")[1]);
}

function dial(
  docker: Docker,
  path: string,
  query: Record<string, unknown>,
  signal: AbortSignal,
): Promise<Readable> {
  const statusCodes = { 200: true, 404: "no such thing", 500: "server error" };
  return new Promise((resolve, reject) => {
    docker.modem.dial(
      {
        path: `${path}?`,
        method: "GET",
        isStream: true,
        statusCodes,
        options: query,
        abortSignal: signal,
      },
      (error: unknown, answer: unknown) => {
        if (error) reject(error);
        else resolve(answer as Readable);
      },
    );
  });
}

/** The daemon may not notice that nobody waits any more; we do not wait for that. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}
