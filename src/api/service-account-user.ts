/**
 * A service account as a user: "system:serviceaccount:<namespace>:<name>", of two groups; and the secrets
 * that hold a token of one.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/authentication/serviceaccount/util.go
 */
import { dns1123LabelErrors, dns1123SubdomainErrors } from "./names.ts";
import type { Secret } from "./secret.ts";

export const TOKEN_SECRET_TYPE = "kubernetes.io/service-account-token";
export const ACCOUNT_NAME_ANNOTATION = "kubernetes.io/service-account.name";
export const ACCOUNT_UID_ANNOTATION = "kubernetes.io/service-account.uid";

const PREFIX = "system:serviceaccount:";

export function accountUserName(namespace: string, name: string): string {
  return `${PREFIX}${namespace}:${name}`;
}

export function accountGroups(namespace: string): string[] {
  return ["system:serviceaccounts", `system:serviceaccounts:${namespace}`];
}

/** Undefined for every user who is no service account. */
export function accountOf(userName: string): { namespace: string; name: string } | undefined {
  if (!userName.startsWith(PREFIX)) return undefined;
  const [namespace = "", name = "", ...more] = userName.slice(PREFIX.length).split(":");
  if (
    more.length > 0 ||
    dns1123LabelErrors(namespace).length > 0 ||
    dns1123SubdomainErrors(name).length > 0
  )
    return undefined;
  return { namespace, name };
}

/** Whether the secret is meant to hold a token of that account. One without a uid may yet be. */
export function isTokenSecretOf(
  { type, metadata }: Secret,
  account: { name: string; uid?: string },
): boolean {
  const annotations = metadata.annotations ?? {};
  const uid = annotations[ACCOUNT_UID_ANNOTATION] ?? "";
  const isNamed = annotations[ACCOUNT_NAME_ANNOTATION] === account.name;
  return type === TOKEN_SECRET_TYPE && isNamed && (uid === "" || uid === account.uid);
}
