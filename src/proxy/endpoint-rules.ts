/**
 * The rules that choose an endpoint of a service port by chance (KUBE-SVC-*, KUBE-SVL-*), and those
 * that send a connection there (KUBE-SEP-*).
 *
 * In Kubernetes: pkg/proxy/iptables/proxier.go (writeServiceToEndpointRules), as of 1.30.
 */
import { endpointChain, serviceChain } from "./chain-names.ts";
import type { Endpoint, UsableEndpoints } from "./endpoint.ts";
import { comment, type Table } from "./rule-set.ts";
import type { ServicePort } from "./service-port.ts";

export interface EndpointRuleOptions {
  /** False in a large cluster, where comments would be 40 % of everything. */
  isCommented: boolean;
}

/** An endpoint with the name of its chain. */
interface Target {
  endpoint: Endpoint;
  sep: string;
}

export function addEndpointRules(
  nat: Table,
  port: ServicePort,
  { cluster, local }: UsableEndpoints,
  options: EndpointRuleOptions,
): void {
  const isNew = (one: Endpoint) => !cluster.includes(one);
  const targets = new Map(
    [...cluster, ...local.filter(isNew)].map((endpoint) => {
      return [endpoint, { endpoint, sep: endpointChain(port, endpoint) }];
    }),
  );
  const add = (chain: string, endpoints: Endpoint[]) => {
    if (endpoints.length === 0) return;
    const chosen = endpoints.map((one) => targets.get(one)!);
    choose(nat, port, chain, chosen, options);
  };
  add(serviceChain("KUBE-SVC-", port), cluster);
  add(serviceChain("KUBE-SVL-", port), local);
  for (const target of targets.values()) addEndpoint(nat, port, target, options);
}

/** Each of n endpoints is taken with the odds 1/n: the first with 1/n, of the rest 1/(n-1), ... */
function choose(
  nat: Table,
  { name, affinitySeconds }: ServicePort,
  chain: string,
  targets: Target[],
  { isCommented }: EndpointRuleOptions,
): void {
  const about = ({ endpoint: { ip, port } }: Target) =>
    isCommented && comment(`${name} -> ${ip}:${port}`);
  if (affinitySeconds !== undefined) {
    for (const target of targets) {
      const seen = `-m recent --name ${target.sep} --rcheck --seconds ${affinitySeconds} --reap`;
      nat.add(chain, about(target), seen, `-j ${target.sep}`);
    }
  }
  for (const [i, target] of targets.entries()) {
    const left = targets.length - i;
    const odds = `-m statistic --mode random --probability ${(1 / left).toFixed(10)}`;
    nat.add(chain, about(target), left > 1 && odds, `-j ${target.sep}`);
  }
}

function addEndpoint(
  nat: Table,
  { name, affinitySeconds, protocol }: ServicePort,
  { endpoint: { ip, port }, sep }: Target,
  { isCommented }: EndpointRuleOptions,
): void {
  const what = isCommented && comment(name);
  const remember = affinitySeconds !== undefined && `-m recent --name ${sep} --set`;
  const match = `-m ${protocol.toLowerCase()} -p ${protocol.toLowerCase()}`;
  // A pod that reaches itself must see another source than itself, or it answers itself directly.
  nat.add(sep, what, `-s ${ip}`, "-j KUBE-MARK-MASQ");
  nat.add(sep, what, remember, match, `-j DNAT --to-destination ${ip}:${port}`);
}
