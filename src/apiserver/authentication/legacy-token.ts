/**
 * What a token that lies in a Secret must fulfil: it is still what the secret holds, and its account is still
 * the same one. It has no end of its own.
 *
 * In Kubernetes: pkg/serviceaccount/legacy.go (legacyValidator.Validate)
 */
import { legacyClaimsIn } from "../../api/account-claims.ts";
import { notFound } from "../../api/errors.ts";
import { INVALID_SINCE_LABEL } from "../../api/legacy-token.ts";
import { Secret } from "../../api/secret.ts";
import { ServiceAccount } from "../../api/service-account.ts";
import { accountGroups, accountOf, accountUserName } from "../../api/service-account-user.ts";
import type { User } from "../authenticate.ts";
import type { AccountSurroundings } from "./bound-token.ts";
import { TokenError } from "./token-reader.ts";

export interface LegacySurroundings extends AccountSurroundings {
  looksUpSecrets: boolean;
  /** Takes note that a secret's token is used. */
  noteUse?: ((secret: Secret) => Promise<void>) | undefined;
}

/** Throws a TokenError, in the words of the original, for a token that holds no more. */
export async function legacyAccount(
  claims: Record<string, unknown>,
  token: string,
  around: LegacySurroundings,
): Promise<User> {
  const legacy = legacyClaimsIn(claims);
  const { subject, namespace, secretName, accountName: name, accountUid } = legacy;
  const missing = [
    ["sub", subject],
    ["namespace", namespace],
    ["secretName", secretName],
    ["serviceAccountName", name],
    ["serviceAccountUID", accountUid],
  ].find(([, value]) => value === "");
  if (missing !== undefined) throw new TokenError(`${missing[0]} claim is missing`);
  const said = accountOf(subject);
  if (said?.namespace !== namespace || said.name !== name) {
    throw new TokenError("sub claim is invalid");
  }
  if (around.looksUpSecrets) {
    const secret = await checkSecret(legacy, token, around);
    await checkAccount(legacy, around);
    await around.noteUse?.(secret);
  }
  return {
    name: accountUserName(namespace, name),
    uid: accountUid,
    groups: accountGroups(namespace),
  };
}

type Legacy = ReturnType<typeof legacyClaimsIn>;

async function checkSecret(
  { namespace, secretName, accountName }: Legacy,
  token: string,
  { find, noteUse }: LegacySurroundings,
): Promise<Secret> {
  const secret = await find(Secret, namespace, secretName);
  if (secret === undefined || secret.metadata.deletionTimestamp !== undefined) {
    throw new TokenError("Token has been invalidated");
  }
  const kept = Buffer.from(secret.data?.token ?? "", "base64").toString();
  if (kept !== token) throw new TokenError("Token does not match server's copy");
  if (!secret.metadata.labels?.[INVALID_SINCE_LABEL]) return secret;
  await noteUse?.(secret);
  throw new TokenError(
    `the token in secret ${namespace}/${secretName} for service account ${namespace}/${accountName} has been marked invalid. Use tokens from the TokenRequest API or manually created secret-based tokens, or remove the '${INVALID_SINCE_LABEL}' label from the secret to temporarily allow use of this token`,
  );
}

async function checkAccount(
  { namespace, accountName, accountUid }: Legacy,
  { find }: AccountSurroundings,
): Promise<void> {
  const account = await find(ServiceAccount, namespace, accountName, accountUid);
  if (account === undefined) throw new TokenError(notFound(ServiceAccount, accountName).message);
  const { deletionTimestamp, uid } = account.metadata;
  if (deletionTimestamp !== undefined) {
    throw new TokenError(`ServiceAccount ${namespace}/${accountName} has been deleted`);
  }
  if (uid !== accountUid) {
    throw new TokenError(`ServiceAccount UID (${uid}) does not match claim (${accountUid})`);
  }
}
