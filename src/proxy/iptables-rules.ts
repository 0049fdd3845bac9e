/**
 * The rules of `--proxy-mode=iptables`: a pure function from service ports and their endpoints to
 * chains. A connection to a service walks
 *
 *   KUBE-SERVICES -> KUBE-SVC-* (which endpoint? by chance) -> KUBE-SEP-* (DNAT to the pod)
 *
 * and one from outside takes KUBE-EXT-* in between, which marks it for masquerading, so that the
 * answer comes back through this node. Here is what every node has; service-rules.ts has the rest.
 *
 * In Kubernetes: pkg/proxy/iptables/proxier.go (syncProxyRules), as of 1.30.
 */
import type { ServiceEndpoints } from "./endpoint.ts";
import { DEFAULT_OPTIONS, type IptablesOptions, markOf } from "./iptables-options.ts";
import { comment, emptyRuleSet, type Jump, type RuleSet } from "./rule-set.ts";
import { addServiceRules } from "./service-rules.ts";

const NEW = "-m conntrack --ctstate NEW";
const OUTSIDE = "kubernetes externally-visible service portals";
const PORTALS = "kubernetes service portals";
const FIREWALL = "kubernetes load balancer firewall";

// biome-ignore format: a table
export const IPTABLES_JUMPS: readonly Jump[] = [
  { table: "filter", from: "INPUT", to: "KUBE-EXTERNAL-SERVICES", comment: OUTSIDE, match: NEW, position: "first" },
  { table: "filter", from: "FORWARD", to: "KUBE-EXTERNAL-SERVICES", comment: OUTSIDE, match: NEW, position: "first" },
  { table: "filter", from: "INPUT", to: "KUBE-NODEPORTS", comment: "kubernetes health check service ports", position: "first" },
  { table: "filter", from: "FORWARD", to: "KUBE-SERVICES", comment: PORTALS, match: NEW, position: "first" },
  { table: "filter", from: "OUTPUT", to: "KUBE-SERVICES", comment: PORTALS, match: NEW, position: "first" },
  { table: "filter", from: "FORWARD", to: "KUBE-FORWARD", comment: "kubernetes forwarding rules", position: "first" },
  { table: "filter", from: "INPUT", to: "KUBE-PROXY-FIREWALL", comment: FIREWALL, match: NEW, position: "first" },
  { table: "filter", from: "OUTPUT", to: "KUBE-PROXY-FIREWALL", comment: FIREWALL, match: NEW, position: "first" },
  { table: "filter", from: "FORWARD", to: "KUBE-PROXY-FIREWALL", comment: FIREWALL, match: NEW, position: "first" },
  { table: "nat", from: "OUTPUT", to: "KUBE-SERVICES", comment: PORTALS, position: "first" },
  { table: "nat", from: "PREROUTING", to: "KUBE-SERVICES", comment: PORTALS, position: "first" },
  { table: "nat", from: "POSTROUTING", to: "KUBE-POSTROUTING", comment: "kubernetes postrouting rules", position: "first" },
];

/**
 * The kubelet of old made these as well, so they are left where they are when a proxy cleans up.
 * Without node ports on 127.0.0.1 there is nothing for them to guard.
 */
const KUBELET_JUMPS: readonly Jump[] = [
  { table: "filter", from: "INPUT", to: "KUBE-FIREWALL", comment: "", position: "first" },
  { table: "filter", from: "OUTPUT", to: "KUBE-FIREWALL", comment: "", position: "first" },
];

const OWN_CHAINS = {
  filter: [
    "KUBE-SERVICES",
    "KUBE-EXTERNAL-SERVICES",
    "KUBE-FORWARD",
    "KUBE-NODEPORTS",
    "KUBE-PROXY-FIREWALL",
  ],
  nat: ["KUBE-SERVICES", "KUBE-NODEPORTS", "KUBE-POSTROUTING", "KUBE-MARK-MASQ"],
};

