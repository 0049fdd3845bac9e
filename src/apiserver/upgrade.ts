/**
 * Upgraded connections: exec, attach, port-forward, and whatever a proxied server, or an API server behind this one,
 * upgrades. They are let in as every request is; from then on bytes pass both ways unread, SPDY or WebSocket.
 *
 * In Kubernetes: staging/src/k8s.io/apimachinery/pkg/util/proxy/upgradeaware.go (tryUpgrade).
 * Differs: WebSocket goes on to the kubelet as WebSocket; the original translates it to SPDY since 1.30.
 */
import type { Duplex } from "node:stream";
import { type ApiError, pathNotFound } from "../api/errors.ts";
import type { ApiRequest, ApiResponse } from "../client/transport.ts";
import type { Log } from "../component/log.ts";
import { failure } from "./answer.ts";
import type { Audit, AuditRecord } from "./audit/audit.ts";
import type { User } from "./authenticate.ts";
import { isCredential } from "./authentication/impersonation.ts";
import { PROTOCOLS_HEADER, withoutToken } from "./authentication/websocket-token.ts";
import { type Authorizer, authorize } from "./authorize.ts";
import { type Backend, proxyBackend, streamBackend } from "./backend.ts";
import { asApiError } from "./handler.ts";
import { type RequestInfo, requestInfoOf } from "./request-info.ts";
import type { Resources } from "./resources.ts";
import type { Upgrader } from "./server.ts";
import type { SubresourceOptions } from "./subresources.ts";

export interface UpgradeOptions extends SubresourceOptions {
  authorizer: Authorizer;
  resources: Resources;
  audit?: Audit;
  log: Log;
}

const STREAMS = new Set(["pods/exec", "pods/attach", "pods/portforward"]);
const PROXIES = new Set(["pods/proxy", "services/proxy", "nodes/proxy"]);

/** What is told of an answer whose bytes pass us by. */
const UPGRADED: ApiResponse = {
  status: 101,
  headers: {},
  body: { type: "stream", start: (sink) => sink.end() },
};

export function createUpgrader(options: UpgradeOptions): Upgrader {
  return async (request, connection, client, head) => {
    const info = requestInfoOf(request.method, request.path);
    let audited: AuditRecord | undefined;
    try {
      const user = await options.authenticate(request, connection);
      audited = options.audit?.begin(request, info, user, connection);
      await authorize(options.authorizer, user, info, audited?.decided);
      const told = audited && { annotate: audited.annotate };
      await options.admitConnection(info, user, { warn: () => undefined, ...told });
      const backend = await backendOf(request, info, user, options);
      const far = await backend.open();
      far.write(headOf(request, backend));
      if (head.length > 0) far.write(head);
      join(client, far);
      audited?.answered(UPGRADED);
    } catch (error) {
      const refusal = asApiError(error, info, options.log);
      audited?.answered(failure(refusal, false));
      refuse(client, refusal);
    }
  };
}

async function backendOf(
  request: ApiRequest,
  info: RequestInfo,
  user: User,
  options: UpgradeOptions,
): Promise<Backend> {
  const claimed = options.resources.claimOn(info)?.backendOf?.(request, user);
  if (claimed !== undefined) return claimed;
  const what = `${info.resource}/${info.subresource}`;
  if (info.group === "" && STREAMS.has(what)) return streamBackend(info, options);
  if (info.group === "" && PROXIES.has(what)) return proxyBackend(info, options);
  throw pathNotFound();
}

/** The request again, for the one who will answer it; without our credentials. */
function headOf({ method, headers }: ApiRequest, { path, headers: others }: Backend): string {
  const lines = Object.entries({ ...(others ?? headers), ...protocolsOf(headers) })
    .filter(([name]) => !isCredential(name))
    .flatMap(([name, values]) => [values].flat().map((value) => `${name}: ${value}\r\n`));
  return `${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n`;
}

/** A token among them stays here. */
function protocolsOf({ [PROTOCOLS_HEADER]: protocols }: Record<string, string>) {
  return protocols === undefined ? {} : { [PROTOCOLS_HEADER]: withoutToken(protocols) };
}

/** When one side goes, so does the other; what has been said until then is delivered. */
function join(a: Duplex, b: Duplex): void {
  for (const [from, to] of [
    [a, b],
    [b, a],
  ] as const) {
    copy(from, to);
    from.on("error", () => to.destroy());
    from.on("close", () => to.end());
  }
}

/**
 * Chunk by chunk, each written before the next is: so that one message of a WebSocket stays one record of TLS. There are
 * clients (Python's) that look at their socket for the second message when it is in their buffer already.
 */
function copy(from: Duplex, to: Duplex): void {
  from.on("data", (chunk: Buffer) => {
    from.pause();
    to.write(chunk, () => from.resume());
  });
  from.on("end", () => to.end());
}

function refuse(client: Duplex, { status, code }: ApiError): void {
  const body = `${JSON.stringify(status)}\n`;
  client.on("error", () => client.destroy());
  client.end(
    `HTTP/1.1 ${code} ${status.reason ?? "Error"}\r\ncontent-type: application/json\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}
