/**
 * The rules of one service port in `--proxy-mode=iptables`.
 *
 * Its chains: KUBE-SVC-* (any endpoint), KUBE-SVL-* (one on this node), KUBE-EXT-* (what comes from
 * outside), KUBE-FW-* (who may come through the load balancer), KUBE-SEP-* (one endpoint).
 *
 * In Kubernetes: pkg/proxy/iptables/proxier.go (the loop in syncProxyRules), as of 1.30.
 */
import { serviceChain } from "./chain-names.ts";
import { holdsAddress } from "./cidr.ts";
import { type ServiceEndpoints, type UsableEndpoints, usableEndpoints } from "./endpoint.ts";
import { addEndpointRules, type EndpointRuleOptions } from "./endpoint-rules.ts";
import type { IptablesOptions } from "./iptables-options.ts";
import { comment, type RuleSet, type TableName } from "./rule-set.ts";
import { isReachableFromOutside, type ServicePort } from "./service-port.ts";

type Options = IptablesOptions & EndpointRuleOptions;

export function addServiceRules(rules: RuleSet, of: ServiceEndpoints, options: Options): void {
  const usable = usableEndpoints(of.servicePort, of.endpoints);
  new ServiceRules(rules, options, of.servicePort, usable).add();
  addEndpointRules(rules.nat, of.servicePort, usable, options);
}

class ServiceRules {
  readonly #rules: RuleSet;
  readonly #options: Options;
  readonly #port: ServicePort;
  readonly #usable: UsableEndpoints;
  /** Where what goes to the cluster IP is sent, and what falls through KUBE-EXT-*. */
  readonly #internalChain: string;
  readonly #policyChain: string;
  readonly #clusterChain: string;
  readonly #externalChain: string;

  constructor(rules: RuleSet, options: Options, port: ServicePort, usable: UsableEndpoints) {
    this.#rules = rules;
    this.#options = options;
    this.#port = port;
    this.#usable = usable;
    const localChain = serviceChain("KUBE-SVL-", port);
    this.#clusterChain = serviceChain("KUBE-SVC-", port);
    this.#externalChain = serviceChain("KUBE-EXT-", port);
    this.#internalChain = port.isInternalPolicyLocal ? localChain : this.#clusterChain;
    this.#policyChain = port.isExternalPolicyLocal ? localChain : this.#clusterChain;
  }

  add(): void {
    const { isInternalPolicyLocal, isExternalPolicyLocal } = this.#port;
    this.#addClusterIP(this.#hasEndpointsFor(isInternalPolicyLocal));
    if (!this.#hasEndpointsFor(isExternalPolicyLocal)) this.#refuseOutside();
    if (this.#usable.hasAny && isReachableFromOutside(this.#port)) this.#addOutside();
    this.#addHealthCheck();
  }

  #hasEndpointsFor(isPolicyLocal: boolean): boolean {
    return isPolicyLocal ? this.#usable.local.length > 0 : this.#usable.hasAny;
  }

  #addClusterIP(hasEndpoints: boolean): void {
    const { name, clusterIP, port, isInternalPolicyLocal } = this.#port;
    const what = `${name} cluster IP`;
    if (!hasEndpoints) {
      this.#refuse("KUBE-SERVICES", clusterIP, port, isInternalPolicyLocal);
      return;
    }
    this.#match("nat", "KUBE-SERVICES", what, clusterIP, port, `-j ${this.#internalChain}`);
    // What does not come from a pod must come back through this node.
    const { masqueradeAll, clusterCIDR } = this.#options;
    if (!masqueradeAll && clusterCIDR === undefined) return;
    const source = masqueradeAll ? "" : `! -s ${clusterCIDR} `;
    const masquerade = `${source}-j KUBE-MARK-MASQ`;
    this.#match("nat", this.#internalChain, what, clusterIP, port, masquerade);
  }

