/**
 * The API server under malformed requests: as many as there is time for in CI, and as many as one likes by hand
 * (FUZZ_REQUESTS=100000 FUZZ_SEED=7). The seed is told where something is found, and finds it again.
 */
import { connect, type Socket } from "node:net";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { kinds } from "../../src/api/kinds.ts";
import type { Listening } from "../../src/apiserver/server.ts";
import { createHttpTransport } from "../../src/client/http-transport.ts";
import type { ApiRequest } from "../../src/client/transport.ts";
import { ask } from "../support/api-request.ts";
import { CronTabKind } from "./cron-tab-kind.ts";
import { Dice } from "./dice.ts";
import { type FuzzedServer, seen, startFuzzedServer } from "./fuzzed-server.ts";
import { malformedHttp } from "./malformed-http.ts";
import { RequestMaker } from "./malformed-request.ts";
import { faultOf } from "./verdict.ts";

const REQUESTS = Number(process.env.FUZZ_REQUESTS ?? 6_000);
const SEED = Number(process.env.FUZZ_SEED ?? 1);
const AT_A_TIME = 50;
const LIMIT_MS = 120_000 + REQUESTS * 20;
const MEGABYTE = 1024 * 1024;

let server: FuzzedServer;
beforeAll(async () => {
  server = await startFuzzedServer();
});
afterAll(() => server.stop());
afterEach(() => {
  // Whatever was sent, no object has become richer by it.
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  expect(server.errors, `seed ${SEED}`).toEqual([]);
});

const told = ({ method, path, headers, body }: ApiRequest) =>
  `${method} ${path.slice(0, 300)} ${JSON.stringify(headers)} ${Buffer.from(body ?? [])
    .toString()
    .slice(0, 600)}`;

/** What was wrong with the answers to `count` requests, each with its request. */
async function faultsOf(maker: RequestMaker, count: number): Promise<string[]> {
  const found: string[] = [];
  for (let sent = 0; sent < count; sent += AT_A_TIME) {
    const requests = Array.from({ length: AT_A_TIME }, () => maker.next());
    const answers = await server.answerAll(requests);
    for (const [i, answer] of answers.entries()) {
      const fault = faultOf(requests[i]!, answer);
      if (fault !== undefined) found.push(`${fault}\n  ${told(requests[i]!)}`);
    }
  }
  return found;
}

function heapBytes(): number {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  collect();
  return process.memoryUsage().heapUsed;
}

describe("whatever is asked of an API server", () => {
  test("is answered as Kubernetes would, stores nothing unsound and leaves nothing behind", {
    timeout: LIMIT_MS,
  }, async () => {
    const maker = new RequestMaker(new Dice(SEED), [...kinds, CronTabKind, CronTabKind]);
    const rounds = 4;
    const heaps: number[] = [];
    for (let round = 0; round < rounds; round++) {
      expect(await faultsOf(maker, REQUESTS / rounds), `seed ${SEED}`).toEqual([]);
      expect(await server.unsoundObjects(), `seed ${SEED}`).toEqual([]);
      await server.sweep();
      heaps.push(heapBytes());
    }
    const growth = (heaps.at(-1)! - heaps[1]!) / MEGABYTE;
    expect(growth, `heaps: ${heaps.join(", ")}`).toBeLessThan(24);
  });
});

describe("over a socket", () => {
  let listening: Listening;
  beforeAll(async () => {
    listening = await server.listen({ address: "127.0.0.1", port: 0 });
  });

  test("malformed requests are answered the same", { timeout: LIMIT_MS }, async () => {
    const { transport, close } = createHttpTransport(`http://127.0.0.1:${listening.port}`);
    const maker = new RequestMaker(new Dice(SEED + 1), kinds);
    const found: string[] = [];
    for (let i = 0; i < REQUESTS / 20; i++) {
      const request = maker.next();
      // A client that speaks HTTP says these in no other way.
      if (!/^[A-Z]+$/.test(request.method) || !/^\/[\x21-\x7e]*$/.test(request.path)) continue;
      const fault = faultOf(request, await server.whileTimeGoesOn(transport(request).then(seen)));
      if (fault !== undefined) found.push(`${fault}\n  ${told(request)}`);
    }
    close();
    expect(found, `seed ${SEED}`).toEqual([]);
  });

  test("what is no HTTP is cut off, and the next one served", { timeout: LIMIT_MS }, async () => {
    const dice = new Dice(SEED + 2);
    for (let i = 0; i < REQUESTS / 20; i++) {
      const answer = await answerTo(malformedHttp(dice), listening.port);
      expect(answer).not.toMatch(/^HTTP\/1\.\d 5(?!05)/);
    }
    const health = createHttpTransport(`http://127.0.0.1:${listening.port}`);
    expect((await ask(health.transport, "GET", "/healthz")).text).toBe("ok");
    health.close();
  });

  /** Sends the bytes and says no more; returns what came until the server closed. */
  function answerTo(bytes: Buffer, port: number): Promise<string> {
    return new Promise((resolve) => {
      let text = "";
      const socket: Socket = connect(port, "127.0.0.1", () => socket.end(bytes));
      socket.on("data", (chunk) => {
        text += chunk.toString("latin1");
      });
      // A reset is an answer too.
      socket.on("error", () => undefined);
      socket.on("close", () => resolve(text));
    });
  }
});
