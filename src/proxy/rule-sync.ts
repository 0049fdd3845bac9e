/**
 * Keeps the kernel's rules as a proxy wants them: sends what has changed, looks now and then
 * whether somebody has flushed or damaged them, and puts back what is missing.
 *
 * Rule: chains that are not ours, and other people's rules in the kernel's own chains, are read and
 * never written. When a transaction fails nothing is taken for granted: the kernel is read again.
 *
 * In Kubernetes: pkg/proxy/iptables/proxier.go, pkg/util/iptables (Monitor). Differs: looks at the
 * rules themselves, where Kubernetes looks whether a chain KUBE-PROXY-CANARY is still there.
 */

import type { Iptables } from "../component/iptables.ts";
import type { Log } from "../component/log.ts";
import { difference, type Held, type HeldTable, heldAfter } from "./rule-difference.ts";
import { emptyRuleSet, type Jump, jumpRule, type RuleSet, type TableName } from "./rule-set.ts";
import { canonicalRule, parseSavedTable, type SavedTable } from "./saved-rules.ts";

/** Which chains and jumps belong to a mode of the proxy. */
export interface Ownership {
  isOwn(chain: string, table: TableName): boolean;
  jumps: readonly Jump[];
}

export class RuleSync {
  readonly #iptables: Iptables;
  readonly #ownership: Ownership;
  readonly #log: Log;
  /** Undefined: not known, has to be read. */
  #held: Held | undefined;

  constructor(iptables: Iptables, ownership: Ownership, log: Log) {
    this.#iptables = iptables;
    this.#ownership = ownership;
    this.#log = log;
  }

  /** Brings the kernel to what is wanted. Resolves to how many bytes had to be sent. */
  async apply(wanted: RuleSet): Promise<number> {
    this.#held ??= await this.#read(wanted);
    const text = difference(this.#held, wanted);
    if (text === "") return 0;
    const held = this.#held;
    this.#held = undefined;
    if (await this.#restore(text, held, wanted)) this.#held = heldAfter(wanted);
    return text.length;
  }

  /** The same, after a look at what the kernel really holds. */
  check(wanted: RuleSet): Promise<number> {
    this.#held = undefined;
    return this.apply(wanted);
  }

  /** Takes everything of this mode away. */
  async cleanup(): Promise<void> {
    await this.check(emptyRuleSet());
  }

  /**
   * A chain can't be deleted while a rule of somebody else's leads to it. That must not keep the
   * rest from being applied; the chain is tried again at the next look.
   */
  async #restore(text: string, held: Held, wanted: RuleSet): Promise<boolean> {
    try {
      await this.#iptables.restore(text);
      return true;
    } catch (error) {
      const without = difference(held, wanted, { deletesChains: false });
      if (without === text) throw error;
      await this.#iptables.restore(without);
      this.#log.warn("Could not delete stale chains", { err: String(error) });
      return false;
    }
  }

  async #read(wanted: RuleSet): Promise<Held> {
    const [filter, nat] = await Promise.all([
      this.#iptables.save("filter"),
      this.#iptables.save("nat"),
    ]);
    return {
      filter: this.#compare("filter", parseSavedTable(filter), wanted),
      nat: this.#compare("nat", parseSavedTable(nat), wanted),
    };
  }

  #compare(table: TableName, { chains }: SavedTable, wanted: RuleSet): HeldTable {
    const held: HeldTable = { chains: new Map(), damaged: new Set(), jumps: new Set() };
    for (const [chain, rules] of chains) {
      const ours = wanted[table].chains.get(chain);
      if (ours !== undefined && isSameRules(ours, rules)) held.chains.set(chain, ours);
      else if (ours !== undefined || this.#ownership.isOwn(chain, table)) held.damaged.add(chain);
    }
    for (const jump of new Set([...this.#ownership.jumps, ...wanted.jumps])) {
      if (jump.table !== table) continue;
      const rule = canonicalRule(jumpRule(jump));
      const there = chains.get(jump.from) ?? [];
      const leading = there.filter((one) => one.includes(jump.to));
      if (leading.some((one) => canonicalRule(one) === rule)) held.jumps.add(jump);
    }
    return held;
  }
}

function isSameRules(ours: readonly string[], saved: readonly string[]): boolean {
  if (ours.length !== saved.length) return false;
  return ours.every((rule, i) => canonicalRule(rule) === canonicalRule(saved[i]!));
}
