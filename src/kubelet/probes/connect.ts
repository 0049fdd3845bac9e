/**
 * How the kubelet reaches a pod: a function, because on simulated nodes pods have no address that
 * the machine's own network knows.
 */
import { connect as netConnect } from "node:net";
import type { Duplex } from "node:stream";

/** Resolves to an open connection. Rejects in the words of Go's dialer. */
export type Connect = (host: string, port: number, signal: AbortSignal) => Promise<Duplex>;

export const connectOverNetwork: Connect = (host, port, signal) =>
  new Promise((resolve, reject) => {
    const socket = netConnect({ host, port });
    const onAbort = () => socket.destroy(new Error(`dial tcp ${host}:${port}: i/o timeout`));
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    const settle = () => signal.removeEventListener("abort", onAbort);
    socket.once("connect", () => {
      settle();
      resolve(socket);
    });
    socket.once("error", (error: NodeJS.ErrnoException) => {
      settle();
      reject(new Error(wordingOf(error, host, port)));
    });
  });

function wordingOf(error: NodeJS.ErrnoException, host: string, port: number): string {
  const goWords: Record<string, string> = {
    ECONNREFUSED: "connect: connection refused",
    EHOSTUNREACH: "connect: no route to host",
    ENETUNREACH: "connect: network is unreachable",
    ETIMEDOUT: "connect: connection timed out",
  };
  const words = goWords[error.code ?? ""];
  return words === undefined ? error.message : `dial tcp ${host}:${port}: ${words}`;
}
