/**
 * A service's ports, addresses and policies, and what of them may not change.
 *
 * In Kubernetes: pkg/apis/core/validation/validation.go (ValidateService, ValidateServiceUpdate)
 */
import type { ServicePort, ServiceSpec } from "kubernetes-types/core/v1.js";
import { PROTOCOLS } from "./container-validation.ts";
import { nonSpecialIpErrors } from "./endpoints-validation.ts";
import {
  duplicate,
  type FieldError,
  forbidden,
  GoStruct,
  invalidValue,
  notSupported,
  required,
} from "./field-error.ts";
import { validateLabels } from "./metadata-validation.ts";
import {
  dns1123LabelErrors,
  dns1123SubdomainErrors,
  ipErrors,
  portNumberErrors,
  qualifiedNameErrors,
} from "./names.ts";
import { portErrors } from "./probe-validation.ts";
import type { Service } from "./service.ts";
import { clusterIpErrors, clusterIpUpdateErrors, isHeadless } from "./service-ip-validation.ts";
import { isReachedFromOutside, needsHealthCheck } from "./service-reach.ts";

const TYPES = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
const POLICIES = ["Cluster", "Local"];
const MOST_AFFINITY_SECONDS = 86400;
const ONLY_LOAD_BALANCER = "may only be used when `type` is 'LoadBalancer'";
const KUBELET_PORT = 10250;

export function validateService({ spec }: Service): FieldError[] {
  return [
    ...typeErrors(spec),
    ...(spec.ports ?? []).flatMap((port, index) => servicePortErrors(port, index, spec)),
    ...validateLabels(spec.selector ?? {}, "spec.selector"),
    ...affinityErrors(spec),
    ...clusterIpErrors(spec),
    ...externalIpErrors(spec.externalIPs ?? []),
    ...serviceTypeErrors(spec.type ?? ""),
    ...portClashErrors(spec),
    ...loadBalancerErrors(spec),
    ...policyErrors(spec),
  ];
}

export function validateServiceUpdate(service: Service, old: Service): FieldError[] {
  return clusterIpUpdateErrors(service.spec, old.spec);
}

function typeErrors(spec: ServiceSpec): FieldError[] {
  const { type, ports = [] } = spec;
  if (type === "ExternalName") return externalNameErrors(spec);
  const errors: FieldError[] = [];
  if (ports.length === 0 && !isHeadless(spec)) errors.push(required("spec.ports"));
  if (type === "LoadBalancer") {
    for (const [index, { port }] of ports.entries()) {
      if (port !== KUBELET_PORT) continue;
      const why = `may not expose port ${port} externally since it is used by kubelet`;
      errors.push(invalidValue(`spec.ports[${index}]`, port, why));
    }
  }
  if ((type === "LoadBalancer" || type === "NodePort") && isHeadless(spec)) {
    const why = `may not be set to 'None' for ${type} services`;
    errors.push(invalidValue("spec.clusterIPs[0]", "None", why));
  }
  return errors;
}

function externalNameErrors(spec: ServiceSpec): FieldError[] {
  const errors: FieldError[] = [];
  for (const name of ["clusterIPs", "ipFamilies", "ipFamilyPolicy"] as const) {
    if (!spec[name]?.length) continue;
    errors.push(forbidden(`spec.${name}`, "may not be set for ExternalName services"));
  }
  const name = (spec.externalName ?? "").replace(/\.$/, "");
  if (name === "") return [...errors, required("spec.externalName")];
  const wrong = dns1123SubdomainErrors(name);
  return [...errors, ...wrong.map((error) => invalidValue("spec.externalName", name, error))];
}

function servicePortErrors(port: ServicePort, index: number, { ports = [] }: ServiceSpec) {
  const path = `spec.ports[${index}]`;
  const { name, protocol, appProtocol } = port;
  const errors: FieldError[] = [];
  if (name) {
    const wrong = dns1123LabelErrors(name);
    errors.push(...wrong.map((error) => invalidValue(`${path}.name`, name, error)));
    const isTaken = ports.slice(0, index).some((other) => other.name === name);
    if (isTaken) errors.push(duplicate(`${path}.name`, name));
  } else if (ports.length > 1) errors.push(required(`${path}.name`));
  const wrong = portNumberErrors(port.port ?? 0);
  errors.push(...wrong.map((error) => invalidValue(`${path}.port`, port.port ?? 0, error)));
  if (!protocol) errors.push(required(`${path}.protocol`));
  else if (!PROTOCOLS.includes(protocol)) {
    errors.push(notSupported(`${path}.protocol`, protocol, PROTOCOLS));
  }
  errors.push(...portErrors(port.targetPort ?? 0, `${path}.targetPort`));
  if (appProtocol === undefined) return errors;
  const bad = qualifiedNameErrors(appProtocol);
  return [
    ...errors,
    ...bad.map((error) => invalidValue(`${path}.appProtocol`, appProtocol, error)),
  ];
}

