/**
 * What has been decided on a CertificateSigningRequest.
 *
 * In Kubernetes: GetCertApprovalCondition in pkg/controller/certificates/certificate_controller_utils.go
 */
import type { CertificateSigningRequestCondition } from "kubernetes-types/certificates/v1.js";
import type { CertificateSigningRequest } from "./certificate-signing-request.ts";

export function decisionsOn({ status }: CertificateSigningRequest) {
  const has = (type: string) => (status?.conditions ?? []).some((one) => one.type === type);
  return { isApproved: has("Approved"), isDenied: has("Denied"), hasFailed: has("Failed") };
}

/** The conditions with one more, which says so from now on. */
export function withDecision(
  { status }: CertificateSigningRequest,
  decision: Pick<CertificateSigningRequestCondition, "type" | "reason" | "message">,
): CertificateSigningRequestCondition[] {
  return [...(status?.conditions ?? []), { ...decision, status: "True" }];
}
