/**
 * A policy's rules: ports, and peers that are pods, namespaces or a block of addresses.
 *
 * In Kubernetes: pkg/apis/networking/validation/validation.go (ValidateNetworkPolicySpec)
 */
import type {
  IPBlock,
  NetworkPolicyPeer,
  NetworkPolicyPort,
  NetworkPolicySpec,
} from "kubernetes-types/networking/v1.js";
import { validateLabelSelector } from "../affinity-validation.ts";
import {
  type FieldError,
  forbidden,
  GoStruct,
  invalidValue,
  notSupported,
  required,
} from "../field-error.ts";
import { portNameErrors, portNumberErrors } from "../names.ts";
import { cidrErrors, isStrictlyWithin } from "./address-block.ts";

const PROTOCOLS = ["TCP", "UDP", "SCTP"];
const POLICY_TYPES = ["Ingress", "Egress"];

export function validateNetworkPolicy(spec: NetworkPolicySpec): FieldError[] {
  const { ingress = [], egress = [], podSelector, policyTypes = [] } = spec;
  return [
    ...validateLabelSelector(podSelector, "spec.podSelector"),
    ...ingress.flatMap(({ ports = [], from = [] }, index) => [
      ...listErrors(ports, portErrors, `spec.ingress[${index}].ports`),
      ...listErrors(from, peerErrors, `spec.ingress[${index}].from`),
    ]),
    ...egress.flatMap(({ ports = [], to = [] }, index) => [
      ...listErrors(ports, portErrors, `spec.egress[${index}].ports`),
      ...listErrors(to, peerErrors, `spec.egress[${index}].to`),
    ]),
    ...typeErrors(policyTypes, "spec.policyTypes"),
  ];
}

function listErrors<T>(
  items: T[],
  errorsOf: (item: T, path: string) => FieldError[],
  path: string,
): FieldError[] {
  return items.flatMap((item, index) => errorsOf(item, `${path}[${index}]`));
}

function typeErrors(types: string[], path: string): FieldError[] {
  if (types.length > POLICY_TYPES.length) {
    const list = new GoStruct("[]networking.PolicyType", {}, `{${types.map(quoted).join(", ")}}`);
    return [invalidValue(path, list, "may not specify more than two policyTypes")];
  }
  return types.flatMap((type, index) =>
    POLICY_TYPES.includes(type) ? [] : [notSupported(`${path}[${index}]`, type, POLICY_TYPES)],
  );
}

const quoted = (text: string) => JSON.stringify(text);

function portErrors({ protocol, port, endPort }: NetworkPolicyPort, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const wrongEnd = (why: string) => void errors.push(invalidValue(`${path}.endPort`, endPort, why));
  if (protocol !== undefined && !PROTOCOLS.includes(protocol)) {
    errors.push(notSupported(`${path}.protocol`, protocol, PROTOCOLS));
  }
  if (port === undefined) {
    if (endPort !== undefined) wrongEnd("may not be specified when `port` is not specified");
  } else if (typeof port === "string") {
    if (endPort !== undefined) wrongEnd("may not be specified when `port` is non-numeric");
    errors.push(...portNameErrors(port).map((e) => invalidValue(`${path}.port`, port, e)));
  } else {
    errors.push(...portNumberErrors(port).map((e) => invalidValue(`${path}.port`, port, e)));
    if (endPort !== undefined) {
      const why = "must be greater than or equal to `port`";
      if (endPort < port) errors.push(invalidValue(`${path}.endPort`, port, why));
      for (const error of portNumberErrors(endPort)) wrongEnd(error);
    }
  }
  return errors;
}

function peerErrors(peer: NetworkPolicyPeer, path: string): FieldError[] {
  const { podSelector, namespaceSelector, ipBlock } = peer;
  const count = [podSelector, namespaceSelector, ipBlock].filter(Boolean).length;
  const errors = [
    ...validateLabelSelector(podSelector, `${path}.podSelector`),
    ...validateLabelSelector(namespaceSelector, `${path}.namespaceSelector`),
    ...(ipBlock ? blockErrors(ipBlock, `${path}.ipBlock`) : []),
  ];
  if (count === 0) errors.push(required(path, "must specify a peer"));
  else if (count > 1 && ipBlock) {
    errors.push(forbidden(path, "may not specify both ipBlock and another peer"));
  }
  return errors;
}

function blockErrors({ cidr, except = [] }: IPBlock, path: string): FieldError[] {
  if (!cidr) return [required(`${path}.cidr`)];
  const wrong = cidrErrors(cidr, `${path}.cidr`);
  if (wrong.length > 0) return wrong;
  return except.flatMap((one, index) => {
    const at = `${path}.except[${index}]`;
    const errors = cidrErrors(one, at);
    if (errors.length > 0 || isStrictlyWithin(one, cidr)) return errors;
    return [invalidValue(at, one, "must be a strict subset of `cidr`")];
  });
}
