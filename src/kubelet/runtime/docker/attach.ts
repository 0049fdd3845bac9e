/**
 * Joins the streams of a container's first process.
 *
 * In Kubernetes: pkg/kubelet/dockershim/docker_streaming.go (attachContainer)
 */
import type { Socket } from "node:net";
import type { Clock } from "../../../component/clock.ts";
import type { SessionStreams } from "../runtime.ts";
import { inspect } from "./containers.ts";
import type { DockerConnection } from "./docker-connection.ts";
import { converse, followSize } from "./session.ts";

export async function attachTo(
  connection: DockerConnection,
  clock: Clock,
  id: string,
  streams: SessionStreams,
): Promise<void> {
  const { State, Config } = await inspect(connection, id);
  if (!State.Running) throw new Error(`container not running (${id})`);
  const { stdin, stdout, stderr, signal } = streams;
  const socket = await connection.ask(
    async (docker) =>
      (await docker.getContainer(id).attach({
        stream: true,
        hijack: true,
        stdin: stdin !== undefined,
        stdout: stdout !== undefined,
        stderr: stderr !== undefined,
      })) as unknown as Socket,
    { signal },
  );
  const size = followSize(streams, clock, (to) =>
    connection.ask((docker) => docker.getContainer(id).resize(to)),
  );
  size.start();
  try {
    await converse(socket, { ...streams, tty: Config.Tty });
  } finally {
    size.end();
  }
}
