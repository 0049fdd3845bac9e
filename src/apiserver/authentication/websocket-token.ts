/**
 * The token of a WebSocket: a browser cannot send an Authorization header with one, so it names the token among the
 * sub-protocols it offers. That one is never chosen, and nobody behind this server sees it.
 *
 *   Sec-WebSocket-Protocol: base64url.bearer.authorization.k8s.io.<token in base64url>, v5.channel.k8s.io
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/authentication/request/websocket/protocol.go
 */
import type { ApiRequest } from "../../client/transport.ts";
import { TokenError } from "./token-reader.ts";

export const PROTOCOLS_HEADER = "sec-websocket-protocol";
const BEARER = "base64url.bearer.authorization.k8s.io.";
const RAW_URL = /^[A-Za-z0-9_-]*$/;

/** Undefined where there is none; throws a TokenError where it is not as it should be. */
export function websocketTokenOf({ headers }: ApiRequest): string | undefined {
  if (headers.upgrade?.toLowerCase() !== "websocket") return undefined;
  const offered = listOf(headers[PROTOCOLS_HEADER] ?? "");
  const [bearer, ...more] = offered.filter((one) => one.startsWith(BEARER));
  if (bearer === undefined) return undefined;
  if (more.length > 0) {
    throw new TokenError("multiple base64.bearer.authorization tokens specified");
  }
  const token = decoded(bearer.slice(BEARER.length));
  if (token === "") return undefined;
  if (offered.length === 1) throw new TokenError("missing additional subprotocol");
  return token;
}

/** The sub-protocols that are offered, but for the token. */
export function withoutToken(protocols: string): string {
  return listOf(protocols)
    .filter((one) => !one.startsWith(BEARER))
    .join(",");
}

function listOf(protocols: string): string[] {
  return protocols.split(",").map((one) => one.trim());
}

function decoded(text: string): string {
  const isRaw = RAW_URL.test(text) && text.length % 4 !== 1;
  if (!isRaw) throw new TokenError("invalid base64.bearer.authorization token encoding");
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(text, "base64url"));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new TokenError("invalid base64.bearer.authorization token");
  }
}
