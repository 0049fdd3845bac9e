/**
 * What the daemon answers when it refuses, in the words that Docker's own client (and so Kubernetes)
 * would show: "Error response from daemon: ...".
 *
 * In Kubernetes: github.com/docker/docker/client/errors.go, pkg/kubelet/dockershim/libdocker/client.go
 */
import { NotFoundError } from "../runtime.ts";

/** The daemon said no. `code` is the HTTP status of its answer. */
export class DaemonError extends Error {
  override readonly name = "DaemonError";
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** What docker-modem rejects with: an answer that is not a success, or an error of the socket. */
interface ModemError extends Error {
  statusCode?: number;
  json?: { message?: string } | Buffer | null;
  code?: string;
}

const UNREACHABLE = new Set(["ENOENT", "ECONNREFUSED", "EACCES", "EHOSTUNREACH", "ENOTFOUND"]);

export function toDaemonError(error: unknown, endpoint: string): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  const { statusCode, code } = error as ModemError;
  if (statusCode !== undefined) return ofAnswer(statusCode, wordsOf(error));
  if (code === "EACCES") {
    return Object.assign(
      new Error(
        `permission denied while trying to connect to the Docker daemon socket at ${endpoint}`,
      ),
      { code },
    );
  }
  if (!UNREACHABLE.has(code ?? "")) return error;
  const message = `Cannot connect to the Docker daemon at ${endpoint}. Is the docker daemon running?`;
  return Object.assign(new Error(message), { code });
}

function ofAnswer(statusCode: number, words: string): Error {
  const message = `Error response from daemon: ${words}`;
  return statusCode === 404 ? new NotFoundError(message) : new DaemonError(statusCode, message);
}

/** The modem wraps the daemon's words ("(HTTP code 409) unexpected - words "), and of a stream keeps no more. */
function wordsOf(error: ModemError): string {
  const json = error.json;
  if (json && !Buffer.isBuffer(json) && json.message) return json.message.trim();
  return error.message.replace(/^\(HTTP code \d+\) .*? - /s, "").trim();
}

/**
 * The same error as it comes to the kubelet over the CRI: where Kubernetes shows a user the whole of it,
 * it shows these words too.
 */
export function asRemote(error: unknown): Error {
  const words = error instanceof Error ? error.message : String(error);
  const status = error instanceof NotFoundError ? "NotFound" : "Unknown";
  const code = error instanceof DaemonError ? error.code : 500;
  return new DaemonError(code, `rpc error: code = ${status} desc = ${words}`);
}

/** Resolves to undefined where the daemon says that there is no such thing, or that it is so already. */
export async function unlessGone<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    if (error instanceof DaemonError && error.code === 304) return undefined;
    throw error;
  }
}
