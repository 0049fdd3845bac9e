/**
 * What a token of a service account claims: whose it is, for whom, how long, and which object it dies with.
 *
 * In Kubernetes: pkg/serviceaccount/claims.go, legacy.go
 */
import type { KubeObject } from "./kind.ts";
import { accountUserName } from "./service-account-user.ts";

export interface Reference {
  name: string;
  uid: string;
}

/** The claims of a token that was asked for. Times are seconds since 1970. */
export interface AccountClaims {
  aud: string[];
  exp: number;
  iat: number;
  iss: string;
  jti: string;
  "kubernetes.io": {
    namespace: string;
    node?: Reference;
    pod?: Reference;
    secret?: Reference;
    serviceaccount: Reference;
    warnafter?: number;
  };
  nbf: number;
  sub: string;
}

/** Who issued tokens that lie in secrets. */
export const LEGACY_ISSUER = "kubernetes/serviceaccount";

const LEGACY = "kubernetes.io/serviceaccount/";

/** What a token that lies in a secret claims: it holds as long as the secret does. */
export interface LegacyClaims {
  subject: string;
  namespace: string;
  secretName: string;
  accountName: string;
  accountUid: string;
}

export interface Binding {
  pod?: KubeObject;
  secret?: KubeObject;
  node?: KubeObject;
}

export interface ClaimsOptions {
  issuer: string;
  audiences: readonly string[];
  id: string;
  nowSeconds: number;
  lifeSeconds: number;
  warnAfterSeconds?: number;
}

export function accountClaims(
  { metadata }: KubeObject,
  { pod, secret, node }: Binding,
  { issuer, audiences, id, nowSeconds, lifeSeconds, warnAfterSeconds }: ClaimsOptions,
): AccountClaims {
  const { namespace = "", name } = metadata;
  return {
    aud: [...audiences],
    exp: nowSeconds + lifeSeconds,
    iat: nowSeconds,
    iss: issuer,
    jti: id,
    "kubernetes.io": {
      namespace,
      ...(node && { node: referenceTo(node) }),
      ...(pod && { pod: referenceTo(pod) }),
      ...(secret && { secret: referenceTo(secret) }),
      serviceaccount: referenceTo({ metadata } as KubeObject),
      ...(warnAfterSeconds !== undefined && { warnafter: nowSeconds + warnAfterSeconds }),
    },
    nbf: nowSeconds,
    sub: accountUserName(namespace, name),
  };
}

/** The claims of the token that a secret is to hold. */
export function legacyClaims({ metadata }: KubeObject, secretName: string) {
  const { namespace = "", name, uid = "" } = metadata;
  return {
    iss: LEGACY_ISSUER,
    [`${LEGACY}namespace`]: namespace,
    [`${LEGACY}secret.name`]: secretName,
    [`${LEGACY}service-account.name`]: name,
    [`${LEGACY}service-account.uid`]: uid,
    sub: accountUserName(namespace, name),
  };
}

/** As they stand in the token; a claim that is not there, or no text, is "". */
export function legacyClaimsIn(claims: Record<string, unknown>): LegacyClaims {
  const text = (name: string) => (typeof claims[name] === "string" ? claims[name] : "");
  return {
    subject: text("sub"),
    namespace: text(`${LEGACY}namespace`),
    secretName: text(`${LEGACY}secret.name`),
    accountName: text(`${LEGACY}service-account.name`),
    accountUid: text(`${LEGACY}service-account.uid`),
  };
}

/** A list of audiences, or the one that stands there alone. */
export function audiencesIn({ aud }: Record<string, unknown>): string[] {
  const list = Array.isArray(aud) ? aud : [aud];
  return list.filter((one): one is string => typeof one === "string" && one !== "");
}

function referenceTo({ metadata }: KubeObject): Reference {
  return { name: metadata.name, uid: metadata.uid ?? "" };
}
