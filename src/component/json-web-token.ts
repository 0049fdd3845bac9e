/**
 * JSON web tokens (RFC 7519) in their short form: header, claims and signature, separated by dots.
 *
 * Its rule: which algorithm checks a signature is said by the key, never by the token.
 *
 * In Kubernetes: pkg/serviceaccount/jwt.go, github.com/go-jose/go-jose
 */
import { sign, verify } from "node:crypto";
import type { SigningKey, TokenAlgorithm, VerificationKey } from "./signing-key.ts";

export interface JsonWebToken {
  algorithm: string;
  keyId: string;
  claims: Record<string, unknown>;
  /** What the signature is about. */
  signed: string;
  signature: Buffer;
}

const HASHES: Record<TokenAlgorithm, string> = {
  RS256: "sha256",
  ES256: "sha256",
  ES384: "sha384",
  ES512: "sha512",
};

const PART = /^[A-Za-z0-9_-]+$/;

export function signToken(claims: object, key: SigningKey): string {
  const header = { alg: key.algorithm, kid: key.id };
  const signed = [header, claims].map((part) => encode(JSON.stringify(part))).join(".");
  const secret = { key: key.privateKey, dsaEncoding: "ieee-p1363" } as const;
  const signature = sign(HASHES[key.algorithm], Buffer.from(signed), secret);
  return `${signed}.${signature.toString("base64url")}`;
}

/** Undefined for whatever is no such token. Nothing in it is to be believed yet. */
export function parseToken(text: string): JsonWebToken | undefined {
  const parts = text.split(".");
  if (parts.length !== 3 || !parts.every((part) => PART.test(part))) return undefined;
  const [first, second, third] = parts as [string, string, string];
  const header = objectIn(first);
  const claims = objectIn(second);
  if (header === undefined || claims === undefined) return undefined;
  const { alg: algorithm = "", kid: keyId = "" } = header;
  if (typeof algorithm !== "string" || typeof keyId !== "string") return undefined;
  const signature = Buffer.from(third, "base64url");
  return { algorithm, keyId, claims, signed: `${first}.${second}`, signature };
}

export function isSignedBy(token: JsonWebToken, { algorithm, publicKey }: VerificationKey) {
  if (token.algorithm !== algorithm) return false;
  const key = { key: publicKey, dsaEncoding: "ieee-p1363" } as const;
  return verify(HASHES[algorithm], Buffer.from(token.signed), key, token.signature);
}

function encode(text: string): string {
  return Buffer.from(text).toString("base64url");
}

function objectIn(part: string): Record<string, unknown> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(part, "base64url").toString());
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject ? (value as Record<string, unknown>) : undefined;
}
