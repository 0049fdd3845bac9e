/**
 * Signs a certificate for somebody else's key, with an authority of any kind of key.
 *
 * In Kubernetes: pkg/controller/certificates/authority/authority.go and policies.go
 */
import { createPrivateKey, type KeyObject, webcrypto } from "node:crypto";
import type * as X509 from "@peculiar/x509";
import type { KeyPair } from "./certificate.ts";
import type { Clock } from "./clock.ts";
import type { Random } from "./random.ts";

export interface SigningRequest {
  subject: string;
  dnsNames: string[];
  ipAddresses: string[];
  emailAddresses: string[];
  uris: string[];
  /** As SubjectPublicKeyInfo. */
  publicKey: Buffer;
  /** "client auth", "digital signature": the words of the API. */
  usages: readonly string[];
  validMs: number;
}

/** Clocks differ: what is signed now is valid a little before. */
const BACKDATE_MS = 300_000;
/** A certificate that holds no longer than this is not backdated beyond its own life. */
const SHORT_MS = 8 * 3_600_000;

/** The certificate, as PEM. It never outlives the authority. */
export async function signRequest(
  request: SigningRequest,
  authority: KeyPair,
  { clock, random }: { clock: Clock; random: Random },
): Promise<string> {
  await import("reflect-metadata");
  const x509 = await import("@peculiar/x509");
  const issuer = new x509.X509Certificate(authority.certificate);
  const nowMs = clock.now().getTime();
  const notBefore = new Date(nowMs - BACKDATE_MS);
  const { validMs } = request;
  const wishedMs = validMs < SHORT_MS ? nowMs + validMs : notBefore.getTime() + validMs;
  const { key, algorithm } = await privateKeyOf(authority);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: `01${random.bytes(15).toString("hex")}`,
    subject: request.subject,
    issuer: issuer.subject,
    notBefore,
    notAfter: new Date(Math.min(wishedMs, issuer.notAfter.getTime())),
    publicKey: new x509.PublicKey(Uint8Array.from(request.publicKey)),
    signingKey: key,
    signingAlgorithm: algorithm,
    extensions: await extensionsFor(x509, request, issuer),
  });
  return `${certificate.toString("pem")}\n`;
}

async function extensionsFor(
  x509: typeof X509,
  { usages, ...names }: SigningRequest,
  issuer: X509.X509Certificate,
): Promise<X509.Extension[]> {
  const { keyUsages, extended } = usagesOf(x509, usages);
  const alternatives = [
    ...names.dnsNames.map((value) => ({ type: "dns", value }) as const),
    ...names.ipAddresses.map((value) => ({ type: "ip", value }) as const),
    ...names.emailAddresses.map((value) => ({ type: "email", value }) as const),
    ...names.uris.map((value) => ({ type: "url", value }) as const),
  ];
  return [
    ...(keyUsages === 0 ? [] : [new x509.KeyUsagesExtension(keyUsages, true)]),
    ...(extended.length === 0 ? [] : [new x509.ExtendedKeyUsageExtension(extended)]),
    new x509.BasicConstraintsExtension(false, undefined, true),
    await x509.AuthorityKeyIdentifierExtension.create(issuer),
    ...(alternatives.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(alternatives)]),
  ];
}

const EXTENDED: Record<string, string> = {
  any: "2.5.29.37.0",
  "server auth": "1.3.6.1.5.5.7.3.1",
  "client auth": "1.3.6.1.5.5.7.3.2",
  "code signing": "1.3.6.1.5.5.7.3.3",
  "email protection": "1.3.6.1.5.5.7.3.4",
  "s/mime": "1.3.6.1.5.5.7.3.4",
  "ipsec end system": "1.3.6.1.5.5.7.3.5",
  "ipsec tunnel": "1.3.6.1.5.5.7.3.6",
  "ipsec user": "1.3.6.1.5.5.7.3.7",
  timestamping: "1.3.6.1.5.5.7.3.8",
  "ocsp signing": "1.3.6.1.5.5.7.3.9",
  "microsoft sgc": "1.3.6.1.4.1.311.10.3.3",
  "netscape sgc": "2.16.840.1.113730.4.1",
};

function usagesOf(x509: typeof X509, usages: readonly string[]) {
  const flags = x509.KeyUsageFlags;
  const plain: Record<string, number> = {
    signing: flags.digitalSignature,
    "digital signature": flags.digitalSignature,
    "content commitment": flags.nonRepudiation,
    "key encipherment": flags.keyEncipherment,
    "key agreement": flags.keyAgreement,
    "data encipherment": flags.dataEncipherment,
    "cert sign": flags.keyCertSign,
    "crl sign": flags.cRLSign,
    "encipher only": flags.encipherOnly,
    "decipher only": flags.decipherOnly,
  };
  const keyUsages = usages.reduce((sum, usage) => sum | (plain[usage] ?? 0), 0);
  const extended = usages.map((usage) => EXTENDED[usage]).filter((oid) => oid !== undefined);
  return { keyUsages, extended: [...new Set(extended)] };
}

const CURVES: Record<string, { namedCurve: string; hash: string }> = {
  prime256v1: { namedCurve: "P-256", hash: "SHA-256" },
  secp384r1: { namedCurve: "P-384", hash: "SHA-384" },
  secp521r1: { namedCurve: "P-521", hash: "SHA-512" },
};

/** The authority's key for the library, whichever PEM form it has. */
async function privateKeyOf(authority: KeyPair) {
  const key = createPrivateKey(authority.key);
  const der = key.export({ format: "der", type: "pkcs8" });
  const algorithm = algorithmOf(key);
  const imported = await webcrypto.subtle.importKey("pkcs8", der, algorithm, false, ["sign"]);
  return { key: imported, algorithm };
}

function algorithmOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject) {
  if (asymmetricKeyType === "rsa") return { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
  const curve = CURVES[asymmetricKeyDetails?.namedCurve ?? ""];
  if (asymmetricKeyType === "ec" && curve) return { name: "ECDSA", ...curve };
  throw new Error(`a key of type ${asymmetricKeyType} cannot sign certificates`);
}