  #refuseOutside(): void {
    const { port, externalIPs, loadBalancerIPs, nodePort, isExternalPolicyLocal } = this.#port;
    for (const ip of [...externalIPs, ...loadBalancerIPs]) {
      this.#refuse("KUBE-EXTERNAL-SERVICES", ip, port, isExternalPolicyLocal);
    }
    if (nodePort) this.#refuse("KUBE-EXTERNAL-SERVICES", "", nodePort, isExternalPolicyLocal);
  }

  #addOutside(): void {
    const { name, port, externalIPs, loadBalancerIPs, nodePort } = this.#port;
    const jump = `-j ${this.#externalChain}`;
    for (const ip of externalIPs) {
      this.#match("nat", "KUBE-SERVICES", `${name} external IP`, ip, port, jump);
    }
    if (loadBalancerIPs.length > 0) this.#addLoadBalancer();
    if (nodePort) this.#match("nat", "KUBE-NODEPORTS", name, "", nodePort, jump);
    this.#addExternalChain();
  }

  #addLoadBalancer(): void {
    const { name, port, loadBalancerIPs, loadBalancerSourceRanges } = this.#port;
    const isOpen = loadBalancerSourceRanges.length === 0;
    const firewall = serviceChain("KUBE-FW-", this.#port);
    const target = isOpen ? this.#externalChain : firewall;
    for (const ip of loadBalancerIPs) {
      this.#match("nat", "KUBE-SERVICES", `${name} loadbalancer IP`, ip, port, `-j ${target}`);
      if (isOpen) continue;
      const refused = `${name} traffic not accepted by ${firewall}`;
      this.#match("filter", "KUBE-PROXY-FIREWALL", refused, ip, port, "-j DROP");
    }
    if (!isOpen) this.#addFirewall(firewall);
  }

  #addFirewall(firewall: string): void {
    const { nat } = this.#rules;
    const { name, loadBalancerIPs, loadBalancerSourceRanges: ranges } = this.#port;
    const { nodeIP } = this.#options;
    // From a node to the load balancer's address, that address is also what is seen as the source.
    const isNodeAllowed = nodeIP !== undefined && ranges.some((one) => holdsAddress(one, nodeIP));
    for (const source of [...ranges, ...(isNodeAllowed ? loadBalancerIPs : [])]) {
      const what = comment(`${name} loadbalancer IP`);
      nat.add(firewall, what, `-s ${source}`, `-j ${this.#externalChain}`);
    }
    nat.add(firewall, comment(`other traffic to ${name} will be dropped by KUBE-PROXY-FIREWALL`));
  }

  #addExternalChain(): void {
    const chain = this.#externalChain;
    const whom = `${this.#port.name} external destinations`;
    const add = (what: string, rule: string) => this.#rules.nat.add(chain, comment(what), rule);
    if (this.#port.isExternalPolicyLocal) {
      const { clusterCIDR } = this.#options;
      const fromNode = "-m addrtype --src-type LOCAL";
      // A pod or the node itself that uses the outside address need not stay on its own node.
      if (clusterCIDR !== undefined) {
        add(`pod traffic for ${whom}`, `-s ${clusterCIDR} -j ${this.#clusterChain}`);
      }
      add(`masquerade LOCAL traffic for ${whom}`, `${fromNode} -j KUBE-MARK-MASQ`);
      add(`route LOCAL traffic for ${whom}`, `${fromNode} -j ${this.#clusterChain}`);
    } else {
      add(`masquerade traffic for ${whom}`, "-j KUBE-MARK-MASQ");
    }
    if (this.#hasEndpointsFor(this.#port.isExternalPolicyLocal)) {
      this.#rules.nat.add(chain, `-j ${this.#policyChain}`);
    }
  }

  #addHealthCheck(): void {
    const { name, healthCheckNodePort } = this.#port;
    if (healthCheckNodePort === 0) return;
    const match = `-m tcp -p tcp --dport ${healthCheckNodePort} -j ACCEPT`;
    this.#rules.filter.add("KUBE-NODEPORTS", comment(`${name} health check node port`), match);
  }

  /** REJECT where nobody is there; DROP where somebody is, but not on this node. */
  #refuse(chain: string, ip: string, port: number, isLocalPolicy: boolean): void {
    const isElsewhere = isLocalPolicy && this.#usable.hasAny;
    const why = isElsewhere ? "has no local endpoints" : "has no endpoints";
    const verdict = isElsewhere ? "-j DROP" : "-j REJECT";
    this.#match("filter", chain, `${this.#port.name} ${why}`, ip, port, verdict);
  }

  /** Adds a rule for what goes to this address and port; "" stands for the node's own addresses. */
  #match(table: TableName, chain: string, what: string, ip: string, port: number, then: string) {
    const protocol = this.#port.protocol.toLowerCase();
    const toLocal = ip === "" && table === "filter" && "-m addrtype --dst-type LOCAL";
    const destination = ip !== "" && `-d ${ip}`;
    const match = `-m ${protocol} -p ${protocol}`;
    this.#rules[table].add(
      chain,
      comment(what),
      toLocal,
      match,
      destination,
      `--dport ${port}`,
      then,
    );
  }
}
