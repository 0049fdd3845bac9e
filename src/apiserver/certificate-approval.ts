/**
 * certificatesigningrequests/approval: the door through which a request is approved or denied, and nothing else
 * of it changed.
 *
 * In Kubernetes: csrApprovalStrategy in pkg/registry/certificates/certificates/strategy.go
 */
import type { CertificateSigningRequest } from "../api/certificates/certificate-signing-request.ts";
import {
  validateCertificateSigningRequest,
  validateRequestUpdate,
} from "../api/certificates/certificate-signing-request-validation.ts";
import { invalid } from "../api/errors.ts";
import type { SubresourceHandler } from "./handler.ts";
import { partOfObject, type TakePart } from "./part-of-object.ts";
import type { ResourceHandlerOptions } from "./resource-handler.ts";

export function approveCertificate(options: ResourceHandlerOptions): SubresourceHandler {
  return partOfObject(options, decided);
}

/** The request as it was, with the conditions and metadata of the new one. */
const decided: TakePart<CertificateSigningRequest> = (changed, old, kind) => {
  const request = { ...changed, spec: old.spec };
  const { certificate } = old.status ?? {};
  const { conditions } = request.status ?? {};
  request.status = { ...(certificate && { certificate }), ...(conditions && { conditions }) };
  const errors = [
    ...validateCertificateSigningRequest(request),
    ...validateRequestUpdate(request, old, "approval"),
  ];
  if (errors.length > 0) throw invalid(kind, old.metadata.name, errors);
  return request;
};
