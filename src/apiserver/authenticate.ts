/**
 * Who is asking. In this order: what a front proxy says in headers, the client certificate (its CN is the name, its O's are the groups), the
 * bearer token, the door the request came in by, and at last nobody: anonymous, where that is allowed. Who
 * shows something that is no good is not let in as nobody.
 *
 * Two doors need no credentials: the insecure port, whose users are all of system:masters, as it
 * was up to Kubernetes 1.19; and the function call of one process, which is the server itself.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/authentication
 */
import { unauthorized } from "../api/errors.ts";
import type { ApiRequest } from "../client/transport.ts";
import type { Clock } from "../component/clock.ts";
import type { Log } from "../component/log.ts";
import type { AccountTokenOptions } from "./authentication/account-tokens.ts";
import type { BearerTokens } from "./authentication/bearer-tokens.ts";
import type { HeaderReader } from "./authentication/request-headers.ts";
import { TokenError } from "./authentication/token-reader.ts";
import { websocketTokenOf } from "./authentication/websocket-token.ts";

export interface User {
  name: string;
  uid?: string;
  groups: string[];
  /** What else is known: which pod a token was made for, what the token is called. */
  extra?: Record<string, string[]>;
  /** Who it really is that acts as this user. */
  impersonator?: User;
}

/** The door a request came in by. */
export type Connection = (
  | { door: "in-process" }
  | { door: "insecure" }
  | { door: "tls"; certificate?: ClientCertificate }
) & {
  /** Of the client, where it is known. */
  address?: string;
};

export interface ClientCertificate {
  commonName: string;
  organizations: string[];
  /** Until when it is good: milliseconds since 1970. */
  validToMs?: number;
  /** Why it is not to be believed. */
  fault?: string;
  /** Whether it comes from the authority of front proxies. */
  isOfFrontProxy?: boolean;
}

export interface AuthenticationOptions {
  /** Static tokens, as --token-auth-file has them. */
  tokens?: ReadonlyMap<string, User>;
  /** Whether a request without credentials is let in as system:anonymous. */
  allowsAnonymous?: boolean;
  /** Tokens of service accounts. Without it there are none. */
  accountTokens?: AccountTokenOptions;
  /** --enable-bootstrap-token-auth */
  takesBootstrapTokens?: boolean;
}

export type Authenticator = (request: ApiRequest, connection: Connection) => User | Promise<User>;

export interface AuthenticatorOptions extends Pick<AuthenticationOptions, "allowsAnonymous"> {
  tokens: BearerTokens;
  /** What front proxies say. Without it there are none. */
  readHeaders?: HeaderReader;
  clock: Clock;
  log: Log;
}

const AUTHENTICATED = "system:authenticated";
const ANONYMOUS: User = { name: "system:anonymous", groups: ["system:unauthenticated"] };
const UNSECURED: User = { name: "system:unsecured", groups: ["system:masters", AUTHENTICATED] };
const THE_SERVER: User = { name: "system:apiserver", groups: ["system:masters", AUTHENTICATED] };

export function createAuthenticator(options: AuthenticatorOptions): Authenticator {
  const { tokens, readHeaders, clock, log, allowsAnonymous } = options;

  function refuse(err: string): never {
    log.warn("Unable to authenticate the request", { err });
    throw unauthorized();
  }

  async function userOfToken(token: string): Promise<User> {
    try {
      return withGroup((await tokens.read(token)).user);
    } catch (error) {
      if (!(error instanceof TokenError)) throw error;
      return refuse(error.message);
    }
  }

  function tokenOfSocket(request: ApiRequest): string | undefined {
    try {
      return websocketTokenOf(request);
    } catch (error) {
      if (!(error instanceof TokenError)) throw error;
      return refuse(error.message);
    }
  }

  return (request, connection) => {
    const certificate = connection.door === "tls" ? connection.certificate : undefined;
    const named = readHeaders?.(request.headers, inDate(certificate, clock));
    if (connection.door === "insecure") return UNSECURED;
    if (named !== undefined) return withGroup(named);
    const fault = certificate && faultOf(certificate, clock);
    if (certificate && fault === undefined) {
      return withGroup({ name: certificate.commonName, groups: certificate.organizations });
    }
    const token = bearerTokenOf(request) ?? tokenOfSocket(request);
    if (token !== undefined) return userOfToken(token);
    if (connection.door === "in-process") return THE_SERVER;
    if (fault !== undefined) refuse(fault);
    if (allowsAnonymous) return ANONYMOUS;
    throw unauthorized();
  };
}

/** Its end is looked at in each request, for a connection may outlive its certificate. */
function faultOf(
  { commonName, fault, validToMs = Infinity }: ClientCertificate,
  clock: Clock,
): string | undefined {
  if (fault !== undefined) return fault;
  if (commonName === "") return "the certificate has no common name";
  if (clock.now().getTime() <= validToMs) return undefined;
  return "x509: certificate has expired or is not yet valid";
}

function inDate(certificate: ClientCertificate | undefined, clock: Clock) {
  const { validToMs = Infinity } = certificate ?? {};
  return clock.now().getTime() <= validToMs ? certificate : undefined;
}

function bearerTokenOf({ headers }: ApiRequest): string | undefined {
  const [, token] = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? "") ?? [];
  return token;
}

/** Who is known to be nobody stays it, and who has one of the two groups needs no other. */
function withGroup(user: User): User {
  const { name, groups } = user;
  const isSaid =
    groups.includes(AUTHENTICATED) || ANONYMOUS.groups.some((of) => groups.includes(of));
  if (isSaid || name === ANONYMOUS.name) return user;
  return { ...user, groups: [...groups, AUTHENTICATED] };
}
