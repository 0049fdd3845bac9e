/**
 * Tokens of service accounts: made for who asks for one, and told apart from forgeries.
 *
 * The signature of a token is checked once and remembered by the token's digest; what it claims (its time,
 * its account, the pod it dies with) is checked every time, against what is stored now. So a token ends
 * with its pod, and not some seconds later.
 *
 * In Kubernetes: pkg/serviceaccount/jwt.go
 */
import { audiencesIn, LEGACY_ISSUER } from "../../api/account-claims.ts";
import type { Secret } from "../../api/secret.ts";
import type { Clock } from "../../component/clock.ts";
import { isSignedBy, parseToken, signToken } from "../../component/json-web-token.ts";
import {
  type SigningKey,
  toJsonWebKey,
  type VerificationKey,
} from "../../component/signing-key.ts";
import { boundAccount } from "./bound-token.ts";
import { legacyAccount } from "./legacy-token.ts";
import { digestOf } from "./static-tokens.ts";
import type { ObjectFinder } from "./stored-objects.ts";
import { type Identified, intersection, TokenError } from "./token-reader.ts";

export interface AccountTokenOptions {
  /** --service-account-issuer: the first is said in new tokens, all are taken. */
  issuers: readonly string[];
  /** --api-audiences: who the API server is. Default: the issuers. */
  audiences?: readonly string[];
  /** --service-account-signing-key-file. Without it no tokens are made. */
  signingKey?: SigningKey;
  /** --service-account-key-file: besides the public part of the signing key. */
  keys?: readonly VerificationKey[];
  /** --service-account-max-token-expiration. */
  maxExpirationSeconds?: number;
  /** --service-account-extend-token-expiration. Default: yes. */
  extendsExpiration?: boolean;
  /** --service-account-lookup: whether the secret of a token must be there. Default: yes. */
  looksUpSecrets?: boolean;
  /** --service-account-jwks-uri. Default: this server. */
  jwksUri?: string;
}

export interface AccountTokenSurroundings {
  find: ObjectFinder;
  clock: Clock;
  /** Takes note that the token of a secret is used. */
  noteUse?: (secret: Secret) => Promise<void>;
}

type Claims = Record<string, unknown>;

const REMEMBERED_TOKENS = 4_096;

export class AccountTokens {
  readonly options: AccountTokenOptions;
  readonly audiences: readonly string[];
  readonly #keys: readonly VerificationKey[];
  readonly #find: ObjectFinder;
  readonly #clock: Clock;
  readonly #noteUse: AccountTokenSurroundings["noteUse"];
  /** What tokens with a good signature claim, by the digest of the token. */
  readonly #checked = new Map<string, Claims>();

  constructor(options: AccountTokenOptions, around: AccountTokenSurroundings) {
    const { signingKey, keys = [], audiences, issuers } = options;
    this.options = options;
    this.audiences = audiences ?? issuers;
    const all = signingKey === undefined ? keys : [signingKey, ...keys];
    this.#keys = [...new Map(all.map((key) => [key.id, key])).values()];
    this.#find = around.find;
    this.#clock = around.clock;
    this.#noteUse = around.noteUse;
  }

  /** The token that makes these claims. */
  sign(claims: object): string {
    const { signingKey } = this.options;
    if (signingKey === undefined) throw new Error("there is no key to sign tokens with");
    return signToken(claims, signingKey);
  }

  /** A TokenReader. Tokens of other issuers are not ours. */
  async read(token: string, asked: readonly string[]): Promise<Identified | undefined> {
    const claims = this.#claimsOf(token);
    if (claims === undefined) return undefined;
    const target = asked.length > 0 ? asked : this.audiences;
    const named = audiencesIn(claims);
    const own = named.length > 0 ? named : this.audiences;
    const audiences = intersection(own, target);
    if (audiences.length === 0 && this.audiences.length > 0) {
      throw new TokenError(
        `token audiences ${listOf(own)} is invalid for the target audiences ${listOf(target)}`,
      );
    }
    const { looksUpSecrets = true } = this.options;
    const noteUse = this.#noteUse;
    const around = { find: this.#find, now: this.#clock.now(), looksUpSecrets, noteUse };
    const isLegacy = claims.iss === LEGACY_ISSUER;
    const user = await (isLegacy
      ? legacyAccount(claims, token, around)
      : boundAccount(claims, around));
    return { user, audiences };
  }

  /** /openid/v1/jwks */
  keySet() {
    return { keys: this.#keys.map(toJsonWebKey) };
  }

  /** /.well-known/openid-configuration */
  discovery(serverUrl: string) {
    return {
      issuer: this.options.issuers[0],
      jwks_uri: this.options.jwksUri || `${serverUrl}/openid/v1/jwks`,
      response_types_supported: ["id_token"],
      subject_types_supported: ["public"],
      id_token_signing_alg_values_supported: [
        ...new Set(this.#keys.map(({ algorithm }) => algorithm)),
      ].toSorted(),
    };
  }

  /** What a token of ours claims, once its signature has been found good. Throws a TokenError if it is not. */
  #claimsOf(token: string): Claims | undefined {
    const parsed = parseToken(token);
    if (parsed === undefined || !this.#isOurs(parsed.claims.iss)) return undefined;
    const digest = digestOf(token).toString("base64");
    const known = this.#checked.get(digest);
    if (known !== undefined) return known;
    const named = this.#keys.filter(({ id }) => id === parsed.keyId);
    const candidates = named.length > 0 ? named : this.#keys;
    if (!candidates.some((key) => isSignedBy(parsed, key))) {
      throw new TokenError("square/go-jose: error in cryptographic primitive");
    }
    this.#remember(digest, parsed.claims);
    return parsed.claims;
  }

  #isOurs(issuer: unknown): boolean {
    return issuer === LEGACY_ISSUER || this.options.issuers.includes(issuer as string);
  }

  #remember(digest: string, claims: Claims): void {
    this.#checked.set(digest, claims);
    if (this.#checked.size <= REMEMBERED_TOKENS) return;
    const [oldest] = this.#checked.keys();
    this.#checked.delete(oldest!);
  }
}

function listOf(audiences: readonly string[]): string {
  return `[${audiences.map((one) => JSON.stringify(one)).join(" ")}]`;
}
