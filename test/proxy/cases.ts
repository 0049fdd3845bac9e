/**
 * The cases that the rules of both modes are tested with: Services and Endpoints as a cluster has
 * them, seen from the node "node1" (172.16.0.0/16 are the pods, 10.254.0.0/16 the services).
 */
import type { ServiceSpec, ServiceStatus } from "kubernetes-types/core/v1.js";
import { Endpoints } from "../../src/api/endpoints.ts";
import { Service } from "../../src/api/service.ts";
import { DEFAULT_OPTIONS, type IptablesOptions } from "../../src/proxy/iptables-options.ts";

export const NODE = "node1";
export const POD_NETWORK = "172.16.0.0/16";
export const CLUSTER_IP = "10.254.1.1";
export const LOAD_BALANCER_IP = "198.51.100.7";
export const EXTERNAL_IP = "198.51.100.8";
export const NODE_PORT = 30080;
export const POD_PORT = 8080;

/** Three pods on this node, and one on another. */
export const PODS = { a: "172.16.1.2", b: "172.16.1.3", c: "172.16.1.4", far: "172.16.2.2" };
export type PodName = keyof typeof PODS;

export interface Case {
  name: string;
  services: Service[];
  endpoints: Endpoints[];
  options: IptablesOptions;
}

interface Shape {
  spec?: Partial<ServiceSpec>;
  status?: ServiceStatus;
  labels?: Record<string, string>;
  pods?: PodName[];
  notReady?: PodName[];
  options?: Partial<IptablesOptions>;
}

export function aService({ spec = {}, status, labels }: Shape, name = "web"): Service {
  const metadata = { name, namespace: "default", ...(labels ? { labels } : {}) };
  const ports = [{ name: "http", port: 80, targetPort: POD_PORT, protocol: "TCP" }];
  return {
    apiVersion: "v1",
    kind: Service.kind,
    metadata,
    spec: { type: "ClusterIP", clusterIP: CLUSTER_IP, ports, ...spec },
    ...(status ? { status } : {}),
  };
}

export function endpointsOf(
  { pods = ["a", "b", "c"], notReady = [], spec }: Shape,
  name = "web",
): Endpoints {
  const address = (pod: PodName) => ({ ip: PODS[pod], nodeName: pod === "far" ? "node2" : NODE });
  const ports = (spec?.ports ?? [{ name: "http", protocol: "TCP" }]).map((port) => ({
    ...(port.name ? { name: port.name } : {}),
    port: POD_PORT,
    protocol: port.protocol ?? "TCP",
  }));
  const subset = {
    ...(pods.length > 0 ? { addresses: pods.map(address) } : {}),
    ...(notReady.length > 0 ? { notReadyAddresses: notReady.map(address) } : {}),
    ports,
  };
  const isEmpty = pods.length + notReady.length === 0;
  return {
    apiVersion: "v1",
    kind: Endpoints.kind,
    metadata: { name, namespace: "default" },
    ...(isEmpty ? {} : { subsets: [subset] }),
  };
}

function aCase(name: string, shape: Shape): Case {
  return {
    name,
    services: [aService(shape)],
    endpoints: [endpointsOf(shape)],
    options: { ...DEFAULT_OPTIONS, ...shape.options },
  };
}

const NODE_PORT_SPEC: Partial<ServiceSpec> = {
  type: "NodePort",
  ports: [{ name: "http", port: 80, nodePort: NODE_PORT, protocol: "TCP" }],
};
const LOAD_BALANCER: Shape = {
  spec: { ...NODE_PORT_SPEC, type: "LoadBalancer" },
  status: { loadBalancer: { ingress: [{ ip: LOAD_BALANCER_IP }] } },
};
const withPodNetwork = { options: { clusterCIDR: POD_NETWORK } };

export const CASES: Case[] = [
  aCase("no-endpoints", { pods: [] }),
  aCase("one-endpoint", { pods: ["a"] }),
  aCase("three-endpoints", {}),
  aCase("not-ready", { pods: ["a"], notReady: ["b", "c"] }),
  aCase("unnamed-port", { spec: { ports: [{ port: 80 }] } }),
  aCase("cluster-cidr", withPodNetwork),
  aCase("masquerade-all", { options: { masqueradeAll: true } }),
  aCase("other-mark", { options: { masqueradeAll: true, masqueradeBit: 15 } }),
  aCase("client-ip-affinity", {
    spec: {
      sessionAffinity: "ClientIP",
      sessionAffinityConfig: { clientIP: { timeoutSeconds: 600 } },
    },
  }),
  aCase("udp", { spec: { ports: [{ name: "dns", port: 53, protocol: "UDP" }] } }),
  aCase("sctp", { spec: { ports: [{ name: "signal", port: 38412, protocol: "SCTP" }] } }),
  aCase("two-ports", {
    spec: {
      ports: [
        { name: "dns", port: 53, protocol: "UDP" },
        { name: "dns-tcp", port: 53, protocol: "TCP" },
      ],
    },
  }),
  aCase("node-port", { spec: NODE_PORT_SPEC }),
  aCase("node-port-not-on-localhost", {
    spec: NODE_PORT_SPEC,
    options: { localhostNodePorts: false },
  }),
  aCase("node-port-on-one-address", {
    spec: NODE_PORT_SPEC,
    options: { nodePortAddresses: ["192.0.2.1"] },
  }),
  aCase("node-port-without-endpoints", { spec: NODE_PORT_SPEC, pods: [] }),
  aCase("node-port-external-local", {
    spec: { ...NODE_PORT_SPEC, externalTrafficPolicy: "Local" },
    pods: ["a", "far"],
    ...withPodNetwork,
  }),
  aCase("node-port-external-local-elsewhere", {
    spec: { ...NODE_PORT_SPEC, externalTrafficPolicy: "Local" },
    pods: ["far"],
    ...withPodNetwork,
  }),
  aCase("internal-local", { spec: { internalTrafficPolicy: "Local" }, pods: ["a", "far"] }),
  aCase("internal-local-elsewhere", { spec: { internalTrafficPolicy: "Local" }, pods: ["far"] }),
  aCase("external-ip", { spec: { externalIPs: [EXTERNAL_IP] } }),
  aCase("load-balancer", {
    ...LOAD_BALANCER,
    spec: { ...LOAD_BALANCER.spec, externalTrafficPolicy: "Local", healthCheckNodePort: 32_000 },
    pods: ["a", "far"],
  }),
  aCase("load-balancer-source-ranges", {
    ...LOAD_BALANCER,
    spec: { ...LOAD_BALANCER.spec, loadBalancerSourceRanges: ["192.0.2.0/24"] },
    options: { nodeIP: "192.0.2.1" },
  }),
  aCase("headless", { spec: { clusterIP: "None" } }),
  aCase("another-proxy's", { labels: { "service.kubernetes.io/service-proxy-name": "mesh" } }),
];
