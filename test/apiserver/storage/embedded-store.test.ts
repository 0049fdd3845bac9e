import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ClassicLevel } from "classic-level";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import {
  openEmbeddedStore,
  openMemoryStore,
} from "../../../src/apiserver/storage/embedded-store.ts";
import { CompactedError, type Store } from "../../../src/apiserver/storage/store.ts";
import { InUseError, NotWritableError } from "../../../src/apiserver/storage/version-log.ts";
import { systemClock } from "../../../src/component/clock.ts";
import { silentLog } from "../../../src/component/log.ts";
import { RecordedWatch } from "./recorded-watch.ts";
import { storeContract } from "./store-contract.ts";

const root = mkdtempSync(join(tmpdir(), "kubeling-store-"));
let count = 0;
let directory: string;
beforeEach(() => {
  directory = join(root, String(count++));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe("the memory store", () => {
  storeContract(async () => openMemoryStore({ log: silentLog }));
});

describe("the embedded store", () => {
  storeContract(() => open(join(root, "contract")));
});

describe("the embedded store, opened again", () => {
  test("is as it was, its history and its revision included", async () => {
    const first = await open(directory);
    await first.create("/a", Buffer.from("1"));
    await first.update("/a", Buffer.from("2"), 2);
    await first.create("/b", Buffer.from("b"));
    await first.delete("/b", 4);
    await first.close();

    const second = await open(directory);
    expect(await second.revision()).toBe(5);
    expect((await second.get("/a", 2))?.value.toString()).toBe("1");
    const watch = new RecordedWatch(second, "", 1);
    await watch.received(4);
    expect(watch.lines).toEqual([
      "2 put /a 1 since 2",
      "3 put /a 2 was 1 since 2",
      "4 put /b b since 4",
      "5 delete /b b was b since 4",
    ]);
    await second.close();
  });

  test("remembers a compaction, even one that left nothing of the last revision", async () => {
    const first = await open(directory);
    await first.create("/a", Buffer.from("1"));
    await first.create("/b", Buffer.from("1"));
    await first.delete("/b", 3);
    await first.compact(4);
    await first.close();

    const second = await open(directory);
    expect(await second.revision()).toBe(4);
    await expect(second.get("/a", 3)).rejects.toThrow(CompactedError);
    expect(await second.create("/c", Buffer.from("1"))).toEqual({ succeeded: true, revision: 5 });
    expect((await second.list("/", { revision: 4 })).items.map(({ key }) => key)).toEqual(["/a"]);
    await second.close();
  });

  test("holds nothing of what a compaction forgot", async () => {
    const store = await open(directory);
    let revision = 0;
    for (let i = 0; i < 10; i++) {
      const result = await store.update("/a", Buffer.from(String(i)), revision);
      if (result.succeeded) revision = result.revision;
    }
    await store.create("/b", Buffer.from("1"));
    await store.delete("/b", 12);
    await store.compact(13);
    await store.close();

    const database = new ClassicLevel(directory);
    expect(await database.keys().all()).toEqual(["000000000000000b", "compactRevision"]);
    await database.close();
  });

  test("with 2,000 objects takes less than half a second", async () => {
    const first = await open(directory);
    const value = Buffer.alloc(1_500, "x");
    const keys = Array.from({ length: 2_000 }, (_, i) => `/registry/pods/default/web-${i}`);
    await Promise.all(keys.map((key) => first.create(key, value)));
    await first.close();

    const before = process.cpuUsage();
    const second = await open(directory);
    // The processor's time: what others do on it meanwhile is not ours.
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1_000).toBeLessThan(500);
    expect((await second.list("/registry/pods/")).items).toHaveLength(2_000);
    await second.close();
  });
});

describe("the embedded store's directory", () => {
  test("has one owner", async () => {
    const store = await open(directory);
    const refusal = open(directory);
    await expect(refusal).rejects.toThrow(InUseError);
    await expect(refusal).rejects.toThrow(
      `data directory ${directory} is in use by another process`,
    );
    await store.close();
    await (await open(directory)).close();
  });

  test("must be one that can be made", async () => {
    writeFileSync(directory, "a file, not a directory");
    const refusal = open(join(directory, "below"));
    await expect(refusal).rejects.toThrow(NotWritableError);
    await expect(refusal).rejects.toThrow(/^data directory .* cannot be written to: ENOTDIR/);
  });
});

describe("a closed store", () => {
  test("has written what was on its way, and takes no more", async () => {
    const store = await open(directory);
    const onItsWay = store.create("/a", Buffer.from("1"));
    const closed = store.close();
    await expect(store.create("/b", Buffer.from("1"))).rejects.toThrow("the store is closed");
    expect(await onItsWay).toEqual({ succeeded: true, revision: 2 });
    await closed;

    const again = await open(directory);
    expect((await again.list("/")).items.map(({ key }) => key)).toEqual(["/a"]);
    await again.close();
  });
});

describe("history in memory", () => {
  test("is compacted before its time when it grows too large", async () => {
    const store = openMemoryStore({ log: silentLog });
    const value = Buffer.alloc(1024 * 1024);
    let revision = 0;
    for (let i = 0; i < 70; i++) {
      const result = await store.update("/a", value, revision);
      if (result.succeeded) revision = result.revision;
    }
    await expect(store.get("/a", 10)).rejects.toThrow(CompactedError);
    expect((await store.get("/a", revision - 20))?.modRevision).toBe(revision - 20);
    expect((await store.get("/a"))?.modRevision).toBe(revision);
    await store.close();
  });
});

function open(directory: string): Promise<Store> {
  return openEmbeddedStore({ directory, clock: systemClock, log: silentLog });
}
