import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type LaidOut, layOut } from "./laid-out.ts";

const installer = fileURLToPath(new URL("../../deploy/install.sh", import.meta.url));

function install(...args: string[]) {
  const env = { ...process.env, NODE: process.execPath };
  return spawnSync("sh", [installer, ...args], { env, encoding: "utf8" });
}

describe("the installer", () => {
  let laidOut: LaidOut;
  beforeEach(() => {
    laidOut = layOut("node", "node1");
  });
  afterEach(() => rmSync(laidOut.directory, { recursive: true }));

  test.each([
    ["no role", []],
    ["an unknown role", ["minion", "node1"]],
    ["no name", ["node"]],
    ["a name no host can have", ["node", "Node 1"]],
  ])("does nothing when given %s", (_, args) => {
    const { status, stderr } = install(...args);
    expect(status).toBe(2);
    expect(stderr).not.toBe("");
  });

  test("keeps the file that was there before it, once", () => {
    const path = join(laidOut.directory, "etc/sysconfig/docker");
    writeFileSync(path, "OPTIONS='--insecure-registry registry:5000'\n");
    for (let i = 0; i < 2; i++) {
      expect(install("--into", laidOut.directory, "node", "node1").status).toBe(0);
    }
    expect(readFileSync(`${path}.bak`, "utf8")).toBe(
      "OPTIONS='--insecure-registry registry:5000'\n",
    );
    expect(laidOut.variables("etc/sysconfig/docker").OPTIONS).toContain("--iptables=false");
  });

  test("gives a node nothing of the master", () => {
    for (const path of ["etc/kubernetes/apiserver", "etc/systemd/system/etcd.service"]) {
      expect(existsSync(join(laidOut.directory, path)), path).toBe(false);
    }
  });

  test("lays out programs that run", () => {
    const kubelet = join(laidOut.directory, "usr/local/bin/kubelet");
    expect(spawnSync(kubelet, ["--version"], { encoding: "utf8" }).stdout).toMatch(
      /^Kubernetes v1\./,
    );
  });
});
