/**
 * Authentication, put together: the readers of tokens in their order, and what makes and reviews tokens.
 *
 * In Kubernetes: pkg/kubeapiserver/authenticator/config.go
 */
import type { Secret } from "../../api/secret.ts";
import type { Clock } from "../../component/clock.ts";
import type { Log } from "../../component/log.ts";
import type { AuthenticationInfo } from "../aggregation/authentication-info.ts";
import {
  type AuthenticationOptions,
  type Authenticator,
  createAuthenticator,
} from "../authenticate.ts";
import type { Authorizer } from "../authorize.ts";
import type { Store } from "../storage/store.ts";
import type { WatchCache } from "../storage/watch-cache.ts";
import { AccountTokens } from "./account-tokens.ts";
import { BearerTokens } from "./bearer-tokens.ts";
import { bootstrapTokens } from "./bootstrap-tokens.ts";
import { impersonating } from "./impersonation.ts";
import { requestHeaderReader } from "./request-headers.ts";
import { staticTokens } from "./static-tokens.ts";
import { objectFinder } from "./stored-objects.ts";
import { forEveryAudience, type TokenReader } from "./token-reader.ts";

export interface Authentication {
  authenticate: Authenticator;
  bearerTokens: BearerTokens;
  accountTokens: AccountTokens | undefined;
}

export interface AuthenticationParts extends AuthenticationOptions {
  store: Store;
  cache: WatchCache;
  clock: Clock;
  log: Log;
  authorizer: Authorizer;
  authenticationInfo?: AuthenticationInfo;
  /** Takes note that the token of a secret is used. */
  noteUse?: (secret: Secret) => Promise<void>;
}

export function assembleAuthentication(parts: AuthenticationParts): Authentication {
  const { clock, authorizer } = parts;
  const frontProxies = parts.authenticationInfo?.requestHeader;
  const find = objectFinder(parts);
  const { noteUse } = parts;
  const accountTokens =
    parts.accountTokens &&
    new AccountTokens(parts.accountTokens, { find, clock, ...(noteUse && { noteUse }) });
  const audiences = accountTokens?.audiences ?? [];
  const readers: TokenReader[] = [
    forEveryAudience(staticTokens(parts.tokens ?? new Map()), audiences),
  ];
  if (accountTokens) readers.push((token, asked) => accountTokens.read(token, asked));
  if (parts.takesBootstrapTokens) {
    readers.push(forEveryAudience(bootstrapTokens({ find, clock }), audiences));
  }
  const bearerTokens = new BearerTokens(readers, audiences);
  const plain = createAuthenticator({
    ...{ ...parts, tokens: bearerTokens },
    ...(frontProxies && { readHeaders: requestHeaderReader(frontProxies) }),
  });
  return { authenticate: impersonating(plain, authorizer), bearerTokens, accountTokens };
}
