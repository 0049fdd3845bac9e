import { beforeEach, describe, expect, test } from "vitest";
import { GroupCommit } from "../../../src/apiserver/storage/group-commit.ts";
import { History, type Version } from "../../../src/apiserver/storage/history.ts";

/** A disk that takes a batch when the test says so. */
interface Batch {
  versions: Version[];
  succeed(): void;
  fail(error: Error): void;
}

let history: History;
let batches: Batch[];
let commits: GroupCommit;
beforeEach(() => {
  history = new History();
  batches = [];
  commits = new GroupCommit({
    history,
    persist: (versions) =>
      new Promise((resolve, reject) => {
        batches.push({ versions, succeed: resolve, fail: reject });
      }),
    publish: (versions) => {
      for (const version of versions) history.add(version);
    },
  });
});

describe("group commit", () => {
  test("writes together what arrives together, or while another batch is on its way", async () => {
    const first = [put("a"), put("b")];
    await turn();
    const second = [put("c"), put("d"), put("e")];
    await turn();
    expect(batches.map(keysOf)).toEqual([["a", "b"]]);
    batches[0]!.succeed();
    expect(await Promise.all(first)).toEqual([succeeded(2), succeeded(3)]);
    await turn();
    expect(batches.map(keysOf)).toEqual([
      ["a", "b"],
      ["c", "d", "e"],
    ]);
    batches[1]!.succeed();
    expect(await Promise.all(second)).toEqual([succeeded(4), succeeded(5), succeeded(6)]);
  });

  test("shows nothing before it is durable, not even to those who lose by it", async () => {
    const told: string[] = [];
    void put("a").then(() => told.push("winner"));
    void put("a").then(({ succeeded }) => told.push(succeeded ? "second winner" : "loser"));
    await turn();
    expect([told, history.get("a"), history.revision]).toEqual([[], undefined, 1]);
    batches[0]!.succeed();
    await turn();
    expect(told).toEqual(["winner", "loser"]);
    expect(history.get("a")?.modRevision).toBe(2);
  });

  test("checks each write against those before it in the same batch", async () => {
    const results = Promise.all([
      put("a"),
      put("a", 2),
      put("a", 2),
      commits.write({ key: "a", value: undefined, expectedRevision: 3 }),
      put("a"),
    ]);
    await turn();
    batches[0]!.succeed();
    expect(await results).toEqual([
      succeeded(2),
      succeeded(3),
      { succeeded: false, current: expect.objectContaining({ modRevision: 3 }) },
      succeeded(4),
      succeeded(5),
    ]);
    expect(history.get("a")).toMatchObject({ createRevision: 5, modRevision: 5 });
  });

  test("does not trouble the disk with a write that is refused", async () => {
    expect(await put("a", 7)).toEqual({ succeeded: false, current: undefined });
    expect(batches).toEqual([]);
  });

  test("takes no more after the disk has failed: nobody knows what it holds", async () => {
    const lost = put("a");
    await turn();
    const waiting = put("b");
    batches[0]!.fail(new Error("no space left on device"));
    const message = "the store has failed: no space left on device";
    for (const write of [lost, waiting, put("c")]) {
      await expect(write).rejects.toThrow(message);
      await expect(write).rejects.toMatchObject({ name: "UnavailableError" });
    }
    expect(batches).toHaveLength(1);
    expect(history.revision).toBe(1);
  });
});

function put(key: string, expectedRevision = 0) {
  return commits.write({ key, value: Buffer.from(key), expectedRevision });
}

const keysOf = ({ versions }: Batch) => versions.map(({ key }) => key);
const succeeded = (revision: number) => ({ succeeded: true, revision });

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