/** Above so many endpoints, the rules of endpoints go without comments, which are 40 % of them. */
const MOST_COMMENTED_ENDPOINTS = 1_000;

/** Everything the node's kernel should hold for these services. The same input gives the same text. */
export function compileIptablesRules(
  services: readonly ServiceEndpoints[],
  options: IptablesOptions = DEFAULT_OPTIONS,
): RuleSet {
  const rules = emptyRuleSet([
    ...IPTABLES_JUMPS,
    ...(options.localhostNodePorts ? KUBELET_JUMPS : []),
  ]);
  for (const chain of OWN_CHAINS.filter) rules.filter.declare(chain);
  for (const chain of OWN_CHAINS.nat) rules.nat.declare(chain);
  addMasqueradeRules(rules, options);
  if (options.localhostNodePorts) addLocalnetFirewall(rules);
  const endpointCount = services.reduce((sum, { endpoints }) => sum + endpoints.length, 0);
  const isCommented = endpointCount <= MOST_COMMENTED_ENDPOINTS;
  for (const one of services) addServiceRules(rules, one, { ...options, isCommented });
  addNodePortJumps(rules, options);
  addForwardRules(rules, options);
  return rules;
}

/** What `--cleanup` takes away: all but what a kubelet may use as well. */
export function isIptablesChain(chain: string): boolean {
  return (
    /^KUBE-(SVC|SVL|SEP|EXT|FW|XLB)-/.test(chain) ||
    (chain !== "KUBE-MARK-MASQ" && [...OWN_CHAINS.filter, ...OWN_CHAINS.nat].includes(chain))
  );
}

function addMasqueradeRules({ nat }: RuleSet, options: IptablesOptions): void {
  const mark = markOf(options);
  nat.add("KUBE-POSTROUTING", `-m mark ! --mark ${mark}/${mark} -j RETURN`);
  // The mark is cleared, so that a packet that passes again is not masqueraded twice.
  nat.add("KUBE-POSTROUTING", `-j MARK --xor-mark ${mark}`);
  nat.add(
    "KUBE-POSTROUTING",
    comment("kubernetes service traffic requiring SNAT"),
    "-j MASQUERADE",
    options.randomFully && "--random-fully",
  );
  nat.add("KUBE-MARK-MASQ", `-j MARK --or-mark ${mark}`);
}

/** Node ports on 127.0.0.1 need route_localnet, which would let neighbours reach 127.0.0.1. */
function addLocalnetFirewall({ filter }: RuleSet): void {
  filter.add(
    "KUBE-FIREWALL",
    comment("block incoming localnet connections"),
    "-d 127.0.0.0/8 ! -s 127.0.0.0/8",
    "-m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP",
  );
}

function addNodePortJumps({ nat }: RuleSet, options: IptablesOptions): void {
  const last = "kubernetes service nodeports; NOTE: this must be the last rule in this chain";
  const { nodePortAddresses, localhostNodePorts } = options;
  const toLocal = ["-m addrtype --dst-type LOCAL", !localhostNodePorts && "! -d 127.0.0.0/8"];
  const isAllowed = (ip: string) => localhostNodePorts || !ip.startsWith("127.");
  const destinations =
    nodePortAddresses?.filter(isAllowed).map((ip) => [`-d ${ip}`]) ?? ([toLocal] as const);
  for (const destination of destinations) {
    nat.add("KUBE-SERVICES", comment(last), ...destination, "-j KUBE-NODEPORTS");
  }
}

function addForwardRules({ filter }: RuleSet, options: IptablesOptions): void {
  const mark = markOf(options);
  // A packet that conntrack can't place would reach the client with the pod's own address.
  filter.add("KUBE-FORWARD", "-m conntrack --ctstate INVALID -j DROP");
  filter.add(
    "KUBE-FORWARD",
    comment("kubernetes forwarding rules"),
    `-m mark --mark ${mark}/${mark} -j ACCEPT`,
  );
  filter.add(
    "KUBE-FORWARD",
    comment("kubernetes forwarding conntrack rule"),
    "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
  );
}
