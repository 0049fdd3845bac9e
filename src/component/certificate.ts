/**
 * Certificates: made, and judged whether they still fit. ECDSA P-256, because RSA keys take seconds.
 *
 * In Kubernetes: staging/src/k8s.io/client-go/util/cert
 */
import { webcrypto, X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import type * as X509 from "@peculiar/x509";
import type { Clock } from "./clock.ts";
import type { Random } from "./random.ts";

/** A certificate and its private key, both PEM. */
export interface KeyPair {
  certificate: string;
  key: string;
}

export interface CertificateRequest {
  /** "CN=kube-apiserver", "O=system:masters, CN=kubernetes-admin" */
  subject: string;
  purpose: "authority" | "server" | "client";
  /** Names and addresses of a server. */
  names?: string[];
  validMs: number;
}

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
/** Clocks differ: what is made now is valid a little before. */
const CLOCK_SKEW_MS = 60_000;

/** Makes a key and a certificate for it, signed by `authority`, or by itself where there is none. */
export async function issueCertificate(
  { subject, purpose, names = [], validMs }: CertificateRequest,
  { clock, random }: { clock: Clock; random: Random },
  authority?: KeyPair,
): Promise<KeyPair> {
  // Loaded only when a certificate has to be made: it takes longer than all the rest of a start.
  await import("reflect-metadata");
  const x509 = await import("@peculiar/x509");
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const notBefore = new Date(clock.now().getTime() - CLOCK_SKEW_MS);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: `01${random.bytes(8).toString("hex")}`,
    subject,
    issuer: authority ? new x509.X509Certificate(authority.certificate).subject : subject,
    notBefore,
    notAfter: new Date(notBefore.getTime() + validMs),
    publicKey: keys.publicKey,
    signingKey: authority ? await privateKeyOf(authority) : keys.privateKey,
    signingAlgorithm: ALGORITHM,
    extensions: extensionsFor(x509, purpose, names),
  });
  const exported = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey));
  return {
    certificate: `${certificate.toString("pem")}\n`,
    key: `${x509.PemConverter.encode(exported, "PRIVATE KEY")}\n`,
  };
}

export interface Fitness {
  /** It must be valid for so long from now. */
  forMs: number;
  authority?: KeyPair;
  names?: string[];
}

/** Whether a certificate (PEM) is signed by the authority, covers the names, and lasts long enough. */
export function isFit(
  certificate: string,
  clock: Clock,
  { forMs, authority, names = [] }: Fitness,
) {
  const parsed = new X509Certificate(certificate);
  const lasts = Date.parse(parsed.validTo) - clock.now().getTime() > forMs;
  const isSigned =
    !authority || parsed.verify(new X509Certificate(authority.certificate).publicKey);
  const covers = (name: string) =>
    isIP(name) ? parsed.checkIP(name) !== undefined : parsed.checkHost(name) !== undefined;
  return lasts && isSigned && names.every(covers);
}

function extensionsFor(
  x509: typeof X509,
  purpose: CertificateRequest["purpose"],
  names: string[],
): X509.Extension[] {
  const { digitalSignature, keyCertSign, keyEncipherment } = x509.KeyUsageFlags;
  if (purpose === "authority") {
    return [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(keyCertSign | digitalSignature, true),
    ];
  }
  const { clientAuth, serverAuth } = x509.ExtendedKeyUsage;
  const alternatives = names.map((value) => ({ type: isIP(value) ? "ip" : "dns", value }) as const);
  return [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(digitalSignature | keyEncipherment, true),
    new x509.ExtendedKeyUsageExtension([purpose === "client" ? clientAuth : serverAuth]),
    ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(alternatives)] : []),
  ];
}

function privateKeyOf({ key }: KeyPair): Promise<webcrypto.CryptoKey> {
  const der = Buffer.from(key.replace(/-----[^-]+-----|\s/g, ""), "base64");
  return webcrypto.subtle.importKey("pkcs8", der, ALGORITHM, false, ["sign"]);
}
