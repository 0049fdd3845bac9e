/**
 * The names of the chains that belong to one service port or one endpoint: a prefix and the start
 * of a hash, because the kernel allows 28 characters and names must survive restarts.
 *
 * In Kubernetes: pkg/proxy/iptables/proxier.go (portProtoHash, servicePortEndpointChainName)
 */
import { createHash } from "node:crypto";
import type { Endpoint } from "./endpoint.ts";
import type { ServicePort } from "./service-port.ts";

const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const HASH_LENGTH = 16;

export type ChainPrefix = "KUBE-SVC-" | "KUBE-SVL-" | "KUBE-EXT-" | "KUBE-FW-";

/** "KUBE-SVC-NPX46M4PTMTKRN6Y" for default/kubernetes:https. */
export function serviceChain(prefix: ChainPrefix, { name, protocol }: ServicePort): string {
  return prefix + hashOf(name + protocol.toLowerCase());
}

export function endpointChain({ name, protocol }: ServicePort, { ip, port }: Endpoint): string {
  return `KUBE-SEP-${hashOf(`${name}${protocol.toLowerCase()}${ip}:${port}`)}`;
}

/** The first characters of the SHA-256 in base 32. */
function hashOf(text: string): string {
  const digest = createHash("sha256").update(text).digest();
  let bits = "";
  for (const byte of digest.subarray(0, (HASH_LENGTH * 5) / 8))
    bits += byte.toString(2).padStart(8, "0");
  return (bits.match(/.{5}/g) ?? []).map((five) => BASE32[Number.parseInt(five, 2)]).join("");
}
