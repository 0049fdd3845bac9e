/**
 * A load of HTTP/1.1 requests from raw sockets: fast enough that the server, not the client, is
 * what is measured. One request at a time per connection, a fixed number of requests, then it stops.
 */
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { Door } from "./servers.ts";

export interface Load {
  port: number;
  /** Default: plain. */
  door?: Door;
  connections: number;
  /** How many requests in all. */
  requests: number;
  /** The bytes of request number `i`. */
  request(i: number): Buffer;
}

export interface LoadResult {
  requestsPerSecond: number;
  bytesPerSecond: number;
  /** Milliseconds, of all requests. */
  p50Ms: number;
  p99Ms: number;
}

const HEAD_END = Buffer.from("\r\n\r\n");

/** Sends all requests; rejects at the first answer that is not 2xx. */
export async function runLoad(load: Load): Promise<LoadResult> {
  let next = 0;
  let bytes = 0;
  const latencies: number[] = [];
  const began = performance.now();

  const worker = async () => {
    const connection = await Connection.open(load.port, load.door);
    while (next < load.requests) {
      const sent = performance.now();
      bytes += await connection.exchange(load.request(next++));
      latencies.push(performance.now() - sent);
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: load.connections }, worker));

  const seconds = (performance.now() - began) / 1000;
  latencies.sort((a, b) => a - b);
  return {
    requestsPerSecond: load.requests / seconds,
    bytesPerSecond: bytes / seconds,
    p50Ms: latencies[Math.floor(latencies.length * 0.5)]!,
    p99Ms: latencies[Math.floor(latencies.length * 0.99)]!,
  };
}

/** The bytes of a request with an optional JSON body. */
export function requestBytes(method: string, path: string, body?: string): Buffer {
  const lines = [`${method} ${path} HTTP/1.1`, "Host: localhost", "Accept: application/json"];
  if (body !== undefined) {
    lines.push("Content-Type: application/json", `Content-Length: ${Buffer.byteLength(body)}`);
  }
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n${body ?? ""}`);
}

/** One keep-alive connection. Reads just as much HTTP as the answers here need. */
class Connection {
  readonly #socket: Socket;
  #pieces: Buffer[] = [];
  #received = 0;
  /** How many bytes the answer has in all, once its head is known. */
  #expected = 0;
  #done: ((size: number) => void) | undefined;
  #fail: ((error: Error) => void) | undefined;
  #chunked = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk) => this.#onData(chunk));
    socket.on("error", (error) => this.#fail?.(error));
    socket.on("close", () => this.#fail?.(new Error("the server closed the connection")));
  }

  static open(port: number, door: Door = "plain"): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const where = { port, host: "127.0.0.1", rejectUnauthorized: false };
      const socket: Socket = door === "tls" ? connectTls(where) : connect(where);
      socket.once(door === "tls" ? "secureConnect" : "connect", () => {
        socket.off("error", reject);
        resolve(new Connection(socket.setNoDelay()));
      });
      socket.once("error", reject);
    });
  }

  /** Sends one request; resolves to the size of the answer. */
  exchange(request: Buffer): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#done = resolve;
      this.#fail = reject;
      this.#socket.write(request);
    });
  }

  close(): void {
    this.#fail = undefined;
    this.#socket.destroy();
  }

  #onData(chunk: Buffer): void {
    this.#received += chunk.length;
    if (this.#expected === 0 && !this.#chunked) {
      this.#pieces.push(chunk);
      if (!this.#readHead(Buffer.concat(this.#pieces))) return;
    }
    const isComplete = this.#chunked
      ? chunk.subarray(-5).toString("latin1") === "0\r\n\r\n"
      : this.#received >= this.#expected;
    if (!isComplete) return;
    const size = this.#received;
    this.#pieces = [];
    this.#received = 0;
    this.#expected = 0;
    this.#chunked = false;
    this.#done?.(size);
  }

  #readHead(text: Buffer): boolean {
    const end = text.indexOf(HEAD_END);
    if (end < 0) return false;
    const head = text.subarray(0, end).toString("latin1");
    if (!/^HTTP\/1\.1 2/.test(head)) {
      this.#fail?.(new Error(`the server answered ${text.subarray(0, 500).toString()}`));
      return false;
    }
    this.#chunked = /transfer-encoding: chunked/i.test(head);
    const length = /content-length: (\d+)/i.exec(head)?.[1];
    this.#expected = end + HEAD_END.length + Number(length ?? 0);
    return true;
  }
}
