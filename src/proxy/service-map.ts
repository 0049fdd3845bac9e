/**
 * From Services to service ports. Pure.
 *
 * Rule: a service without a cluster IP of its own (headless, ExternalName, not yet allotted), and
 * one that is labelled as another proxy's, is none of ours.
 *
 * In Kubernetes: pkg/proxy/servicechangetracker.go, serviceport.go, pkg/proxy/util (1.30)
 */
import { isIPv4 } from "node:net";
import type { ServicePort as ApiPort, ServiceSpec } from "kubernetes-types/core/v1.js";
import type { Service } from "../api/service.ts";
import { isReachedFromOutside, needsHealthCheck } from "../api/service-reach.ts";
import { followsZones } from "../api/topology-mode.ts";
import type { Protocol, ServicePort } from "./service-port.ts";

const OTHER_PROXY_LABEL = "service.kubernetes.io/service-proxy-name";
const HEADLESS_LABEL = "service.kubernetes.io/headless";
const DEFAULT_AFFINITY_SECONDS = 10_800;

/** The ports of a service that rules are made for. */
export function servicePortsOf(service: Service): ServicePort[] {
  const clusterIP = clusterIPOf(service.spec);
  if (clusterIP === undefined || !isOurs(service.metadata.labels)) return [];
  const { namespace = "", name } = service.metadata;
  return (service.spec.ports ?? []).map((port) => ({
    name: servicePortName(namespace, name, port.name),
    clusterIP,
    ...portOf(port),
    ...reachOf(service),
    ...policiesOf(service.spec),
    ...(followsZones(service) && { followsHints: true }),
  }));
}

/** "default/web:http", or "default/web" for a port without a name. */
export function servicePortName(namespace: string, name: string, port: string | undefined): string {
  return port ? `${namespace}/${name}:${port}` : `${namespace}/${name}`;
}

/** Labels on a Service or its Endpoints that give it to somebody else. */
export function isOurs(labels: Record<string, string> = {}): boolean {
  return !(OTHER_PROXY_LABEL in labels) && !(HEADLESS_LABEL in labels);
}

function clusterIPOf({ type, clusterIP, clusterIPs = [] }: ServiceSpec): string | undefined {
  if (type === "ExternalName") return undefined;
  return [clusterIP ?? "", ...clusterIPs].find((ip) => isIPv4(ip));
}

function portOf({ protocol = "TCP", port, nodePort = 0 }: ApiPort) {
  return { protocol: protocol as Protocol, port, nodePort };
}

function reachOf({ spec, status }: Service) {
  const ingress = status?.loadBalancer?.ingress ?? [];
  return {
    externalIPs: (spec.externalIPs ?? []).filter((ip) => isIPv4(ip)),
    // A load balancer that is a proxy wants its traffic to pass through it, from the cluster too.
    loadBalancerIPs: ingress
      .filter(({ ip = "", ipMode }) => isIPv4(ip) && ipMode !== "Proxy")
      .map(({ ip = "" }) => ip),
    loadBalancerSourceRanges: (spec.loadBalancerSourceRanges ?? [])
      .map((range) => range.trim())
      .filter((range) => isIPv4(range.split("/")[0] ?? "")),
    healthCheckNodePort: needsHealthCheck(spec) ? (spec.healthCheckNodePort ?? 0) : 0,
  };
}

function policiesOf(spec: ServiceSpec) {
  const { sessionAffinity, sessionAffinityConfig } = spec;
  const seconds = sessionAffinityConfig?.clientIP?.timeoutSeconds ?? DEFAULT_AFFINITY_SECONDS;
  return {
    ...(sessionAffinity === "ClientIP" ? { affinitySeconds: seconds } : {}),
    isInternalPolicyLocal: spec.internalTrafficPolicy === "Local",
    isExternalPolicyLocal: isReachedFromOutside(spec) && spec.externalTrafficPolicy === "Local",
  };
}
