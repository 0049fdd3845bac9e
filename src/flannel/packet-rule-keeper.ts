/**
 * Keeps the packet filter's rules in place: looks every few seconds, and puts back what somebody
 * (a firewall that was restarted, `iptables -F`) has taken away.
 *
 * In Kubernetes: github.com/flannel-io/flannel/network/iptables.go, SetupAndEnsureIP4Tables
 */
import { type Clock, pause } from "../component/clock.ts";
import type { RunCommand } from "../component/command.ts";
import { findIptables, type Iptables } from "../component/iptables.ts";
import type { Log } from "../component/log.ts";
import {
  forwardRules,
  isInPlace,
  masqueradeRules,
  type RuleChain,
  restoreText,
} from "./packet-rules.ts";
import type { Subnet } from "./subnet.ts";

export interface PacketRulesOptions {
  network: Subnet;
  subnet: Subnet;
  ipMasq: boolean;
  forward: boolean;
  periodMs: number;
  run: RunCommand;
  clock: Clock;
  log: Log;
  signal: AbortSignal;
}

/** Resolves when they are in place for the first time, or could not be put there. */
export async function keepPacketRules(options: PacketRulesOptions): Promise<void> {
  const { ipMasq, forward, run, log } = options;
  if (!ipMasq && !forward) return;
  let iptables: Iptables;
  try {
    iptables = await findIptables(run);
  } catch (error) {
    log.error("Failed to setup IPTables. iptables binary was not found", error);
    return;
  }
  if (iptables.warning !== undefined) log.warn(iptables.warning);
  const { network, subnet } = options;
  const chains = [
    ...(ipMasq ? [masqueradeRules(network, subnet, iptables.hasRandomFully)] : []),
    ...(forward ? [forwardRules(network)] : []),
  ];
  await ensure(chains, iptables, log);
  void keep(chains, iptables, options);
}

async function keep(
  chains: readonly RuleChain[],
  iptables: Iptables,
  { periodMs, clock, log, signal }: PacketRulesOptions,
): Promise<void> {
  for (;;) {
    await pause(clock, periodMs, signal);
    if (signal.aborted) return;
    await ensure(chains, iptables, log);
  }
}

async function ensure(chains: readonly RuleChain[], iptables: Iptables, log: Log): Promise<void> {
  for (const chain of chains) {
    try {
      const saved = await iptables.save(chain.table);
      if (isInPlace(chain, saved)) continue;
      log.info("Some iptables rules are missing; deleting and recreating rules", {
        chain: chain.name,
      });
      await iptables.restore(restoreText(chain, saved));
    } catch (error) {
      log.error("Failed to ensure iptables rules", error, { chain: chain.name });
    }
  }
}
