/**
 * The flags of kube-apiserver about tokens, and what they come to.
 *
 * In Kubernetes: pkg/kubeapiserver/options/authentication.go
 */
import { readFileSync } from "node:fs";
import { StartError } from "../../component/daemon.ts";
import { type Flags, flag } from "../../component/flags.ts";
import { readSigningKey, readVerificationKeys } from "../../component/signing-key.ts";
import type { AuthenticationOptions } from "../authenticate.ts";
import { readTokens } from "../token-file.ts";

export const authenticationFlags = {
  "token-auth-file": flag("string", "", 'Static tokens: a CSV of token,user,uid,"groups".'),
  "anonymous-auth": flag("bool", false, "Let in who shows no credentials at the TLS port."),
  "enable-bootstrap-token-auth": flag(
    "bool",
    false,
    "Take the secrets of type bootstrap.kubernetes.io/token in kube-system for tokens.",
  ),
  "service-account-key-file": flag(
    "strings",
    [],
    "The keys (PEM, private or public) that tokens of service accounts are checked with.",
  ),
  "service-account-signing-key-file": flag(
    "string",
    "",
    "The private key (PEM) that tokens of service accounts are signed with.",
  ),
  "service-account-issuer": flag(
    "strings",
    [],
    "Who makes tokens of service accounts: an https `URL`. The first is said in new tokens, all are taken.",
  ),
  "service-account-jwks-uri": flag("string", "", "Where the public keys are shown, if not here."),
  "service-account-lookup": flag("bool", true, "Whether a token's secret must still be there."),
  "service-account-max-token-expiration": flag("duration", 0, "The longest a token holds."),
  "service-account-extend-token-expiration": flag(
    "bool",
    true,
    "Let the tokens that are mounted in pods hold for a year, in case nobody reads the new ones.",
  ),
  "api-audiences": flag(
    "strings",
    [],
    "Who the API server is, to tokens that are for somebody. Default: --service-account-issuer.",
  ),
};

type AuthenticationFlags = Flags<typeof authenticationFlags>;

const HOUR_MS = 3_600_000;
const MOST_SECONDS = 2 ** 32;

/** Throws a StartError for what makes no sense. */
export function authenticationOf(flags: AuthenticationFlags): AuthenticationOptions {
  const tokenFile = flags["token-auth-file"];
  const accountTokens = accountTokensOf(flags);
  return {
    allowsAnonymous: flags["anonymous-auth"],
    takesBootstrapTokens: flags["enable-bootstrap-token-auth"],
    ...(tokenFile && { tokens: readTokens(read("token-auth-file", tokenFile), tokenFile) }),
    ...(accountTokens && { accountTokens }),
  };
}

function accountTokensOf(flags: AuthenticationFlags): AuthenticationOptions["accountTokens"] {
  const issuers = flags["service-account-issuer"];
  const signingFile = flags["service-account-signing-key-file"];
  const keyFiles = flags["service-account-key-file"];
  if ((issuers.length === 0) !== (signingFile === "")) {
    throw new StartError(
      "--service-account-signing-key-file and --service-account-issuer are required flags",
    );
  }
  if (signingFile === "" && keyFiles.length === 0) return undefined;
  const maxMs = flags["service-account-max-token-expiration"];
  if (maxMs !== 0 && (maxMs < HOUR_MS || maxMs / 1000 > MOST_SECONDS)) {
    throw new StartError(
      "the service-account-max-token-expiration must be between 1 hour and 2^32 seconds",
    );
  }
  const audiences = flags["api-audiences"];
  const signing = "service-account-signing-key-file";
  return {
    issuers,
    ...(audiences.length > 0 && { audiences }),
    ...(signingFile && { signingKey: keyIn(signing, signingFile, readSigningKey) }),
    keys: keyFiles.flatMap((path) => keyIn("service-account-key-file", path, readVerificationKeys)),
    maxExpirationSeconds: maxMs / 1000,
    extendsExpiration: flags["service-account-extend-token-expiration"],
    looksUpSecrets: flags["service-account-lookup"],
    jwksUri: flags["service-account-jwks-uri"],
  };
}

function keyIn<Key>(name: string, path: string, parse: (pem: string) => Key): Key {
  const pem = read(name, path);
  try {
    return parse(pem);
  } catch (error) {
    throw new StartError(`--${name}: error reading ${path}: ${(error as Error).message}`);
  }
}

function read(name: string, path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new StartError(`--${name}: ${(error as Error).message}`);
  }
}
