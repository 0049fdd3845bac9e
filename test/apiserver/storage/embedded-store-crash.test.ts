/** What is acknowledged stays, however the process ends: fifty SIGKILLs in the middle of a burst. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openEmbeddedStore } from "../../../src/apiserver/storage/embedded-store.ts";
import type { CompactedError, Store } from "../../../src/apiserver/storage/store.ts";
import { systemClock } from "../../../src/component/clock.ts";
import { silentLog } from "../../../src/component/log.ts";
import { seededRandom } from "../../../src/component/random.ts";
import { realSleep } from "../../support/real-sleep.ts";
import { readValue } from "./burst-writer.ts";
import { RecordedWatch } from "./recorded-watch.ts";

const ROUNDS = 50;
const LONGEST_BURST_MS = 60;
/** How many crashes one directory goes through: recoveries of recoveries, but not too much to check. */
const ROUNDS_EACH = 10;

/** An acknowledged write, as the writer printed it. */
interface Acknowledged {
  key: string;
  count: number;
  revision: number;
}

const root = fileURLToPath(new URL("../../../", import.meta.url));
/** Below node_modules, so that the bundle finds the packages it leaves out. */
const bundle = join(root, "node_modules", ".cache", "kubeling", `burst-writer-${process.pid}.mjs`);
const directories = mkdtempSync(join(tmpdir(), "kubeling-crash-"));

beforeAll(async () => {
  mkdirSync(join(bundle, ".."), { recursive: true });
  const entryPoints = [fileURLToPath(new URL("burst-writer.ts", import.meta.url))];
  const format = { format: "esm", platform: "node", packages: "external" } as const;
  await build({ entryPoints, bundle: true, outfile: bundle, ...format });
});
afterAll(() => {
  rmSync(bundle, { force: true });
  rmSync(directories, { recursive: true, force: true });
});

describe("the embedded store, killed", () => {
  test(`${ROUNDS} times, loses no acknowledged write and shows no half one`, async () => {
    const seed = Date.now() % 100_000;
    const random = seededRandom(seed);
    let total = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const directory = join(directories, String(Math.floor(round / ROUNDS_EACH)));
      const acknowledged = await burst(directory, round, random.next() * LONGEST_BURST_MS);
      total += acknowledged.length;
      await check(directory, acknowledged).catch((error) => {
        throw new Error(`in round ${round} of seed ${seed}`, { cause: error });
      });
    }
    console.info(`${total} acknowledged writes survived ${ROUNDS} kills`);
    // A burst that is always killed before it begins would prove nothing.
    expect(total).toBeGreaterThan(ROUNDS * 10);
  });
});

/** Lets a writer write, and kills it `afterMs` after its first acknowledgement. */
async function burst(directory: string, round: number, afterMs: number): Promise<Acknowledged[]> {
  const child = spawn(process.execPath, [bundle, directory, String(round)], {
    env: { ...process.env, BURST_WRITER: "run" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  await Promise.race([once(child.stdout, "data"), once(child, "exit")]);
  await realSleep(afterMs);
  const closed = once(child, "close");
  child.kill("SIGKILL");
  const [, signal] = await closed;
  expect(signal).toBe("SIGKILL");
  // The last line may be half written: what was not told was not acknowledged.
  const lines = said.split("\n").slice(0, -1);
  return lines.map((line) => {
    const [key = "", count, revision] = line.split(" ");
    return { key, count: Number(count), revision: Number(revision) };
  });
}

async function check(directory: string, acknowledged: Acknowledged[]): Promise<void> {
  const store = await openEmbeddedStore({ directory, clock: systemClock, log: silentLog });
  const { items, revision } = await store.list("");
  const stored = new Map<string, { count: number; modRevision: number }>();
  for (const { key, value, modRevision } of items) {
    const written = readValue(value);
    expect(written?.key, "a half write").toBe(key);
    stored.set(key, { count: written!.count, modRevision });
  }
  for (const { key, count, revision } of acknowledged) {
    const found = stored.get(key);
    const isCounter = key.startsWith("/burst/counter-");
    if (found && isCounter && found.count > count && found.modRevision > revision) continue;
    expect(found, key).toEqual({ count, modRevision: revision });
  }
  await checkHistory(store, revision);
  await store.close();
}

/** Every revision since the compaction is one whole write. */
async function checkHistory(store: Store, newest: number): Promise<void> {
  const first = Math.max((await compactRevisionOf(store)) + 1, 2);
  if (first > newest) return;
  const watch = new RecordedWatch(store, "", first);
  await watch.received(newest - first + 1);
  const revisions = watch.events.map(({ modRevision }) => modRevision);
  expect(revisions).toEqual(revisions.map((_, i) => first + i));
  for (const { key, value } of watch.events) expect(readValue(value)?.key).toBe(key);
  watch.stop();
}

async function compactRevisionOf(store: Store): Promise<number> {
  return store.get("/burst", 1).then(
    () => 0,
    (error: CompactedError) => error.compactRevision,
  );
}
