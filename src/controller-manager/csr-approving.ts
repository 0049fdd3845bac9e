/**
 * The CSR approver: approves what a node may ask for itself, a client certificate for its kubelet, if the
 * authorizer says that whoever asks may ask for it. All else waits for a human being.
 *
 * In Kubernetes: pkg/controller/certificates/approver/sarapprove.go
 */
import {
  CertificateSigningRequest,
  type CertificateSigningRequest as Request,
} from "../api/certificates/certificate-signing-request.ts";
import { decisionsOn, withDecision } from "../api/certificates/decisions.ts";
import {
  loadRequestReader,
  type PemRequest,
  readPemRequest,
} from "../api/certificates/pem-request.ts";
import { KUBELET_CLIENT, kubeletClientFault } from "../api/certificates/signers.ts";
import type { Client } from "../client/client.ts";
import type { Controller } from "../client/control-loop.ts";

interface Recognizer {
  subresource: string;
  message: string;
  isFor(request: Request, asked: PemRequest): boolean;
}

/** Whoever may allow it may do so later. */
const LOOK_AGAIN_MS = 60_000;

const RECOGNIZERS: Recognizer[] = [
  {
    subresource: "selfnodeclient",
    message: "Auto approving self kubelet client certificate after SubjectAccessReview.",
    isFor: ({ spec }, { commonName }) => spec.username === commonName,
  },
  {
    subresource: "nodeclient",
    message: "Auto approving kubelet client certificate after SubjectAccessReview.",
    isFor: () => true,
  },
];

export const csrApprovingController: Controller<Request> = {
  name: "certificatesigningrequest-approving-controller",
  watches: CertificateSigningRequest,

  async sync(request, _, { client, log }) {
    if (request === undefined || request.status?.certificate) return;
    const { isApproved, isDenied } = decisionsOn(request);
    if (isApproved || isDenied) return;
    const { request: pem, signerName, usages = [] } = request.spec;
    if (signerName !== KUBELET_CLIENT) return;
    await loadRequestReader();
    const asked = readPemRequest(pem);
    if (kubeletClientFault(asked, usages) !== undefined) return;
    const fitting = RECOGNIZERS.filter(({ isFor }) => isFor(request, asked));
    for (const { subresource, message } of fitting) {
      if (!(await mayAsk(request, subresource, client))) continue;
      const decision = { type: "Approved", reason: "AutoApproved", message };
      const status = { ...request.status, conditions: withDecision(request, decision) };
      await client.update(CertificateSigningRequest, { ...request, status }, "approval");
      return;
    }
    const tried = fitting.map(({ subresource }) => subresource).join(" ");
    log.info(
      `recognized csr "${request.metadata.name}" as [${tried}] but subject access review was not approved`,
    );
    return { againInMs: LOOK_AGAIN_MS };
  },
};

/** Asks the authorizer, for whoever made the request. */
async function mayAsk({ spec }: Request, subresource: string, client: Client): Promise<boolean> {
  const { username: user, uid, groups, extra } = spec;
  const review = await client.raw<{ status?: { allowed?: boolean } }>(
    "POST",
    "/apis/authorization.k8s.io/v1/subjectaccessreviews",
    {
      apiVersion: "authorization.k8s.io/v1",
      kind: "SubjectAccessReview",
      spec: {
        ...{ user, uid, groups, extra },
        resourceAttributes: {
          group: "certificates.k8s.io",
          version: "*",
          resource: "certificatesigningrequests",
          subresource,
          verb: "create",
        },
      },
    },
  );
  return review.status?.allowed === true;
}
