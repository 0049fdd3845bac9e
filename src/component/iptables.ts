/**
 * The kernel's rules through iptables-save and iptables-restore, from 1.4.21 to 1.8, legacy and nft.
 *
 * Rule: nothing is written but by one `iptables-restore --noflush`, which applies all of its input
 * or, when it fails, nothing of a table. Others write rules too, so it waits for the lock.
 *
 * In Kubernetes: pkg/util/iptables/iptables.go
 */
import { CommandError, type RunCommand } from "./command.ts";

export type TableName = "nat" | "filter";

export interface IptablesVersion {
  /** "1.8.9" */
  version: string;
  backend: "legacy" | "nf_tables";
  /** MASQUERADE knows --random-fully. */
  hasRandomFully: boolean;
  /** iptables-restore waits for the lock by itself. */
  restoreWaits: boolean;
}

export interface Iptables extends IptablesVersion {
  /** What iptables-save had to warn of: rules of the other kind, which the kernel obeys as well. */
  warning: string | undefined;
  save(table: TableName): Promise<string>;
  restore(text: string): Promise<void>;
}

const WAIT_SECONDS = "5";
const LOCK_FILE = "/run/xtables.lock";

/** Rejects where there is no iptables, or it is older than what can be worked with. */
export async function findIptables(run: RunCommand): Promise<Iptables> {
  const { stdout } = await run("iptables", ["--version"]);
  const version = readVersion(stdout);
  const [program = "", ...args] = restoreCommand(version);
  const { stderr } = await run("iptables-save", ["-t", "nat"]);
  return {
    ...version,
    warning: /Warning: (.+)/.exec(stderr)?.[1],
    save: async (table) => (await run("iptables-save", ["-t", table])).stdout,
    async restore(text) {
      try {
        await run(program, args, text);
      } catch (error) {
        throw error instanceof CommandError ? withLines(error, text) : error;
      }
    },
  };
}

/** From "iptables v1.8.9 (nf_tables)". */
export function readVersion(text: string): IptablesVersion {
  const [, version, backend] =
    /v(\d+\.\d+(?:\.\d+)?)(?:.*\((legacy|nf_tables)\))?/.exec(text) ?? [];
  if (version === undefined) throw new Error(`no iptables version found in ${text.trim()}`);
  return {
    version,
    backend: backend === "nf_tables" ? "nf_tables" : "legacy",
    hasRandomFully: isAtLeast(version, "1.6.2"),
    restoreWaits: isAtLeast(version, "1.6.2"),
  };
}

/** Where iptables-restore can't wait for the lock, flock does. */
export function restoreCommand({ restoreWaits }: IptablesVersion): string[] {
  const restore = ["iptables-restore", "--noflush", "--counters"];
  if (restoreWaits) return [...restore, "-w", WAIT_SECONDS];
  return ["flock", "-w", WAIT_SECONDS, LOCK_FILE, ...restore];
}

function isAtLeast(version: string, least: string): boolean {
  const [a, b] = [version, least].map((one) => one.split(".").map(Number));
  for (const [i, part] of b!.entries()) {
    if ((a![i] ?? 0) !== part) return (a![i] ?? 0) > part;
  }
  return true;
}

/** iptables-restore names the line it stumbled over by number: the line itself says more. */
function withLines(error: CommandError, text: string): CommandError {
  const number = Number(/line:? (\d+)/.exec(error.stderr)?.[1] ?? 0);
  const line = text.split("\n")[number - 1];
  const hint = line === undefined ? "" : `\nline ${number}: ${line}`;
  return new CommandError("iptables-restore", error.code, error.stderr.trimEnd() + hint);
}
