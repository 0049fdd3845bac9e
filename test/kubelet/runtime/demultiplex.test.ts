import { PassThrough, Readable, Writable } from "node:stream";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { pieces, write } from "../../../src/kubelet/runtime/docker/demultiplex.ts";
import { Kept } from "./configs.ts";

function frame(stream: number, bytes: Uint8Array): Buffer {
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(bytes.length, 4);
  return Buffer.concat([header, bytes]);
}

async function split(source: Readable, isTerminal = false) {
  const outputs = { stdout: new Kept(), stderr: new Kept() };
  for await (const piece of pieces(source, isTerminal)) await write(piece, outputs);
  return { stdout: outputs.stdout.text, stderr: outputs.stderr.text };
}

describe("a stream of frames", () => {
  test("comes apart the same, wherever it was cut", async () => {
    const frames = fc.array(fc.record({ stream: fc.constantFrom(1, 2), text: fc.string() }));
    const cuts = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(frames, cuts, async (said, sizes) => {
        const bytes = Buffer.concat(
          said.map(({ stream, text }) => frame(stream, Buffer.from(text))),
        );
        const chunks: Buffer[] = [];
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const size = sizes[i % sizes.length]!;
          chunks.push(bytes.subarray(at, at + size));
          at += size;
        }
        const of = (wanted: number) =>
          said.filter(({ stream }) => stream === wanted).map(({ text }) => text);

        expect(await split(Readable.from(chunks))).toEqual({
          stdout: of(1).join(""),
          stderr: of(2).join(""),
        });
      }),
    );
  });

  test("is one output, and no frames, with a terminal", async () => {
    const bytes = frame(2, Buffer.from("raw"));

    expect(await split(Readable.from([bytes]), true)).toEqual({
      stdout: bytes.toString(),
      stderr: "",
    });
  });

  test("may end in the daemon's own last words", async () => {
    const source = Readable.from([
      frame(1, Buffer.from("a")),
      frame(3, Buffer.from("disk full\n")),
    ]);

    await expect(split(source)).rejects.toThrow("disk full");
  });

  test("is read no further while the reader does not take it", async () => {
    let isStuck = true;
    let release: () => void = () => undefined;
    const stdout = new Writable({
      write(_chunk, _encoding, done) {
        if (isStuck) release = done;
        else done();
      },
    });
    let read = 0;
    const source = new Readable({
      highWaterMark: 1,
      read() {
        read++;
        this.push(read <= 100 ? frame(1, Buffer.alloc(1000)) : null);
      },
    });
    const copying = (async () => {
      for await (const piece of pieces(source, false)) await write(piece, { stdout });
    })();

    await expect.poll(() => read).toBeGreaterThan(0);
    expect(read).toBeLessThan(5);

    isStuck = false;
    release();
    await copying;
    expect(read).toBe(101);
  });

  test("is given up when the reader has gone", async () => {
    const stdout = new PassThrough();
    stdout.destroy();

    await expect(write({ stream: 1, bytes: Buffer.from("x") }, { stdout })).rejects.toThrow(
      "the reader has gone",
    );
  });

  test("is given up when the reader goes in the middle of a piece", async () => {
    const stdout = new Writable({ write: () => undefined });
    const writing = write({ stream: 1, bytes: Buffer.from("x") }, { stdout });

    stdout.destroy();

    await expect(writing).rejects.toThrow("the reader has gone");
    expect(stdout.listenerCount("close")).toBe(0);
  });
});
