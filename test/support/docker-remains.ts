/**
 * What a test's Docker leaves on the machine: its directory, its cgroups, its bridge. Removed when it is
 * stopped; and where a test process was killed before that, when the next one starts.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, renameSync, rmdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

export const PREFIX = "kubeling-docker-";
/** In the directory: the process id of the test. */
export const OWNER = "owner.pid";
const CLAIMED = ".swept";
const CGROUPS = "/sys/fs/cgroup";

export const cgroupOf = (directory: string) => `/kubeling-test-${idOf(directory)}`;
export const bridgeOf = (directory: string) => `kl${idOf(directory)}`;

function idOf(directory: string): string {
  return basename(directory).slice(PREFIX.length, PREFIX.length + 6);
}

export function removeRemains(directory: string): void {
  rmSync(directory, { recursive: true, maxRetries: 5, retryDelay: 100 });
  for (const hierarchy of ["", ...readdirSync(CGROUPS)]) {
    const path = join(CGROUPS, hierarchy, cgroupOf(directory));
    if (existsSync(path)) rmdirSync(path);
  }
  const bridge = bridgeOf(directory);
  if (!existsSync(`/sys/class/net/${bridge}`)) return;
  execFileSync("busybox", ["ifconfig", bridge, "down"]);
  execFileSync("busybox", ["brctl", "delbr", bridge]);
}

/** Removes what is left of tests that were killed. Whoever renames the directory first does it. */
export function sweepRemains(): void {
  for (const name of readdirSync(tmpdir()).filter((one) => one.startsWith(PREFIX))) {
    const directory = join(tmpdir(), name);
    const owner = join(directory, OWNER);
    // Without an owner yet, it is being made; or it is being removed.
    if (!existsSync(owner) || name.endsWith(CLAIMED)) continue;
    if (isAlive(owner) || isAlive(join(directory, "docker.pid"))) continue;
    const claimed = directory + CLAIMED;
    try {
      renameSync(directory, claimed);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") continue;
      throw error;
    }
    removeRemains(claimed);
  }
}

function isAlive(pidFile: string): boolean {
  return existsSync(pidFile) && existsSync(`/proc/${readFileSync(pidFile, "utf8").trim()}`);
}
