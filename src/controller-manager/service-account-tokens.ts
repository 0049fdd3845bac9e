/**
 * The tokens controller: fills secrets of type kubernetes.io/service-account-token, which somebody has made for
 * an account, with a token that does not end; and clears them away when the account has gone.
 *
 * In Kubernetes: pkg/controller/serviceaccount/tokens_controller.go
 */
import { legacyClaims } from "../api/account-claims.ts";
import { isNotFound } from "../api/errors.ts";
import { Secret } from "../api/secret.ts";
import { ServiceAccount } from "../api/service-account.ts";
import {
  ACCOUNT_NAME_ANNOTATION,
  ACCOUNT_UID_ANNOTATION,
  isTokenSecretOf,
  TOKEN_SECRET_TYPE,
} from "../api/service-account-user.ts";
import type { Client } from "../client/client.ts";
import type { Controller, SyncContext } from "../client/control-loop.ts";
import { keyOf, splitKey } from "../client/object-cache.ts";
import { signToken } from "../component/json-web-token.ts";
import type { SigningKey } from "../component/signing-key.ts";

export interface AccountTokensOptions {
  /** --service-account-private-key-file */
  key: SigningKey;
  /** --root-ca-file, as PEM: put beside each token. */
  rootCa?: string;
  workers?: number;
}

export function serviceAccountTokensController(options: AccountTokensOptions): Controller<Secret> {
  return {
    name: "serviceaccount-token-controller",
    watches: Secret,
    follows: [
      { kind: ServiceAccount, keysOf: (account, _, context) => secretsOf(account, context) },
    ],
    workers: options.workers ?? 5,

    async sync(secret, key, context) {
      if (secret === undefined) return forget(key, context);
      if (secret.type !== TOKEN_SECRET_TYPE || secret.metadata.deletionTimestamp) return;
      const account = await accountOf(secret, context);
      if (account === undefined) return remove(secret, context.client);
      const filled = fill(secret, account, options);
      if (filled !== undefined) await context.client.update(Secret, filled);
    },
  };
}

/** The secrets that are, or were, of the account. */
function secretsOf({ metadata }: ServiceAccount, { cached }: SyncContext): string[] {
  return cached(Secret)
    .list(metadata.namespace)
    .filter((secret) => isTokenSecretOf(secret, { name: metadata.name, uid: metadata.uid ?? "" }))
    .map((secret) => keyOf(secret.metadata));
}

/** The account a secret is for. That there is none is not believed of a cache. */
async function accountOf(
  secret: Secret,
  { cached, client }: SyncContext,
): Promise<ServiceAccount | undefined> {
  const { namespace = "", annotations = {} } = secret.metadata;
  const name = annotations[ACCOUNT_NAME_ANNOTATION] ?? "";
  if (name === "") return undefined;
  const isItsOwn = (account: ServiceAccount) =>
    isTokenSecretOf(secret, { name, uid: account.metadata.uid ?? "" });
  const known = cached(ServiceAccount).get(namespace, name);
  if (known !== undefined && isItsOwn(known)) return known;
  try {
    const found = await client.get(ServiceAccount, namespace, name);
    return isItsOwn(found) ? found : undefined;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

async function remove({ metadata }: Secret, client: Client): Promise<void> {
  const { namespace = "", name, uid = "" } = metadata;
  try {
    await client.delete(Secret, namespace, name, { preconditions: { uid } });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

/** The secret with all it should hold; undefined where it holds that already. */
function fill(
  secret: Secret,
  account: ServiceAccount,
  { key, rootCa }: AccountTokensOptions,
): Secret | undefined {
  const { metadata, data = {} } = secret;
  const { namespace = "", uid = "" } = account.metadata;
  const wanted: Record<string, string> = {
    ...data,
    namespace: base64(namespace),
    ...(rootCa === undefined ? {} : { "ca.crt": base64(rootCa) }),
    token: data.token || base64(signToken(legacyClaims(account, metadata.name), key)),
  };
  const isWhole = Object.entries(wanted).every(([name, value]) => data[name] === value);
  if (isWhole && metadata.annotations?.[ACCOUNT_UID_ANNOTATION] === uid) return undefined;
  const annotations = { ...metadata.annotations, [ACCOUNT_UID_ANNOTATION]: uid };
  return { ...secret, metadata: { ...metadata, annotations }, data: wanted };
}

/** A secret has gone: accounts list it no longer. */
async function forget(key: string, { cached, client }: SyncContext): Promise<void> {
  const { namespace, name } = splitKey(key);
  for (const account of cached(ServiceAccount).list(namespace)) {
    const left = account.secrets?.filter((secret) => secret.name !== name);
    if (left === undefined || left.length === account.secrets?.length) continue;
    await client.update(ServiceAccount, { ...account, secrets: left });
  }
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
