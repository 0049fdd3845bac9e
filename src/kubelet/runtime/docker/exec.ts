/**
 * Runs one more process in a container that runs already.
 *
 * A program that cannot be found is, with Docker, not an error of the request: its words come on the
 * output, and the exit code is 126.
 *
 * In Kubernetes: pkg/kubelet/dockershim/exec.go (NativeExecHandler)
 */
import type { Socket } from "node:net";
import type { Exec } from "dockerode";
import { type Clock, sleep } from "../../../component/clock.ts";
import type { SessionStreams } from "../runtime.ts";
import type { DockerConnection } from "./docker-connection.ts";
import { converse, followSize } from "./session.ts";

/** The output may end a moment before Docker knows the exit code. */
const EXIT_CODE_ATTEMPTS = 50;
const EXIT_CODE_RETRY_MS = 20;

export async function runInContainer(
  connection: DockerConnection,
  clock: Clock,
  id: string,
  command: string[],
  streams: SessionStreams,
): Promise<number> {
  const { stdin, stdout, stderr, tty, signal } = streams;
  const exec = await connection.ask(
    (docker) =>
      docker.getContainer(id).exec({
        Cmd: command,
        AttachStdin: stdin !== undefined,
        AttachStdout: stdout !== undefined,
        AttachStderr: stderr !== undefined && !tty,
        Tty: tty,
      }),
    { signal },
  );
  const size = followSize(streams, clock, (to) => connection.ask(() => exec.resize(to)));
  try {
    const socket = await connection.ask(() => startExec(exec, tty), { signal });
    size.start();
    await converse(socket, streams);
  } finally {
    size.end();
  }
  signal.throwIfAborted();
  return exitCodeOf(connection, clock, exec);
}

async function startExec(exec: Exec, tty: boolean): Promise<Socket> {
  return (await exec.start({ hijack: true, stdin: true, Tty: tty })) as unknown as Socket;
}

async function exitCodeOf(connection: DockerConnection, clock: Clock, exec: Exec): Promise<number> {
  for (let attempt = 0; attempt < EXIT_CODE_ATTEMPTS; attempt++) {
    const { Running, ExitCode } = await connection.ask(() => exec.inspect());
    if (!Running && ExitCode !== null) return ExitCode;
    await sleep(clock, EXIT_CODE_RETRY_MS);
  }
  throw new Error(`unable to get the exit code of exec session ${exec.id}: it is still running`);
}
