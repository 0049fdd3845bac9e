/**
 * One other DNS server, and one question put to it: over UDP, from a port of its own, and over TCP
 * where the answer is cut off.
 *
 * Rule: only an answer with the id and the question that were sent counts (RFC 5452); anything else
 * that arrives is left aside.
 *
 * In Kubernetes: github.com/coredns/coredns/plugin/pkg/proxy/connect.go
 */
import { createSocket } from "node:dgram";
import { createConnection, isIP, isIPv6 } from "node:net";
import type { Clock } from "../component/clock.ts";
import { TRUNCATED } from "./answer.ts";
import { HEADER_BYTES } from "./query.ts";
import { FrameReader, framed } from "./tcp-frames.ts";

export interface Upstream {
  address: string;
  port: number;
}

export interface Exchange {
  message: Buffer;
  /** How many bytes of the message are its header and question. */
  questionEnd: number;
  timeoutMs: number;
  clock: Clock;
  signal: AbortSignal;
}

/** A server that did not answer. */
export class UpstreamError extends Error {
  override readonly name = "UpstreamError";
}

const DNS_PORT = 53;

/** "10.0.0.1", "10.0.0.1:5353", "[fd00::1]:53", "fd00::1". Throws a RangeError for anything else. */
export function parseUpstream(text: string): Upstream {
  if (isIP(text) !== 0) return { address: text, port: DNS_PORT };
  const [, bracketed, plain, digits = ""] = /^(?:\[(.*)\]|([^:]*)):(\d+)$/.exec(text) ?? [];
  const address = bracketed ?? plain ?? "";
  const port = Number(digits);
  if (isIP(address) === 0 || port < 1 || port > 65_535) {
    throw new RangeError(`not an IP address or IP:port: ${JSON.stringify(text)}`);
  }
  return { address, port };
}

export function nameOfUpstream({ address, port }: Upstream): string {
  return isIPv6(address) ? `[${address}]:${port}` : `${address}:${port}`;
}

/** Rejects with an UpstreamError when there is no answer in time. */
export async function exchange(upstream: Upstream, sent: Exchange): Promise<Buffer> {
  const answer = await overUdp(upstream, sent);
  return answer.readUInt16BE(2) & TRUNCATED ? overTcp(upstream, sent) : answer;
}

type Outcome = { resolve(answer: Buffer): void; reject(error: Error): void };

function overUdp(upstream: Upstream, sent: Exchange): Promise<Buffer> {
  const { address, port } = upstream;
  const socket = createSocket(isIPv6(address) ? "udp6" : "udp4");
  return waitedFor(
    upstream,
    sent,
    () => socket.close(),
    ({ resolve, reject }) => {
      socket.on("error", reject);
      socket.on("message", (answer) => {
        if (isAnswerTo(sent, answer)) resolve(answer);
      });
      // Connected, so that only this server is heard, and a closed port is told.
      socket.connect(port, address, () => socket.send(sent.message));
    },
  );
}

function overTcp(upstream: Upstream, sent: Exchange): Promise<Buffer> {
  const { address: host, port } = upstream;
  const socket = createConnection({ host, port });
  const reader = new FrameReader();
  return waitedFor(
    upstream,
    sent,
    () => socket.destroy(),
    ({ resolve, reject }) => {
      socket.on("error", reject);
      socket.on("close", () => reject(new Error("connection closed")));
      socket.on("data", (bytes) => {
        const answer = reader.read(bytes).find((one) => isAnswerTo(sent, one));
        if (answer !== undefined) resolve(answer);
      });
      socket.write(framed(sent.message));
    },
  );
}

/** Whatever comes first: an answer, an error, the end of the time, the end of the daemon. */
function waitedFor(
  upstream: Upstream,
  { clock, timeoutMs, signal }: Exchange,
  close: () => void,
  start: (outcome: Outcome) => void,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let isOver = false;
    const timer = clock.setTimeout(() => fail(new Error("i/o timeout")), timeoutMs);
    const onAbort = () => fail(new Error("stopped"));
    signal.addEventListener("abort", onAbort, { once: true });
    const end = (report: () => void) => {
      if (isOver) return;
      isOver = true;
      timer.cancel();
      signal.removeEventListener("abort", onAbort);
      close();
      report();
    };
    function fail(error: Error) {
      const why = `${nameOfUpstream(upstream)}: ${error.message}`;
      end(() => reject(new UpstreamError(why)));
    }
    start({ resolve: (answer) => end(() => resolve(answer)), reject: fail });
  });
}

function isAnswerTo({ message, questionEnd }: Exchange, answer: Buffer): boolean {
  return (
    answer.length >= questionEnd &&
    answer.readUInt16BE(0) === message.readUInt16BE(0) &&
    (answer[2]! & 0x80) !== 0 &&
    answer.readUInt16BE(4) === 1 &&
    lowerCase(answer, questionEnd) === lowerCase(message, questionEnd)
  );
}

function lowerCase(message: Buffer, end: number): string {
  return message.toString("latin1", HEADER_BYTES, end).toLowerCase();
}
