/**
 * The hash of a container's spec: a running container whose hash differs from its spec's is replaced.
 * It covers what an update of a pod may change, so that a new default in the API restarts nothing.
 *
 * In Kubernetes: HashContainer in pkg/kubelet/container/helpers.go (FNV-1a, 32 bits).
 */
import type { Container } from "kubernetes-types/core/v1.js";

export function containerHash({ name, image = "" }: Pick<Container, "name" | "image">): string {
  return fnv1a(JSON.stringify({ name, image })).toString(16);
}

export function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}
