/**
 * Bootstrap tokens, with which a new node joins: "abcdef.0123456789abcdef", kept as a Secret
 * bootstrap-token-abcdef in kube-system, where a student can read what it allows.
 *
 * In Kubernetes: plugin/pkg/auth/authenticator/token/bootstrap/bootstrap.go
 */
import { timingSafeEqual } from "node:crypto";
import { Secret } from "../../api/secret.ts";
import type { Clock } from "../../component/clock.ts";
import type { User } from "../authenticate.ts";
import { digestOf } from "./static-tokens.ts";
import type { ObjectFinder } from "./stored-objects.ts";
import { TokenError } from "./token-reader.ts";

const TOKEN = /^([a-z0-9]{6})\.([a-z0-9]{16})$/;
const TYPE = "bootstrap.kubernetes.io/token";
const BOOTSTRAPPERS = "system:bootstrappers";
const GROUP = /^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$/;

export function bootstrapTokens({ find, clock }: { find: ObjectFinder; clock: Clock }) {
  return async (token: string): Promise<User | undefined> => {
    const [, id, password = ""] = TOKEN.exec(token) ?? [];
    if (id === undefined) return undefined;
    const secret = await find(Secret, "kube-system", `bootstrap-token-${id}`);
    if (secret === undefined || !isGood(secret, id, password, clock)) return undefined;
    return { name: `system:bootstrap:${id}`, groups: groupsOf(secret) };
  };
}

function isGood(secret: Secret, id: string, password: string, clock: Clock): boolean {
  const { metadata, type } = secret;
  if (metadata.deletionTimestamp !== undefined || type !== TYPE) return false;
  const isSame = timingSafeEqual(digestOf(textIn(secret, "token-secret")), digestOf(password));
  const isItsOwn = textIn(secret, "token-id") === id;
  const isForThis = textIn(secret, "usage-bootstrap-authentication") === "true";
  return isSame && isItsOwn && isForThis && !hasExpired(secret, clock);
}

/** What cannot be read has expired. */
function hasExpired(secret: Secret, clock: Clock): boolean {
  const expiration = textIn(secret, "expiration");
  if (expiration === "") return false;
  return !(Date.parse(expiration) > clock.now().getTime());
}

function groupsOf(secret: Secret): string[] {
  const extra = textIn(secret, "auth-extra-groups")
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

function textIn({ data }: Secret, key: string): string {
  return Buffer.from(data?.[key] ?? "", "base64").toString();
}