function affinityErrors(spec: ServiceSpec): FieldError[] {
  const { sessionAffinity: affinity, sessionAffinityConfig: config } = spec;
  if (!affinity) return [required("spec.sessionAffinity")];
  if (affinity !== "ClientIP" && affinity !== "None") {
    return [notSupported("spec.sessionAffinity", affinity, ["ClientIP", "None"])];
  }
  const path = "spec.sessionAffinityConfig";
  if (affinity === "None") {
    const why = "must not be set when session affinity is None";
    return config === undefined ? [] : [forbidden(path, why)];
  }
  const at = `${path}.clientIP.timeoutSeconds`;
  const seconds = config?.clientIP?.timeoutSeconds;
  if (seconds === undefined) return [required(at, "when session affinity type is ClientIP")];
  if (seconds > 0 && seconds <= MOST_AFFINITY_SECONDS) return [];
  const why = `must be greater than 0 and less than ${MOST_AFFINITY_SECONDS}`;
  return [invalidValue(at, seconds, why)];
}

function externalIpErrors(ips: string[]): FieldError[] {
  return ips.flatMap((ip, index) => {
    const path = `spec.externalIPs[${index}]`;
    const wrong = ipErrors(ip);
    if (wrong.length > 0) return wrong.map((error) => invalidValue(path, ip, error));
    return nonSpecialIpErrors(ip, path);
  });
}

function serviceTypeErrors(type: string): FieldError[] {
  if (type === "") return [required("spec.type")];
  return TYPES.includes(type) ? [] : [notSupported("spec.type", type, TYPES)];
}

/** Of a protocol, each port and each node port may be given once. */
function portClashErrors({ type, ports = [] }: ServiceSpec): FieldError[] {
  const misplaced: FieldError[] = [];
  const nodePortClashes: FieldError[] = [];
  const portClashes: FieldError[] = [];
  const taken = new Set<string>();
  for (const [index, { protocol = "", port, nodePort }] of ports.entries()) {
    const path = `spec.ports[${index}]`;
    if (nodePort && type === "ClusterIP") {
      const why = "may not be used when `type` is 'ClusterIP'";
      misplaced.push(forbidden(`${path}.nodePort`, why));
    }
    if (nodePort && taken.has(`node/${protocol}/${nodePort}`)) {
      nodePortClashes.push(duplicate(`${path}.nodePort`, nodePort));
    }
    if (taken.has(`${protocol}/${port}`)) portClashes.push(duplicate(path, goPort(protocol, port)));
    taken.add(`node/${protocol}/${nodePort}`).add(`${protocol}/${port}`);
  }
  return [...misplaced, ...nodePortClashes, ...portClashes];
}

/** As Go prints the key that was found twice. */
function goPort(protocol: string, port: number): GoStruct {
  const none = new GoStruct("intstr.IntOrString", { Type: 0, IntVal: 0, StrVal: "" });
  return new GoStruct("core.ServicePort", {
    Name: "",
    Protocol: protocol,
    AppProtocol: new GoStruct("(*string)(nil)", {}, ""),
    Port: port,
    TargetPort: none,
    NodePort: 0,
  });
}

function loadBalancerErrors(spec: ServiceSpec): FieldError[] {
  const { loadBalancerClass, loadBalancerSourceRanges: ranges = [], type } = spec;
  const errors: FieldError[] = [];
  if (type === "LoadBalancer") {
    const wrong = loadBalancerClass === undefined ? [] : qualifiedNameErrors(loadBalancerClass);
    const path = "spec.loadBalancerClass";
    return wrong.map((error) => invalidValue(path, loadBalancerClass, error));
  }
  if (ranges.length > 0)
    errors.push(forbidden("spec.LoadBalancerSourceRanges", ONLY_LOAD_BALANCER));
  if (spec.allocateLoadBalancerNodePorts !== undefined) {
    errors.push(forbidden("spec.allocateLoadBalancerNodePorts", ONLY_LOAD_BALANCER));
  }
  if (loadBalancerClass !== undefined) {
    errors.push(forbidden("spec.loadBalancerClass", ONLY_LOAD_BALANCER));
  }
  return errors;
}

function policyErrors(spec: ServiceSpec): FieldError[] {
  const { externalTrafficPolicy: outer = "", internalTrafficPolicy: inner } = spec;
  const { healthCheckNodePort: healthPort = 0, type } = spec;
  const errors: FieldError[] = [];
  if (!isReachedFromOutside(spec)) {
    const why = "may only be set for externally-accessible services";
    if (outer !== "") errors.push(invalidValue("spec.externalTrafficPolicy", outer, why));
  } else if (outer === "") errors.push(required("spec.externalTrafficPolicy"));
  else if (!POLICIES.includes(outer)) {
    errors.push(notSupported("spec.externalTrafficPolicy", outer, POLICIES));
  }
  if (!needsHealthCheck(spec) && healthPort !== 0) {
    const why =
      "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
    errors.push(invalidValue("spec.healthCheckNodePort", healthPort, why));
  }
  if (inner === undefined) {
    return type === "ExternalName" ? errors : [...errors, required("spec.internalTrafficPolicy")];
  }
  if (POLICIES.includes(inner)) return errors;
  return [...errors, notSupported("spec.internalTrafficPolicy", inner, POLICIES)];
}
