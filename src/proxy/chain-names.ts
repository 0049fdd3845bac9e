/**
 * The names of the chains that belong to one service port or one endpoint: a prefix and the start
 * of a hash, because the kernel allows 28 characters and names must survive restarts.
 *
 * In Kubernetes: pkg/proxy/iptables/proxier.go (portProtoHash, servicePortEndpointChainName)
 */
import { hash } from "node:crypto";
import type { Endpoint } from "./endpoint.ts";
import type { ServicePort } from "./service-port.ts";

const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
/** Ten bytes are sixteen letters of five bits each. */
const HASHED_BYTES = 10;

export type ChainPrefix = "KUBE-SVC-" | "KUBE-SVL-" | "KUBE-EXT-" | "KUBE-FW-";

/** "KUBE-SVC-NPX46M4PTMTKRN6Y" for default/kubernetes:https. */
export function serviceChain(prefix: ChainPrefix, { name, protocol }: ServicePort): string {
  return prefix + hashOf(name + protocol.toLowerCase());
}

export function endpointChain({ name, protocol }: ServicePort, { ip, port }: Endpoint): string {
  return `KUBE-SEP-${hashOf(`${name}${protocol.toLowerCase()}${ip}:${port}`)}`;
}

/** The beginning of the SHA-256 in base 32. */
function hashOf(text: string): string {
  const digest = hash("sha256", text, "buffer");
  let letters = "";
  let left = 0;
  let bits = 0;
  for (let i = 0; i < HASHED_BYTES; i++) {
    left = (left << 8) | digest[i]!;
    for (bits += 8; bits >= 5; bits -= 5) letters += BASE32[(left >>> (bits - 5)) & 31];
    left &= 31;
  }
  return letters;
}
