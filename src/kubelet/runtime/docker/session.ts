/**
 * A conversation with a process, over the connection that the daemon handed over for exec or attach:
 * the user's input goes in, output comes out, until either has ended.
 *
 * Closing the input closes one half of the connection; the output is still read to its end. Whatever
 * way it ends, the connection is closed and the user's streams are let go.
 *
 * In Kubernetes: pkg/kubelet/dockershim/exec.go, docker_streaming.go
 */
import type { Socket } from "node:net";
import { type Clock, sleep } from "../../../component/clock.ts";
import type { SessionStreams } from "../runtime.ts";
import { pieces, write } from "./demultiplex.ts";

const RESIZE_ATTEMPTS = 20;
const RESIZE_RETRY_MS = 25;

/** Resolves when the process has said all, or the user has gone. */
export async function converse(socket: Socket, streams: SessionStreams): Promise<void> {
  const { stdin, tty, signal } = streams;
  // Without a listener, a daemon that goes away in the middle would end our process.
  const onError = () => socket.destroy();
  const leave = () => socket.destroy();
  socket.on("error", onError);
  signal.addEventListener("abort", leave, { once: true });
  if (signal.aborted) leave();
  stdin?.pipe(socket);
  try {
    for await (const piece of pieces(socket, tty)) await write(piece, streams);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    stdin?.unpipe(socket);
    signal.removeEventListener("abort", leave);
    socket.destroy();
  }
}

/**
 * Passes on the size of the user's terminal. The first size often comes before the process is there, so
 * it is tried a few times; sizes that come meanwhile replace it.
 */
export function followSize(
  streams: SessionStreams,
  clock: Clock,
  resize: (size: { h: number; w: number }) => Promise<unknown>,
): { start(): void; end(): void } {
  const ended = new AbortController();
  let wanted: { h: number; w: number } | undefined;
  let isBusy = true;
  const apply = async () => {
    isBusy = true;
    for (let attempt = 0; wanted && attempt < RESIZE_ATTEMPTS; attempt++) {
      const size: { h: number; w: number } = wanted;
      const isDone = await resize(size).then(
        () => true,
        () => false,
      );
      if (ended.signal.aborted) break;
      if (!isDone) await sleep(clock, RESIZE_RETRY_MS, ended.signal);
      else if (wanted === size) wanted = undefined;
    }
    isBusy = false;
  };
  const start = () => {
    apply().catch((error) => {
      if (!ended.signal.aborted) throw error;
    });
  };
  streams.onResize?.(({ width, height }) => {
    wanted = { h: height, w: width };
    if (!isBusy && !ended.signal.aborted) start();
  });
  return { start, end: () => ended.abort() };
}
