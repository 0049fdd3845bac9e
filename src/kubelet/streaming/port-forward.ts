/**
 * Port-forward: the client opens streams in pairs, one for data and one for errors, for each connection
 * it has taken; both carry the port and the number of the connection.
 *
 * In Kubernetes: staging/src/k8s.io/kubelet/pkg/cri/streaming/portforward/httpstream.go
 */
import type { Duplex } from "node:stream";
import { createWebSocketStream } from "ws";
import { SpdyConnection, type SpdyStream } from "./spdy-connection.ts";
import { acceptSpdy, asksForWebSocket, refuse, type Upgrade } from "./upgrade.ts";
import { acceptTunnel, asksForTunnel } from "./websocket.ts";

const PROTOCOL = "portforward.k8s.io";

export type OpenPort = (port: number) => Promise<Duplex>;

/** `about` names the pod in errors: "web_default, uid 123". */
export async function servePortForward(
  upgrade: Upgrade,
  about: string,
  open: OpenPort,
): Promise<void> {
  const pairs = new Map<string, Partial<Record<"data" | "error", SpdyStream>>>();
  const onStream = (stream: SpdyStream) => {
    const type = stream.headers.get("streamtype");
    const port = Number(stream.headers.get("port"));
    if ((type !== "data" && type !== "error") || !isPort(port)) return stream.destroy();
    const id = stream.headers.get("requestid") ?? String(port);
    const pair = { ...pairs.get(id), [type]: stream };
    pairs.set(id, pair);
    const { data, error } = pair;
    if (data === undefined || error === undefined) return;
    pairs.delete(id);
    void forward(data, error, port, about, open);
  };
  if (asksForWebSocket(upgrade.request)) {
    if (!asksForTunnel(upgrade)) {
      return refuse(upgrade.socket, 400, `unable to upgrade: only ${PROTOCOL} over SPDY is served`);
    }
    const tunnel = createWebSocketStream(await acceptTunnel(upgrade));
    new SpdyConnection(tunnel).start(onStream);
  } else if (acceptSpdy(upgrade, [PROTOCOL]) !== undefined) {
    new SpdyConnection(upgrade.socket).start(onStream, upgrade.head);
  }
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port > 0 && port < 65_536;
}

async function forward(
  data: SpdyStream,
  error: SpdyStream,
  port: number,
  about: string,
  open: OpenPort,
): Promise<void> {
  error.resume();
  try {
    await join(data, await open(port));
  } catch (failure) {
    const { message } = failure as Error;
    error.write(`error forwarding port ${port} to pod ${about}: ${message}`);
  }
  error.end();
  data.end();
  data.resume();
}

/** Passes bytes both ways at the pace of the slower side; each side may finish before the other. */
function join(a: Duplex, b: Duplex): Promise<void> {
  return new Promise((resolve) => {
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      from.pipe(to);
      from.on("error", () => from.destroy());
      from.once("close", () => {
        if (!from.readableEnded) to.destroy();
      });
    }
    b.once("close", resolve);
    a.once("close", () => {
      b.destroy();
      resolve();
    });
  });
}
