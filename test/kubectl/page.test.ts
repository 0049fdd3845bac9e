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

  const stamp = "E1122 23:00:24.685041  23131";
  test.each([
    `${stamp} v3.go:79] "Unhandled Error" err="websocket: close sent"`,
    `${stamp} v2.go:104] "Unhandled Error" err="websocket: close sent"`,
    `${stamp} v2.go:104] "Unhandled Error" err="write on closed stream 0"`,
    `${stamp} v3.go:79] EOF`,
    `${stamp} v2.go:105] write tcp 127.0.0.1:1->127.0.0.1:2: use of closed network connection`,
  ])("is not disturbed by what kubectl logs of its own end: %s", (line) => {
    for (const text of [`a\r\n${line}\r\nb\r\n`, `${line}\na\nb\n`, `a\nb\n${line}\n`])
      expect(comparable(text)).toBe("a\nb\n");
    expect(comparable(`${line}\n`)).toBe("");
  });

  test("is disturbed by any other error that is logged", () => {
    const lost = `${stamp} v2.go:104] "Unhandled Error" err="next reader: websocket: close 1006 (abnormal closure): unexpected EOF"\n`;
    expect(comparable(lost)).toBe(lost);
    const forward = `${stamp} portforward.go:413] "Unhandled Error" err="lost connection to pod"\n`;
    expect(comparable(forward)).toBe(forward);
  });
});
