/** Runs the whole table with one kubectl on a cluster of its own: a test for each row. */
import { afterAll, beforeAll, describe, test } from "vitest";
import type { Kubectl } from "../support/kubectl.ts";
import { chapters } from "./commands.ts";
import { rowsOf } from "./row.ts";
import { startTerminal, type Terminal } from "./terminal.ts";

const LIMIT_MS = 240_000;

export function runTable(kubectl: Kubectl): void {
  let terminal: Terminal;
  beforeAll(async () => {
    terminal = await startTerminal(kubectl);
  }, LIMIT_MS);
  afterAll(() => terminal?.close(), LIMIT_MS);

  describe.each(chapters)("$title.en", (chapter) => {
    beforeAll(() => terminal.open(chapter), LIMIT_MS);
    const isFor = (since: number, until: number) =>
      kubectl.minor >= since && kubectl.minor <= until;
    const rows = rowsOf(chapter).filter((row) => isFor(row.sinceMinor, row.untilMinor));
    test.each(rows)("$ $run", (row) => terminal.play(row), LIMIT_MS);
  });
}
