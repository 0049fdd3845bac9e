/**
 * A process that writes into an embedded store as fast as it can, until it is killed.
 *
 *   node burst-writer.mjs DIRECTORY ROUND
 *
 * Each line on standard output is a write that was acknowledged: key, count, revision. Each value says which
 * key and count it belongs to and ends with a digest, so that half a value is known as such.
 */
import { createHash } from "node:crypto";
import { writeSync } from "node:fs";
import { openEmbeddedStore } from "../../../src/apiserver/storage/embedded-store.ts";
import type { Store } from "../../../src/apiserver/storage/store.ts";
import { systemClock } from "../../../src/component/clock.ts";
import { silentLog } from "../../../src/component/log.ts";

const WRITERS = 16;
const STDOUT = 1;
const COMPACT_EVERY = 500;

export function valueFor(key: string, count: number): Buffer {
  // Of every size from nothing to more than one block of LevelDB's log (32 KiB).
  const padding = "x".repeat((count * 7919) % (count % 50 === 0 ? 100_000 : 3_000));
  const text = `${key} ${count} ${padding}`;
  return Buffer.from(`${text} ${digestOf(text)}`);
}

/** Which write a value is of; undefined when it is not whole. */
export function readValue(value: Buffer): { key: string; count: number } | undefined {
  const text = value.toString();
  const end = text.lastIndexOf(" ");
  if (digestOf(text.slice(0, end)) !== text.slice(end + 1)) return undefined;
  const [key = "", count] = text.split(" ");
  return { key, count: Number(count) };
}

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** One writer: makes a new key, then moves its counter on, and again. */
async function write(store: Store, round: string, writer: number): Promise<never> {
  const counter = `/burst/counter-${writer}`;
  let revision = (await store.get(counter))?.modRevision ?? 0;
  for (let count = 0; ; count++) {
    const key = `/burst/${round}/${writer}-${count}`;
    acknowledge(key, count, await store.create(key, valueFor(key, count)));
    const total = Number(round) * 1_000_000 + count;
    const result = await store.update(counter, valueFor(counter, total), revision);
    revision = acknowledge(counter, total, result);
    if (writer === 0 && count % COMPACT_EVERY === COMPACT_EVERY - 1) await store.compact(revision);
  }
}

function acknowledge(key: string, count: number, result: Awaited<ReturnType<Store["create"]>>) {
  if (!result.succeeded) throw new Error(`${key} was refused`);
  writeSync(STDOUT, `${key} ${count} ${result.revision}\n`);
  return result.revision;
}

const [directory, round] = process.argv.slice(2);
if (process.env.BURST_WRITER === "run") {
  const store = await openEmbeddedStore({
    directory: directory!,
    clock: systemClock,
    log: silentLog,
  });
  await Promise.all(Array.from({ length: WRITERS }, (_, i) => write(store, round!, i)));
}
