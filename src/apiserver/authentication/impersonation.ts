/**
 * Acting as somebody else (`kubectl --as`): who may impersonate the user, and each group, uid and extra value
 * they ask for, is that user from here on.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/endpoints/filters/impersonation.go
 */
import { ApiError } from "../../api/errors.ts";
import { accountGroups, accountOf } from "../../api/service-account-user.ts";
import type { ApiRequest } from "../../client/transport.ts";
import type { Authenticator, User } from "../authenticate.ts";
import { type Attributes, type Authorizer, authorize } from "../authorize.ts";
import { unescaped, valuesOf } from "./header-values.ts";

/** One thing the requester wants to be. */
interface Role {
  kind: "ServiceAccount" | "User" | "Group" | "UID" | "UserExtra";
  name: string;
  namespace?: string;
  /** The key of a UserExtra. */
  key?: string;
}

const PREFIX = "impersonate-";
const EXTRA_PREFIX = "impersonate-extra-";
const AUTHENTICATED = "system:authenticated";
const UNAUTHENTICATED = "system:unauthenticated";
const AUTHENTICATION_GROUP = "authentication.k8s.io";

/** The authenticator, and after it what the impersonation headers ask for. */
export function impersonating(authenticate: Authenticator, authorizer: Authorizer): Authenticator {
  return async (request, connection) => {
    const requester = await authenticate(request, connection);
    const roles = rolesIn(request);
    if (roles.length === 0) return requester;
    for (const role of roles) await authorize(authorizer, requester, attributesOf(role));
    return { ...userOf(roles), impersonator: requester };
  };
}

/** Whether a header says who asks: such headers are for us alone, and go on to nobody. */
export function isCredential(header: string): boolean {
  return header === "authorization" || header.startsWith(PREFIX);
}

function rolesIn({ headers, path }: ApiRequest): Role[] {
  const roles: Role[] = [];
  const userName = headers["impersonate-user"] ?? "";
  if (userName !== "") {
    const account = accountOf(userName);
    roles.push(account ? { kind: "ServiceAccount", ...account } : { kind: "User", name: userName });
  }
  for (const name of valuesOf(headers, "impersonate-group")) roles.push({ kind: "Group", name });
  for (const header in headers) {
    if (!header.startsWith(EXTRA_PREFIX)) continue;
    const key = unescaped(header.slice(EXTRA_PREFIX.length));
    for (const name of valuesOf(headers, header)) roles.push({ kind: "UserExtra", name, key });
  }
  const uid = headers["impersonate-uid"] ?? "";
  if (uid !== "") roles.push({ kind: "UID", name: uid });
  if (userName !== "" || roles.length === 0) return roles;
  const message = `Internal Server Error: ${JSON.stringify(path)}: requested [${roles.map(shown).join(" ")}] without impersonating a user`;
  throw new ApiError(500, "InternalError", message);
}

const RESOURCES = {
  ServiceAccount: "serviceaccounts",
  User: "users",
  Group: "groups",
  UID: "uids",
  UserExtra: "userextras",
};

function attributesOf({ kind, name, namespace = "", key = "" }: Role): Attributes {
  const isOfAuthentication = kind === "UID" || kind === "UserExtra";
  return {
    isResourceRequest: true,
    verb: "impersonate",
    group: isOfAuthentication ? AUTHENTICATION_GROUP : "",
    version: "v1",
    resource: RESOURCES[kind],
    subresource: key,
    namespace,
    name,
    path: "",
  };
}

function userOf(roles: readonly Role[]): User {
  const [who] = roles as [Role];
  const isAccount = who.kind === "ServiceAccount";
  const name = isAccount ? `system:serviceaccount:${who.namespace}:${who.name}` : who.name;
  const asked = roles.filter(({ kind }) => kind === "Group").map((role) => role.name);
  const own = isAccount && asked.length === 0 ? accountGroups(who.namespace!) : asked;
  const isSaid = own.includes(AUTHENTICATED) || own.includes(UNAUTHENTICATED);
  const added = name === "system:anonymous" ? UNAUTHENTICATED : AUTHENTICATED;
  const uid = roles.find(({ kind }) => kind === "UID")?.name;
  const extra: Record<string, string[]> = {};
  for (const { kind, key = "", name: value } of roles) {
    if (kind === "UserExtra") extra[key] = [...(extra[key] ?? []), value];
  }
  return {
    name,
    ...(uid === undefined ? {} : { uid }),
    groups: isSaid ? own : [...own, added],
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  };
}

/** A role as Go prints the reference it is there. */
function shown({ kind, name, namespace = "", key = "" }: Role): string {
  const version = kind === "UID" || kind === "UserExtra" ? `${AUTHENTICATION_GROUP}/v1` : "";
  return `{${[kind, namespace, name, "", version, "", key].join(" ")}}`;
}
