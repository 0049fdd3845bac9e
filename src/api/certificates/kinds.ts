/** The kinds of certificates.k8s.io: CertificateSigningRequest. */
import type { Kind } from "../kind.ts";

export const certificatesKinds: readonly Kind[] = [];
