/**
 * POST .../serviceaccounts/{name}/token: makes a token of the account, bound to a pod, secret or node if the
 * request names one.
 *
 * In Kubernetes: pkg/registry/core/serviceaccount/storage/token.go. Differs: a token is bound to a node too,
 * which Kubernetes 1.30 does behind a feature gate and 1.31 by itself.
 */
import { accountClaims, type Binding } from "../../api/account-claims.ts";
import {
  setTokenRequestDefaults,
  TOKEN_REQUEST,
  type TokenRequest,
  validateTokenRequest,
} from "../../api/authentication/token-request.ts";
import { badRequest, conflict, invalid, isNotFound, pathNotFound } from "../../api/errors.ts";
import { invalidValue } from "../../api/field-error.ts";
import type { Kind, KubeObject } from "../../api/kind.ts";
import { Node } from "../../api/node.ts";
import { Pod } from "../../api/pod.ts";
import { Secret } from "../../api/secret.ts";
import { toApiTime } from "../../component/clock.ts";
import { randomUuid } from "../../component/random.ts";
import { json } from "../answer.ts";
import type { SubresourceHandler } from "../handler.ts";
import type { Registry } from "../registry.ts";
import {
  type Call,
  type ResourceHandlerOptions,
  targetOf,
  writeContextOf,
} from "../resource-handler.ts";
import { decodeQuestion } from "../review.ts";
import type { AccountTokens } from "./account-tokens.ts";

/** What Kubernetes' own pods ask for: such a token holds for a year, with a warning in the log after the hour. */
const WARN_ONLY_SECONDS = 3_607;
const YEAR_SECONDS = 365 * 24 * 3_600;

export interface TokenRequestOptions extends ResourceHandlerOptions {
  accountTokens: AccountTokens | undefined;
}

export function requestToken(options: TokenRequestOptions): SubresourceHandler {
  const { accountTokens, registry, clock, random } = options;
  return async (kind, call) => {
    // As in the original: without a key there is no such subresource.
    if (accountTokens?.options.signingKey === undefined) throw pathNotFound();
    const context = writeContextOf(call);
    const request = decodeQuestion<TokenRequest>(TOKEN_REQUEST, call);
    const account = await accountFor(request, kind, call, registry);
    const { spec, metadata } = request;
    if (!spec.audiences?.length) spec.audiences = [...accountTokens.audiences];
    setTokenRequestDefaults(request);
    const now = clock.now();
    const { name, namespace } = account.metadata;
    request.metadata = {
      ...metadata,
      name,
      namespace: namespace!,
      creationTimestamp: toApiTime(now),
    };
    const asked = targetOf(kind, call.info);
    await registry.admission.creating(asked, TOKEN_REQUEST, request, context, async (judge) => {
      const errors = validateTokenRequest(request);
      if (errors.length > 0) throw invalid(TOKEN_REQUEST, "", errors);
      await judge();
    });
    const bound = await bindingOf(request, account, registry);
    const life = lifeOf(request, bound, accountTokens, call);
    const claims = accountClaims(account, bound, {
      ...life,
      issuer: accountTokens.options.issuers[0]!,
      audiences: spec.audiences,
      id: randomUuid(random),
      nowSeconds: Math.floor(now.getTime() / 1000),
    });
    const end = new Date(now.getTime() + spec.expirationSeconds! * 1000);
    const status = { token: accountTokens.sign(claims), expirationTimestamp: toApiTime(end) };
    return json({ ...request, status }, 201);
  };
}

/** The account of the path, which the body may name but not otherwise. */
async function accountFor(
  { metadata }: TokenRequest,
  kind: Kind,
  { info }: Call,
  registry: Registry,
): Promise<KubeObject> {
  const { namespace, name } = info;
  if (metadata.name && metadata.name !== name) {
    const why = "must match the service account name if specified";
    throw invalid(TOKEN_REQUEST, name, [invalidValue("metadata.name", metadata.name, why)]);
  }
  if (metadata.namespace && metadata.namespace !== namespace) {
    const why = "must match the service account namespace if specified";
    throw invalid(TOKEN_REQUEST, name, [
      invalidValue("metadata.namespace", metadata.namespace, why),
    ]);
  }
  return registry.get(kind, namespace, name);
}

/** What the token dies with. */
async function bindingOf(
  { spec }: TokenRequest,
  { metadata }: KubeObject,
  registry: Registry,
): Promise<Binding> {
  const { boundObjectRef } = spec;
  if (!boundObjectRef) return {};
  const { apiVersion = "", kind = "", name = "", uid } = boundObjectRef;
  const isCore = !apiVersion.includes("/");
  const found = isCore ? BINDERS[kind] : undefined;
  if (found === undefined) {
    const [version = "", group = ""] = apiVersion.split("/").toReversed();
    const type = `${group}/${version}, Kind=${kind}`;
    throw badRequest(`cannot bind token to object of type ${type}`);
  }
  const object = await registry.get(found, found.namespaced ? metadata.namespace! : "", name);
  if (uid && object.metadata.uid !== uid) {
    const why = `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`;
    throw conflict({ group: "", plural: kind }, name, why);
  }
  if (kind !== "Pod") return { [kind.toLowerCase()]: object };
  const { serviceAccountName, nodeName } = (object as Pod).spec;
  if (serviceAccountName !== metadata.name) {
    throw badRequest(
      `cannot bind token for serviceaccount ${JSON.stringify(metadata.name)} to pod running with different serviceaccount name.`,
    );
  }
  return nodeName ? { pod: object, node: await nodeOf(nodeName, registry) } : { pod: object };
}

const BINDERS: Record<string, Kind> = {
  Pod: Pod as unknown as Kind,
  Secret: Secret as unknown as Kind,
  Node: Node as unknown as Kind,
};

/** The node a pod is on is named in its token even if it is gone. */
async function nodeOf(name: string, registry: Registry): Promise<KubeObject> {
  try {
    return await registry.get(BINDERS.Node!, "", name);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    return { apiVersion: "v1", kind: "Node", metadata: { name } };
  }
}

/** How long the token holds: as long as asked, within the server's limit. */
function lifeOf(
  { spec }: TokenRequest,
  { pod }: Binding,
  { options, audiences }: AccountTokens,
  call: Call,
) {
  const { maxExpirationSeconds: most = 0, extendsExpiration = true } = options;
  const asked = spec.expirationSeconds!;
  if (most > 0 && asked > most) {
    call.warnings.push(`requested expiration of ${asked} seconds shortened to ${most} seconds`);
    spec.expirationSeconds = most;
  }
  const lifeSeconds = spec.expirationSeconds!;
  const isForServer = spec.audiences.every((one) => audiences.includes(one));
  if (extendsExpiration && pod && lifeSeconds === WARN_ONLY_SECONDS && isForServer) {
    return { lifeSeconds: YEAR_SECONDS, warnAfterSeconds: lifeSeconds };
  }
  return { lifeSeconds };
}
