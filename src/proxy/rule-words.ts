/**
 * One iptables rule in plain words: for whom it is, and what it does. Pure.
 *
 *   -s 172.16.1.2 -j KUBE-MARK-MASQ   "from 172.16.1.2: mark it for masquerading"
 *
 * What every packet under consideration has in common (its destination) is left out.
 */
import { parseRule, type RuleOption } from "./saved-rules.ts";

export interface RuleWords {
  /** "from 172.16.1.2"; empty where it holds for every packet. */
  conditions: string[];
  action: string;
  /** Where it goes on, a chain or a verdict: "KUBE-SVC-X", "DNAT". */
  target: string | undefined;
  /** "172.16.1.2:8080", where it is sent there. */
  destination: string | undefined;
  /** The odds that it is taken by a packet that arrives here; absent where that is not by chance. */
  chance: number | undefined;
  /** It depends on who the client is. */
  isForSome: boolean;
}

type Words = (option: RuleOption) => string;

const CONDITIONS: Record<string, Words> = {
  "-s": ({ isNot, values: [from] }) => `from ${isNot ? "anywhere but " : ""}${from}`,
  "--src-type": () => "from this node itself",
  "--rcheck": () => "for a client that was sent there before",
  "--seconds": ({ values: [seconds] }) => `within the last ${seconds} s`,
  "--physdev-is-in": () => "unless it came in over a port of a bridge",
  "--dst-type": () => "to an address of this node",
};

/** Conditions that one client meets and another does not. */
const ABOUT_CLIENT = ["-s", "--src-type", "--rcheck"];

const TO_RANDOM_PORT = "hand it to the proxy, on its random port";

const ACTIONS: Record<string, Words> = {
  "KUBE-MARK-MASQ": () => "mark it for masquerading",
  DNAT: ({ values: [to = ""] }) => (to.endsWith(":0") ? TO_RANDOM_PORT : `send it to ${to}`),
  REDIRECT: ({ values: [port] }) =>
    port === "0" ? TO_RANDOM_PORT : `hand it to the proxy, on port ${port}`,
  REJECT: () => "refuse it",
  DROP: () => "drop it: the client waits in vain",
  ACCEPT: () => "accept it",
};

const TARGET_OPTIONS = ["--to-destination", "--to-ports"];

export function ruleWords(rule: string): RuleWords {
  const options = parseRule(rule);
  const first = (name: string) => options.find((one) => one.name === name)?.values[0];
  const target = first("-j");
  const argument = options.find(({ name }) => TARGET_OPTIONS.includes(name));
  const act = ACTIONS[target ?? ""];
  const words = act?.(argument ?? options[0]!) ?? `go on in ${target}`;
  const chance = first("--probability");
  const remembers = options.some(({ name }) => name === "--set");
  return {
    conditions: options.flatMap((one) => CONDITIONS[one.name]?.(one) ?? []),
    action:
      target === undefined
        ? `(${first("--comment")})`
        : remembers
          ? `remember the client, ${words}`
          : words,
    target,
    destination: target === "DNAT" ? argument?.values[0] : undefined,
    chance: chance === undefined ? undefined : Number(chance),
    isForSome: options.some(({ name }) => ABOUT_CLIENT.includes(name)),
  };
}

/** A packet as far as a service's rules look at it; "" stands for any of the node's addresses. */
export interface Destination {
  protocol: string;
  ip: string;
  port: number;
}

/** Whether a rule is about packets to this destination. */
export function isAbout(rule: string, { protocol, ip, port }: Destination): boolean {
  return parseRule(rule).every(({ name, isNot, values: [value = ""] }) => {
    const is = (wanted: string) => (value === wanted) !== isNot;
    if (name === "-d") return is(ip) || is(`${ip}/32`);
    if (name === "--dport") return is(String(port));
    if (name === "--dst-type") return ip === "";
    return name !== "-p" || is(protocol.toLowerCase());
  });
}
