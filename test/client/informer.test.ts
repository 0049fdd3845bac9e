import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Pod } from "../../src/api/pod.ts";
import { Client } from "../../src/client/client.ts";
import { createInformers, type Informer } from "../../src/client/informer.ts";
import { silentLog } from "../../src/component/log.ts";
import { seededRandom } from "../../src/component/random.ts";
import { TestClock } from "../support/test-clock.ts";
import { failure, SmallServer } from "./small-server.ts";

const PODS = "/api/v1/namespaces/default/pods";

let server: SmallServer;
let clock: TestClock;
let lifetime: AbortController;
let pods: Informer<Pod>;

beforeEach(() => {
  server = new SmallServer();
  clock = new TestClock();
  lifetime = new AbortController();
});
afterEach(() => lifetime.abort());

function start(): Informer<Pod> {
  const client = new Client(server.transport);
  const random = seededRandom(1);
  const informers = createInformers({
    client,
    clock,
    random,
    log: silentLog,
    signal: lifetime.signal,
  });
  pods = informers.of(Pod);
  expect(informers.of(Pod)).toBe(pods);
  return pods;
}

describe("an informer", () => {
  test("holds what was listed, then what was watched", async () => {
    server.put(`${PODS}/a`, pod());
    await start().synced();
    expect(names()).toEqual(["a"]);
    expect(pods.get("default", "a")).toMatchObject({ kind: "Pod", apiVersion: "v1" });

    await untilWatching();
    server.put(`${PODS}/b`, pod());
    server.delete(`${PODS}/a`);

    expect(names()).toEqual(["b"]);
  });

  test("tells each handler of what there is, and then of each change", async () => {
    server.put(`${PODS}/a`, pod());
    await start().synced();
    await untilWatching();
    const told: string[] = [];
    pods.onChange((obj, old) => told.push(`${old?.metadata.name} -> ${obj?.metadata.name}`));

    server.put(`${PODS}/a`, pod("node1"));
    server.delete(`${PODS}/a`);

    expect(told).toEqual(["undefined -> a", "a -> a", "a -> undefined"]);
  });

  test("lets no handler's failure keep the others from hearing", async () => {
    await start().synced();
    await untilWatching();
    const told: string[] = [];
    pods.onChange(() => {
      throw new Error("a bug");
    });
    pods.onChange((obj) => told.push(obj!.metadata.name));

    server.put(`${PODS}/a`, pod());

    expect(told).toEqual(["a"]);
  });

  test("files objects by node and by owner, and under indexes added late", async () => {
    server.put(`${PODS}/a`, pod("node1"));
    server.put(`${PODS}/b`, ownedBy("rc-uid"));
    await start().synced();
    await untilWatching();
    pods.addIndex("label", ({ metadata }) => Object.keys(metadata.labels ?? {}));

    server.put(`${PODS}/a`, pod("node2"));
    server.put(`${PODS}/c`, { metadata: { labels: { app: "web" } } });

    expect(pods.by("node", "node1")).toEqual([]);
    expect(namesOf(pods.by("node", "node2"))).toEqual(["a"]);
    expect(namesOf(pods.by("owner", "rc-uid"))).toEqual(["b"]);
    expect(namesOf(pods.by("label", "app"))).toEqual(["c"]);
    expect(() => pods.by("colour", "red")).toThrow('there is no index named "colour"');
  });

  test("keeps no managedFields", async () => {
    server.put(`${PODS}/a`, { metadata: { managedFields: [{ manager: "kubectl" }] } });
    await start().synced();

    expect(pods.get("default", "a")!.metadata).not.toHaveProperty("managedFields");
  });

  test("resumes a watch that is cut from the last version it saw", async () => {
    await start().synced();
    await untilWatching();
    server.put(`${PODS}/a`, pod());
    server.cut();
    server.put(`${PODS}/b`, pod());
    await untilWatching();

    expect(names()).toEqual(["a", "b"]);
    const watches = server.requests.filter((request) => request.includes("watch=1"));
    expect(watches.map((path) => /resourceVersion=(\d+)/.exec(path)![1])).toEqual(["100", "101"]);
    expect(server.requests.length - watches.length).toBe(1);
  });

  test("resumes from a bookmark, so that a quiet kind does not expire", async () => {
    await start().synced();
    await untilWatching();
    server.revision = 5_000;
    server.bookmark();
    server.oldest = 4_000;
    server.cut();
    await untilWatching();

    expect(server.requests.at(-1)).toContain("resourceVersion=5000");
  });

  test("lists again when its version has expired, and tells the difference", async () => {
    for (const name of ["kept", "changed", "gone", "remade"]) server.put(`${PODS}/${name}`, pod());
    await start().synced();
    await untilWatching();
    const told: string[] = [];
    pods.onChange((obj, old) => {
      if (old) told.push(`${old.metadata.name}: ${obj ? "changed" : "gone"}`);
      else told.push(`${obj!.metadata.name}: new`);
    });
    told.length = 0;
    server.isSilent = true;
    server.put(`${PODS}/changed`, pod("node1"));
    server.delete(`${PODS}/gone`);
    server.delete(`${PODS}/remade`);
    server.put(`${PODS}/remade`, pod());
    server.put(`${PODS}/added`, pod());
    server.isSilent = false;
    server.oldest = server.revision;
    server.cut();
    await untilWatching();

    expect(told).toEqual([
      "changed: changed",
      "remade: gone",
      "remade: new",
      "added: new",
      "gone: gone",
    ]);
  });

  test("waits longer after each failure, and no longer than a minute", async () => {
    server.fault = () => Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
    start();
    const gaps: number[] = [];
    let lastMs = 0;
    await turns(20);
    for (let count = server.requests.length; gaps.length < 9; ) {
      clock.advance(100);
      await turns(3);
      if (server.requests.length === count) continue;
      gaps.push(clock.monotonicMs() - lastMs);
      lastMs = clock.monotonicMs();
      count = server.requests.length;
    }
    expect(gaps[0]).toBeLessThan(1_700);
    expect(gaps.at(-1)).toBeGreaterThanOrEqual(30_000);
    expect(gaps.at(-1)).toBeLessThanOrEqual(60_200);

    server.fault = undefined;
    clock.advance(60_000);
    await pods.synced();
  });

  test("does not hammer a server that ends every watch at once", async () => {
    server.fault = ({ path }) =>
      path.includes("watch=1")
        ? { status: 200, headers: {}, body: { type: "bytes", chunks: [] } }
        : undefined;
    await start().synced();
    await turns(200);

    expect(server.requests.length).toBeLessThan(5);
  });

  test("takes the newest list when the server does not know the version it saw", async () => {
    await start().synced();
    await untilWatching();
    server.oldest = server.revision + 1;
    server.fault = ({ path }) =>
      path.endsWith("pods?resourceVersion=100") ? failure(410, "Expired") : undefined;
    server.cut();
    await turns(20);
    server.oldest = 0;
    clock.advance(5_000);
    await untilWatching();

    expect(server.requests).toContain("GET /api/v1/pods");
  });

  test("starts again with a server that has begun anew, and counts from one", async () => {
    server.put(`${PODS}/a`, pod());
    await start().synced();
    await untilWatching();
    const reborn = new SmallServer();
    reborn.revision = 1;
    reborn.put(`${PODS}/b`, pod());
    server.fault = ({ path }) => {
      const asked = Number(/resourceVersion=(\d+)/.exec(path)?.[1] ?? 0);
      return asked > reborn.revision
        ? failure(504, "Timeout", "Too large resource version")
        : undefined;
    };
    server.becomes(reborn);
    await turns(20);
    clock.advance(5_000);
    await turns(20);

    expect(names()).toEqual(["b"]);
  });

  test("gives up a watch that is silent for longer than it may live", async () => {
    await start().synced();
    await untilWatching();
    server.isSilent = true;
    server.put(`${PODS}/a`, pod());
    server.isSilent = false;
    clock.advance(3_600_000);
    await turns(5);

    expect(names()).toEqual(["a"]);
  });

  test("stops with its signal, and asks for nothing more", async () => {
    await start().synced();
    await untilWatching();
    lifetime.abort();
    await turns(5);
    const before = server.requests.length;
    clock.advance(3_600_000);
    await turns(5);

    expect(server.watchers).toBe(0);
    expect(server.requests.length).toBe(before);
  });

  test("says when it shows a write, a deletion and an unchanged object", async () => {
    const old = server.put(`${PODS}/a`, pod());
    await start().synced();
    await untilWatching();
    server.isSilent = true;
    const obj = server.put(`${PODS}/a`, pod("node1"));
    expect(pods.whenSeen({ verb: "saved", obj: old })).toBeUndefined();
    const seen = pods.whenSeen({ verb: "saved", obj });
    const gone = pods.whenSeen({ verb: "deleted", obj });
    expect(await isDone(seen!)).toBe(false);

    server.isSilent = false;
    server.cut();
    await seen;
    expect(await isDone(gone!)).toBe(false);
    server.delete(`${PODS}/a`);
    await gone;
  });

  test("ends with the server's state, however its watches are cut and expired", async () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant("put" as const), name: fc.constantFrom("a", "b", "c", "d") }),
      fc.record({ do: fc.constant("delete" as const), name: fc.constantFrom("a", "b", "c", "d") }),
      fc.record({ do: fc.constantFrom("cut", "expire", "end", "bookmark", "silence", "turn") }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        server = new SmallServer();
        lifetime = new AbortController();
        const heard = new Map<string, string>();
        start().onChange((obj, old) => {
          if (obj) heard.set(obj.metadata.name, obj.metadata.resourceVersion!);
          else heard.delete(old!.metadata.name);
        });
        for (const now of steps) {
          if (now.do === "put") server.put(`${PODS}/${"name" in now && now.name}`, pod());
          if (now.do === "delete") server.delete(`${PODS}/${"name" in now && now.name}`);
          if (now.do === "cut") server.cut();
          if (now.do === "end") server.endWatches();
          if (now.do === "bookmark" && !server.isSilent) server.bookmark();
          if (now.do === "expire") server.oldest = server.revision;
          if (now.do === "silence") {
            // What was missed in silence can only be learned from a new watch.
            if (server.isSilent) server.cut();
            server.isSilent = !server.isSilent;
          }
          if (now.do === "turn") await turns(3);
        }
        server.isSilent = false;
        server.cut();
        for (let round = 0; round < 10; round++) {
          clock.advance(60_000);
          await turns(5);
        }
        const wanted = server
          .objects()
          .map(({ metadata }) => [metadata.name, metadata.resourceVersion]);
        const held = pods.list().map(({ metadata }) => [metadata.name, metadata.resourceVersion]);
        expect(held.sort()).toEqual(wanted.sort());
        expect([...heard].sort()).toEqual(wanted);
        lifetime.abort();
      }),
      { numRuns: 200 },
    );
  });
});

function pod(nodeName?: string) {
  return { metadata: {}, spec: nodeName ? { nodeName } : {} };
}

function ownedBy(uid: string) {
  const owner = {
    apiVersion: "v1",
    kind: "ReplicationController",
    name: "rc",
    uid,
    controller: true,
  };
  return { metadata: { ownerReferences: [owner] } };
}

const names = () => namesOf(pods.list()).sort();
const namesOf = (list: Pod[]) => list.map(({ metadata }) => metadata.name);

async function untilWatching(): Promise<void> {
  for (let turn = 0; turn < 100; turn++) {
    await turns(1);
    if (server.watchers > 0) return;
  }
  throw new Error("no one watches");
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}

async function isDone(promise: Promise<void>): Promise<boolean> {
  let done = false;
  void promise.then(() => (done = true));
  await turns(5);
  return done;
}
