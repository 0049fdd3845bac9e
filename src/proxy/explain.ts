/**
 * The way a connection to a service takes through a node's rules, chain by chain, in words, and the
 * odds of each endpoint: for a student, without root and without a kernel, since rules are a pure
 * function of the service and its endpoints.
 *
 * What it says is read from the compiled rules themselves, so it can't say anything else than they.
 */
import type { Endpoints } from "../api/endpoints.ts";
import type { Service } from "../api/service.ts";
import type { ServiceEndpoints } from "./endpoint.ts";
import { joinServices } from "./endpoints-map.ts";
import { DEFAULT_OPTIONS, type IptablesOptions } from "./iptables-options.ts";
import { compileIptablesRules } from "./iptables-rules.ts";
import type { ProxyModeName } from "./mode.ts";
import type { RuleSet, Table } from "./rule-set.ts";
import { type Destination, isAbout, ruleWords } from "./rule-words.ts";
import type { ServicePort } from "./service-port.ts";
import { compilePortalRules } from "./userspace/portal-rules.ts";

export interface ExplainOptions {
  service: Service;
  /** Of the service; absent where there are none yet. */
  endpoints: Endpoints | undefined;
  /** The node whose rules these are. */
  nodeName: string;
  mode: ProxyModeName;
  iptables?: IptablesOptions;
  /** The ports that userspace proxies listen on, by service port; unknown: they are random. */
  proxyPorts?: ReadonlyMap<string, number>;
}

export function explainService(options: ExplainOptions): string {
  const { service, endpoints, nodeName, mode } = options;
  const { namespace = "", name } = service.metadata;
  const heading = `Service ${namespace}/${name} on node ${nodeName}, --proxy-mode=${mode}`;
  const ports = joinServices([service], endpoints ? [endpoints] : [], nodeName);
  if (ports.length === 0) return `${heading}\n\n${whyNone(service)}\n`;
  const rules = rulesOf(ports, options);
  const sections = ports.map((one) => explainPort(one, rules, mode));
  return [heading, ...sections, ...footnotes(rules, mode)].join("\n\n").concat("\n");
}

function whyNone({ spec, metadata }: Service): string {
  if (spec.type === "ExternalName") {
    return `It has no rules: it is an alias, and DNS answers with ${spec.externalName}.`;
  }
  if (spec.clusterIP === "None") {
    return "It has no rules: it is headless, and DNS answers with the addresses of its pods.";
  }
  const labels = Object.keys(metadata.labels ?? {}).filter((key) => /service-proxy-name/.test(key));
  if (labels.length > 0) return "It has no rules: a label gives it to another proxy.";
  return "It has no rules: it has no cluster IP for IPv4.";
}

function rulesOf(ports: ServiceEndpoints[], options: ExplainOptions): RuleSet {
  if (options.mode === "iptables") {
    return compileIptablesRules(ports, options.iptables ?? DEFAULT_OPTIONS);
  }
  const portals = ports.map(({ servicePort }) => ({
    servicePort,
    proxyPort: options.proxyPorts?.get(servicePort.name) ?? 0,
  }));
  return compilePortalRules(portals, { bindAddress: "0.0.0.0", hostIP: options.nodeName });
}

/** A way into the rules: what a client connects to, and the chains that look at it. */
interface Door {
  what: string;
  to: Destination;
  nat: string[];
  filter: string[];
}

function doorsOf(port: ServicePort, mode: ProxyModeName): Door[] {
  const { protocol, clusterIP, externalIPs, loadBalancerIPs, nodePort } = port;
  const isPortal = mode === "userspace";
  const nat = isPortal ? ["KUBE-PORTALS-CONTAINER", "KUBE-PORTALS-HOST"] : ["KUBE-SERVICES"];
  const outside = isPortal ? [] : ["KUBE-EXTERNAL-SERVICES", "KUBE-PROXY-FIREWALL"];
  const at = (what: string, ip: string, filter: string[]): Door => ({
    ...{ what: `the ${what}, ${ip}:${port.port}`, nat, filter },
    to: { protocol, ip, port: port.port },
  });
  return [
    at("cluster IP", clusterIP, isPortal ? [] : ["KUBE-SERVICES"]),
    ...externalIPs.map((ip) => at("external IP", ip, outside)),
    ...loadBalancerIPs.map((ip) => at("load balancer's IP", ip, outside)),
    ...(nodePort === 0
      ? []
      : [
          {
            what: `the node port, ${nodePort} on every node`,
            to: { protocol, ip: "", port: nodePort },
            nat: isPortal ? ["KUBE-NODEPORT-CONTAINER", "KUBE-NODEPORT-HOST"] : nat,
            filter: outside,
          },
        ]),
  ];
}

