/**
 * The rules of `--proxy-mode=userspace`: a pure function from service ports, each with the local
 * port its proxy listens on, to chains that lead every connection to that port.
 *
 *   from a pod     PREROUTING -> KUBE-PORTALS-CONTAINER -> REDIRECT to the proxy's port
 *   from the host  OUTPUT     -> KUBE-PORTALS-HOST      -> DNAT to the proxy's port
 *   to a node port PREROUTING -> KUBE-NODEPORT-CONTAINER, OUTPUT -> KUBE-NODEPORT-HOST, the same
 *
 * In Kubernetes: pkg/proxy/userspace/proxier.go (until 1.25). Differs: its chains are replaced as
 * a whole, where Kubernetes ran iptables once for each rule.
 */
import { comment, emptyRuleSet, type Jump, type RuleSet, type TableName } from "../rule-set.ts";
import type { Ownership } from "../rule-sync.ts";
import type { ServicePort } from "../service-port.ts";

export interface Portal {
  servicePort: ServicePort;
  /** The local port that the proxy of this service port listens on. */
  proxyPort: number;
}

export interface PortalOptions {
  /** What the proxies listen on: "0.0.0.0", or one address. */
  bindAddress: string;
  /** An address of the node that its own processes reach. */
  hostIP: string;
}

const CHAINS: Record<TableName, string[]> = {
  filter: ["KUBE-NODEPORT-NON-LOCAL"],
  nat: [
    "KUBE-PORTALS-CONTAINER",
    "KUBE-PORTALS-HOST",
    "KUBE-NODEPORT-CONTAINER",
    "KUBE-NODEPORT-HOST",
  ],
};

const PORTALS = "handle ClusterIPs; NOTE: this must be before the NodePort rules";
const NODE_PORTS = "handle service NodePorts; NOTE: this must be the last rule in the chain";
const NON_LOCAL = "Ensure that non-local NodePort traffic can flow";
const LOCAL = "-m addrtype --dst-type LOCAL";

// biome-ignore format: a table
const JUMPS: readonly Jump[] = [
  { table: "filter", from: "INPUT", to: "KUBE-NODEPORT-NON-LOCAL", comment: NON_LOCAL, position: "first" },
  { table: "nat", from: "PREROUTING", to: "KUBE-PORTALS-CONTAINER", comment: PORTALS, position: "first" },
  { table: "nat", from: "OUTPUT", to: "KUBE-PORTALS-HOST", comment: PORTALS, position: "first" },
  { table: "nat", from: "PREROUTING", to: "KUBE-NODEPORT-CONTAINER", comment: NODE_PORTS, match: LOCAL, position: "last" },
  { table: "nat", from: "OUTPUT", to: "KUBE-NODEPORT-HOST", comment: NODE_PORTS, match: LOCAL, position: "last" },
];

export const PORTAL_OWNERSHIP: Ownership = {
  isOwn: (chain, table) => CHAINS[table].includes(chain),
  jumps: JUMPS,
};

export function compilePortalRules(portals: readonly Portal[], options: PortalOptions): RuleSet {
  const rules = emptyRuleSet(JUMPS);
  for (const chain of CHAINS.filter) rules.filter.declare(chain);
  for (const chain of CHAINS.nat) rules.nat.declare(chain);
  for (const portal of portals) addPortal(rules, portal, options);
  return rules;
}

function addPortal({ filter, nat }: RuleSet, portal: Portal, options: PortalOptions): void {
  const { clusterIP, port, nodePort, externalIPs, loadBalancerIPs } = portal.servicePort;
  const { toProxy, toHost } = targetsOf(portal, options);
  const match = (to: number, ip?: string) => matchOf(portal.servicePort, to, ip);
  nat.add("KUBE-PORTALS-CONTAINER", match(port, clusterIP), toProxy);
  nat.add("KUBE-PORTALS-HOST", match(port, clusterIP), toHost);
  for (const ip of [...externalIPs, ...loadBalancerIPs]) {
    // What a bridge passes on between its own ports is none of the node's business.
    const notBridged = "-m physdev ! --physdev-is-in";
    nat.add("KUBE-PORTALS-CONTAINER", match(port, ip), notBridged, toProxy);
    nat.add("KUBE-PORTALS-CONTAINER", match(port, ip), LOCAL, toProxy);
    nat.add("KUBE-PORTALS-HOST", match(port, ip), LOCAL, toHost);
  }
  if (nodePort === 0) return;
  nat.add("KUBE-NODEPORT-CONTAINER", match(nodePort), toProxy);
  nat.add("KUBE-NODEPORT-HOST", match(nodePort), toHost);
  const isNew = "-m state --state NEW -j ACCEPT";
  filter.add("KUBE-NODEPORT-NON-LOCAL", match(portal.proxyPort), isNew);
}

function targetsOf({ proxyPort }: Portal, { bindAddress, hostIP }: PortalOptions) {
  const isAny = bindAddress === "0.0.0.0";
  const dnatTo = (ip: string) => `-j DNAT --to-destination ${ip}:${proxyPort}`;
  return {
    toProxy: isAny ? `-j REDIRECT --to-ports ${proxyPort}` : dnatTo(bindAddress),
    // REDIRECT in OUTPUT would lead to 127.0.0.1, where only what binds any address listens.
    toHost: dnatTo(isAny ? hostIP : bindAddress),
  };
}

function matchOf({ name, protocol }: ServicePort, port: number, ip?: string): string {
  const kind = protocol.toLowerCase();
  const destination = ip === undefined ? "" : ` -d ${ip}/32`;
  return `${comment(name)} -p ${kind} -m ${kind} --dport ${port}${destination}`;
}
