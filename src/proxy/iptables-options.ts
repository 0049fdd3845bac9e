/**
 * The flags of kube-proxy that shape the rules of `--proxy-mode=iptables`.
 *
 * In Kubernetes: pkg/proxy/apis/config (KubeProxyIPTablesConfiguration)
 */
export interface IptablesOptions {
  /** The pods' addresses: what comes from elsewhere to a cluster IP is masqueraded. */
  clusterCIDR?: string;
  masqueradeAll: boolean;
  /** Which bit of the packet mark says "masquerade". */
  masqueradeBit: number;
  /** Masquerade with random ports, where iptables can. */
  randomFully: boolean;
  /** Node ports also answer on 127.0.0.1. */
  localhostNodePorts: boolean;
  /** The node's own address: a load balancer's source ranges may hold it. */
  nodeIP?: string;
  /** The node's addresses that node ports answer on; absent: all. */
  nodePortAddresses?: string[];
}

export const DEFAULT_OPTIONS: IptablesOptions = {
  masqueradeAll: false,
  masqueradeBit: 14,
  randomFully: false,
  localhostNodePorts: true,
};

/** "0x4000" for bit 14. */
export function markOf({ masqueradeBit }: IptablesOptions): string {
  return `0x${(2 ** masqueradeBit).toString(16)}`;
}
