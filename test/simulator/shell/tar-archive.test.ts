/** Archives as the real tar writes and reads them, and as ours does. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { archiveOf, entriesOf, type TarEntry } from "../../../src/simulator/shell/tar-archive.ts";

const NOW = new Date("2016-05-05T00:00:00Z");
const file = (name: string, content: Buffer): TarEntry => ({ name, isDirectory: false, content });
const names = fc
  .array(fc.stringMatching(/^[a-z0-9_é-]{1,60}$/), { minLength: 1, maxLength: 5 })
  .map((parts) => parts.join("/"));
const files = fc.record({ name: names, content: fc.uint8Array({ maxLength: 2000 }) });

describe("a tar archive", () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "tar-"));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  test("holds what was put into it, whatever the bytes and however long the names", () => {
    const both = fc.uniqueArray(files, { selector: ({ name }) => name, maxLength: 5 });
    fc.assert(
      fc.property(both, (list) => {
        const entries = list.map(({ name, content }) => file(name, Buffer.from(content)));
        expect(entriesOf(archiveOf(entries, NOW))).toEqual(entries);
      }),
    );
  });

  test("is one to the real tar", () => {
    const long = `${"deep/".repeat(30)}leaf`;
    const bytes = Buffer.from([0, 255, 10, 200]);
    const archive = archiveOf([file(long, bytes), file("a", Buffer.from("a\n"))], NOW);

    execFileSync("tar", ["-xf", "-", "-C", directory], { input: archive });

    expect(readFileSync(join(directory, long))).toEqual(bytes);
    expect(readFileSync(join(directory, "a"), "utf8")).toBe("a\n");
  });

  test.each(["gnu", "posix", "ustar"])(
    "is read as the real tar writes it in %s format",
    (format) => {
      const name = `${"x".repeat(60)}/${"y".repeat(80)}`;
      mkdirSync(dirname(join(directory, name)), { recursive: true });
      writeFileSync(join(directory, name), "hello\n");
      const top = name.split("/")[0]!;

      const archive = execFileSync("tar", [`--format=${format}`, "-C", directory, "-cf", "-", top]);

      expect(entriesOf(archive)).toEqual([
        { name: top, isDirectory: true, content: Buffer.alloc(0) },
        file(name, Buffer.from("hello\n")),
      ]);
    },
  );

  test("that is cut off or none at all is refused", () => {
    const whole = archiveOf([file("a", Buffer.alloc(600, 1))], NOW);
    expect(() => entriesOf(whole.subarray(0, 1024))).toThrow("short read");
    expect(() => entriesOf(Buffer.alloc(512, 65))).toThrow("invalid tar magic");
  });
});
