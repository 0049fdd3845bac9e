/**
 * What a token that was asked for must fulfil: its time has come and is not over, its account is still the
 * same one, and so is the pod, secret or node it was made for.
 *
 * In Kubernetes: pkg/serviceaccount/claims.go (validator.Validate)
 */
import type { AccountClaims, Reference } from "../../api/account-claims.ts";
import { notFound } from "../../api/errors.ts";
import type { Kind, KubeObject } from "../../api/kind.ts";
import { Node } from "../../api/node.ts";
import { Pod } from "../../api/pod.ts";
import { Secret } from "../../api/secret.ts";
import { ServiceAccount } from "../../api/service-account.ts";
import { accountGroups, accountUserName } from "../../api/service-account-user.ts";
import type { User } from "../authenticate.ts";
import type { ObjectFinder } from "./stored-objects.ts";
import { TokenError } from "./token-reader.ts";

export interface AccountSurroundings {
  find: ObjectFinder;
  now: Date;
}

/** Clocks differ: so much earlier or later will do. */
const LEEWAY_SECONDS = 60;
const EXTRA = "authentication.kubernetes.io/";

/** Throws a TokenError, in the words of the original, for a token that holds no more. */
export async function boundAccount(
  claims: Record<string, unknown>,
  around: AccountSurroundings,
): Promise<User> {
  checkTime(claims, around.now.getTime() / 1000);
  const { "kubernetes.io": own, jti } = claims as Partial<AccountClaims>;
  const { namespace = "", serviceaccount, pod, secret, node } = own ?? {};
  const { name: claimedName = "", uid: claimedUid = "" } = serviceaccount ?? {};
  const account = await around.find(ServiceAccount, namespace, claimedName, claimedUid);
  if (account === undefined) {
    throw new TokenError(notFound(ServiceAccount, claimedName).message);
  }
  if (isGone(account, around.now)) {
    throw new TokenError(`service account ${namespace}/${account.metadata.name} has been deleted`);
  }
  const { name, uid = "" } = account.metadata;
  if (uid !== claimedUid) {
    throw new TokenError(`service account UID (${uid}) does not match claim (${claimedUid})`);
  }
  if (secret !== undefined) await checkBound(Secret, namespace, secret, around);
  if (pod !== undefined) await checkBound(Pod, namespace, pod, around);
  else if (node !== undefined) await checkBound(Node, "", node, around);
  return {
    name: accountUserName(namespace, name),
    uid,
    groups: accountGroups(namespace),
    extra: {
      ...(jti && { [`${EXTRA}credential-id`]: [`JTI=${jti}`] }),
      ...extraOf("node", node),
      ...extraOf("pod", pod),
    },
  };
}

/** Deleted, and long enough ago that it cannot be a matter of clocks. */
export function isGone({ metadata: { deletionTimestamp } }: KubeObject, now: Date): boolean {
  if (deletionTimestamp === undefined) return false;
  return Date.parse(deletionTimestamp) < now.getTime() - LEEWAY_SECONDS * 1000;
}

function checkTime(claims: Record<string, unknown>, now: number): void {
  const { nbf, exp, iat } = claims;
  if (typeof nbf === "number" && now + LEEWAY_SECONDS < nbf) {
    throw new TokenError("service account token is not valid yet");
  }
  if (typeof exp === "number" && now - LEEWAY_SECONDS > exp) {
    throw new TokenError("service account token has expired");
  }
  if (typeof iat === "number" && now + LEEWAY_SECONDS < iat) {
    throw new TokenError("service account token is issued in the future");
  }
}

async function checkBound<T extends KubeObject>(
  kind: Kind<T>,
  namespace: string,
  claimed: Reference,
  { find, now }: AccountSurroundings,
): Promise<void> {
  const found = await find(kind, namespace, claimed.name, claimed.uid);
  if (found === undefined || isGone(found, now)) {
    throw new TokenError("service account token has been invalidated");
  }
  const { uid } = found.metadata;
  if (uid === claimed.uid) return;
  const word = kind.kind.toLowerCase();
  throw new TokenError(
    `${word} UID (${uid}) does not match service account ${word} ref claim (${claimed.uid})`,
  );
}

function extraOf(word: string, reference: Reference | undefined): Record<string, string[]> {
  if (reference === undefined) return {};
  const { name, uid } = reference;
  return {
    [`${EXTRA}${word}-name`]: [name],
    ...(uid && { [`${EXTRA}${word}-uid`]: [uid] }),
  };
}
