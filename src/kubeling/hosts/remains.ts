/**
 * What the lab will leave on the machine, written down before it is made: so that whoever was killed in the
 * middle of `up`, `down` knows what to remove. What is written down need not be there any more.
 *
 * In Kubernetes: not there.
 */
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
} from "node:fs";
import { join } from "node:path";
import type { Clock } from "../../component/clock.ts";
import type { RunCommand } from "../../component/command.ts";
import { UsageError } from "../usage-error.ts";
import { CGROUP, HOSTS, LAN, namespaceOf } from "./host.ts";
import { killAll } from "./host-processes.ts";
import { removeNamespace } from "./lan.ts";

const FILE = "remains";
const CGROUPS = "/sys/fs/cgroup";

/** The directory of the lab, with its record in it. Refuses one that holds something else. */
export function beginRecord(directory: string): void {
  if (isRecorded(directory)) {
    throw new UsageError("the hosts are there already: kubeling hosts down removes them");
  }
  for (const name of [LAN, ...HOSTS.map((host) => host.name)]) {
    if (existsSync(namespaceOf(name))) {
      throw new UsageError(`there is a network namespace ${name} that is not ours`);
    }
  }
  mkdirSync(directory, { recursive: true });
  if (readdirSync(directory).length > 0) throw new UsageError(`${directory} is not empty`);
  appendFileSync(join(directory, FILE), "");
}

/** To be called before the namespace is made. */
export function recordNamespace(directory: string, name: string): void {
  appendFileSync(join(directory, FILE), `${name}\n`, { flush: true });
}

export function isRecorded(directory: string): boolean {
  return existsSync(join(directory, FILE));
}

/** Leaves nothing: processes, namespaces with all that is in them, cgroups, files. The record goes last. */
export async function removeRemains(directory: string, run: RunCommand, clock: Clock) {
  const names = readFileSync(join(directory, FILE), "utf8").split("\n").slice(0, -1);
  for (const name of names) await killAll(name, clock);
  for (const name of names) {
    if (existsSync(namespaceOf(name))) await removeNamespace(run, name);
  }
  for (const hierarchy of ["", ...readdirSync(CGROUPS)]) {
    removeCgroup(join(CGROUPS, hierarchy, CGROUP));
  }
  for (const entry of readdirSync(directory).filter((one) => one !== FILE)) {
    rmSync(join(directory, entry), { recursive: true, force: true, maxRetries: 5 });
  }
  rmSync(directory, { recursive: true });
}

/** A cgroup is removed from the inside out, and without removing the files that show it. */
export function removeCgroup(path: string): void {
  if (!existsSync(path)) return;
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.isDirectory()) removeCgroup(join(path, entry.name));
  }
  rmdirSync(path);
}
