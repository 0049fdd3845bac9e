/**
 * Whether the traffic of a service is to stay within its zone where it can.
 *
 * In Kubernetes: staging/src/k8s.io/endpointslice/reconciler.go (hintsEnabled), pkg/proxy/topology.go
 */
import type { Service } from "./service.ts";

/** The older name goes before the newer. */
export const TOPOLOGY_HINTS = "service.kubernetes.io/topology-aware-hints";
export const TOPOLOGY_MODE = "service.kubernetes.io/topology-mode";

export function followsZones({ metadata }: Pick<Service, "metadata">): boolean {
  const { [TOPOLOGY_HINTS]: hints, [TOPOLOGY_MODE]: mode } = metadata.annotations ?? {};
  return ["Auto", "auto"].includes(hints ?? mode ?? "");
}
