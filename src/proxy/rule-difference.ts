/**
 * What iptables-restore has to be told so that the kernel holds what is wanted. Pure.
 *
 * Rule: a chain is sent whole if it differs and not at all if it does not. Chains of ours that
 * nobody wants are emptied and deleted in the same transaction, after all that led to them.
 *
 * In Kubernetes: pkg/proxy/iptables/proxier.go (the partial sync of 1.26 and later). Differs: what
 * is sent depends on what the kernel holds, not on which object has changed.
 */
import { type Jump, jumpRule, type RuleSet, TABLES, type TableName } from "./rule-set.ts";

/** What is known of the kernel's rules in one table. */
export interface HeldTable {
  /** Our chains that hold these very rules, as we write them. */
  chains: Map<string, readonly string[]>;
  /** Our chains that hold something else. */
  damaged: Set<string>;
  /** The jumps that are there. */
  jumps: Set<Jump>;
}

export type Held = Record<TableName, HeldTable>;

export interface DifferenceOptions {
  /** False leaves chains that nobody wants, but empties them: something may still lead to them. */
  deletesChains: boolean;
}

/** "" when there is nothing to do. */
export function difference(
  held: Held,
  wanted: RuleSet,
  options: DifferenceOptions = { deletesChains: true },
): string {
  return TABLES.map((table) => tableDifference(table, held[table], wanted, options)).join("");
}

function tableDifference(
  name: TableName,
  held: HeldTable,
  wanted: RuleSet,
  { deletesChains }: DifferenceOptions,
): string {
  const { chains } = wanted[name];
  const changed = [...chains].filter(([chain, rules]) => !isSame(held.chains.get(chain), rules));
  const stale = staleChains(held, chains);
  const missing = wanted.jumps.filter((jump) => jump.table === name && !held.jumps.has(jump));
  const surplus = [...held.jumps].filter((jump) => !wanted.jumps.includes(jump));
  if (changed.length + stale.length + missing.length + surplus.length === 0) return "";
  const lines = [
    `*${name}`,
    ...[...changed.map(([chain]) => chain), ...stale].map((chain) => `:${chain} - [0:0]`),
    ...surplus.map((jump) => `-D ${jump.from} ${jumpRule(jump)}`),
    ...changed.flatMap(([chain, rules]) => rules.map((rule) => `-A ${chain} ${rule}`)),
    ...missing.map((jump) => `${placeOf(jump)} ${jumpRule(jump)}`),
    ...(deletesChains ? stale.map((chain) => `-X ${chain}`) : []),
    "COMMIT",
  ];
  return `${lines.join("\n")}\n`;
}

/** What the kernel holds once the difference has been applied. */
export function heldAfter(wanted: RuleSet): Held {
  const of = (table: TableName): HeldTable => ({
    chains: new Map(wanted[table].chains),
    damaged: new Set(),
    jumps: new Set(wanted.jumps.filter((jump) => jump.table === table)),
  });
  return { filter: of("filter"), nat: of("nat") };
}

function staleChains(held: HeldTable, wanted: ReadonlyMap<string, unknown>): string[] {
  return [...held.chains.keys(), ...held.damaged].filter((chain) => !wanted.has(chain));
}

function placeOf({ from, position }: Jump): string {
  return position === "first" ? `-I ${from}` : `-A ${from}`;
}

function isSame(a: readonly string[] | undefined, b: readonly string[]): boolean {
  if (a === b) return true;
  return a?.length === b.length && b.every((rule, i) => rule === a[i]);
}
