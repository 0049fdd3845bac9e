/**
 * Bootstrap tokens, with which a new node joins: "abcdef.0123456789abcdef", kept as a Secret
 * bootstrap-token-abcdef in kube-system, where a student can read what it allows and until when.
 *
 * In Kubernetes: staging/src/k8s.io/cluster-bootstrap/util/secrets/secrets.go, token/api/types.go
 */
import type { Secret } from "./secret.ts";

export const BOOTSTRAP_TOKEN_TYPE = "bootstrap.kubernetes.io/token";
export const BOOTSTRAP_TOKEN_NAMESPACE = "kube-system";
export const BOOTSTRAP_TOKEN_PREFIX = "bootstrap-token-";

export function isBootstrapToken({ type, metadata }: Secret): boolean {
  return type === BOOTSTRAP_TOKEN_TYPE && metadata.namespace === BOOTSTRAP_TOKEN_NAMESPACE;
}

/** What it says under a key, as text; "" where it says nothing. */
export function bootstrapText({ data }: Secret, key: string): string {
  return Buffer.from(data?.[key] ?? "", "base64").toString();
}

/** How long it still holds; undefined where it has no end. What cannot be read has ended. */
export function bootstrapLifeMs(secret: Secret, now: Date): number | undefined {
  const expiration = bootstrapText(secret, "expiration");
  if (expiration === "") return undefined;
  const endMs = Date.parse(expiration);
  return Number.isNaN(endMs) ? 0 : Math.max(endMs - now.getTime(), 0);
}

/** The token for this use ("signing", "authentication"); undefined where it is not, or no longer, good for it. */
export function bootstrapTokenIn(
  secret: Secret,
  usage: string,
  now: Date,
): { id: string; secret: string } | undefined {
  if (secret.metadata.deletionTimestamp !== undefined || !isBootstrapToken(secret))
    return undefined;
  const id = bootstrapText(secret, "token-id");
  const password = bootstrapText(secret, "token-secret");
  if (id === "" || password === "") return undefined;
  if (secret.metadata.name !== BOOTSTRAP_TOKEN_PREFIX + id) return undefined;
  if (bootstrapText(secret, `usage-bootstrap-${usage}`) !== "true") return undefined;
  return bootstrapLifeMs(secret, now) === 0 ? undefined : { id, secret: password };
}
