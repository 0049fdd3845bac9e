import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { parseResolvConf, readResolvConf } from "../../../src/kubelet/node/resolv-conf.ts";

describe("a resolv.conf", () => {
  test.each([
    ["", [], [], []],
    ["#comment\n #comment\n; another\n\t\n", [], [], []],
    ["\tnameserver \t 1.2.3.4 #comment", ["1.2.3.4"], [], []],
    ["nameserver 1.2.3.4\r\nnameserver ::1\r\n", ["1.2.3.4", "::1"], [], []],
    ["nameserver 1.2.3.4\nsearch", ["1.2.3.4"], [], []],
    ["search foo bar", [], ["foo", "bar"], []],
    ["search foo\nsearch bar", [], ["bar"], []],
    ["search foo. bar.example.", [], ["foo", "bar.example"], []],
    ["search .", [], [], []],
    ["search . foo.", [], ["foo"], []],
    ["options ", [], [], []],
    ["options ndots:5 attempts:2", [], [], ["ndots:5", "attempts:2"]],
    ["options ndots:1 rotate\noptions attempts:3", [], [], ["ndots:1", "rotate", "attempts:3"]],
    ["options ndots:1\noptions ndots:5 attempts:3", [], [], ["ndots:5", "attempts:3"]],
    ["options ndots:1 ndots:2", [], [], ["ndots:2"]],
  ])("of %j is understood", (text, servers, searches, options) => {
    expect(parseResolvConf(text)).toEqual({ servers, searches, options });
  });

  test("with a name server that is not named is refused", () => {
    expect(() => parseResolvConf("nameserver 1.2.3.4\nnameserver\n")).toThrow(
      "nameserver list is empty ",
    );
  });
});

describe("the file of --resolv-conf", () => {
  test("is read each time", () => {
    const directory = mkdtempSync(join(tmpdir(), "kubelet-"));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const path = join(directory, "resolv.conf");
    writeFileSync(path, "nameserver 1.2.3.4\n");
    expect(readResolvConf(path)?.servers).toEqual(["1.2.3.4"]);

    writeFileSync(path, "nameserver 5.6.7.8\n");

    expect(readResolvConf(path)?.servers).toEqual(["5.6.7.8"]);
  });

  test("is none where the path is empty", () => {
    expect(readResolvConf("")).toBeUndefined();
  });

  test("that is not there is named", () => {
    expect(() => readResolvConf("/nowhere/resolv.conf")).toThrow(
      "open /nowhere/resolv.conf: no such file or directory",
    );
  });
});
