/**
 * A CertificateSigningRequest asks for a certificate. Somebody approves or denies it (`kubectl certificate
 * approve`), and then its signer signs it. Its rule: what is asked for never changes, and what has been
 * decided is never taken back.
 *
 * In Kubernetes: pkg/registry/certificates/certificates/strategy.go
 */
import type {
  CertificateSigningRequestSpec,
  CertificateSigningRequestStatus,
} from "kubernetes-types/certificates/v1.js";
import { defineKind, type KubeObject } from "../kind.ts";
import { certificateSigningRequestColumns } from "./certificate-signing-request-columns.ts";
import {
  validateCertificateSigningRequest,
  validateRequestUpdate,
} from "./certificate-signing-request-validation.ts";
import { EXAMPLE_REQUEST } from "./example-request.ts";
import { loadRequestReader } from "./pem-request.ts";

export interface CertificateSigningRequest extends KubeObject {
  spec: CertificateSigningRequestSpec;
  status?: CertificateSigningRequestStatus;
}

export const CertificateSigningRequest = defineKind<CertificateSigningRequest>({
  group: "certificates.k8s.io",
  version: "v1",
  kind: "CertificateSigningRequest",
  plural: "certificatesigningrequests",
  shortNames: ["csr"],
  namespaced: false,
  storagePrefix: "certificatesigningrequests",
  schema: "io.k8s.api.certificates.v1.CertificateSigningRequest",
  hasStatus: true,
  subresources: [
    { name: "approval", kind: "CertificateSigningRequest", verbs: ["get", "patch", "update"] },
  ],
  columns: certificateSigningRequestColumns,
  selectableFields: ({ spec }) => ({ "spec.signerName": spec.signerName }),
  prepare: loadRequestReader,
  // Nobody cares what a request is called.
  validateName: () => [],
  prepareForCreate(request) {
    request.status = {};
  },
  prepareForUpdate(request, old) {
    request.spec = old.spec;
  },
  prepareForStatusUpdate(request, old) {
    request.spec = old.spec;
    keepDecisions(request, old);
  },
  validate: validateCertificateSigningRequest,
  validateUpdate: (request, old) => validateRequestUpdate(request, old, ""),
  validateStatusUpdate: (request, old) => [
    ...validateCertificateSigningRequest(request),
    ...validateRequestUpdate(request, old, "status"),
  ],
  example: {
    apiVersion: "certificates.k8s.io/v1",
    kind: "CertificateSigningRequest",
    metadata: { name: "example" },
    spec: {
      request: EXAMPLE_REQUEST,
      signerName: "example.com/signer",
      usages: ["client auth"],
    },
  },
});

/** A signer cannot reword who decided and why; one decision more or less is for validation to refuse. */
function keepDecisions({ status = {} }: CertificateSigningRequest, old: CertificateSigningRequest) {
  const { conditions = [] } = status;
  for (const decision of ["Approved", "Denied"]) {
    const before = (old.status?.conditions ?? []).filter(({ type }) => type === decision);
    const places = [...conditions.keys()].filter((i) => conditions[i]!.type === decision);
    if (places.length !== before.length) continue;
    for (const [n, place] of places.entries()) conditions[place] = before[n]!;
  }
}
