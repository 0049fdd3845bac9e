/**
 * `--proxy-mode=iptables`: the kernel does everything; the proxy writes rules and is not in the way
 * of any packet.
 *
 * In Kubernetes: pkg/proxy/iptables/proxier.go
 */
import { forgetFlows, staleFlows } from "./conntrack.ts";
import type { ServiceEndpoints } from "./endpoint.ts";
import type { IptablesOptions } from "./iptables-options.ts";
import { compileIptablesRules, IPTABLES_JUMPS, isIptablesChain } from "./iptables-rules.ts";
import type { Kernel, ProxyMode } from "./mode.ts";
import { type Ownership, RuleSync } from "./rule-sync.ts";
import { ensureSysctl, readSysctl } from "./sysctl.ts";
import { PORTAL_OWNERSHIP } from "./userspace/portal-rules.ts";

export const IPTABLES_OWNERSHIP: Ownership = { isOwn: isIptablesChain, jumps: IPTABLES_JUMPS };

export class IptablesMode implements ProxyMode {
  readonly name = "iptables";
  readonly #kernel: Kernel;
  readonly #options: IptablesOptions;
  readonly #sync: RuleSync;
  #before: readonly ServiceEndpoints[] = [];

  constructor(kernel: Kernel, options: IptablesOptions) {
    this.#kernel = kernel;
    this.#options = options;
    this.#sync = new RuleSync(kernel.iptables, IPTABLES_OWNERSHIP, kernel.log);
  }

  async prepare(): Promise<void> {
    const { iptables, run, log } = this.#kernel;
    await new RuleSync(iptables, PORTAL_OWNERSHIP, log).cleanup();
    if (this.#options.localhostNodePorts) {
      log.info(
        "Setting route_localnet=1 to allow node-ports on localhost; to change this either disable " +
          "iptables.localhostNodePorts (--iptables-localhost-nodeports) or set nodePortAddresses " +
          "(--nodeport-addresses) to filter loopback addresses",
      );
      await ensureSysctl(run, "net.ipv4.conf.all.route_localnet", "1");
    }
    if ((await readSysctl(run, "net.bridge.bridge-nf-call-iptables")) !== "1") {
      log.warn(
        "Missing br-netfilter module or unset sysctl br-nf-call-iptables; " +
          "proxy may not work as intended",
      );
    }
  }

  async sync(services: readonly ServiceEndpoints[], isCheck: boolean): Promise<void> {
    const { run, log } = this.#kernel;
    const rules = compileIptablesRules(services, this.#options);
    const sent = await (isCheck ? this.#sync.check(rules) : this.#sync.apply(rules));
    log.info("Synced iptables rules", { services: services.length, sent }, 2);
    await forgetFlows(staleFlows(this.#before, services), run, log);
    this.#before = services;
  }

  async stop(): Promise<void> {
    this.#before = [];
  }
}
