/**
 * Tokens known from the start, as --token-auth-file has them. They are looked up by digest, so that the time
 * taken says nothing about a token.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/authentication/token/tokenfile
 */
import { createHash, timingSafeEqual } from "node:crypto";
import type { User } from "../authenticate.ts";

export function staticTokens(tokens: ReadonlyMap<string, User>) {
  const byDigest = new Map<string, { digest: Buffer; user: User }>();
  for (const [token, user] of tokens) {
    const digest = digestOf(token);
    byDigest.set(digest.toString("hex"), { digest, user });
  }
  return (token: string): User | undefined => {
    const digest = digestOf(token);
    const known = byDigest.get(digest.toString("hex"));
    if (known === undefined || !timingSafeEqual(known.digest, digest)) return undefined;
    return known.user;
  };
}

export function digestOf(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
