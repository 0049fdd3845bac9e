/**
 * What a service gets where its author said nothing.
 *
 * In Kubernetes: pkg/apis/core/v1/defaults.go (SetDefaults_Service) and
 * pkg/registry/core/service/storage/alloc.go for the IP families.
 */
import type { ServiceSpec } from "kubernetes-types/core/v1.js";
import type { Service } from "./service.ts";
import { isReachedFromOutside } from "./service-reach.ts";

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
  if (spec.type !== "LoadBalancer") return;
  spec.allocateLoadBalancerNodePorts ??= true;
  for (const point of service.status?.loadBalancer?.ingress ?? []) {
    if (point.ip) point.ipMode ??= "VIP";
  }
}

function setAffinityConfig(spec: ServiceSpec): void {
  if (spec.sessionAffinity === "None") delete spec.sessionAffinityConfig;
  if (spec.sessionAffinity === "ClientIP") {
    spec.sessionAffinityConfig ??= {};
    spec.sessionAffinityConfig.clientIP ??= {};
    spec.sessionAffinityConfig.clientIP.timeoutSeconds ??= THREE_HOURS_SECONDS;
  }
}

/**
 * The cluster speaks IPv4, unless the service names an address of the other family. A headless
 * service without a selector may list endpoints of both.
 */
function setIpFamilies(spec: ServiceSpec): void {
  const [address = ""] = spec.clusterIPs ?? [spec.clusterIP ?? ""];
  if (address === "None" && !spec.selector && !spec.ipFamilyPolicy && !spec.ipFamilies?.length) {
    spec.ipFamilyPolicy = "RequireDualStack";
    spec.ipFamilies = ["IPv4", "IPv6"];
    return;
  }
  spec.ipFamilyPolicy ??= "SingleStack";
  if (!spec.ipFamilies?.length) spec.ipFamilies = [address.includes(":") ? "IPv6" : "IPv4"];
}
