import { describe, expect, test } from "vitest";
import { readYaml, YamlError } from "../../../src/apiserver/decode/yaml-reader.ts";

const read = (text: string) => readYaml(Buffer.from(text));

describe("the YAML reader", () => {
  test.each([
    ["a: yes", { a: true }],
    ["a: off", { a: false }],
    ["a: 0644", { a: 420 }],
    ["a: 0x1F", { a: 31 }],
    ["a: 1_000", { a: 1000 }],
    ["a: 12:30:45", { a: "12:30:45" }],
    ["a: 2001-01-01", { a: "2001-01-01" }],
    ["a: 2001-12-14T21:59:43Z", { a: "2001-12-14T21:59:43Z" }],
    ["a: ~", { a: null }],
    ["a: '1'", { a: "1" }],
    ["a: !!binary aGk=", { a: "hi" }],
    ["y: 1\n2: b\nnull: c", { true: 1, 2: "b", "": "c" }],
    ["base: &x {a: 1}\nb:\n  <<: *x\n  c: 2", { base: { a: 1 }, b: { a: 1, c: 2 } }],
    ["a: |\n  x\n  y\n", { a: "x\ny\n" }],
    ["a: 1\n---\na: 2", { a: 1 }],
    ["# nothing", null],
    ["", null],
    ['{"a": [1, "b"]}', { a: [1, "b"] }],
  ])("reads %j as go-yaml does", (text, value) => {
    expect(read(text)).toEqual({ value, duplicateKeys: undefined });
  });

  test.each([
    ["a: b: c", "yaml: line 1: mapping values are not allowed in this context"],
    ["a:\n\t- b", "yaml: line 2: found character that cannot start any token"],
    ["a: 1\nfoo\nb: 2", "yaml: line 2: could not find expected ':'"],
    ["a:\n  b: 1\n c: 2", "yaml: line 3: did not find expected key"],
    ["a: *x", "yaml: unknown anchor 'x' referenced"],
  ])("refuses %j in go-yaml's words", (text, message) => {
    expect(() => read(text)).toThrow(new YamlError(message));
  });

  test("is not blown up by aliases of aliases", () => {
    const nine = (name: string) => `[${Array.from({ length: 9 }, () => name).join(",")}]`;
    const bomb = `a: &a ${nine("x")}\nb: &b ${nine("*a")}\nc: &c ${nine("*b")}\nd: &d ${nine("*c")}\ne: ${nine("*d")}`;
    expect(() => read(bomb)).toThrow(new YamlError("yaml: document contains excessive aliasing"));
  });

  test("names each key that is there twice with its line", () => {
    expect(read("a: 1\nb:\n  c: 1\n  c: 2\na: 3")).toEqual({
      value: { a: 3, b: { c: 2 } },
      duplicateKeys:
        'yaml: unmarshal errors:\n  line 5: key "a" already set in map\n  line 4: key "c" already set in map',
    });
  });

  test("keeps a key called __proto__ a key", () => {
    const { value } = read("__proto__: {polluted: true}");
    expect(Object.keys(value as object)).toEqual(["__proto__"]);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});
