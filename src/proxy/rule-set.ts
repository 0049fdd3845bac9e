/**
 * A set of iptables rules as data: the chains that belong to a proxy with their rules in order, and
 * the jumps that lead to them from the kernel's own chains. What a mode of the proxy compiles to.
 *
 * Rule: a chain of ours is ours alone and is replaced as a whole; of a chain of the kernel's
 * (INPUT, PREROUTING, ...) only our jump is touched.
 */
export const TABLES = ["filter", "nat"] as const;
export type TableName = (typeof TABLES)[number];

/** A rule of ours in a chain that is not ours. */
export interface Jump {
  table: TableName;
  from: string;
  to: string;
  comment: string;
  /** "-m conntrack --ctstate NEW" */
  match?: string;
  /** Where it is put when it is missing. */
  position: "first" | "last";
}

export class Table {
  readonly name: TableName;
  /** Rules without the leading `-A CHAIN`; a chain without rules is there all the same. */
  readonly chains = new Map<string, string[]>();

  constructor(name: TableName) {
    this.name = name;
  }

  declare(chain: string): string[] {
    const rules = this.chains.get(chain) ?? [];
    this.chains.set(chain, rules);
    return rules;
  }

  /** Adds one rule. The parts are joined by blanks; false and "" are left out. */
  add(chain: string, ...parts: (string | false)[]): void {
    this.declare(chain).push(parts.filter(Boolean).join(" "));
  }
}

/** Everything one proxy wants in the kernel. */
export interface RuleSet {
  filter: Table;
  nat: Table;
  jumps: readonly Jump[];
}

export function emptyRuleSet(jumps: readonly Jump[] = []): RuleSet {
  return { filter: new Table("filter"), nat: new Table("nat"), jumps };
}

/** A comment match. Quoted where iptables-save quotes it: when it holds a blank. */
export function comment(text: string): string {
  return `-m comment --comment ${/\s/.test(text) ? JSON.stringify(text) : text}`;
}

/** The rule of a jump, without `-A CHAIN`. */
export function jumpRule({ match, comment: text, to }: Jump): string {
  return [match, text && comment(text), `-j ${to}`].filter(Boolean).join(" ");
}

/** The text of a table, as `iptables-restore --noflush` takes it. */
export function restoreText({ name, chains }: Table): string {
  const lines = [`*${name}`];
  for (const chain of chains.keys()) lines.push(`:${chain} - [0:0]`);
  for (const [chain, rules] of chains) {
    for (const rule of rules) lines.push(`-A ${chain} ${rule}`);
  }
  return `${[...lines, "COMMIT"].join("\n")}\n`;
}
