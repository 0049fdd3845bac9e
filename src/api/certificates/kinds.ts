/** The kinds of certificates.k8s.io: CertificateSigningRequest. */
import type { Kind } from "../kind.ts";
import { CertificateSigningRequest } from "./certificate-signing-request.ts";

export const certificatesKinds: readonly Kind[] = [CertificateSigningRequest];
