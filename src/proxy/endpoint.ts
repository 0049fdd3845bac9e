/**
 * What a proxy knows of one endpoint of a service port, and which endpoints traffic may go to.
 *
 * Rule: ready ones; where none is ready, those that are going away but still answer. A policy of
 * Local chooses among the node's own in the same way.
 *
 * Of a service whose endpoints are each meant for a zone, traffic stays within the zone of the node, as long as
 * every ready endpoint says so and one is meant for it.
 *
 * In Kubernetes: pkg/proxy/endpoint.go, topology.go (1.30)
 */
import { isReachableFromOutside, type ServicePort } from "./service-port.ts";

export interface Endpoint {
  ip: string;
  port: number;
  /** On the node these rules are for. */
  isLocal: boolean;
  isReady: boolean;
  /** Answers, though it may be going away. */
  isServing: boolean;
  isTerminating: boolean;
  /** Whether it is meant for the zone of the node; absent: it does not say, or the node has no zone. */
  isForZone?: boolean;
}

/** A service port and all that stands behind it, ready or not. */
export interface ServiceEndpoints {
  servicePort: ServicePort;
  endpoints: Endpoint[];
}

export interface UsableEndpoints {
  /** For a policy of Cluster; empty where the service has no use for them. */
  cluster: Endpoint[];
  /** For a policy of Local; empty where the service has no use for them. */
  local: Endpoint[];
  /** False: there is none anywhere, neither ready nor going away. */
  hasAny: boolean;
}

export function usableEndpoints(port: ServicePort, all: Endpoint[]): UsableEndpoints {
  const isOutside = isReachableFromOutside(port);
  // Even under an external policy of Local, what comes from this node itself may go anywhere.
  const usesCluster = !port.isInternalPolicyLocal || isOutside;
  const usesLocal = port.isInternalPolicyLocal || (port.isExternalPolicyLocal && isOutside);
  const cluster = withinZone(port, readyOrServing(all));
  return {
    cluster: usesCluster ? cluster : [],
    local: usesLocal ? readyOrServing(all.filter((one) => one.isLocal)) : [],
    hasAny: cluster.length > 0,
  };
}

function withinZone({ followsHints }: ServicePort, endpoints: Endpoint[]): Endpoint[] {
  if (!followsHints || endpoints.some((one) => !one.isReady || one.isForZone === undefined)) {
    return endpoints;
  }
  const near = endpoints.filter(({ isForZone }) => isForZone);
  return near.length > 0 ? near : endpoints;
}

function readyOrServing(endpoints: Endpoint[]): Endpoint[] {
  const ready = endpoints.filter((one) => one.isReady);
  if (ready.length > 0) return ready;
  return endpoints.filter((one) => one.isServing && one.isTerminating);
}