function explainPort(of: ServiceEndpoints, rules: RuleSet, mode: ProxyModeName): string {
  const { servicePort } = of;
  const ways = doorsOf(servicePort, mode).map((door) => explainDoor(door, rules, of, mode));
  return [`${servicePort.name}, ${servicePort.protocol}`, ...ways].join("\n\n");
}

function explainDoor(door: Door, rules: RuleSet, of: ServiceEndpoints, mode: ProxyModeName) {
  const walk = new Walk(rules.nat, door.to);
  for (const chain of door.nat) walk.start(chain);
  const filter = new Walk(rules.filter, door.to);
  for (const chain of door.filter) filter.start(chain);
  const sum = mode === "iptables" ? walk.sum() : turnsOf(of);
  return [`To ${door.what}:`, ...walk.lines, ...filter.lines, `  ${sum}`].join("\n");
}

/** From a chain on, through all that a packet may meet. */
class Walk {
  readonly lines: string[] = [];
  readonly #table: Table;
  readonly #to: Destination;
  /** What each endpoint's odds come to, for a client that no rule treats in a special way. */
  readonly #odds = new Map<string, number>();
  readonly #told = new Set<string>();
  #isForSome = false;

  constructor(table: Table, to: Destination) {
    this.#table = table;
    this.#to = to;
  }

  start(chain: string): void {
    if (this.#rulesOf(chain).length === 0) return;
    // The filter sees what the nat table has sent on under its new destination.
    const isLate = this.#table.name === "filter" ? ", if it was not sent on" : "";
    this.#say(1, `${this.#table.name} ${chain}${isLate}`);
    this.#enter(chain, 2, 1);
  }

  sum(): string {
    const whom = this.#isForSome ? ", for everybody else" : "";
    const reached = [...this.#odds].filter(([, chance]) => chance > 0);
    if (reached.length === 0) return `In sum${whom}: no endpoint is reached.`;
    const odds = reached.map(([to, chance]) => `${to} ${percent(chance)}`);
    return `In sum${whom}: ${odds.join(", ")}.`;
  }

  /** `chance`: of getting here at all. */
  #enter(chain: string, depth: number, chance: number): void {
    const isTold = this.#told.has(chain);
    this.#told.add(chain);
    if (isTold) this.#say(depth, "(as above)");
    const linesBefore = this.lines.length;
    let left = chance;
    for (const rule of this.#rulesOf(chain)) left -= this.#follow(rule, depth, left);
    if (isTold) this.lines.length = linesBefore;
  }

  /** How much of the chance to get here this rule takes for itself. */
  #follow(rule: string, depth: number, left: number): number {
    const { conditions, action, target, destination, chance, isForSome } = ruleWords(rule);
    const taken = isForSome ? 0 : left * (chance ?? 1);
    const when = chance === undefined ? conditions : [...conditions, percent(chance)];
    this.#say(depth, when.length > 0 ? `${when.join(" ")}: ${action}` : action);
    // A mark is set in passing, and a rule without a target is a note.
    if (target === "KUBE-MARK-MASQ" || target === undefined) return 0;
    this.#isForSome ||= isForSome;
    if (destination) this.#odds.set(destination, (this.#odds.get(destination) ?? 0) + taken);
    if (this.#table.chains.has(target)) this.#enter(target, depth + 1, taken);
    return taken;
  }

  #rulesOf(chain: string): string[] {
    return (this.#table.chains.get(chain) ?? []).filter((rule) => isAbout(rule, this.#to));
  }

  #say(depth: number, line: string): void {
    this.lines.push(`${"  ".repeat(depth)}${line}`);
  }
}

function turnsOf({ servicePort: { affinitySeconds }, endpoints }: ServiceEndpoints): string {
  const ready = endpoints.filter((one) => one.isReady).map(({ ip, port }) => `${ip}:${port}`);
  if (ready.length === 0) return "The proxy has no endpoint, and closes the connection.";
  const turns = `In sum: the proxy takes each in turn, ${percent(1 / ready.length)} each: `;
  const kept =
    affinitySeconds === undefined
      ? ""
      : ` A client keeps its own while it comes back within ${affinitySeconds} s.`;
  return `${turns}${ready.join(", ")}.${kept}`;
}

function footnotes({ nat }: RuleSet, mode: ProxyModeName): string[] {
  if (mode === "userspace")
    return ["The pod sees the node as its client: the proxy connects to it."];
  if (![...nat.chains.values()].flat().some((rule) => rule.endsWith("-j KUBE-MARK-MASQ")))
    return [];
  return [
    "What is marked for masquerading leaves through nat KUBE-POSTROUTING with the node's own address " +
      "as its source,\nso that the answer comes back through this node. The pod then sees the node " +
      "as its client; otherwise it sees\nthe client itself.",
  ];
}

function percent(chance: number): string {
  return `${(chance * 100).toFixed(1).replace(/\.0$/, "")} %`;
}
