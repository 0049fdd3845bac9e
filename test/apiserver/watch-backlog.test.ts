import { beforeEach, describe, expect, test } from "vitest";
import { CachedObject } from "../../src/apiserver/storage/cached-object.ts";
import { Backlog } from "../../src/apiserver/watch-backlog.ts";
import type { Sink } from "../../src/client/transport.ts";
import { eventually } from "../support/eventually.ts";

const MANY = 10_050;

/** Takes `room` lines, and then no more until it is given room again. */
class NarrowSink implements Sink {
  readonly lines: string[] = [];
  readonly closed = new AbortController().signal;
  failure: Error | undefined;
  hasEnded = false;
  #room = 0;
  #drained: (() => void)[] = [];

  write(chunk: Uint8Array): boolean {
    this.lines.push(chunk.toString());
    this.#room--;
    return this.#room > 0;
  }

  drained(): Promise<void> {
    return this.#room > 0
      ? Promise.resolve()
      : new Promise((resolve) => void this.#drained.push(resolve));
  }

  give(room: number): void {
    this.#room = room;
    for (const resolve of this.#drained.splice(0)) resolve();
  }

  end(): void {
    this.hasEnded = true;
  }

  fail(error: Error): void {
    this.failure = error;
  }
}

let sink: NarrowSink;
let backlog: Backlog;
const objects = (count: number) =>
  Array.from({ length: count }, (_, i) => new CachedObject(`/o${i}`, 1, 1, Buffer.from("{}")));
const keyOf = ({ key }: CachedObject) => Buffer.from(key);

beforeEach(() => {
  sink = new NarrowSink();
  backlog = new Backlog(sink);
});

describe("the backlog of a watcher", () => {
  test("holds all there is to begin with, however much, and sends it as it is taken", async () => {
    sink.give(10);
    backlog.begin(objects(MANY), keyOf);
    expect(sink.lines).toHaveLength(10);
    expect(backlog.isBehind).toBe(true);
    sink.give(100);
    await eventually(() => expect(sink.lines).toHaveLength(110));
    sink.give(MANY);
    await eventually(() => expect(backlog.isBehind).toBe(false));
    expect(sink.lines).toEqual(objects(MANY).map(({ key }) => key));
  });

  test("puts changes behind what there was, in their order", async () => {
    backlog.begin(objects(2), keyOf);
    expect(backlog.add(Buffer.from("a"))).toBe(true);
    expect(backlog.add(Buffer.from("b"))).toBe(true);
    sink.give(MANY);
    await eventually(() => expect(backlog.isBehind).toBe(false));
    expect(sink.lines).toEqual(["/o0", "/o1", "a", "b"]);
  });

  test("refuses the change after the ten thousandth", () => {
    backlog.wait();
    let taken = 0;
    while (backlog.add(Buffer.from("a"))) taken++;
    expect(taken).toBe(10_000);
  });

  test("sends nothing more once it is stopped", async () => {
    backlog.begin(objects(3), keyOf);
    backlog.stop();
    sink.give(MANY);
    await eventually(() => expect(backlog.isBehind).toBe(false));
    expect(sink.lines).toEqual(["/o0"]);
  });

  test("fails the stream where an object cannot be shown", async () => {
    backlog.begin(objects(3), ({ key }) => {
      if (key === "/o2") throw new Error("unreadable");
      return Buffer.from(key);
    });
    sink.give(MANY);
    await eventually(() => expect(sink.failure?.message).toBe("unreadable"));
  });
});
