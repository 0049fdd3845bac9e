/**
 * What a service gets where its author said nothing.
 *
 * In Kubernetes: pkg/apis/core/v1/defaults.go (SetDefaults_Service) and
 * pkg/registry/core/service/storage/alloc.go for the IP families.
 */
import type { ServiceSpec } from "kubernetes-types/core/v1.js";
import type { Service } from "./service.ts";

const THREE_HOURS_SECONDS = 10800;

export function setServiceDefaults(service: Service): void {
  service.spec ??= {};
  const { spec } = service;
  spec.sessionAffinity ||= "None";
  setAffinityConfig(spec);
  spec.type ||= "ClusterIP";
  for (const port of spec.ports ?? []) {
    port.protocol ||= "TCP";
    if (port.targetPort === undefined || port.targetPort === 0 || port.targetPort === "") {
      port.targetPort = port.port;
    }
  }
  if (isReachedFromOutside(spec)) spec.externalTrafficPolicy ||= "Cluster";
  if (spec.type !== "ExternalName") {
    spec.internalTrafficPolicy ??= "Cluster";
    setIpFamilies(spec);
  }
  if (spec.type === "LoadBalancer") spec.allocateLoadBalancerNodePorts ??= true;
}

function setAffinityConfig(spec: ServiceSpec): void {
  if (spec.sessionAffinity === "None") delete spec.sessionAffinityConfig;
  if (spec.sessionAffinity === "ClientIP") {
    spec.sessionAffinityConfig ??= {};
    spec.sessionAffinityConfig.clientIP ??= {};
    spec.sessionAffinityConfig.clientIP.timeoutSeconds ??= THREE_HOURS_SECONDS;
  }
}

/** The cluster speaks IPv4, unless the service names an address of the other family. */
function setIpFamilies(spec: ServiceSpec): void {
  spec.ipFamilyPolicy ??= "SingleStack";
  if (spec.ipFamilies?.length) return;
  const [address] = spec.clusterIPs ?? [spec.clusterIP ?? ""];
  spec.ipFamilies = [address?.includes(":") ? "IPv6" : "IPv4"];
}

function isReachedFromOutside({ type, externalIPs = [] }: ServiceSpec): boolean {
  if (type === "NodePort" || type === "LoadBalancer") return true;
  return type === "ClusterIP" && externalIPs.length > 0;
}
