/**
 * Who may approve a request for a certificate, and who may sign one: asked of the authorizer, signer by
 * signer, so that a team may have a signer of its own. And no client certificate makes an administrator.
 *
 * In Kubernetes: plugin/pkg/admission/certificates/{approval,signing,subjectrestriction}
 */
import { CertificateSigningRequest } from "../../api/certificates/certificate-signing-request.ts";
import { readPemRequest } from "../../api/certificates/pem-request.ts";
import { API_CLIENT } from "../../api/certificates/signers.ts";
import type { User } from "../authenticate.ts";
import type { Authorizer } from "../authorize.ts";
import type { AdmissionPlugin, AdmissionRequest } from "./admission.ts";
import { refusal } from "./refusal.ts";

export interface CertificateDecisionOptions {
  authorizer: Authorizer;
}

const MASTERS = "system:masters";

export function certificateApproval(options: CertificateDecisionOptions): AdmissionPlugin {
  return {
    name: "CertificateApproval",
    async admit(request) {
      if (isAbout(request, "update", "approval")) await check("approve", request, options);
    },
  };
}

export function certificateSigning(options: CertificateDecisionOptions): AdmissionPlugin {
  return {
    name: "CertificateSigning",
    async admit(request) {
      if (!isAbout(request, "update", "status")) return;
      const [now, before] = [request.object, request.oldObject].map(signedPart);
      if (now !== before) await check("sign", request, options);
    },
  };
}

export const certificateSubjectRestriction: AdmissionPlugin = {
  name: "CertificateSubjectRestriction",
  admit(request) {
    if (!isAbout(request, "create", "")) return;
    const { spec } = request.object as CertificateSigningRequest;
    if (spec.signerName !== API_CLIENT) return;
    if (!organizationsIn(spec.request, request).includes(MASTERS)) return;
    throw refusal(request, `use of ${API_CLIENT} signer with ${MASTERS} group is not allowed`);
  },
};

function isAbout({ kind, ...request }: AdmissionRequest, verb: string, subresource: string) {
  const isRequest = kind.schema === CertificateSigningRequest.schema;
  return isRequest && request.verb === verb && request.subresource === subresource;
}

/** What only a signer sets. */
function signedPart(object: unknown): string {
  const { certificate, conditions } = (object as CertificateSigningRequest).status ?? {};
  return JSON.stringify([certificate ?? "", conditions ?? []]);
}

async function check(
  verb: "approve" | "sign",
  request: AdmissionRequest,
  { authorizer }: CertificateDecisionOptions,
): Promise<void> {
  const { signerName } = (request.oldObject as CertificateSigningRequest).spec;
  if (await mayUse(signerName, verb, request.user, authorizer)) return;
  const name = JSON.stringify(signerName);
  throw refusal(request, `user not permitted to ${verb} requests with signerName ${name}`);
}

/** By its name, or as one of its domain: "example.com/*". */
async function mayUse(signer: string, verb: string, user: User, authorizer: Authorizer) {
  const [domain = ""] = signer.split("/");
  for (const name of [signer, `${domain}/*`]) {
    const decision = await authorizer(user, {
      isResourceRequest: true,
      ...{ verb, group: "certificates.k8s.io", version: "*", resource: "signers" },
      ...{ subresource: "", namespace: "", name, path: "" },
    });
    if (decision.allowed) return true;
  }
  return false;
}

function organizationsIn(pem: string, request: AdmissionRequest): string[] {
  try {
    return readPemRequest(pem).organizations;
  } catch (error) {
    throw refusal(request, `failed to parse CSR: ${(error as Error).message}`);
  }
}
