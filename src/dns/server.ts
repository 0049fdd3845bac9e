/**
 * The sockets: a question comes in over UDP or TCP, its answer goes out the same way.
 *
 * In Kubernetes: github.com/miekg/dns (server.go)
 */
import { createSocket, type RemoteInfo, type Socket as UdpSocket } from "node:dgram";
import { once } from "node:events";
import { type AddressInfo, createServer, isIPv6, type Server, type Socket } from "node:net";
import { QueryHandler, type QueryHandlerOptions } from "./query-handler.ts";
import { FrameReader, framed } from "./tcp-frames.ts";

export interface ServerOptions extends QueryHandlerOptions {
  address: string;
  /** 0: any free port, the same for UDP and TCP. */
  port: number;
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
  const handler = new QueryHandler(options);
  const connections = new Set<Socket>();
  const tcp = await listenTcp(options, (socket) => {
    connections.add(socket);
    socket.on("close", () => connections.delete(socket));
    serve(socket, handler, options);
  });
  const closeTcp = async () => {
    tcp.close();
    for (const socket of connections) socket.destroy();
    await once(tcp, "close");
  };
  const { address } = options;
  const { port } = tcp.address() as AddressInfo;
  try {
    const udp = await listenUdp({ ...options, port }, handler);
    const closeUdp = async () => {
      udp.close();
      await once(udp, "close");
    };
    return { address, port, stop: async () => void (await Promise.all([closeUdp(), closeTcp()])) };
  } catch (error) {
    await closeTcp();
    throw error;
  }
}

/** One connection: queries one behind the other, their answers in the order they are found. */
function serve(socket: Socket, handler: QueryHandler, { clock, log }: ServerOptions): void {
  const reader = new FrameReader();
  let waiting = 0;
  let idle = clock.setTimeout(() => socket.destroy(), IDLE_MS);
  const answer = (bytes: Buffer) => {
    waiting--;
    if (socket.writableLength > UNREAD_BYTES_MAX) socket.destroy();
    if (!socket.destroyed) socket.write(framed(bytes));
  };
  socket.on("close", () => idle.cancel());
  socket.on("error", (error) => log.info("A client went away", { err: String(error) }, 2));
  socket.on("data", (bytes: Buffer) => {
    idle.cancel();
    idle = clock.setTimeout(() => socket.destroy(), IDLE_MS);
    for (const message of reader.read(bytes)) {
      waiting++;
      if (waiting > PIPELINE_MAX || !handler.handle(message, "tcp", answer)) socket.destroy();
    }
  });
}

async function listenUdp(
  { address, port, log }: ServerOptions,
  handler: QueryHandler,
): Promise<UdpSocket> {
  const socket = createSocket({
    type: isIPv6(address) ? "udp6" : "udp4",
    recvBufferSize: RECEIVE_BUFFER_BYTES,
    // A client's address is one already: node would look it up for each answer.
    lookup: (client, _, done) => done(null, client, isIPv6(client) ? 6 : 4),
  });
  socket.on("message", (message: Buffer, from: RemoteInfo) => {
    handler.handle(message, "udp", (answer) => socket.send(answer, from.port, from.address));
  });
  await listening(socket, () => socket.bind(port, address));
  // A client that is gone, or an answer that a firewall keeps: nothing to be done about either.
  socket.on("error", (error) => log.warn("UDP socket", { err: String(error) }));
  return socket;
}

async function listenTcp(
  { address, port }: ServerOptions,
  onConnection: (socket: Socket) => void,
): Promise<Server> {
  const server = createServer(onConnection);
  server.maxConnections = CONNECTIONS_MAX;
  await listening(server, () => server.listen(port, address));
  return server;
}

async function listening(socket: Server | UdpSocket, listen: () => void): Promise<void> {
  const isListening = once(socket, "listening");
  listen();
  await isListening;
}
