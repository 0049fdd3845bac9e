/**
 * Domain names as this server writes them: lower case, dots between the labels, none at the end;
 * the root is "".
 *
 * In Kubernetes: github.com/coredns/coredns/plugin/pkg/dnsutil
 */
import { isIP, isIPv4, isIPv6 } from "node:net";

const LABEL_BYTES = 63;
const NAME_BYTES = 253;

/** The name itself counts as within itself. */
export function isWithin(name: string, zone: string): boolean {
  return zone === "" || name === zone || name.endsWith(`.${zone}`);
}

/** "Cluster.Local." -> "cluster.local". */
export function normalName(name: string): string {
  return name.toLowerCase().replace(/\.$/, "");
}

/** True for what can be put into a message: every label has 1 to 63 bytes, all together 253. */
export function isDomainName(name: string): boolean {
  const labels = name.split(".");
  return (
    Buffer.byteLength(name) <= NAME_BYTES &&
    labels.every((label) => label !== "" && Buffer.byteLength(label) <= LABEL_BYTES)
  );
}

/** The name itself and every name above it, the root left out: a.b.c, b.c, c. */
export function* namesUpwards(name: string): Iterable<string> {
  for (let rest = name; rest !== ""; ) {
    yield rest;
    const dot = rest.indexOf(".");
    rest = dot < 0 ? "" : rest.slice(dot + 1);
  }
}

/** 10.1.2.3 -> "10-1-2-3", fd00::1 -> "fd00--1". */
export function dashedIp(ip: string): string {
  return ip.replace(/[.:]/g, "-").toLowerCase();
}

/** The address that was written with dashes; undefined where there is none. */
export function addressOfDashes(label: string): string | undefined {
  const candidates = [label.replaceAll("-", "."), label.replaceAll("-", ":")];
  return candidates.find((candidate) => isIP(candidate) !== 0);
}

/** 10.1.2.3 -> "3.2.1.10.in-addr.arpa"; an IPv6 address nibble by nibble under ip6.arpa. */
export function reverseName(ip: string): string {
  if (isIPv4(ip)) return `${ip.split(".").toReversed().join(".")}.in-addr.arpa`;
  if (!isIPv6(ip)) throw new Error(`${JSON.stringify(ip)} is not an IP address`);
  return `${[...nibblesOf(ip)].toReversed().join(".")}.ip6.arpa`;
}

function nibblesOf(ip: string): string {
  // A URL writes an address in its one canonical form.
  const canonical = new URL(`http://[${ip.split("%")[0]}]`).hostname.slice(1, -1);
  const [head = "", tail] = canonical.split("::");
  const groups = (text: string) => (text === "" ? [] : text.split(":"));
  const behind = groups(tail ?? "");
  const before = groups(head);
  const zeros = new Array(8 - before.length - behind.length).fill("0");
  return [...before, ...zeros, ...behind].map((group) => group.padStart(4, "0")).join("");
}
