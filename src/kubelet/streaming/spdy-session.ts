/**
 * exec and attach over SPDY: one stream for each of error, stdin, stdout, stderr and resize.
 *
 * In Kubernetes: staging/src/k8s.io/kubelet/pkg/cri/streaming/remotecommand/httpstream.go
 */
import type { Clock } from "../../component/clock.ts";
import type { Session, Wishes } from "./session.ts";
import { SpdyConnection, type SpdyStream } from "./spdy-connection.ts";
import { acceptSpdy, type Upgrade } from "./upgrade.ts";

const PROTOCOLS = [
  "v4.channel.k8s.io",
  "v3.channel.k8s.io",
  "v2.channel.k8s.io",
  "channel.k8s.io",
] as const;

const STREAMS_TIMEOUT_MS = 30_000;

/** Undefined when the two could not agree, or not all streams came. */
export async function spdySession(
  upgrade: Upgrade,
  wishes: Wishes,
  clock: Clock,
): Promise<Session | undefined> {
  const protocol = acceptSpdy(upgrade, PROTOCOLS);
  if (protocol === undefined) return undefined;
  const connection = new SpdyConnection(upgrade.socket);
  const hasResize = wishes.tty && (protocol === PROTOCOLS[0] || protocol === PROTOCOLS[1]);
  const expected = [
    "error",
    ...(wishes.stdin ? ["stdin"] : []),
    ...(wishes.stdout ? ["stdout"] : []),
    ...(wishes.stderr ? ["stderr"] : []),
    ...(hasResize ? ["resize"] : []),
  ];
  const streams = await collect(connection, expected, upgrade.head, clock);
  if (streams === undefined) {
    connection.destroy();
    return undefined;
  }
  return {
    stdin: streams.get("stdin"),
    stdout: streams.get("stdout"),
    stderr: streams.get("stderr"),
    error: streams.get("error")!,
    resize: streams.get("resize"),
    tty: wishes.tty,
    tellsStatus: protocol === PROTOCOLS[0],
    gone: connection.gone,
    finish: () => finish(connection, streams, clock),
  };
}

/** Waits until the client has opened all streams expected. */
function collect(
  connection: SpdyConnection,
  expected: string[],
  head: Buffer,
  clock: Clock,
): Promise<Map<string, SpdyStream> | undefined> {
  return new Promise((resolve) => {
    const streams = new Map<string, SpdyStream>();
    const timer = clock.setTimeout(() => resolve(undefined), STREAMS_TIMEOUT_MS);
    connection.gone.addEventListener("abort", () => resolve(undefined), { once: true });
    connection.start((stream) => {
      streams.set(stream.headers.get("streamtype") ?? "", stream);
      if (!expected.every((type) => streams.has(type))) return;
      timer.cancel();
      resolve(streams);
    }, head);
  });
}

/**
 * The client hangs up when it has read all. What it still sends meanwhile is dropped, for a connection
 * closed on data unread takes with it what the client has not read yet.
 */
async function finish(
  connection: SpdyConnection,
  streams: Map<string, SpdyStream>,
  clock: Clock,
): Promise<void> {
  for (const stream of streams.values()) stream.resume();
  await connection.end();
  const timer = clock.setTimeout(() => connection.destroy(), STREAMS_TIMEOUT_MS);
  connection.gone.addEventListener("abort", () => timer.cancel(), { once: true });
}
