/**
 * Who shows a bootstrap token: of the group system:bootstrappers, and of those the token names besides.
 *
 * In Kubernetes: plugin/pkg/auth/authenticator/token/bootstrap/bootstrap.go
 */
import { timingSafeEqual } from "node:crypto";
import {
  BOOTSTRAP_TOKEN_NAMESPACE,
  BOOTSTRAP_TOKEN_PREFIX,
  bootstrapText,
  bootstrapTokenIn,
} from "../../api/bootstrap-token.ts";
import { Secret } from "../../api/secret.ts";
import type { Clock } from "../../component/clock.ts";
import type { User } from "../authenticate.ts";
import { digestOf } from "./static-tokens.ts";
import type { ObjectFinder } from "./stored-objects.ts";
import { TokenError } from "./token-reader.ts";

const TOKEN = /^([a-z0-9]{6})\.([a-z0-9]{16})$/;
const BOOTSTRAPPERS = "system:bootstrappers";
const GROUP = /^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$/;

export function bootstrapTokens({ find, clock }: { find: ObjectFinder; clock: Clock }) {
  return async (token: string): Promise<User | undefined> => {
    const [, id, password = ""] = TOKEN.exec(token) ?? [];
    if (id === undefined) return undefined;
    const secret = await find(Secret, BOOTSTRAP_TOKEN_NAMESPACE, BOOTSTRAP_TOKEN_PREFIX + id);
    const kept = secret && bootstrapTokenIn(secret, "authentication", clock.now());
    if (!kept || !timingSafeEqual(digestOf(kept.secret), digestOf(password))) return undefined;
    return { name: `system:bootstrap:${id}`, groups: groupsOf(secret) };
  };
}

function groupsOf(secret: Secret): string[] {
  const extra = bootstrapText(secret, "auth-extra-groups")
    .split(",")
    .map((group) => group.trim())
    .filter((group) => group !== "");
  const wrong = extra.find((group) => !GROUP.test(group));
  if (wrong !== undefined) {
    throw new TokenError(
      `bootstrap group ${JSON.stringify(wrong)} is invalid (must match \\A${GROUP.source.slice(1, -1)}\\z)`,
    );
  }
  return [BOOTSTRAPPERS, ...extra.toSorted()];
}
