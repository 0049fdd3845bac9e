/** `kubeling hosts` as a user runs it, with a directory of the test. */
import { execFile, execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import type { Outcome } from "./kubectl.ts";
import { type CommandProcess, startCommand } from "./kubeling-process.ts";

const command = new URL("../../dist/kubeling.js", import.meta.url).pathname;

export interface HostsLab {
  directory: string;
  /** Starts `hosts up` and does not wait for it. */
  startUp(): CommandProcess;
  /** Runs `hosts ...`; fails the test when it fails. */
  hosts(...args: string[]): Promise<string>;
  tryHosts(...args: string[]): Promise<Outcome>;
  /** On a host of the lab. */
  on(host: string, ...line: string[]): Promise<string>;
  /** kubectl on the master, as the course has it. */
  kubectl(...args: string[]): Promise<string>;
}

/** A directory that is not there yet. */
export function hostsLab(): HostsLab {
  const directory = mkdtempSync(join(tmpdir(), "kubeling-hosts-"));
  rmdirSync(directory);
  const flag = `--state-dir=${directory}`;
  const tryHosts = (...args: string[]) =>
    new Promise<Outcome>((resolve) => {
      const [name = "", ...rest] = args;
      const line = [command, "hosts", name, flag, ...rest];
      // The log of a pod that asks and asks is long.
      execFile(process.execPath, line, { maxBuffer: 256 << 20 }, (error, stdout, stderr) =>
        resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
      );
    });
  const hosts = async (...args: string[]) => {
    const { code, stdout, stderr } = await tryHosts(...args);
    expect(code, `hosts ${args.join(" ")}\n${stderr}`).toBe(0);
    return stdout;
  };
  const on = (host: string, ...line: string[]) => hosts("exec", host, "--", ...line);
  return {
    directory,
    startUp: () => startCommand("kubeling", ["hosts", "up", flag]),
    hosts,
    tryHosts,
    on,
    kubectl: (...args) => on("k8s-master", "kubectl", "-s", "http://k8s-master:8080", ...args),
  };
}

/** Everything on this machine that a lab in this directory could have left, in words. */
export function leftBy(directory: string): string[] {
  const namespaces = execFileSync("ip", ["netns", "list"], { encoding: "utf8" })
    .split("\n")
    .filter((line) => /^(k8s-lan|k8s-master|node1|node2)( |$)/.test(line));
  const links = readdirSync("/sys/class/net").filter((name) =>
    /^(lan0|docker0|flannel\.1|to-)/.test(name),
  );
  const rules = execFileSync("iptables-save", { encoding: "utf8" })
    .split("\n")
    .filter((line) => /10\.1\.0\.0\/16|10\.254\.|10\.211\.55\.|KUBE-|FLANNEL-/.test(line));
  const mounts = readFileSync("/proc/mounts", "utf8")
    .split("\n")
    .filter((line) => line.includes(directory) || line.includes("/run/netns/node"));
  const processes = readdirSync("/proc").filter(
    (pid) => /^\d+$/.test(pid) && isOurs(pid, directory),
  );
  const cgroups = ["", ...readdirSync("/sys/fs/cgroup")]
    .map((hierarchy) => join("/sys/fs/cgroup", hierarchy, "kubeling-hosts"))
    .filter((path) => existsSync(path));
  const files = existsSync(directory) ? [directory] : [];
  return [...namespaces, ...links, ...rules, ...mounts, ...processes, ...cgroups, ...files];
}

/** Its environment, its command line or its mounts say so. */
function isOurs(pid: string, directory: string): boolean {
  try {
    const read = (name: string) => readFileSync(`/proc/${pid}/${name}`, "utf8");
    if (/(^|\0)KUBELING_HOST=/.test(read("environ"))) return true;
    return pid !== String(process.pid) && read("mounts").includes(directory);
  } catch (error) {
    // It went while we looked, is the kernel's, or the machine's own first.
    const { code = "" } = error as NodeJS.ErrnoException;
    if (["ENOENT", "ESRCH", "EINVAL", "EACCES"].includes(code)) return false;
    throw error;
  }
}
