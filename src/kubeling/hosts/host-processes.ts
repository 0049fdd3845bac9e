/**
 * Which processes of this machine belong to a host of the lab: found in /proc, not in files of process
 * ids, since those lie when something was killed.
 *
 * A host's first process is the first of a process namespace: with it the kernel ends all others of the
 * host, its containers too.
 */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Clock, sleep } from "../../component/clock.ts";
import { namespaceOf } from "./host.ts";

/** In the environment of all that a host starts, from its first moment. */
export const HOST_VARIABLE = "KUBELING_HOST";
const LOOK_AGAIN_MS = 20;
/** A process ended by SIGKILL and still there is stuck in the kernel. */
const LOOKS_MAX = 1_000;

/** Undefined while the host is off. */
export function firstProcessOf(name: string): number | undefined {
  return processesOf(name).find((pid) => /^NSpid:\t\d+\t1$/m.test(fileOf(pid, "status")));
}

export function processesOf(name: string): number[] {
  const network = networkOfNamespace(name);
  const mark = `${HOST_VARIABLE}=${name}`;
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter(
      (pid) =>
        (network !== undefined && networkOf(pid) === network) ||
        fileOf(pid, "environ").split("\0").includes(mark),
    );
}

/** As if the plug were pulled. Resolves when the last one is gone. */
export async function killAll(name: string, clock: Clock): Promise<void> {
  for (let look = 0; look < LOOKS_MAX; look++) {
    const left = processesOf(name).filter((pid) => !isZombie(pid));
    if (left.length === 0) return;
    for (const pid of left) kill(pid);
    await sleep(clock, LOOK_AGAIN_MS);
  }
  throw new Error(`processes of ${name} do not end: ${processesOf(name).join(" ")}`);
}

function networkOfNamespace(name: string): number | undefined {
  return existsSync(namespaceOf(name)) ? statSync(namespaceOf(name)).ino : undefined;
}

function networkOf(pid: number): number | undefined {
  return unlessGone(() => statSync(`/proc/${pid}/ns/net`).ino);
}

function fileOf(pid: number, name: string): string {
  return unlessGone(() => readFileSync(join("/proc", String(pid), name), "utf8")) ?? "";
}

function isZombie(pid: number): boolean {
  return /^State:\tZ/m.test(fileOf(pid, "status"));
}

function kill(pid: number): void {
  unlessGone(() => process.kill(pid, "SIGKILL"));
}

/** Processes come and go while we look at them. */
function unlessGone<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (["ENOENT", "ESRCH", "EACCES"].includes(code)) return undefined;
    throw error;
  }
}
