/**
 * Where others find out whose tokens these are, and the keys to check them with, so that a cloud or a
 * vault may trust the cluster's service accounts.
 *
 * In Kubernetes: pkg/routes/openidmetadata.go. As there, an issuer that is no https URL is not told of.
 */
import type { ApiResponse } from "../../client/transport.ts";
import type { AccountTokens } from "./account-tokens.ts";

const DISCOVERY_PATH = "/.well-known/openid-configuration";
const KEYS_PATH = "/openid/v1/jwks";

/** What of it is served. */
export function discoveryPaths(tokens: AccountTokens | undefined): string[] {
  return tokens?.options.issuers[0]?.startsWith("https://") ? [DISCOVERY_PATH, KEYS_PATH] : [];
}

/** Undefined for every other path. `serverUrl`: where this server is reached. */
export function answerDiscovery(
  path: string,
  tokens: AccountTokens | undefined,
  serverUrl: string,
): ApiResponse | undefined {
  if (tokens === undefined || !discoveryPaths(tokens).includes(path)) return undefined;
  if (path === DISCOVERY_PATH) return document(tokens.discovery(serverUrl), "application/json");
  return document(tokens.keySet(), "application/jwk-set+json");
}

function document(value: object, type: string): ApiResponse {
  return {
    status: 200,
    headers: { "content-type": type, "cache-control": "public, max-age=3600" },
    body: { type: "bytes", chunks: [Buffer.from(JSON.stringify(value))] },
  };
}
