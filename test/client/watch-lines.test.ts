import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LineSplitter, readLines } from "../../src/client/watch-lines.ts";

describe("a stream of lines", () => {
  test("is the same however it is cut into chunks", () => {
    const lines = fc.array(fc.string({ unit: "grapheme", minLength: 1 }).filter(isOneLine));
    fc.assert(
      fc.property(lines, fc.array(fc.nat({ max: 9 })), (wanted, sizes) => {
        const bytes = Buffer.from(wanted.map((line) => `${line}\n`).join(""));
        const got: string[] = [];
        const splitter = new LineSplitter((line) => got.push(line));
        let start = 0;
        for (const size of sizes) {
          splitter.push(bytes.subarray(start, start + size));
          start = Math.min(start + size, bytes.length);
        }
        splitter.push(bytes.subarray(start));
        expect(got).toEqual(wanted);
      }),
    );
  });

  test("costs no more for a long line in ten thousand chunks than for a short one", () => {
    const chunk = Buffer.alloc(1_000, "x");
    let length = 0;
    const splitter = new LineSplitter((line) => (length = line.length));
    const before = process.cpuUsage();
    for (let count = 0; count < 10_000; count++) splitter.push(chunk);
    splitter.push(Buffer.from("\n"));
    expect(length).toBe(10_000_000);
    // Joining at each chunk would move 50 GB. Our own time, not what others take of the processor.
    expect(process.cpuUsage(before).user).toBeLessThan(2_000_000);
  });

  test("breaks with what its reader throws", async () => {
    const body = { type: "bytes" as const, chunks: [Buffer.from("not json\n")] };
    const read = readLines(body, new AbortController().signal, (line) => JSON.parse(line));
    await expect(read).rejects.toThrow(SyntaxError);
  });
});

function isOneLine(text: string): boolean {
  return !text.includes("\n");
}
