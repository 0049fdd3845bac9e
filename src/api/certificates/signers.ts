/**
 * Kubernetes' own signers, and what each of them signs. Pure.
 *
 * In Kubernetes: pkg/apis/certificates/helpers.go, pkg/controller/certificates/signer/signer.go
 */
import type { PemRequest } from "./pem-request.ts";

export const API_CLIENT = "kubernetes.io/kube-apiserver-client";
export const KUBELET_CLIENT = "kubernetes.io/kube-apiserver-client-kubelet";
export const KUBELET_SERVING = "kubernetes.io/kubelet-serving";
export const LEGACY_UNKNOWN = "kubernetes.io/legacy-unknown";

const NODES = "system:nodes";
const NODE = "system:node:";

type Fault = string | undefined;

/** Why the signer does not sign the request; undefined where it does. */
export const SIGNER_RULES: Readonly<
  Record<string, (request: PemRequest, usages: readonly string[]) => Fault>
> = {
  [API_CLIENT]: (_, usages) => apiClientFault(usages),
  [KUBELET_CLIENT]: kubeletClientFault,
  [KUBELET_SERVING]: kubeletServingFault,
  [LEGACY_UNKNOWN]: () => undefined,
};

function apiClientFault(usages: readonly string[]): Fault {
  const allowed = ["digital signature", "key encipherment", "client auth"];
  const other = usages.find((usage) => !allowed.includes(usage));
  if (other !== undefined) return `invalid usage for client certificate: ${other}`;
  if (usages.includes("client auth")) return undefined;
  return "missing required usage for client certificate: client auth";
}

export function kubeletClientFault(request: PemRequest, usages: readonly string[]): Fault {
  const { organizations, dnsNames, emailAddresses, ipAddresses, uris, commonName } = request;
  if (!isOfNodes(organizations)) return "subject organization is not system:nodes";
  if (dnsNames.length > 0) return "DNS subjectAltNames are not allowed";
  if (emailAddresses.length > 0) return "Email subjectAltNames are not allowed";
  if (ipAddresses.length > 0) return "IP subjectAltNames are not allowed";
  if (uris.length > 0) return "URI subjectAltNames are not allowed";
  if (!commonName.startsWith(NODE)) return NOT_OF_A_NODE;
  return usagesFault(usages, "client auth");
}

function kubeletServingFault(request: PemRequest, usages: readonly string[]): Fault {
  const { organizations, dnsNames, emailAddresses, ipAddresses, uris, commonName } = request;
  if (!isOfNodes(organizations)) return "subject organization is not system:nodes";
  if (dnsNames.length + ipAddresses.length === 0) return "DNS or IP subjectAltName is required";
  if (emailAddresses.length > 0) return "Email subjectAltNames are not allowed";
  if (uris.length > 0) return "URI subjectAltNames are not allowed";
  const fault = usagesFault(usages, "server auth");
  if (fault !== undefined) return fault;
  return commonName.startsWith(NODE) ? undefined : NOT_OF_A_NODE;
}

const NOT_OF_A_NODE = "subject common name does not begin with system:node:";

function isOfNodes(organizations: string[]): boolean {
  return organizations.length === 1 && organizations[0] === NODES;
}

/** Key encipherment is for RSA keys, and may be left out. */
function usagesFault(usages: readonly string[], purpose: string): Fault {
  const wanted = ["digital signature", "key encipherment", purpose];
  const required = ["digital signature", purpose];
  const isFit =
    required.every((usage) => usages.includes(usage)) &&
    usages.every((usage) => wanted.includes(usage));
  return isFit ? undefined : `usages did not match [${wanted.join(" ")}]`;
}
