/**
 * What an update of a service keeps although it says nothing of it, and what a change of type takes
 * away. A `kubectl apply` names neither the cluster IP nor the node ports that were allotted.
 *
 * In Kubernetes: pkg/registry/core/service/strategy.go (patchAllocatedValues,
 * dropTypeDependentFields), pkg/registry/core/service/storage/alloc.go (NormalizeClusterIPs)
 */
import type { ServicePort, ServiceSpec } from "kubernetes-types/core/v1.js";
import {
  isReachedFromOutside,
  needsClusterIp,
  needsHealthCheck,
  needsNodePort,
} from "./service-reach.ts";

/** clusterIP is the first of clusterIPs: whoever gives one gives both. */
export function normalizeClusterIps(spec: ServiceSpec, old?: ServiceSpec): void {
  const { clusterIP = "", clusterIPs: ips = [] } = spec;
  if (clusterIP !== "" && ips.length === 0) spec.clusterIPs = [clusterIP];
  if (old === undefined || ips.length === 0) return;
  const isListKept = ips.join() === (old.clusterIPs ?? []).join();
  const hasChanged = clusterIP !== (old.clusterIP ?? "");
  if (!hasChanged || !isListKept) return;
  if (clusterIP === "") delete spec.clusterIPs;
  else spec.clusterIPs = [clusterIP, ...ips.slice(1)];
}

export function keepAllotted(spec: ServiceSpec, old: ServiceSpec): void {
  if (needsClusterIp(spec) && needsClusterIp(old)) {
    if (!spec.clusterIP && old.clusterIP) spec.clusterIP = old.clusterIP;
    const isSame = spec.clusterIP === old.clusterIP;
    if (!spec.clusterIPs?.length && isSame && old.clusterIPs) spec.clusterIPs = old.clusterIPs;
  }
  if (needsNodePort(spec) && needsNodePort(old)) keepNodePorts(spec.ports ?? [], old.ports ?? []);
  if (needsHealthCheck(spec) && needsHealthCheck(old) && old.healthCheckNodePort) {
    spec.healthCheckNodePort ||= old.healthCheckNodePort;
  }
}

function keepNodePorts(ports: ServicePort[], old: ServicePort[]): void {
  const taken = new Set(ports.map(({ nodePort }) => nodePort).filter(Boolean));
  for (const port of ports) {
    if (port.nodePort) continue;
    const before = old.find((one) => one.protocol === port.protocol && one.port === port.port);
    if (!before?.nodePort || taken.has(before.nodePort)) continue;
    port.nodePort = before.nodePort;
    taken.add(before.nodePort);
  }
}

/** A field that was set for the old type, and was not touched, goes with the old type. */
export function dropForeignFields(spec: ServiceSpec, old: ServiceSpec): void {
  if (needsClusterIp(old) && !needsClusterIp(spec)) {
    if (spec.clusterIP === old.clusterIP) {
      delete spec.clusterIP;
      delete spec.clusterIPs;
    }
    if (spec.ipFamilies?.join() === old.ipFamilies?.join()) delete spec.ipFamilies;
    if (spec.ipFamilyPolicy === old.ipFamilyPolicy) delete spec.ipFamilyPolicy;
  }
  if (needsNodePort(old) && !needsNodePort(spec)) dropNodePorts(spec, old);
  if (needsHealthCheck(old) && !needsHealthCheck(spec)) {
    if (spec.healthCheckNodePort === old.healthCheckNodePort) delete spec.healthCheckNodePort;
  }
  if (old.type === "LoadBalancer" && spec.type !== "LoadBalancer") {
    const { allocateLoadBalancerNodePorts: allocates, loadBalancerClass } = spec;
    if (allocates === old.allocateLoadBalancerNodePorts) delete spec.allocateLoadBalancerNodePorts;
    if (loadBalancerClass === old.loadBalancerClass) delete spec.loadBalancerClass;
  }
  if (isReachedFromOutside(old) && !isReachedFromOutside(spec)) {
    const isKept = spec.externalTrafficPolicy === old.externalTrafficPolicy;
    if (isKept) delete spec.externalTrafficPolicy;
  }
}

function dropNodePorts({ ports = [] }: ServiceSpec, old: ServiceSpec): void {
  const before = new Set(old.ports?.map(({ nodePort }) => nodePort));
  for (const port of ports) if (before.has(port.nodePort)) delete port.nodePort;
}
