/**
 * `--proxy-mode=userspace`: for each service port the proxy listens on a local port; rules lead
 * every connection there, and the proxy passes it on to an endpoint. The endpoint sees the node as
 * its client.
 *
 * In Kubernetes: pkg/proxy/userspace/proxier.go (until 1.25). Differs: SCTP is not carried out.
 */
import type { Clock } from "../../component/clock.ts";
import type { Log } from "../../component/log.ts";
import type { Random } from "../../component/random.ts";
import { allFlowsTo, forgetFlows } from "../conntrack.ts";
import type { ServiceEndpoints } from "../endpoint.ts";
import { IPTABLES_OWNERSHIP } from "../iptables-mode.ts";
import type { Kernel, ProxyMode } from "../mode.ts";
import { RuleSync } from "../rule-sync.ts";
import type { ServicePort } from "../service-port.ts";
import { type PortRange, withLocalPort } from "./local-port.ts";
import { NodePortClaims } from "./node-port-claims.ts";
import { compilePortalRules, PORTAL_OWNERSHIP, type PortalOptions } from "./portal-rules.ts";
import { RoundRobin } from "./round-robin.ts";
import { openTcpProxy, type ProxySocket } from "./tcp-proxy.ts";
import { openUdpProxy } from "./udp-proxy.ts";

export interface UserspaceOptions extends PortalOptions {
  portRange?: PortRange | undefined;
  udpIdleMs: number;
  clock: Clock;
  random: Random;
}

interface OpenProxy {
  servicePort: ServicePort;
  socket: ProxySocket;
}

export class UserspaceMode implements ProxyMode {
  readonly name = "userspace";
  readonly #kernel: Kernel;
  readonly #options: UserspaceOptions;
  readonly #sync: RuleSync;
  readonly #balancer: RoundRobin;
  readonly #claims: NodePortClaims;
  /** By the name of the service port. */
  readonly #open = new Map<string, OpenProxy>();

  constructor(kernel: Kernel, options: UserspaceOptions) {
    this.#kernel = kernel;
    this.#options = options;
    this.#sync = new RuleSync(kernel.iptables, PORTAL_OWNERSHIP, kernel.log);
    this.#balancer = new RoundRobin(options);
    this.#claims = new NodePortClaims(options.bindAddress, kernel.log);
  }

  async prepare(): Promise<void> {
    const { iptables, log } = this.#kernel;
    await new RuleSync(iptables, IPTABLES_OWNERSHIP, log).cleanup();
  }

  async sync(services: readonly ServiceEndpoints[], isCheck: boolean): Promise<void> {
    const carried = services.filter(({ servicePort }) => servicePort.protocol !== "SCTP");
    this.#balancer.update(carried);
    const ports = carried.map(({ servicePort }) => servicePort);
    const closed = await this.#closeUnwanted(ports);
    const opened: ServicePort[] = [];
    for (const port of ports) if (await this.#ensureOpen(port)) opened.push(port);
    const claimed = await this.#claims.update(ports);
    const portals = claimed.map((servicePort) => ({
      servicePort,
      proxyPort: this.#open.get(servicePort.name)!.socket.port,
    }));
    const rules = compilePortalRules(portals, this.#options);
    await (isCheck ? this.#sync.check(rules) : this.#sync.apply(rules));
    // Flows would go on to the port that a proxy had before.
    const moved = [...closed, ...opened].filter(({ protocol }) => protocol === "UDP");
    await forgetFlows(moved.flatMap(allFlowsTo), this.#kernel.run, this.#kernel.log);
  }

  async stop(): Promise<void> {
    await this.#closeUnwanted([]);
    await this.#claims.update([]);
  }

  /** Answers what it has closed. */
  async #closeUnwanted(wanted: ServicePort[]): Promise<ServicePort[]> {
    const protocols = new Map(wanted.map(({ name, protocol }) => [name, protocol]));
    const closed: ServicePort[] = [];
    for (const [name, { servicePort, socket }] of this.#open) {
      if (protocols.get(name) === servicePort.protocol) continue;
      this.#open.delete(name);
      await socket.close();
      closed.push(servicePort);
    }
    return closed;
  }

  /** False where it was open already. */
  async #ensureOpen(servicePort: ServicePort): Promise<boolean> {
    const { name, protocol } = servicePort;
    if (this.#open.has(name)) return false;
    const { bindAddress, portRange, random, clock, udpIdleMs } = this.#options;
    const log = this.#kernel.log;
    const nextEndpoint = (clientIP: string, forget: boolean) =>
      this.#balancer.next(name, clientIP, forget);
    const context = { nextEndpoint, clock, log: named(log, name) };
    const socket = await withLocalPort(portRange, random, (port) =>
      protocol === "UDP"
        ? openUdpProxy(bindAddress, port, { ...context, idleMs: udpIdleMs })
        : openTcpProxy(bindAddress, port, context),
    );
    this.#open.set(name, { servicePort, socket });
    log.info("Proxying for service", { service: name, protocol, port: socket.port }, 1);
    return true;
  }
}

/** The same log, each line with the service it is about. */
function named(log: Log, service: string): Log {
  return {
    info: (message, fields, verbosity) => log.info(message, { service, ...fields }, verbosity),
    warn: (message, fields) => log.warn(message, { service, ...fields }),
    error: (message, error, fields) => log.error(message, error, { service, ...fields }),
    named: (name) => named(log.named(name), service),
  };
}
