/**
 * The CSR signer: signs approved requests to Kubernetes' own signers with the cluster's authority, or with that of
 * the signer, if what is asked for is what the signer is for; else it says why it does not.
 *
 * In Kubernetes: pkg/controller/certificates/signer/signer.go
 */
import {
  CertificateSigningRequest,
  type CertificateSigningRequest as Request,
} from "../api/certificates/certificate-signing-request.ts";
import { decisionsOn, withDecision } from "../api/certificates/decisions.ts";
import { loadRequestReader, readPemRequest } from "../api/certificates/pem-request.ts";
import { SIGNER_RULES } from "../api/certificates/signers.ts";
import type { Controller } from "../client/control-loop.ts";
import type { KeyPair } from "../component/certificate.ts";
import { signRequest } from "../component/request-signing.ts";

export interface CsrSigningOptions {
  /** --cluster-signing-cert-file and --cluster-signing-key-file: who signs whatever is asked of Kubernetes' own signers. */
  authority?: KeyPair;
  /** --cluster-signing-kubelet-client-cert-file and its like: by the signer's name. A signer without one signs nothing. */
  authorities?: Readonly<Record<string, KeyPair>>;
  /** --cluster-signing-duration: the longest a certificate holds. */
  durationMs?: number;
}

const YEAR_MS = 365 * 24 * 3_600_000;
const LEAST_MS = 600_000;

export function csrSigningController({
  authority: ofAll,
  authorities = {},
  durationMs = YEAR_MS,
}: CsrSigningOptions): Controller<Request> {
  return {
    name: "certificatesigningrequest-signing-controller",
    watches: CertificateSigningRequest,

    async sync(request, _, { client, clock, random }) {
      if (request === undefined || request.status?.certificate) return;
      const { isApproved, isDenied, hasFailed } = decisionsOn(request);
      const { spec } = request;
      const rule = SIGNER_RULES[spec.signerName];
      if (!isApproved || isDenied || hasFailed || rule === undefined) return;
      const authority = authorities[spec.signerName] ?? ofAll;
      if (authority === undefined) return;
      await loadRequestReader();
      const asked = readPemRequest(spec.request);
      const usages = spec.usages ?? [];
      const message = rule(asked, usages);
      if (message !== undefined) {
        const failure = { type: "Failed", reason: "SignerValidationFailure", message };
        const status = { ...request.status, conditions: withDecision(request, failure) };
        await client.updateStatus(CertificateSigningRequest, { ...request, status });
        return;
      }
      const validMs = lifeOf(spec.expirationSeconds, durationMs);
      const signed = await signRequest({ ...asked, usages, validMs }, authority, { clock, random });
      const certificate = Buffer.from(signed).toString("base64");
      const status = { ...request.status, certificate };
      await client.updateStatus(CertificateSigningRequest, { ...request, status });
    },
  };
}

/** As long as asked for, within limits. */
export function lifeOf(expirationSeconds: number | undefined, mostMs: number): number {
  if (expirationSeconds === undefined) return mostMs;
  return Math.min(Math.max(expirationSeconds * 1000, LEAST_MS), mostMs);
}
