import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runCompactor } from "../../../src/apiserver/storage/compactor.ts";
import { openMemoryStore } from "../../../src/apiserver/storage/embedded-store.ts";
import { CompactedError, type Store } from "../../../src/apiserver/storage/store.ts";
import { createLog, silentLog } from "../../../src/component/log.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const FIVE_MINUTES_MS = 300_000;

let store: Store;
let clock: ManualClock;
let lifetime: AbortController;
let running: Promise<void>;
beforeEach(async () => {
  store = openMemoryStore({ log: silentLog });
  clock = new ManualClock();
  lifetime = new AbortController();
  running = runCompactor(store, { clock, log: silentLog, signal: lifetime.signal });
  await turn();
});
afterEach(async () => {
  lifetime.abort();
  await running;
  await store.close();
});

describe("the compactor", () => {
  test("forgets what is older than five minutes, and no more", async () => {
    const early = await write("a");
    await pass();
    const late = await write("b");
    expect(await store.get("/a", early)).toBeDefined();
    await pass();
    await expect(store.get("/a", early - 1)).rejects.toThrow(CompactedError);
    expect((await store.get("/a", early))?.modRevision).toBe(early);
    await pass();
    await expect(store.get("/b", early)).rejects.toThrow(CompactedError);
    expect((await store.get("/b", late))?.modRevision).toBe(late);
  });

  test("goes on where nothing has happened, or another has been faster", async () => {
    await write("a");
    await pass();
    await pass();
    await pass();
    await store.compact(await write("b"));
    await pass();
    const last = await write("c");
    await pass();
    await pass();
    await expect(store.get("/c", last - 1)).rejects.toThrow(CompactedError);
  });

  test("survives a store that fails, and says so", async () => {
    const lines: string[] = [];
    const log = createLog("test", { clock, verbosity: 0, write: (line) => lines.push(line) });
    const closed = openMemoryStore({ log: silentLog });
    await closed.close();
    const other = runCompactor(closed, { clock, log, signal: lifetime.signal });
    await turn();
    await pass();
    expect(lines).toHaveLength(2);
    expect(lines[0]).toContain('"Failed to compact" err="the store is closed"');
    lifetime.abort();
    await other;
  });

  test("ends when it is told to", async () => {
    lifetime.abort();
    await running;
    expect(clock.pending).toBe(0);
  });
});

async function pass(): Promise<void> {
  clock.advance(FIVE_MINUTES_MS);
  await turn();
}

async function write(name: string): Promise<number> {
  const result = await store.create(`/${name}`, Buffer.from(name));
  if (!result.succeeded) throw new Error("refused");
  return result.revision;
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
