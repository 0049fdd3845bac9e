/**
 * How many events a second reach a hundred watchers while objects are created, beside a bare Node
 * server that passes the body of each POST on to a hundred connections.
 */
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import type { Benchmark } from "../bench.ts";
import { call } from "../http-call.ts";
import { requestBytes, runLoad } from "../load.ts";
import { CONFIG_MAPS, configMap, createRequest } from "../objects.ts";
import { compare } from "../rounds.ts";
import { type Door, type Server, startApiServerProcess, startBareServer } from "../servers.ts";

const WATCHERS = 100;
const EVENTS = 2_000;
/** How many are delivered in a round, to all watchers together. */
export const DELIVERED = WATCHERS * (EVENTS + 1);
/** What a list of the bare server shows. */
const NOTHING = { metadata: { resourceVersion: "0" } };

export const fanOut: Benchmark = {
  name: "fan-out",
  about: `events delivered a second to ${WATCHERS} watchers`,
  async run({ rounds, door, directory }) {
    const ours = await startApiServerProcess({ directory: join(directory, "fan-out") }, door);
    const bare = await startBareServer(door, directory, JSON.stringify(NOTHING));
    let round = 0;
    const figure = await compare({
      name: `watch, ${WATCHERS} watchers`,
      unit: "events/s",
      rounds,
      server: { child: ours.child, operations: DELIVERED },
      measure: () => deliveredPerSecond(ours, door, round++),
      baseline: {
        name: "bare Node, same bytes",
        measure: () => deliveredPerSecond(bare, door, round++),
      },
    });
    await bare.child.stop();
    await ours.child.stop();
    return [figure];
  },
};

/** While so many objects are created. */
export async function deliveredPerSecond(
  { port }: Server,
  door: Door,
  round: number,
): Promise<number> {
  const last = `last-of-round-${round}`;
  // Only what comes now is counted, so what there is already is not asked for.
  const list: typeof NOTHING = JSON.parse(
    await call({ port, door }, "GET", `${CONFIG_MAPS}?limit=1`),
  );
  const path = `${CONFIG_MAPS}?watch=1&resourceVersion=${list.metadata.resourceVersion}`;
  const watchers = await Promise.all(
    Array.from({ length: WATCHERS }, () => Watcher.open(port, door, path, last)),
  );
  const request = (i: number) => createRequest(CONFIG_MAPS, configMap(`r${round}-${i}`));
  const began = performance.now();
  await runLoad({ port, door, connections: 32, requests: EVENTS, request });
  await call({ port, door }, "POST", CONFIG_MAPS, configMap(last));
  await Promise.all(watchers.map((watcher) => watcher.done));
  const seconds = (performance.now() - began) / 1000;
  const least = EVENTS * configMap("r0-0").length;
  for (const { bytes } of watchers) {
    if (bytes < least) throw new Error(`a watcher got ${bytes} bytes, ${least} were sent`);
  }
  return DELIVERED / seconds;
}

/** Takes everything until it has seen the last object's name. */
class Watcher {
  readonly done: Promise<void>;
  bytes = 0;

  private constructor(socket: Socket, last: string) {
    this.done = new Promise((resolve, reject) => {
      let end = Buffer.alloc(0);
      socket.on("data", (chunk) => {
        this.bytes += chunk.length;
        // The name may lie across two chunks.
        const isLast = chunk.includes(last) || Buffer.concat([end, chunk]).includes(last);
        end = Buffer.from(chunk.subarray(-last.length));
        if (!isLast) return;
        resolve();
        socket.destroy();
      });
      socket.once("close", () => reject(new Error("the server ended the watch")));
      socket.once("error", reject);
    });
  }

  /** Resolves when the server has answered with its headers. */
  static open(port: number, door: Door, path: string, last: string): Promise<Watcher> {
    return new Promise((resolve, reject) => {
      const where = { port, host: "127.0.0.1", rejectUnauthorized: false };
      const socket = door === "tls" ? connectTls(where) : connect(where);
      socket.once("error", reject);
      socket.write(requestBytes("GET", path));
      socket.once("data", () => resolve(new Watcher(socket, last)));
    });
  }
}
