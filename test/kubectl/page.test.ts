/** docs/kubectl.md is the table. After a change: `npx vitest run test/kubectl/page.test.ts -u`. */
import { describe, expect, test } from "vitest";
import { chapters } from "./commands.ts";
import { pageIn } from "./page.ts";
import { comparable, expressionOf } from "./pattern.ts";
import { rowsOf } from "./row.ts";

/** `kubectl help`, 1.20 and 1.33. */
const VERBS =
  "create expose run set explain get edit delete rollout scale autoscale certificate cluster-info top cordon uncordon drain taint describe logs attach exec port-forward proxy cp auth debug events diff apply patch replace wait kustomize label annotate completion api-resources api-versions config plugin version options help alpha";

describe("the page of kubectl commands", () => {
  test.each([
    ["en", "kubectl.md"],
    ["zh", "kubectl.zh-CN.md"],
  ] as const)("in %s is the table", async (language, file) => {
    await expect(pageIn(language)).toMatchFileSnapshot(`../../docs/${file}`);
  });

  test("has every command", () => {
    const lines = chapters.flatMap(rowsOf).map(({ run }) => run);
    const missing = VERBS.split(" ").filter(
      (verb) => !lines.some((line) => new RegExp(`kubectl( -\\S+)* ${verb}\\b`).test(line)),
    );
    expect(missing).toEqual([]);
  });
});

describe("a pattern", () => {
  test.each([
    ["web   1/1  {age}", "web  1/1     5m3s\n", true],
    ["web   1/1  {age}", "web  0/1     5m3s\n", false],
    ["a\n...\nb", "a\nx\ny\nb\n", true],
    ["a\n...\nb", "a\nb\n", true],
    ["a\n...\nb", "a\nx\n", false],
    ["a (b) [c]?", "a (b) [c]?\n", true],
    ["", "something\n", false],
  ])("%j and %j: %j", (says, text, isSo) => {
    expect(expressionOf(says).test(comparable(text))).toBe(isSo);
  });
});
