import { describe, expect, test } from "vitest";
import { commandRunner, type RunCommand } from "../../src/component/command.ts";
import { findIptables, readVersion, restoreCommand } from "../../src/component/iptables.ts";
import { canonicalRule, parseSavedTable } from "../../src/proxy/saved-rules.ts";
import { TestNamespace } from "../proxy/test-namespace.ts";
import { describeWith } from "../support/needs.ts";

describe("iptables", () => {
  test.each([
    ["iptables v1.4.21", "1.4.21", "legacy", false],
    ["iptables v1.6.1", "1.6.1", "legacy", false],
    ["iptables v1.6.2", "1.6.2", "legacy", true],
    ["iptables v1.8.4 (legacy)", "1.8.4", "legacy", true],
    ["iptables v1.8.9 (nf_tables)", "1.8.9", "nf_tables", true],
    ["iptables v1.10", "1.10", "legacy", true],
  ])("%s is known for what it is", (text, version, backend, isNew) => {
    const found = { version, backend, hasRandomFully: isNew, restoreWaits: isNew };
    expect(readVersion(`${text}\n`)).toEqual(found);
  });

  test("waits for the lock, by itself or by flock", () => {
    expect(restoreCommand(readVersion("iptables v1.8.9 (nf_tables)")).join(" ")).toBe(
      "iptables-restore --noflush --counters -w 5",
    );
    expect(restoreCommand(readVersion("iptables v1.4.21")).join(" ")).toBe(
      "flock -w 5 /run/xtables.lock iptables-restore --noflush --counters",
    );
  });

  test("that is not there is said to be missing", async () => {
    const run: RunCommand = (program, args) => commandRunner()(`${program}-missing`, args);
    await expect(findIptables(run)).rejects.toThrow(
      "iptables-missing failed (ENOENT): spawn iptables-missing ENOENT",
    );
  });
});

describeWith(["root", "iptables"], "iptables of the nft kind", () => {
  test("warns of rules of the legacy kind, which the kernel obeys as well", async () => {
    const namespace = await TestNamespace.create();
    try {
      expect((await findIptables(namespace.run)).warning).toBeUndefined();
      await namespace.run("iptables-legacy", ["-t", "nat", "-A", "OUTPUT", "-j", "ACCEPT"]);
      expect((await findIptables(namespace.run)).warning).toBe(
        "iptables-legacy tables present, use iptables-legacy-save to see them",
      );
    } finally {
      await namespace.remove();
    }
  });
});

describe("a program that fails", () => {
  const run = commandRunner();

  test("is told with its exit code and what it said", async () => {
    await expect(run("sh", ["-c", "echo no such thing >&2; exit 3"])).rejects.toThrow(
      "sh failed (3): no such thing",
    );
  });

  test("may end without reading its input", async () => {
    const input = "x".repeat(10_000_000);
    expect(await run("true", [], input)).toEqual({ stdout: "", stderr: "" });
  });

  test("is run behind a prefix", async () => {
    const { stdout } = await commandRunner(["env", "WHO=me"])(
      "sh",
      ["-c", "cat; echo $WHO"],
      "in ",
    );
    expect(stdout).toBe("in me\n");
  });
});

describe("a saved rule", () => {
  test.each([
    [
      "-m tcp -p tcp -d 10.254.0.1 --dport 443 -j KUBE-SVC-X",
      "-d 10.254.0.1/32 -p tcp -m tcp --dport 443 -j KUBE-SVC-X",
    ],
    ["-j MARK --or-mark 0x4000", "-j MARK --set-xmark 0x4000/0x4000"],
    ["-j MARK --xor-mark 0x4000", "-j MARK --set-xmark 0x4000/0x0"],
    ["-j REJECT", "-j REJECT --reject-with icmp-port-unreachable"],
    [
      "-m statistic --mode random --probability 0.3333333333 -j X",
      "-m statistic --mode random --probability 0.33333333349 -j X",
    ],
    [
      "-m recent --name X --set -j X",
      "-m recent --set --name X --mask 255.255.255.255 --rsource -j X",
    ],
    ['-m comment --comment "a b" -j X', '-j X -m comment --comment "a b"'],
    ["-m comment --comment a:b -j X", '-m comment --comment "a:b" -j X'],
  ])("%s is the same as %s", (ours, saved) => {
    expect(canonicalRule(ours)).toBe(canonicalRule(saved));
  });

  test.each([
    ["-s 10.0.0.0/8 -j X", "! -s 10.0.0.0/8 -j X"],
    ["-s 10.0.0.1 -j X", "-d 10.0.0.1 -j X"],
    ["-j REJECT", "-j REJECT --reject-with tcp-reset"],
    ["-m statistic --probability 0.5 -j X", "-m statistic --probability 0.33 -j X"],
    ["-j MARK --or-mark 0x4000", "-j MARK --or-mark 0x8000"],
    ["-p tcp --dport 80 -j X", "-p udp --dport 80 -j X"],
    ['-m comment --comment "-j DROP" -j X', "-j DROP"],
  ])("%s is another than %s", (one, other) => {
    expect(canonicalRule(one)).not.toBe(canonicalRule(other));
  });

  test("is found in its chain, and a chain without rules is there too", () => {
    const text =
      "*nat\n:OUTPUT ACCEPT [3:180]\n:MINE - [0:0]\n:EMPTY - [0:0]\n-A MINE -j X\n-A MINE\nCOMMIT\n";
    expect(Object.fromEntries(parseSavedTable(text).chains)).toEqual({
      OUTPUT: [],
      MINE: ["-j X", ""],
      EMPTY: [],
    });
  });
});
