/**
 * From the flags of kube-proxy to what it runs with. Pure; what makes no sense is refused with the
 * flag's name.
 *
 * In Kubernetes: pkg/proxy/apis/config/validation
 */
import { isIPv4 } from "node:net";
import { StartError } from "../component/daemon.ts";
import type { Flags } from "../component/flags.ts";
import type { proxyFlags } from "./flags.ts";
import type { HostPort } from "./health-servers.ts";
import type { IptablesOptions } from "./iptables-options.ts";
import { PROXY_MODES, type ProxyModeName } from "./mode.ts";
import { type PortRange, parsePortRange } from "./userspace/local-port.ts";

export type ProxyFlags = Flags<typeof proxyFlags>;

export interface ProxySettings {
  /** Undefined: the best there is. */
  mode: ProxyModeName | undefined;
  /** All but what the node itself has to be asked for. */
  iptables: Omit<IptablesOptions, "randomFully">;
  portRange: PortRange | undefined;
  healthzAt: HostPort;
  metricsAt: HostPort;
}

export function settingsFrom(flags: ProxyFlags, given: ReadonlySet<string>): ProxySettings {
  checkNumbers(flags);
  const mode = modeOf(flags["proxy-mode"]);
  if (mode === "userspace" && flags["bind-address"].startsWith("127.")) {
    throw new StartError("cannot proxy on localhost");
  }
  return {
    mode,
    iptables: {
      ...clusterCIDROf(flags["cluster-cidr"]),
      masqueradeAll: flags["masquerade-all"],
      masqueradeBit: flags["iptables-masquerade-bit"],
      localhostNodePorts: flags["iptables-localhost-nodeports"],
    },
    portRange: portRangeOf(flags["proxy-port-range"]),
    ...serversOf(flags, given),
  };
}

function modeOf(name: string): ProxyModeName | undefined {
  const mode = PROXY_MODES.find((one) => one === name);
  if (mode !== undefined || name === "") return mode;
  throw refused(
    "proxy-mode",
    name,
    "must be iptables, userspace or blank (blank means the best-available proxy [currently iptables])",
  );
}

function checkNumbers(flags: ProxyFlags): void {
  const inRange = (name: "iptables-masquerade-bit" | "oom-score-adj", from: number, to: number) => {
    const value = flags[name];
    const isInside = value >= from && value <= to;
    if (!isInside) throw refused(name, value, `must be within the range [${from}, ${to}]`);
  };
  inRange("iptables-masquerade-bit", 0, 31);
  inRange("oom-score-adj", -1000, 1000);
  for (const name of ["iptables-sync-period", "udp-timeout"] as const) {
    if (flags[name] <= 0) throw refused(name, flags[name], "must be greater than 0");
  }
  if (flags["iptables-min-sync-period"] > flags["iptables-sync-period"]) {
    const value = flags["iptables-sync-period"];
    throw refused("iptables-sync-period", value, "must be greater than or equal to the minimum");
  }
}

/** Of a dual-stack pair, the IPv4 one. */
function clusterCIDROf(text: string): { clusterCIDR?: string } {
  if (text === "") return {};
  const all = text.split(",").map((one) => one.trim());
  const cidr = all.find((one) => isCidr(one));
  if (cidr !== undefined) return { clusterCIDR: cidr };
  throw refused("cluster-cidr", text, "must be a valid CIDR block (e.g. 10.100.0.0/16)");
}

export function isCidr(text: string): boolean {
  const [address = "", length = ""] = text.split("/");
  return isIPv4(address) && /^\d+$/.test(length) && Number(length) <= 32;
}

function portRangeOf(text: string): PortRange | undefined {
  try {
    return parsePortRange(text);
  } catch (error) {
    throw refused("proxy-port-range", text, (error as Error).message);
  }
}

/**
 * The old --healthz-port goes with an address without a port. An old unit file that has the health
 * server on 10249 gets one server for everything there.
 */
function serversOf(flags: ProxyFlags, given: ReadonlySet<string>) {
  const metricsAt = hostPort("metrics-bind-address", flags["metrics-bind-address"], 10249);
  const healthzAt = hostPort("healthz-bind-address", flags["healthz-bind-address"], 10256);
  if (given.has("healthz-port")) healthzAt.port = flags["healthz-port"];
  const isOne = healthzAt.port === metricsAt.port;
  return { healthzAt, metricsAt: isOne ? healthzAt : metricsAt };
}

function hostPort(flag: string, text: string, defaultPort: number): HostPort {
  const [, host = "", port] = /^(.*?)(?::(\d+))?$/.exec(text) ?? [];
  if (text === "") return { host: "0.0.0.0", port: 0 };
  if (!isIPv4(host)) throw refused(flag, text, "must be an IP address, or one with a port");
  return { host, port: port === undefined ? defaultPort : Number(port) };
}

function refused(flag: string, value: string | number, why: string): StartError {
  return new StartError(`--${flag}: Invalid value: ${JSON.stringify(value)}: ${why}`);
}
