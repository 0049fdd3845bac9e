/**
 * Keys that sign tokens, and those that check them: RSA or an elliptic curve, read from PEM files.
 *
 * A key's id is the digest of its public part, so that whoever has the file knows it.
 *
 * In Kubernetes: staging/src/k8s.io/client-go/util/keyutil, keyIDFromPublicKey in pkg/serviceaccount/jwt.go
 */
import { createHash, createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";

export type TokenAlgorithm = "RS256" | "ES256" | "ES384" | "ES512";

/** What a signature is checked with. */
export interface VerificationKey {
  id: string;
  algorithm: TokenAlgorithm;
  publicKey: KeyObject;
}

/** What signs, and so can check as well. */
export interface SigningKey extends VerificationKey {
  privateKey: KeyObject;
}

const CURVES: Record<string, TokenAlgorithm> = {
  prime256v1: "ES256",
  secp384r1: "ES384",
  secp521r1: "ES512",
};

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----/g;

/** Throws in the words of the original where there is no private key in the file. */
export function readSigningKey(pem: string): SigningKey {
  const block = blocksOf(pem).find(({ type }) => type.endsWith("PRIVATE KEY"));
  const privateKey = block && tried(() => createPrivateKey(block.text));
  const key = privateKey && verificationKey(createPublicKey(privateKey));
  if (!key) throw new Error("data does not contain a valid RSA or ECDSA private key");
  return { ...key, privateKey };
}

/** All keys of a file: public ones, certificates, and private ones, of which only the public part is kept. */
export function readVerificationKeys(pem: string): VerificationKey[] {
  const keys = blocksOf(pem)
    .filter(({ type }) => type.endsWith("KEY") || type === "CERTIFICATE")
    .map(({ text }) => tried(() => createPublicKey(text)))
    .map((key) => key && verificationKey(key))
    .filter((key) => key !== undefined);
  if (keys.length === 0) {
    throw new Error("data does not contain any valid RSA or ECDSA public keys");
  }
  return keys;
}

/** The key as others may have it (RFC 7517), and as /openid/v1/jwks shows it. */
export function toJsonWebKey({ id, algorithm, publicKey }: VerificationKey) {
  const { kty, ...numbers } = publicKey.export({ format: "jwk" });
  return { use: "sig", kty, kid: id, alg: algorithm, ...numbers };
}

function verificationKey(publicKey: KeyObject): VerificationKey | undefined {
  const algorithm = algorithmOf(publicKey);
  if (algorithm === undefined) return undefined;
  const der = publicKey.export({ format: "der", type: "spki" });
  return { id: createHash("sha256").update(der).digest("base64url"), algorithm, publicKey };
}

function algorithmOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject) {
  if (asymmetricKeyType === "rsa") return "RS256";
  if (asymmetricKeyType === "ec") return CURVES[asymmetricKeyDetails?.namedCurve ?? ""];
  return undefined;
}

function blocksOf(pem: string): { type: string; text: string }[] {
  return [...pem.matchAll(BLOCK)].map(([text, type = ""]) => ({ type, text }));
}

/** A block that holds no key is passed over, as the original does. */
function tried(read: () => KeyObject): KeyObject | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof Error) return undefined;
    throw error;
  }
}
