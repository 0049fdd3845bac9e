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

export function addEndpointRules(
  nat: Table,
  port: ServicePort,
  { cluster, local }: UsableEndpoints,
  options: EndpointRuleOptions,
): void {
  if (cluster.length > 0) choose(nat, port, serviceChain("KUBE-SVC-", port), cluster, options);
  if (local.length > 0) choose(nat, port, serviceChain("KUBE-SVL-", port), local, options);
  const isNew = (one: Endpoint) => !cluster.includes(one);
  for (const one of [...cluster, ...local.filter(isNew)]) addEndpoint(nat, port, one, options);
}

/** Each of n endpoints is taken with the odds 1/n: the first with 1/n, of the rest 1/(n-1), ... */
function choose(
  nat: Table,
  port: ServicePort,
  chain: string,
  endpoints: Endpoint[],
  { isCommented }: EndpointRuleOptions,
): void {
  const targets = endpoints.map((one) => ({
    sep: endpointChain(port, one),
    what: isCommented && comment(`${port.name} -> ${one.ip}:${one.port}`),
  }));
  if (port.affinitySeconds !== undefined) {
    for (const { sep, what } of targets) {
      const seen = `-m recent --name ${sep} --rcheck --seconds ${port.affinitySeconds} --reap`;
      nat.add(chain, what, seen, `-j ${sep}`);
    }
  }
  for (const [i, { sep, what }] of targets.entries()) {
    const left = targets.length - i;
    const odds = `-m statistic --mode random --probability ${(1 / left).toFixed(10)}`;
    nat.add(chain, what, left > 1 && odds, `-j ${sep}`);
  }
}

function addEndpoint(
  nat: Table,
  servicePort: ServicePort,
  endpoint: Endpoint,
  { isCommented }: EndpointRuleOptions,
): void {
  const { name, affinitySeconds } = servicePort;
  const { ip, port } = endpoint;
  const chain = endpointChain(servicePort, endpoint);
  const protocol = servicePort.protocol.toLowerCase();
  const what = isCommented && comment(name);
  const remember = affinitySeconds !== undefined && `-m recent --name ${chain} --set`;
  // A pod that reaches itself must see another source than itself, or it answers itself directly.
  nat.add(chain, what, `-s ${ip}`, "-j KUBE-MARK-MASQ");
  const send = `-j DNAT --to-destination ${ip}:${port}`;
  nat.add(chain, what, remember, `-m ${protocol} -p ${protocol}`, send);
}
