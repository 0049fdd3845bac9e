/**
 * A way to tell who a bearer token stands for: static tokens, service accounts, bootstrap tokens.
 *
 * Its rule: "none of mine" is undefined, "mine, but not good" is a TokenError. What is wrong with a token is for
 * the log and for TokenReviews; who asked hears "Unauthorized" and nothing else.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/authentication/authenticator/interfaces.go
 */
import type { User } from "../authenticate.ts";

export interface Identified {
  user: User;
  /** For whom the token is, of those it was asked for. */
  audiences: readonly string[];
}

export type TokenReader = (
  token: string,
  audiences: readonly string[],
) => Identified | undefined | Promise<Identified | undefined>;

export class TokenError extends Error {
  override readonly name = "TokenError";
}

/** Those of `some` that are among `others`. */
export function intersection(some: readonly string[], others: readonly string[]): string[] {
  return some.filter((one) => others.includes(one));
}

/** Tokens that say nothing of audiences are good for those of the API server. */
export function forEveryAudience(
  read: (token: string) => User | undefined | Promise<User | undefined>,
  serverAudiences: readonly string[],
): TokenReader {
  return async (token, audiences) => {
    const common = intersection(audiences, serverAudiences);
    if (audiences.length > 0 && common.length === 0) return undefined;
    const user = await read(token);
    return user && { user, audiences: common };
  };
}
