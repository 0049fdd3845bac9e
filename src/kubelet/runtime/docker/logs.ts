/**
 * The log of a container, from Docker's json-file driver.
 *
 * In Kubernetes: pkg/kubelet/dockershim/docker_legacy_service.go (GetContainerLogs)
 */
import type { LogOptions } from "../runtime.ts";
import { inspect } from "./containers.ts";
import { type Outputs, pieces, write } from "./demultiplex.ts";
import type { DockerConnection } from "./docker-connection.ts";

/** Resolves when all is written, or as much as was asked for, or nobody wants more. */
export async function writeLogs(
  connection: DockerConnection,
  id: string,
  options: LogOptions,
  outputs: Outputs,
): Promise<void> {
  const { signal, limitBytes = Number.POSITIVE_INFINITY } = options;
  const { Config } = await inspect(connection, id);
  if (signal.aborted) return;
  try {
    const log = await connection.open(`/containers/${id}/logs`, query(options), signal);
    let remaining = limitBytes;
    // Leaving the loop destroys the log, and with it the connection.
    for await (const { stream, bytes } of pieces(log, Config.Tty)) {
      await write({ stream, bytes: bytes.subarray(0, remaining) }, outputs);
      remaining -= bytes.length;
      if (remaining <= 0) return;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

function query({ follow, since, tailLines, timestamps }: LogOptions): Record<string, unknown> {
  return {
    stdout: true,
    stderr: true,
    follow,
    timestamps,
    tail: tailLines === undefined ? "all" : String(tailLines),
    ...(since && { since: (since.getTime() / 1000).toFixed(3) }),
  };
}
