/** What a kubelet is told when it starts. What is left out is as a real node has it. */
import type { NodeAddress, Taint } from "kubernetes-types/core/v1.js";
import type { Client } from "../client/client.ts";
import type { Machine } from "./node/machine.ts";
import { parseThresholds, type Threshold } from "./node/thresholds.ts";
import type { NodeUsage } from "./node/usage.ts";
import type { PodSource } from "./pod-sources/sources.ts";
import type { Connect } from "./probes/connect.ts";
import type { NodeFiles } from "./runtime/node-files.ts";
import type { DnsConfig, Runtime } from "./runtime/runtime.ts";

export interface KubeletOptions {
  nodeName: string;
  runtime: Runtime;
  /** The node's address, as pods and the API server see it. */
  nodeIP: string;
  machine: Machine;
  files: NodeFiles;
  connect: Connect;
  /** Besides the usual ones. */
  nodeLabels?: Record<string, string>;
  taints?: Taint[];
  podCIDR?: string;
  isSchedulable?: boolean;
  registerNode?: boolean;
  maxPods?: number;
  /** What pods may use, where it is less than all. */
  allocatable?: Record<string, string>;
  rootDir?: string;
  sandboxImage?: string;
  /** Left out where nobody misses it: then an empty list's warnings are not given. */
  clusterDns?: string[];
  clusterDomain?: string;
  /** Reads the node's own resolv.conf; undefined when it is to be used by nobody. */
  hostDns?(): DnsConfig | undefined;
  /** The port its server is reached at. */
  port?: number;
  /** Pods from elsewhere than the API server. */
  staticSources?: PodSource[];
  /** How often everything is listed, where the runtime's events are not enough. */
  relistMs?: number;
  nodeStatusUpdateMs?: number;
  nodeStatusReportMs?: number;
  /** For the node's status and lease; without it, they are written as everything else is. */
  heartbeats?: Client;
  /** What the node has left; without it, what its containers and images leave of the machine. */
  usage?(): Promise<NodeUsage>;
  evictionHard?: Threshold[];
  /** Percent of the disk used. */
  imageGcHighThreshold?: number;
  imageGcLowThreshold?: number;
}

export const DEFAULTS = {
  maxPods: 110,
  rootDir: "/var/lib/kubelet",
  sandboxImage: "registry.k8s.io/pause:3.9",
  clusterDomain: "cluster.local",
  port: 10250,
  relistMs: 1_000,
  nodeStatusUpdateMs: 10_000,
  nodeStatusReportMs: 300_000,
  evictionHard: parseThresholds("memory.available<100Mi,nodefs.available<10%"),
  imageGcHighThreshold: 85,
  imageGcLowThreshold: 80,
} satisfies Partial<KubeletOptions>;

export function addressesOf({ nodeName, nodeIP }: KubeletOptions): NodeAddress[] {
  return [
    { type: "InternalIP", address: nodeIP },
    { type: "Hostname", address: nodeName },
  ];
}

export function labelsOf({ nodeName, machine, nodeLabels = {} }: KubeletOptions) {
  const { architecture, operatingSystem } = machine.info;
  return {
    "beta.kubernetes.io/arch": architecture,
    "beta.kubernetes.io/os": operatingSystem,
    "kubernetes.io/arch": architecture,
    "kubernetes.io/hostname": nodeName,
    "kubernetes.io/os": operatingSystem,
    ...nodeLabels,
  };
}
