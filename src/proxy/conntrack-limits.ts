/**
 * How many connections the kernel tracks, and for how long: a node whose table is full drops new
 * ones. Limits are raised, never lowered; what can't be set is told and no reason to stop.
 *
 * In Kubernetes: cmd/kube-proxy/app/conntrack.go, server_linux.go (setupConntrack)
 */
import { availableParallelism } from "node:os";
import { CommandError, type RunCommand } from "../component/command.ts";
import type { Log } from "../component/log.ts";
import type { ProxyFlags } from "./settings.ts";
import { ensureSysctl, readSysctl } from "./sysctl.ts";

export async function setConntrackLimits(
  flags: ProxyFlags,
  run: RunCommand,
  log: Log,
): Promise<void> {
  const seconds = (ms: number) => Math.floor(ms / 1_000);
  const limits = {
    nf_conntrack_max: maximumOf(flags, availableParallelism()),
    nf_conntrack_tcp_timeout_established: seconds(flags["conntrack-tcp-timeout-established"]),
    nf_conntrack_tcp_timeout_close_wait: seconds(flags["conntrack-tcp-timeout-close-wait"]),
  };
  for (const [name, value] of Object.entries(limits)) {
    if (value > 0) await raise(`net.netfilter.${name}`, value, run, log);
  }
}

export function maximumOf(flags: ProxyFlags, cores: number): number {
  if (flags["conntrack-max"] > 0) return flags["conntrack-max"];
  const perCore = flags["conntrack-max-per-core"];
  return perCore > 0 ? Math.max(perCore * cores, flags["conntrack-min"]) : 0;
}

async function raise(name: string, value: number, run: RunCommand, log: Log): Promise<void> {
  const current = await readSysctl(run, name);
  if (current === undefined || Number(current) >= value) return;
  try {
    log.info("Set sysctl", { name, value }, 1);
    await ensureSysctl(run, name, String(value));
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    log.warn("Could not set sysctl", { name, value, err: error.message });
  }
}
