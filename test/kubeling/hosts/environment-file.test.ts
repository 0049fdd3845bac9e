import { describe, expect, test } from "vitest";
import { commandWords, splitWords } from "../../../src/kubeling/hosts/command-words.ts";
import { parseEnvironmentFile } from "../../../src/kubeling/hosts/environment-file.ts";

describe("a file of variables, as systemd reads it", () => {
  test.each<[string, string, Record<string, string>]>([
    ["a plain value", "A=b", { A: "b" }],
    ["a value in quotes", 'A="b c"\nB=\'d "e"\'', { A: "b c", B: 'd "e"' }],
    ["blanks within, and around", "  A = b c  \n", { A: "b c" }],
    ["comments on lines of their own", "# A=1\n; B=2\n  # C=3\nD=4", { D: "4" }],
    ["a comment behind a value is the value", "A=master #节点名称", { A: "master #节点名称" }],
    ["a comment behind a quote too", 'A="--x=node1" #特别注意', { A: "--x=node1#特别注意" }],
    ["an empty value", 'A=\nB=""', { A: "", B: "" }],
    ["the later one wins", "A=1\nA=2", { A: "2" }],
    ["a joined line", "A=b\\\nc", { A: "bc" }],
    ["escapes in double quotes", 'A="\\"\\\\\\$\\`\\n"', { A: '"\\$`\\n' }],
    ["a joined line in double quotes", 'A="b\\\nc"', { A: "bc" }],
    ["no escapes in single quotes", "A='b\\n'", { A: "b\\n" }],
    ["an escaped blank at the end stays", "A=b\\ \n", { A: "b " }],
    ["a line break in quotes", 'A="b\nc"', { A: "b\nc" }],
    ["several quotes in one value", `A="b"'c'd`, { A: "bcd" }],
    ["no expansion", "A=1\nB=$A", { A: "1", B: "$A" }],
    ["names that none can have are left out", "1A=2\nA-B=3\nexport C=4\nD", {}],
    ["lines that end the other way", "A=1\r\nB=2\r\n", { A: "1", B: "2" }],
    [
      "JSON in single quotes",
      `A='{ "Network": "10.1.0.0/16" }'`,
      { A: '{ "Network": "10.1.0.0/16" }' },
    ],
    ["a comment at the end of the file", "A=1\n# B", { A: "1" }],
  ])("%s", (_, text, variables) => {
    expect(parseEnvironmentFile(text)).toEqual(variables);
  });
});

describe("the command line of a unit", () => {
  test.each<[string, string, Record<string, string>, string[]]>([
    [
      "a variable becomes as many words as it has",
      "/d $A x",
      { A: "--a  --b=c" },
      ["/d", "--a", "--b=c", "x"],
    ],
    ["one that is not set becomes none", "/d $A $B", { B: "" }, ["/d"]],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: as systemd writes it
    ["in braces it is within one word", "/d -e=${A}", { A: "b c" }, ["/d", "-e=b c"]],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: as systemd writes it
    ["in braces and not set it is empty", "/d ${A}", {}, ["/d", ""]],
    ["without braces only as a whole word", "/d -e=$A", { A: "b" }, ["/d", "-e=$A"]],
    [
      "quotes within a variable hold words together",
      "/d $A",
      { A: `--a="b c"` },
      ["/d", "--a=b c"],
    ],
    ["two dollars are one", "/d $$A", { A: "b" }, ["/d", "$A"]],
  ])("%s", (_, line, variables, words) => {
    expect(commandWords(line, variables)).toEqual(words);
  });

  test("is split at blanks that are not quoted", () => {
    expect(splitWords(`a "b c" d'e f'g h\\ i ""`)).toEqual(["a", "b c", "de fg", "h i", ""]);
  });
});
