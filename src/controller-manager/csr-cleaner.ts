/**
 * The CSR cleaner: requests that are done with, or that nobody has looked at for a day, go.
 *
 * In Kubernetes: pkg/controller/certificates/cleaner/cleaner.go. Differs: it looks at each request when its
 * time has come, not at all of them every hour.
 */
import { X509Certificate } from "node:crypto";
import {
  CertificateSigningRequest,
  type CertificateSigningRequest as Request,
} from "../api/certificates/certificate-signing-request.ts";
import { decisionsOn } from "../api/certificates/decisions.ts";
import { isNotFound } from "../api/errors.ts";
import type { Controller } from "../client/control-loop.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export const csrCleanerController: Controller<Request> = {
  name: "certificatesigningrequest-cleaner-controller",
  watches: CertificateSigningRequest,
  workers: 1,

  async sync(request, name, { client, clock }) {
    if (request === undefined) return;
    const endMs = endOf(request);
    const leftMs = endMs - clock.now().getTime();
    if (leftMs > 0) return Number.isFinite(endMs) ? { againInMs: leftMs } : undefined;
    const { uid = "" } = request.metadata;
    try {
      await client.delete(CertificateSigningRequest, "", name, { preconditions: { uid } });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  },
};

/** When a request has had its time: milliseconds since 1970. */
export function endOf(request: Request): number {
  const { metadata, status = {} } = request;
  const { conditions = [], certificate } = status;
  const { isApproved } = decisionsOn(request);
  const ends = conditions
    .filter(({ type }) => type === "Denied" || type === "Failed" || (isApproved && certificate))
    .map(({ lastUpdateTime = "" }) => Date.parse(lastUpdateTime) + HOUR_MS);
  if (certificate) ends.push(expiryOf(certificate));
  if (conditions.length === 0) ends.push(Date.parse(metadata.creationTimestamp ?? "") + DAY_MS);
  return Math.min(...ends.filter((end) => !Number.isNaN(end)));
}

function expiryOf(certificate: string): number {
  return Date.parse(new X509Certificate(Buffer.from(certificate, "base64")).validTo);
}
