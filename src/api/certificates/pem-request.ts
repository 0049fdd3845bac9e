/**
 * What a certificate signing request (PKCS #10, as PEM) asks for, and whether who asks has the key.
 *
 * The library that reads it takes long to load, so it is loaded when the first request comes
 * (`loadRequestReader`); from then on reading is a plain function, as validation needs it.
 *
 * In Kubernetes: ParseCSR in pkg/apis/certificates/helpers.go, crypto/x509
 */
import { verify } from "node:crypto";
import type * as X509 from "@peculiar/x509";

export interface PemRequest {
  /** "O=system:nodes, CN=system:node:node1" */
  subject: string;
  commonName: string;
  organizations: string[];
  dnsNames: string[];
  ipAddresses: string[];
  emailAddresses: string[];
  uris: string[];
  /** As SubjectPublicKeyInfo. */
  publicKey: Buffer;
}

let library: typeof X509 | undefined;

/** Must have been awaited before anything is read. */
export async function loadRequestReader(): Promise<void> {
  if (library !== undefined) return;
  await import("reflect-metadata");
  library = await import("@peculiar/x509");
}

const BLOCK = /-----BEGIN ([A-Z ]+)-----([A-Za-z0-9+/=\s]*)-----END \1-----/;

/** Throws an Error that says what is wrong. `encoded`: the PEM text in base64, as the API has it. */
export function readPemRequest(encoded: string): PemRequest {
  const [, type, body = ""] = BLOCK.exec(Buffer.from(encoded, "base64").toString()) ?? [];
  if (type !== "CERTIFICATE REQUEST") {
    throw new Error("PEM block type must be CERTIFICATE REQUEST");
  }
  if (library === undefined) throw new Error("the reader of certificate requests is not loaded");
  const bytes = Buffer.from(body, "base64");
  const request = parsed(bytes, library);
  checkSignature(bytes, request);
  const { subjectName } = request;
  const { SubjectAlternativeNameExtension: Alternatives } = library;
  const extension = request.extensions.find((one) => one instanceof Alternatives);
  const alternatives = extension?.names.items ?? [];
  const named = (kind: string) =>
    alternatives.filter(({ type }) => type === kind).map(({ value }) => value);
  return {
    subject: request.subject,
    commonName: subjectName.getField("CN")[0] ?? "",
    organizations: subjectName.getField("O"),
    dnsNames: named("dns"),
    ipAddresses: named("ip"),
    emailAddresses: named("email"),
    uris: named("url"),
    publicKey: Buffer.from(request.publicKey.rawData),
  };
}

function parsed(bytes: Buffer, x509: typeof X509): X509.Pkcs10CertificateRequest {
  try {
    return new x509.Pkcs10CertificateRequest(Uint8Array.from(bytes));
  } catch (error) {
    throw new Error(`asn1: structure error: ${(error as Error).message}`);
  }
}

/** It is signed with the key that is to be certified. */
function checkSignature(bytes: Buffer, request: X509.Pkcs10CertificateRequest): void {
  const { hash } = request.signatureAlgorithm as { hash?: string | { name: string } };
  const digest = (typeof hash === "object" ? hash.name : hash)?.replace("-", "").toLowerCase();
  const key = { key: Buffer.from(request.publicKey.rawData), format: "der", type: "spki" } as const;
  const signature = Buffer.from(request.signature);
  const isGood = verify(
    digest ?? null,
    signedPart(bytes),
    { ...key, dsaEncoding: "der" },
    signature,
  );
  if (!isGood) throw new Error(badSignature(request.publicKey.algorithm.name));
}

/** In the words of Go's verifiers. */
function badSignature(algorithm: string): string {
  if (algorithm === "ECDSA") return "x509: ECDSA verification failure";
  if (algorithm === "Ed25519" || algorithm === "EdDSA") return "x509: Ed25519 verification failure";
  return "crypto/rsa: verification error";
}

/** The first of the three parts of the outer sequence, with its own header (X.690, 8.1). */
function signedPart(bytes: Buffer): Buffer {
  const outer = headerAt(bytes, 0);
  const inner = headerAt(bytes, outer.content);
  return bytes.subarray(outer.content, inner.content + inner.length);
}

function headerAt(bytes: Buffer, start: number): { content: number; length: number } {
  const first = bytes[start + 1]!;
  if (first < 0x80) return { content: start + 2, length: first };
  const count = first & 0x7f;
  return { content: start + 2 + count, length: bytes.readUIntBE(start + 2, count) };
}
