/**
 * Channels over one WebSocket: the first byte of each message names the channel. In the base64
 * variants messages are text, the channel a digit.
 *
 * In Kubernetes: staging/src/k8s.io/apimachinery/pkg/util/httpstream/wsstream/conn.go
 */
import { Readable, Writable } from "node:stream";
import { WebSocket, WebSocketServer } from "ws";
import type { Session, Wishes } from "./session.ts";
import type { Upgrade } from "./upgrade.ts";

const CHANNELS = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4 } as const;
/** In v5: the next byte names a channel that the client is done with. */
const CLOSE_CHANNEL = 255;
const PROTOCOLS = [
  "v5.channel.k8s.io",
  "v4.channel.k8s.io",
  "v4.base64.channel.k8s.io",
  "channel.k8s.io",
  "base64.channel.k8s.io",
] as const;
const MAX_MESSAGE_BYTES = 1024 * 1024;
/** ws refuses a protocol with a slash in its name: it is taken out before and answered by hand. */
const TUNNEL_PROTOCOL = "SPDY/3.1+portforward.k8s.io";

export function asksForTunnel({ request }: Upgrade): boolean {
  return (request.headers["sec-websocket-protocol"] ?? "").includes(TUNNEL_PROTOCOL);
}

/** Accepts a WebSocket that carries SPDY, as kubectl's port-forward does from 1.31 on. */
export function acceptTunnel(upgrade: Upgrade): Promise<WebSocket> {
  delete upgrade.request.headers["sec-websocket-protocol"];
  return accept(upgrade, [], TUNNEL_PROTOCOL);
}

function accept(
  { request, socket, head }: Upgrade,
  spoken: readonly string[],
  answered?: string,
): Promise<WebSocket> {
  return new Promise((resolve) => {
    const server = new WebSocketServer({
      noServer: true,
      maxPayload: MAX_MESSAGE_BYTES,
      perMessageDeflate: false,
      handleProtocols: (asked) => [...asked].find((one) => spoken.includes(one)) ?? false,
    });
    if (answered !== undefined) {
      server.on("headers", (headers) => headers.push(`Sec-WebSocket-Protocol: ${answered}`));
    }
    server.handleUpgrade(request, socket, head, resolve);
  });
}

export async function webSocketSession(upgrade: Upgrade, wishes: Wishes): Promise<Session> {
  const webSocket = await accept(upgrade, PROTOCOLS);
  const { protocol } = webSocket;
  const codec = protocol.includes("base64") ? base64Codec : binaryCodec;
  const gone = new AbortController();
  webSocket.on("close", () => gone.abort(new Error("the client has gone")));
  webSocket.on("error", () => webSocket.terminate());

  const stdin = wishes.stdin ? inbound(webSocket) : undefined;
  const resize = wishes.tty ? inbound(webSocket) : undefined;
  const ins = new Map([
    [CHANNELS.stdin as number, stdin],
    [CHANNELS.resize as number, resize],
  ]);
  webSocket.on("message", (data: Buffer) => {
    const { channel, payload } = codec.decode(data);
    if (channel === CLOSE_CHANNEL) ins.get(payload[0] ?? -1)?.push(null);
    // An empty message is a sign of life, not data.
    else if (payload.length > 0 && ins.get(channel)?.push(payload) === false) webSocket.pause();
  });
  gone.signal.addEventListener("abort", () => {
    for (const stream of ins.values()) stream?.push(null);
  });

  const out = (channel: number) => outbound(webSocket, (chunk) => codec.encode(channel, chunk));
  const stdout = wishes.stdout ? out(CHANNELS.stdout) : undefined;
  const stderr = wishes.stderr ? out(CHANNELS.stderr) : undefined;
  const first = stdout ? CHANNELS.stdout : stderr ? CHANNELS.stderr : CHANNELS.error;
  // Tells the client that the connection stands.
  webSocket.send(codec.encode(first, Buffer.alloc(0)));
  return {
    stdin,
    stdout,
    stderr,
    error: out(CHANNELS.error),
    resize,
    tty: wishes.tty,
    tellsStatus: /^v[45]\./.test(protocol),
    gone: gone.signal,
    finish: async () => webSocket.close(1000),
  };
}

function inbound(webSocket: WebSocket): Readable {
  return new Readable({ read: () => webSocket.resume() });
}

function outbound(webSocket: WebSocket, encode: (chunk: Buffer) => Buffer | string): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (webSocket.readyState !== WebSocket.OPEN) return done();
      webSocket.send(encode(chunk), () => done());
    },
  });
}

const binaryCodec = {
  decode: (data: Buffer) => ({ channel: data[0] ?? -1, payload: data.subarray(1) }),
  encode: (channel: number, payload: Buffer): Buffer | string =>
    Buffer.concat([Buffer.from([channel]), payload]),
};

const base64Codec = {
  decode: (data: Buffer) => ({
    channel: (data[0] ?? 0) - "0".charCodeAt(0),
    payload: Buffer.from(data.toString("latin1", 1), "base64"),
  }),
  encode: (channel: number, payload: Buffer): Buffer | string =>
    `${channel}${payload.toString("base64")}`,
};
