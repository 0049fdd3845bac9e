/**
 * What `kubectl get csr` shows: who asks for what of whom, and how far it has come.
 *
 * In Kubernetes: printCertificateSigningRequest in pkg/printers/internalversion/printers.go
 */
import { ageColumn, nameColumn } from "../columns.ts";
import { humanDuration } from "../human-duration.ts";
import type { Column } from "../kind.ts";
import type { CertificateSigningRequest } from "./certificate-signing-request.ts";
import { decisionsOn } from "./decisions.ts";

export const certificateSigningRequestColumns: Column<CertificateSigningRequest>[] = [
  nameColumn,
  ageColumn,
  {
    name: "SignerName",
    type: "string",
    description:
      'signerName indicates the requested signer, and is a qualified name.\n\nList/watch requests for CertificateSigningRequests can filter on this field using a "spec.signerName=NAME" fieldSelector.\n\nWell-known Kubernetes signers are:\n 1. "kubernetes.io/kube-apiserver-client": issues client certificates that can be used to authenticate to kube-apiserver.\n  Requests for this signer are never auto-approved by kube-controller-manager, can be issued by the "csrsigning" controller in kube-controller-manager.\n 2. "kubernetes.io/kube-apiserver-client-kubelet": issues client certificates that kubelets use to authenticate to kube-apiserver.\n  Requests for this signer can be auto-approved by the "csrapproving" controller in kube-controller-manager, and can be issued by the "csrsigning" controller in kube-controller-manager.\n 3. "kubernetes.io/kubelet-serving" issues serving certificates that kubelets use to serve TLS endpoints, which kube-apiserver can connect to securely.\n  Requests for this signer are never auto-approved by kube-controller-manager, and can be issued by the "csrsigning" controller in kube-controller-manager.\n\nMore details are available at https://k8s.io/docs/reference/access-authn-authz/certificate-signing-requests/#kubernetes-signers\n\nCustom signerNames can also be specified. The signer defines:\n 1. Trust distribution: how trust (CA bundles) are distributed.\n 2. Permitted subjects: and behavior when a disallowed subject is requested.\n 3. Required, permitted, or forbidden x509 extensions in the request (including whether subjectAltNames are allowed, which types, restrictions on allowed values) and behavior when a disallowed extension is requested.\n 4. Required, permitted, or forbidden key usages / extended key usages.\n 5. Expiration/certificate lifetime: whether it is fixed by the signer, configurable by the admin.\n 6. Whether or not requests for CA certificates are allowed.',
    value: ({ spec }) => spec.signerName,
  },
  {
    name: "Requestor",
    type: "string",
    description:
      "username contains the name of the user that created the CertificateSigningRequest. Populated by the API server on creation and immutable.",
    value: ({ spec }) => spec.username ?? "",
  },
  {
    name: "RequestedDuration",
    type: "string",
    description:
      "expirationSeconds is the requested duration of validity of the issued certificate. The certificate signer may issue a certificate with a different validity duration so a client must check the delta between the notBefore and and notAfter fields in the issued certificate to determine the actual duration.",
    value: ({ spec: { expirationSeconds } }) =>
      expirationSeconds === undefined ? "<none>" : humanDuration(expirationSeconds * 1000),
  },
  {
    name: "Condition",
    type: "string",
    description:
      'conditions applied to the request. Known conditions are "Approved", "Denied", and "Failed".',
    value: conditionOf,
  },
];

/** "Pending", "Approved,Issued", "Denied", "Approved,Failed" */
function conditionOf(request: CertificateSigningRequest): string {
  const { isApproved, isDenied, hasFailed } = decisionsOn(request);
  const decided = isApproved ? "Approved" : "Pending";
  return [
    isDenied ? "Denied" : decided,
    ...(hasFailed ? ["Failed"] : []),
    ...(request.status?.certificate ? ["Issued"] : []),
  ].join(",");
}
