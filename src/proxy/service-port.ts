/**
 * What a proxy knows of one port of one service, boiled down to what rules are made of. Pure.
 *
 * In Kubernetes: pkg/proxy/serviceport.go (1.30). Differs: IPv4 alone.
 */
export type Protocol = "TCP" | "UDP" | "SCTP";

export interface ServicePort {
  /** "default/web" and, where the port has a name, ":http". */
  name: string;
  protocol: Protocol;
  clusterIP: string;
  port: number;
  /** 0: none. */
  nodePort: number;
  externalIPs: string[];
  loadBalancerIPs: string[];
  /** Who may come through the load balancer; empty: everybody. CIDRs. */
  loadBalancerSourceRanges: string[];
  /** How long a client stays with its endpoint; absent: no session affinity. */
  affinitySeconds?: number;
  /** Its endpoints say for which zone they are meant: service.kubernetes.io/topology-mode. */
  followsHints?: boolean;
  isInternalPolicyLocal: boolean;
  isExternalPolicyLocal: boolean;
  /** 0: none. */
  healthCheckNodePort: number;
}

export function isReachableFromOutside(servicePort: ServicePort): boolean {
  const { nodePort, externalIPs, loadBalancerIPs } = servicePort;
  return nodePort !== 0 || externalIPs.length > 0 || loadBalancerIPs.length > 0;
}
