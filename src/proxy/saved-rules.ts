/**
 * Reads what iptables-save prints, and brings a rule into one canonical form, however it was
 * written: by us, by another version of iptables, by the legacy or the nft kind. Pure.
 *
 *   ours    -m tcp -p tcp -d 10.254.0.1 --dport 443 -j KUBE-SVC-X
 *   saved   -d 10.254.0.1/32 -p tcp -m tcp --dport 443 -j KUBE-SVC-X
 *
 * Rule: two rules do the same if their canonical forms are equal. A rule is all of its matches at
 * once, so their order says nothing; and an option names its match, so `-m` says nothing.
 */
export interface SavedTable {
  /** By chain, in order, as printed after `-A CHAIN `. */
  chains: Map<string, string[]>;
}

export function parseSavedTable(text: string): SavedTable {
  const chains = new Map<string, string[]>();
  for (const line of text.split("\n")) {
    if (line.startsWith(":")) {
      const chain = line.slice(1, line.indexOf(" "));
      chains.set(chain, chains.get(chain) ?? []);
    } else if (line.startsWith("-A ")) {
      const end = line.indexOf(" ", 3);
      const chain = end < 0 ? line.slice(3) : line.slice(3, end);
      const rules = chains.get(chain) ?? [];
      chains.set(chain, rules);
      rules.push(end < 0 ? "" : line.slice(end + 1));
    }
  }
  return { chains };
}

/** An option with its values: `! -s 10.0.0.0/8` is { isNot: true, name: "-s", values: ["10.0.0.0/8"] }. */
export interface RuleOption {
  name: string;
  values: string[];
  isNot: boolean;
}

/** The options of a rule in their order, with `-m` as any other. */
export function parseRule(rule: string): RuleOption[] {
  const options: RuleOption[] = [];
  let isNot = false;
  for (const [word, quoted] of rule.matchAll(/"((?:[^"\\]|\\.)*)"|\S+/g)) {
    if (quoted !== undefined) options.at(-1)?.values.push(quoted.replace(/\\(.)/g, "$1"));
    else if (word === "!") isNot = true;
    else if (/^--?[a-zA-Z]/.test(word)) {
      options.push({ name: word, values: [], isNot });
      isNot = false;
    } else options.at(-1)?.values.push(word);
  }
  return options;
}

export function canonicalRule(rule: string): string {
  return parseRule(rule)
    .flatMap((option) => CANONICAL[option.name]?.(option) ?? [wordingOf(option)])
    .toSorted()
    .join(" ");
}

/** What can be written in several ways, or is printed though it goes without saying. */
const CANONICAL: Record<string, (option: RuleOption) => string[]> = {
  "-m": () => [],
  "--mask": () => [],
  "--rsource": () => [],
  "--reject-with": (one) => (one.values[0] === "icmp-port-unreachable" ? [] : [wordingOf(one)]),
  "-s": withoutHostLength,
  "-d": withoutHostLength,
  "--ctstate": (one) => [wordingOf({ ...one, values: one.values.map(sortedList) })],
  "--state": (one) => [wordingOf({ ...one, values: one.values.map(sortedList) })],
  "--or-mark": ({ values: [mark] }) => [`--set-xmark ${mark}/${mark}`],
  "--xor-mark": ({ values: [mark] }) => [`--set-xmark ${mark}/0x0`],
  // The kernel counts chances in parts of 2^31.
  "--probability": ({ values: [chance] }) => [
    `--probability ${Math.round(Number(chance) * 2 ** 31)}`,
  ],
};

function withoutHostLength(option: RuleOption): string[] {
  return [wordingOf({ ...option, values: option.values.map((one) => one.replace(/\/32$/, "")) })];
}

function sortedList(text: string): string {
  return text.split(",").toSorted().join(",");
}

function wordingOf({ isNot, name, values }: RuleOption): string {
  return [isNot ? "!" : "", name, ...values].filter((word) => word !== "").join(" ");
}
