/**
 * Endpoints are addresses that the kernels of the nodes will send traffic to, so none may point at
 * the node itself or at no one in particular.
 *
 * In Kubernetes: pkg/apis/core/validation/validation.go (ValidateEndpoints)
 */
import type { EndpointAddress, EndpointPort, EndpointSubset } from "kubernetes-types/core/v1.js";
import type { Endpoints } from "./endpoints.ts";
import { type FieldError, invalidValue, notSupported, required } from "./field-error.ts";
import {
  dns1123LabelErrors,
  dns1123SubdomainErrors,
  ipErrors,
  portNumberErrors,
  qualifiedNameErrors,
} from "./names.ts";

export function validateEndpoints({ subsets = [] }: Endpoints): FieldError[] {
  return subsets.flatMap((subset, index) => subsetErrors(subset, `subsets[${index}]`));
}

function subsetErrors(subset: EndpointSubset, path: string): FieldError[] {
  const { addresses = [], notReadyAddresses = [], ports = [] } = subset;
  const isEmpty = addresses.length + notReadyAddresses.length === 0;
  return [
    ...(isEmpty ? [required(path, "must specify `addresses` or `notReadyAddresses`")] : []),
    ...addresses.flatMap((one, index) => addressErrors(one, `${path}.addresses[${index}]`)),
    ...notReadyAddresses.flatMap((one, index) =>
      addressErrors(one, `${path}.notReadyAddresses[${index}]`),
    ),
    ...ports.flatMap((one, index) => portErrors(one, ports.length > 1, `${path}.ports[${index}]`)),
  ];
}

function addressErrors(
  { ip = "", hostname, nodeName }: EndpointAddress,
  path: string,
): FieldError[] {
  const errors = ipErrors(ip).map((error) => invalidValue(`${path}.ip`, ip, error));
  if (hostname) {
    const wrong = dns1123LabelErrors(hostname);
    errors.push(...wrong.map((error) => invalidValue(`${path}.hostname`, hostname, error)));
  }
  if (nodeName !== undefined) {
    const wrong = dns1123SubdomainErrors(nodeName);
    errors.push(...wrong.map((error) => invalidValue(`${path}.nodeName`, nodeName, error)));
  }
  return [...errors, ...nonSpecialIpErrors(ip, `${path}.ip`)];
}

const specialRanges: [RegExp, string][] = [
  [/^(127\.|::1$)/, "may not be in the loopback range (127.0.0.0/8, ::1/128)"],
  [
    /^(169\.254\.|fe[89ab][0-9a-f]:)/i,
    "may not be in the link-local range (169.254.0.0/16, fe80::/10)",
  ],
  [
    /^(224\.0\.0\.|ff[0-9a-f]2:)/i,
    "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)",
  ],
];

/** Traffic to these would reach the sender, or everyone, and not the pod that was meant. */
export function nonSpecialIpErrors(ip: string, path: string): FieldError[] {
  if (ipErrors(ip).length > 0) return [invalidValue(path, ip, "must be a valid IP address")];
  if (/^(0\.0\.0\.0|[0:]+)$/.test(ip)) {
    return [invalidValue(path, ip, `may not be unspecified (${ip})`)];
  }
  const found = specialRanges.filter(([range]) => range.test(ip));
  return found.map(([, error]) => invalidValue(path, ip, error));
}

function portErrors(port: EndpointPort, isNameRequired: boolean, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const { name, port: number = 0, protocol = "", appProtocol } = port as Partial<EndpointPort>;
  if (isNameRequired && !name) errors.push(required(`${path}.name`));
  else if (name) {
    const wrong = dns1123LabelErrors(name);
    errors.push(...wrong.map((error) => invalidValue(`${path}.name`, name, error)));
  }
  const wrong = portNumberErrors(number);
  errors.push(...wrong.map((error) => invalidValue(`${path}.port`, number, error)));
  if (protocol === "") errors.push(required(`${path}.protocol`));
  else if (!["TCP", "UDP", "SCTP"].includes(protocol)) {
    errors.push(notSupported(`${path}.protocol`, protocol, ["SCTP", "TCP", "UDP"]));
  }
  if (appProtocol !== undefined) {
    const bad = qualifiedNameErrors(appProtocol);
    errors.push(...bad.map((error) => invalidValue(`${path}.appProtocol`, appProtocol, error)));
  }
  return errors;
}
