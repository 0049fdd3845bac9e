/**
 * A service's ports, addresses and policies, and what of them may not change.
 *
 * In Kubernetes: pkg/apis/core/validation/validation.go (ValidateService, ValidateServiceUpdate)
 */
import { isIP } from "node:net";
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
import { cidrErrors } from "./networking/address-block.ts";
import { portErrors } from "./probe-validation.ts";
import type { Service } from "./service.ts";
import { clusterIpErrors, clusterIpUpdateErrors, isHeadless } from "./service-ip-validation.ts";
import { isReachedFromOutside, needsHealthCheck } from "./service-reach.ts";
import { TOPOLOGY_HINTS, TOPOLOGY_MODE } from "./topology-mode.ts";

const TYPES = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
const POLICIES = ["Cluster", "Local"];
const MOST_AFFINITY_SECONDS = 86400;
const IP_MODES = ["Proxy", "VIP"];
const RANGES_ANNOTATION = "service.beta.kubernetes.io/load-balancer-source-ranges";
const ONLY_LOAD_BALANCER = "may only be used when `type` is 'LoadBalancer'";
const KUBELET_PORT = 10250;

export function validateService({ metadata, spec }: Service): FieldError[] {
  const { annotations = {} } = metadata;
  return [
    ...topologyErrors(annotations),
    ...typeErrors(spec),
    ...(spec.ports ?? []).flatMap((port, index) => servicePortErrors(port, index, spec)),
    ...validateLabels(spec.selector ?? {}, "spec.selector"),
    ...affinityErrors(spec),
    ...clusterIpErrors(spec),
    ...externalIpErrors(spec.externalIPs ?? []),
    ...serviceTypeErrors(spec.type ?? ""),
    ...portClashErrors(spec),
    ...sourceRangeErrors(spec, annotations[RANGES_ANNOTATION]),
    ...loadBalancerErrors(spec),
    ...policyErrors(spec),
  ];
}

export function validateServiceUpdate(service: Service, old: Service): FieldError[] {
  const { spec } = service;
  const errors = clusterIpUpdateErrors(spec, old.spec);
  const areBalanced = spec.type === "LoadBalancer" && old.spec.type === "LoadBalancer";
  if (areBalanced && spec.loadBalancerClass !== old.spec.loadBalancerClass) {
    const { loadBalancerClass: now } = spec;
    errors.push(invalidValue("spec.loadBalancerClass", now, "may not change once set"));
  }
  errors.push(...loadBalancerClassErrors(spec));
  const areChecked = needsHealthCheck(spec) && needsHealthCheck(old.spec);
  if (areChecked && spec.healthCheckNodePort !== old.spec.healthCheckNodePort) {
    errors.push(forbidden("spec.healthCheckNodePort", "field is immutable"));
  }
  return errors;
}

export function validateServiceStatus({ spec, status }: Service): FieldError[] {
  const path = "status.loadBalancer.ingress";
  const points = status?.loadBalancer?.ingress ?? [];
  if (spec.type !== "LoadBalancer" && points.length > 0) {
    return [forbidden(path, "may only be used when `spec.type` is 'LoadBalancer'")];
  }
  return points.flatMap(({ ip = "", ipMode, hostname = "" }, index) => {
    const at = `${path}[${index}]`;
    const check = (field: string, value: string, wrong: string[]) =>
      wrong.map((error) => invalidValue(`${at}.${field}`, value, error));
    const errors = ip === "" ? [] : check("ip", ip, ipErrors(ip));
    if (ipMode === undefined) {
      if (ip !== "") errors.push(required(`${at}.ipMode`, "must be specified when `ip` is set"));
    } else if (ip === "") {
      errors.push(forbidden(`${at}.ipMode`, "may not be specified when `ip` is not set"));
    } else if (!IP_MODES.includes(ipMode)) {
      errors.push(notSupported(`${at}.ipMode`, ipMode, IP_MODES));
    }
    if (hostname === "") return errors;
    errors.push(...check("hostname", hostname, dns1123SubdomainErrors(hostname)));
    const notName = isIP(hostname) ? ["must be a DNS name, not an IP address"] : [];
    return [...errors, ...check("hostname", hostname, notName)];
  });
}

/** The same wish under its older and its newer name. */
function topologyErrors(annotations: Record<string, string>): FieldError[] {
  const { [TOPOLOGY_HINTS]: hints, [TOPOLOGY_MODE]: mode } = annotations;
  if (hints === undefined || mode === undefined || hints === mode) return [];
  const why = `must match annotations[${TOPOLOGY_HINTS}] when both are specified`;
  return [invalidValue(`metadata.annotations[${TOPOLOGY_MODE}]`, mode, why)];
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

/** Who may come in: by the field, or where that is empty by the annotation it was before. */
function sourceRangeErrors(
  { loadBalancerSourceRanges: ranges = [], type }: ServiceSpec,
  annotation: string | undefined,
): FieldError[] {
  if (ranges.length === 0 && annotation === undefined) return [];
  const isField = ranges.length > 0;
  const path = isField
    ? "spec.LoadBalancerSourceRanges"
    : `metadata.annotations[${RANGES_ANNOTATION}]`;
  const list = isField ? ranges : (annotation ?? "").trim().split(",").filter(Boolean);
  return [
    ...(type === "LoadBalancer" ? [] : [forbidden(path, ONLY_LOAD_BALANCER)]),
    ...list.flatMap((range, index) =>
      cidrErrors(range.trim(), isField ? `${path}[${index}]` : path),
    ),
  ];
}

function loadBalancerErrors(spec: ServiceSpec): FieldError[] {
  const errors = loadBalancerClassErrors(spec);
  if (spec.type === "LoadBalancer" || spec.allocateLoadBalancerNodePorts === undefined) {
    return errors;
  }
  return [forbidden("spec.allocateLoadBalancerNodePorts", ONLY_LOAD_BALANCER), ...errors];
}

function loadBalancerClassErrors({ type, loadBalancerClass: name }: ServiceSpec): FieldError[] {
  const path = "spec.loadBalancerClass";
  if (name === undefined) return [];
  if (type !== "LoadBalancer") return [forbidden(path, ONLY_LOAD_BALANCER)];
  return qualifiedNameErrors(name).map((error) => invalidValue(path, name, error));
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
  if (needsHealthCheck(spec) && healthPort !== 0) {
    const wrong = portNumberErrors(healthPort);
    errors.push(...wrong.map((e) => invalidValue("spec.healthCheckNodePort", healthPort, e)));
  }
  if (inner === undefined) {
    return type === "ExternalName" ? errors : [...errors, required("spec.internalTrafficPolicy")];
  }
  if (POLICIES.includes(inner)) return errors;
  return [...errors, notSupported("spec.internalTrafficPolicy", inner, POLICIES)];
}
