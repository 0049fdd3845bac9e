/**
 * Which UDP flows the kernel has to forget. A flow that was translated once keeps its translation
 * as long as packets come, even when the endpoint it leads to is gone, or when there was none.
 *
 * In Kubernetes: pkg/proxy/conntrack/cleanup.go (1.30)
 */

import { CommandError, type RunCommand } from "../component/command.ts";
import type { Log } from "../component/log.ts";
import type { Endpoint, ServiceEndpoints } from "./endpoint.ts";
import type { ServicePort } from "./service-port.ts";

/** The arguments of the `conntrack` commands to run after the rules have been applied. */
export function staleFlows(
  before: readonly ServiceEndpoints[],
  after: readonly ServiceEndpoints[],
): string[][] {
  const old = udpByName(before);
  const now = udpByName(after);
  const gone = [...old].filter(([name]) => !now.has(name));
  return [
    ...gone.flatMap(([, { servicePort }]) => allFlowsTo(servicePort)),
    ...[...now].flatMap(([name, one]) => staleOf(old.get(name), one)),
  ];
}

/** Runs them. That there is no such flow is no error. */
export async function forgetFlows(flows: string[][], run: RunCommand, log: Log): Promise<void> {
  for (const args of flows) {
    try {
      await run("conntrack", args);
    } catch (error) {
      const isNone = error instanceof CommandError && /\b0 flow entries/.test(error.stderr);
      if (!isNone) log.error("Failed to delete stale service connections", error, { args });
    }
  }
}

function staleOf(old: ServiceEndpoints | undefined, now: ServiceEndpoints): string[][] {
  const serving = now.endpoints.filter((one) => one.isServing);
  const served = old?.endpoints.filter((one) => one.isServing) ?? [];
  // Without endpoints, flows were noted that lead to the service's own address.
  if (served.length === 0) return serving.length > 0 ? allFlowsTo(now.servicePort) : [];
  const ips = new Set(serving.map(keyOf));
  const gone = served.filter((one) => !ips.has(keyOf(one)));
  return gone.flatMap(({ ip }) => flowsThrough(now.servicePort, ip));
}

/** For a service port whose flows all have to find their way anew. */
export function allFlowsTo(port: ServicePort): string[][] {
  const toNode = port.nodePort ? [["-D", "-p", "udp", "--dport", `${port.nodePort}`]] : [];
  return [...addressesOf(port).map((ip) => ["-D", "--orig-dst", ip, "-p", "udp"]), ...toNode];
}

function flowsThrough(port: ServicePort, endpointIP: string): string[][] {
  const through = ["--dst-nat", endpointIP, "-p", "udp"];
  const toNode = port.nodePort ? [["-D", "--dport", `${port.nodePort}`, ...through]] : [];
  return [...addressesOf(port).map((ip) => ["-D", "--orig-dst", ip, ...through]), ...toNode];
}

function addressesOf({ clusterIP, externalIPs, loadBalancerIPs }: ServicePort): string[] {
  return [clusterIP, ...externalIPs, ...loadBalancerIPs];
}

function udpByName(services: readonly ServiceEndpoints[]): Map<string, ServiceEndpoints> {
  const udp = services.filter(({ servicePort }) => servicePort.protocol === "UDP");
  return new Map(udp.map((one) => [one.servicePort.name, one]));
}

function keyOf({ ip, port }: Endpoint): string {
  return `${ip}:${port}`;
}
