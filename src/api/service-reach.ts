/**
 * From where a service can be reached, which decides which of its fields mean anything.
 *
 * In Kubernetes: pkg/api/service/util.go
 */
import type { ServiceSpec } from "kubernetes-types/core/v1.js";

/** By a node's port, a load balancer, or an address of its own outside the cluster. */
export function isReachedFromOutside({ type, externalIPs = [] }: ServiceSpec): boolean {
  if (type === "NodePort" || type === "LoadBalancer") return true;
  return type === "ClusterIP" && externalIPs.length > 0;
}

/** A load balancer that may only use nodes with a pod of the service has to ask which those are. */
export function needsHealthCheck({ type, externalTrafficPolicy }: ServiceSpec): boolean {
  return type === "LoadBalancer" && externalTrafficPolicy === "Local";
}

export function needsClusterIp({ type }: ServiceSpec): boolean {
  return type === "ClusterIP" || type === "NodePort" || type === "LoadBalancer";
}

export function needsNodePort({
  type,
  allocateLoadBalancerNodePorts = true,
}: ServiceSpec): boolean {
  return type === "NodePort" || (type === "LoadBalancer" && allocateLoadBalancerNodePorts);
}
