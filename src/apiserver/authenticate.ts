/**
 * Who is asking. In this order: the bearer token, the client certificate (its CN is the name, its
 * O's are the groups), the door the request came in by, and at last nobody: anonymous, where
 * that is allowed.
 *
 * Two doors need no credentials: the insecure port, whose users are all of system:masters, as it
 * was up to Kubernetes 1.19; and the function call of one process, which is the server itself.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/authentication
 */
import { createHash, timingSafeEqual } from "node:crypto";
import { unauthorized } from "../api/errors.ts";
import type { ApiRequest } from "../client/transport.ts";

export interface User {
  name: string;
  uid?: string;
  groups: string[];
  /** What else is known: which pod a token was made for, what the token is called. */
  extra?: Record<string, string[]>;
}

/** The door a request came in by. */
export type Connection =
  | { door: "in-process" }
  | { door: "insecure" }
  | { door: "tls"; certificate?: { commonName: string; organizations: string[] } };

export interface AuthenticationOptions {
  /** Static tokens, as --token-auth-file has them. */
  tokens?: ReadonlyMap<string, User>;
  /** Whether a request without credentials is let in as system:anonymous. */
  allowsAnonymous?: boolean;
}

export type Authenticator = (request: ApiRequest, connection: Connection) => User | Promise<User>;

const AUTHENTICATED = "system:authenticated";
const ANONYMOUS: User = { name: "system:anonymous", groups: ["system:unauthenticated"] };
const UNSECURED: User = { name: "system:unsecured", groups: ["system:masters", AUTHENTICATED] };
const THE_SERVER: User = { name: "system:apiserver", groups: ["system:masters", AUTHENTICATED] };

export function createAuthenticator(options: AuthenticationOptions): Authenticator {
  // Looked up by digest, so that the time taken says nothing about a token.
  const byDigest = new Map<string, { digest: Buffer; user: User }>();
  for (const [token, user] of options.tokens ?? []) {
    const digest = digestOf(token);
    byDigest.set(digest.toString("hex"), { digest, user: withGroup(user) });
  }

  function userOfToken(token: string): User {
    const digest = digestOf(token);
    const known = byDigest.get(digest.toString("hex"));
    if (known === undefined || !timingSafeEqual(known.digest, digest)) throw unauthorized();
    return known.user;
  }

  return (request, connection) => {
    if (connection.door === "insecure") return UNSECURED;
    const token = bearerTokenOf(request);
    if (token !== undefined) return userOfToken(token);
    if (connection.door === "in-process") return THE_SERVER;
    const { certificate } = connection;
    if (certificate !== undefined && certificate.commonName !== "") {
      return withGroup({ name: certificate.commonName, groups: certificate.organizations });
    }
    if (options.allowsAnonymous) return ANONYMOUS;
    throw unauthorized();
  };
}

function bearerTokenOf({ headers }: ApiRequest): string | undefined {
  const [, token] = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? "") ?? [];
  return token;
}

function digestOf(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}

function withGroup(user: User): User {
  return user.groups.includes(AUTHENTICATED)
    ? user
    : { ...user, groups: [...user.groups, AUTHENTICATED] };
}
