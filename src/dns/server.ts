/**
 * The sockets: a question comes in over UDP or TCP, its answer goes out the same way.
 *
 * Rule: what is no query is not answered at all (two servers must never talk to each other for
 * ever), a query that can't be read is answered with FORMERR, and whatever fails with SERVFAIL.
 *
 * In Kubernetes: github.com/miekg/dns (server.go), github.com/coredns/coredns/core/dnsserver
 */
import { createSocket, type RemoteInfo, type Socket as UdpSocket } from "node:dgram";
import { once } from "node:events";
import { type AddressInfo, createServer, isIPv6, type Server, type Socket } from "node:net";
import type { Clock } from "../component/clock.ts";
import type { Log } from "../component/log.ts";
import { emptyAnswer, encodeAnswer, RCODES, relayAnswer, TCP_BYTES, udpLimitOf } from "./answer.ts";
import { FormatError, type Query, readQuery } from "./query.ts";
import type { Resolution } from "./resolver.ts";
import { FrameReader, framed } from "./tcp-frames.ts";

export type Protocol = "udp" | "tcp";

export interface ServerOptions {
  address: string;
  /** 0: any free port, the same for UDP and TCP. */
  port: number;
  resolve(query: Query): Resolution | Promise<Resolution>;
  clock: Clock;
  log: Log;
  /** Told of each query and its answer. */
  observer?: ServerObserver;
}

export interface ServerObserver {
  answered(query: Query, protocol: Protocol, rcode: number, tookMs: number): void;
}

export interface DnsServer {
  readonly address: string;
  readonly port: number;
  stop(): Promise<void>;
}

/** For bursts: some thousand queries that wait for their turn. */
const RECEIVE_BUFFER_BYTES = 4 << 20;
const IDLE_MS = 10_000;
const CONNECTIONS_MAX = 1_000;
/** How many questions of one connection may wait for their answers. */
const PIPELINE_MAX = 100;
/** A client that does not read its answers is let go. */
const UNREAD_BYTES_MAX = 1 << 20;

/** Rejects where the address can't be had (EADDRINUSE, EACCES). */
export async function startDnsServer(options: ServerOptions): Promise<DnsServer> {
  const handler = new Handler(options);
  const tcp = await listenTcp(options, handler);
  const { port } = tcp.address() as AddressInfo;
  const closeTcp = () => closed(tcp, handler);
  try {
    const udp = await listenUdp({ ...options, port }, handler);
    return {
      ...{ address: options.address, port },
      async stop() {
        udp.close();
        await Promise.all([once(udp, "close"), closeTcp()]);
      },
    };
  } catch (error) {
    await closeTcp();
    throw error;
  }
}

/** From the bytes of a query to the bytes of its answer. */
class Handler {
  readonly options: ServerOptions;
  readonly connections = new Set<Socket>();

  constructor(options: ServerOptions) {
    this.options = options;
  }

  /** Calls `send` at most once. */
  handle(message: Buffer, protocol: Protocol, send: (answer: Buffer) => void): boolean {
    const { clock, log, resolve } = this.options;
    const startMs = clock.monotonicMs();
    let query: Query | undefined;
    try {
      query = readQuery(message);
      if (query === undefined) return false;
      const asked = query;
      const finish = (resolution: Resolution) =>
        this.#finish(asked, resolution, protocol, startMs, send);
      const resolution = resolve(query);
      if (!(resolution instanceof Promise)) finish(resolution);
      else {
        resolution.then(finish).catch((error: unknown) => {
          log.warn("Could not resolve", { name: asked.name, err: String(error) });
          finish(emptyAnswer("SERVFAIL"));
        });
      }
    } catch (error) {
      const isTheirs = error instanceof FormatError;
      if (!isTheirs) log.error("A query could not be answered", error);
      const unread = isTheirs ? error.query : query;
      if (unread === undefined) return false;
      this.#finish(unread, emptyAnswer(isTheirs ? "FORMERR" : "SERVFAIL"), protocol, startMs, send);
    }
    return true;
  }

  #finish(
    query: Query,
    resolution: Resolution,
    protocol: Protocol,
    startMs: number,
    send: (answer: Buffer) => void,
  ): void {
    const limit = protocol === "udp" ? udpLimitOf(query) : TCP_BYTES;
    const isTheirs = Buffer.isBuffer(resolution);
    send(isTheirs ? relayAnswer(query, resolution, limit) : encodeAnswer(query, resolution, limit));
    const rcode = isTheirs ? resolution[3]! & 0xf : RCODES[resolution.rcode];
    const tookMs = this.options.clock.monotonicMs() - startMs;
    this.options.observer?.answered(query, protocol, rcode, tookMs);
  }

  /** One connection: queries one behind the other, their answers in the order they are found. */
  serve(socket: Socket): void {
    const { clock, log } = this.options;
    const reader = new FrameReader();
    let waiting = 0;
    let idle = clock.setTimeout(() => socket.destroy(), IDLE_MS);
    const answer = (bytes: Buffer) => {
      waiting--;
      if (socket.writableLength > UNREAD_BYTES_MAX) socket.destroy();
      if (!socket.destroyed) socket.write(framed(bytes));
    };
    this.connections.add(socket);
    socket.on("close", () => {
      idle.cancel();
      this.connections.delete(socket);
    });
    socket.on("error", (error) => log.info("A client went away", { err: String(error) }, 2));
    socket.on("data", (bytes: Buffer) => {
      idle.cancel();
      idle = clock.setTimeout(() => socket.destroy(), IDLE_MS);
      for (const message of reader.read(bytes)) {
        waiting++;
        if (waiting > PIPELINE_MAX || !this.handle(message, "tcp", answer)) socket.destroy();
      }
    });
  }
}

async function listenUdp(options: ServerOptions, handler: Handler): Promise<UdpSocket> {
  const { address, port, log } = options;
  const socket = createSocket({
    type: isIPv6(address) ? "udp6" : "udp4",
    recvBufferSize: RECEIVE_BUFFER_BYTES,
    // A client's address is one already: node would look it up for each answer.
    lookup: (client, _, done) => done(null, client, isIPv6(client) ? 6 : 4),
  });
  socket.on("message", (message: Buffer, from: RemoteInfo) => {
    handler.handle(message, "udp", (answer) => socket.send(answer, from.port, from.address));
  });
  await new Promise<void>((resolve, reject) => {
    socket.once("error", reject);
    socket.bind(port, address, () => {
      socket.off("error", reject);
      resolve();
    });
  });
  // A client that is gone, or an answer that a firewall keeps: nothing to be done about either.
  socket.on("error", (error) => log.warn("UDP socket", { err: String(error) }));
  return socket;
}

async function listenTcp({ address, port }: ServerOptions, handler: Handler): Promise<Server> {
  const server = createServer((socket) => handler.serve(socket));
  server.maxConnections = CONNECTIONS_MAX;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, address, () => {
      server.off("error", reject);
      resolve();
    });
  });
  return server;
}

async function closed(server: Server, handler: Handler): Promise<void> {
  server.close();
  for (const socket of handler.connections) socket.destroy();
  await once(server, "close");
}
