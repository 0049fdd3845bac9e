/**
 * The HTTP part of an upgrade: which protocol is asked for, and the answer that changes over to it.
 *
 * In Kubernetes: staging/src/k8s.io/apimachinery/pkg/util/httpstream/httpstream.go
 */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";

/** A request that asked to be upgraded, and the connection it came by. */
export interface Upgrade {
  request: IncomingMessage;
  socket: Duplex;
  /** What came right behind the request. */
  head: Buffer;
}

export function asksForWebSocket({ headers }: IncomingMessage): boolean {
  return (headers.upgrade ?? "").toLowerCase() === "websocket";
}

export function asksForSpdy({ headers }: IncomingMessage): boolean {
  return (headers.upgrade ?? "").toLowerCase() === "spdy/3.1";
}

/** The first of the client's protocols that the server speaks as well. */
export function chosenProtocol(
  { headers }: IncomingMessage,
  spoken: readonly string[],
): string | undefined {
  const asked = protocolsAsked(headers["x-stream-protocol-version"]);
  return asked.find((protocol) => spoken.includes(protocol));
}

function protocolsAsked(header: string | string[] | undefined): string[] {
  const text = Array.isArray(header) ? header.join(",") : (header ?? "");
  return text.split(",").map((part) => part.trim());
}

/** Changes over to SPDY; undefined, with the client told why, when no protocol is common. */
export function acceptSpdy(
  { request, socket }: Upgrade,
  spoken: readonly string[],
): string | undefined {
  const protocol = chosenProtocol(request, spoken);
  if (protocol === undefined) {
    const asked = protocolsAsked(request.headers["x-stream-protocol-version"]).join(" ");
    const why = `unable to negotiate protocol: client supports [${asked}], server accepts [${spoken.join(" ")}]`;
    refuse(socket, 403, why);
    return undefined;
  }
  socket.write(
    "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n" +
      `X-Stream-Protocol-Version: ${protocol}\r\n\r\n`,
  );
  return protocol;
}

const REASONS: Record<number, string> = {
  400: "Bad Request",
  403: "Forbidden",
  404: "Not Found",
  500: "Internal Server Error",
};

export function refuse(socket: Duplex, code: number, message: string): void {
  const body = `${message}\n`;
  socket.on("error", () => socket.destroy());
  socket.end(
    `HTTP/1.1 ${code} ${REASONS[code] ?? "Error"}\r\nContent-Type: text/plain; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
