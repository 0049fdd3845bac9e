/**
 * What is said of a service although it is accepted: addresses that are not written as they should be, and an
 * annotation that has another name now.
 *
 * In Kubernetes: pkg/api/service/warnings.go. Differs: addresses with leading zeros, of which Kubernetes warns, are
 * refused here.
 */
import { isIPv6 } from "node:net";
import type { Service } from "./service.ts";
import { isHeadless } from "./service-ip-validation.ts";
import { TOPOLOGY_HINTS, TOPOLOGY_MODE } from "./topology-mode.ts";

export function serviceWarnings({ metadata, spec }: Service): string[] {
  const { clusterIPs = [], externalIPs = [], loadBalancerIP, loadBalancerSourceRanges = [] } = spec;
  const ownIps = isHeadless(spec) ? [] : clusterIPs;
  const renamed = `annotation ${TOPOLOGY_HINTS} is deprecated, please use ${TOPOLOGY_MODE} instead`;
  return [
    ...(metadata.annotations?.[TOPOLOGY_HINTS] === undefined ? [] : [renamed]),
    ...ownIps.flatMap((ip, index) => addressWarnings(ip, `spec.clusterIPs[${index}]`)),
    ...externalIPs.flatMap((ip, index) => addressWarnings(ip, `spec.externalIPs[${index}]`)),
    ...(loadBalancerIP ? addressWarnings(loadBalancerIP, "spec.loadBalancerIP") : []),
    ...loadBalancerSourceRanges.flatMap((range, index) =>
      blockWarnings(range, `spec.loadBalancerSourceRanges[${index}]`),
    ),
  ];
}

function addressWarnings(address: string, path: string): string[] {
  if (!isIPv6(address)) return [];
  const form = canonical(address);
  return form === address ? [] : [notCanonical("address", address, form, path)];
}

function blockWarnings(block: string, path: string): string[] {
  const [address = "", bits] = block.split("/");
  if (!isIPv6(address)) return [];
  const form = `${canonical(address)}/${bits}`;
  return form === block ? [] : [notCanonical("prefix", block, form, path)];
}

function notCanonical(what: string, value: string, form: string, path: string): string {
  return `${path}: IPv6 ${what} "${value}" is not in RFC 5952 canonical format ("${form}"), which may cause controller apply-loops`;
}

/** As URLs write it: the shortest way, in small letters. */
function canonical(address: string): string {
  return new URL(`http://[${address}]`).hostname.slice(1, -1);
}
