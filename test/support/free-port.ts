/**
 * TCP ports of the loopback interface that nobody uses and nobody else is given. The kernel's own choice would not do:
 * between our closing it and the other process's opening it, any outgoing connection of the machine may be given the same
 * one. So they are taken from below what the kernel hands out, and each worker of the tests has a range of its own.
 */
import { createServer } from "node:net";

const FIRST = 12_000;
const RANGE = 1_000;
const RANGES = 16;

const worker = Number(process.env.VITEST_POOL_ID ?? 0) % RANGES;
/** Anywhere in the range: what another run of the tests left listening is not met each time. */
let next = Math.floor(Math.random() * RANGE);

export async function freePort(): Promise<number> {
  for (let tries = 0; tries < RANGE; tries++) {
    const port = FIRST + worker * RANGE + (next++ % RANGE);
    if (await isFree(port)) return port;
  }
  throw new Error(`none of ${RANGE} ports is free`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) =>
      error.code === "EADDRINUSE" ? resolve(false) : reject(error),
    );
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
