/**
 * An ingress: rules from host and path to a backend, or one backend for everything.
 *
 * In Kubernetes: pkg/apis/networking/validation/validation.go (ValidateIngressSpec)
 */
import { isIP } from "node:net";
import type {
  HTTPIngressPath,
  IngressBackend,
  IngressRule,
  IngressServiceBackend,
  IngressTLS,
} from "kubernetes-types/networking/v1.js";
import { type FieldError, GoStruct, invalidValue, notSupported, required } from "../field-error.ts";
import {
  dns1035LabelErrors,
  dns1123SubdomainErrors,
  ipErrors,
  portNameErrors,
  portNumberErrors,
  wildcardSubdomainErrors,
} from "../names.ts";
import type { Ingress } from "./ingress.ts";
import { typedReferenceErrors } from "./typed-reference.ts";

export const CLASS_ANNOTATION = "kubernetes.io/ingress.class";

const PATH_TYPES = ["Exact", "ImplementationSpecific", "Prefix"];
const BAD_SEQUENCES = ["//", "/./", "/../", "%2f", "%2F"];
const BAD_ENDS = ["/..", "/."];
const NOT_ABSOLUTE = "must be an absolute path";
const NOT_A_NAME = "must be a DNS name, not an IP address";

export function validateIngress({ spec }: Ingress): FieldError[] {
  const { rules = [], defaultBackend, tls = [], ingressClassName } = spec;
  const errors: FieldError[] = [];
  if (rules.length === 0 && defaultBackend === undefined) {
    const none = new GoStruct("[]networking.IngressRule", {}, "(nil)");
    errors.push(invalidValue("spec", none, "either `defaultBackend` or `rules` must be specified"));
  }
  if (defaultBackend) errors.push(...backendErrors(defaultBackend, "spec.defaultBackend"));
  errors.push(...rules.flatMap(ruleErrors), ...tls.flatMap(tlsErrors));
  if (ingressClassName !== undefined) {
    const wrong = dns1123SubdomainErrors(ingressClassName);
    errors.push(...wrong.map((e) => invalidValue("spec.ingressClassName", ingressClassName, e)));
  }
  return errors;
}

/** The annotation is older than the field: where both are given, they must agree. */
export function validateNewIngress(ingress: Ingress): FieldError[] {
  const annotation = ingress.metadata.annotations?.[CLASS_ANNOTATION];
  const { ingressClassName: name } = ingress.spec;
  if (annotation === undefined || name === undefined || annotation === name) return [];
  const why = "must match `ingressClassName` when both are specified";
  return [invalidValue(`annotations.${CLASS_ANNOTATION}`, annotation, why)];
}

function hostErrors(host: string, path: string): FieldError[] {
  const check = host.includes("*") ? wildcardSubdomainErrors : dns1123SubdomainErrors;
  return check(host).map((error) => invalidValue(path, host, error));
}

function ruleErrors({ host, http }: IngressRule, index: number): FieldError[] {
  const at = `spec.rules[${index}].host`;
  const errors = host ? hostErrors(host, at) : [];
  if (host && isIP(host)) errors.unshift(invalidValue(at, host, NOT_A_NAME));
  if (http === undefined) return errors;
  const path = `spec.rules[${index}].http.paths`;
  const { paths = [] } = http;
  if (paths.length === 0) return [...errors, required(path)];
  return [...errors, ...paths.flatMap((one, each) => pathErrors(one, `${path}[${each}]`))];
}

function pathErrors({ path = "", pathType, backend }: HTTPIngressPath, at: string): FieldError[] {
  if (pathType === undefined) {
    return [required(`${at}.pathType`, "pathType must be specified")];
  }
  const errors: FieldError[] = [];
  const wrong = (why: string) => void errors.push(invalidValue(`${at}.path`, path, why));
  if (!PATH_TYPES.includes(pathType)) {
    errors.push(notSupported(`${at}.pathType`, pathType, PATH_TYPES));
  } else if (pathType === "ImplementationSpecific") {
    if (path !== "" && !path.startsWith("/")) wrong(NOT_ABSOLUTE);
  } else {
    if (!path.startsWith("/")) wrong(NOT_ABSOLUTE);
    for (const bad of BAD_SEQUENCES) if (path.includes(bad)) wrong(`must not contain '${bad}'`);
    for (const bad of BAD_ENDS) if (path.endsWith(bad)) wrong(`cannot end with '${bad}'`);
  }
  return [...errors, ...backendErrors(backend ?? {}, `${at}.backend`)];
}

function backendErrors({ resource, service }: IngressBackend, path: string): FieldError[] {
  if (resource && service) {
    return [invalidValue(path, "", "cannot set both resource and service backends")];
  }
  if (resource) return typedReferenceErrors(resource, `${path}.resource`);
  if (service) return serviceErrors(service, path);
  return [invalidValue(path, "", "resource or service backend is required")];
}

function serviceErrors({ name, port }: IngressServiceBackend, path: string): FieldError[] {
  const errors = name
    ? dns1035LabelErrors(name).map((e) => invalidValue(`${path}.service.name`, name, e))
    : [required(`${path}.service.name`)];
  const { name: portName, number } = port ?? {};
  if (portName && number) {
    return [...errors, invalidValue(path, "", "cannot set both port name & port number")];
  }
  if (portName) {
    const at = `${path}.service.port.name`;
    return [...errors, ...portNameErrors(portName).map((e) => invalidValue(at, portName, e))];
  }
  if (number) {
    const at = `${path}.service.port.number`;
    return [...errors, ...portNumberErrors(number).map((e) => invalidValue(at, number, e))];
  }
  return [...errors, required(path, "port name or number is required")];
}

function tlsErrors({ hosts = [], secretName }: IngressTLS, index: number): FieldError[] {
  const path = `spec.tls[${index}]`;
  const errors = hosts.flatMap((host, each) => hostErrors(host, `${path}.hosts[${each}]`));
  const wrong = secretName ? dns1123SubdomainErrors(secretName) : [];
  return [...errors, ...wrong.map((e) => invalidValue(`${path}.secretName`, secretName, e))];
}

export function validateIngressStatus({ status }: Ingress): FieldError[] {
  const path = "status.loadBalancer.ingress";
  return (status?.loadBalancer?.ingress ?? []).flatMap(({ ip, hostname }, index) => {
    const errors: FieldError[] = [];
    const wrongIp = ip ? ipErrors(ip) : [];
    errors.push(...wrongIp.map((error) => invalidValue(`${path}[${index}].ip`, ip, error)));
    if (!hostname) return errors;
    const at = `${path}[${index}].hostname`;
    const wrong = dns1123SubdomainErrors(hostname);
    errors.push(...wrong.map((error) => invalidValue(at, hostname, error)));
    return isIP(hostname) ? [...errors, invalidValue(at, hostname, NOT_A_NAME)] : errors;
  });
}
