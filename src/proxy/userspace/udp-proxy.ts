/**
 * A UDP proxy of one service port: each client has a socket of its own to one endpoint, for as long
 * as anything passes. `--udp-timeout` later it is closed, and the client's next datagram may go to
 * another endpoint.
 *
 * In Kubernetes: pkg/proxy/userspace/proxysocket.go (until 1.25)
 */
import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import type { Timer } from "../../component/clock.ts";
import type { ProxyContext, ProxySocket } from "./tcp-proxy.ts";

export interface UdpProxyContext extends ProxyContext {
  idleMs: number;
}

export async function openUdpProxy(
  address: string,
  port: number,
  context: UdpProxyContext,
): Promise<ProxySocket> {
  const socket = createSocket("udp4");
  await bind(socket, address, port);
  const proxy = new UdpProxy(socket, context);
  return { port: socket.address().port, close: () => proxy.close() };
}

interface Client {
  /** Towards the endpoint. Undefined until it is connected. */
  upstream: Socket;
  waiting: Buffer[] | undefined;
  timer: Timer;
}

class UdpProxy {
  readonly #socket: Socket;
  readonly #context: UdpProxyContext;
  readonly #clients = new Map<string, Client>();

  constructor(socket: Socket, context: UdpProxyContext) {
    this.#socket = socket;
    this.#context = context;
    socket.on("message", (message, from) => this.#forward(message, from));
    socket.on("error", (error) => context.log.error("UDP proxy failed", error));
  }

  async close(): Promise<void> {
    for (const key of [...this.#clients.keys()]) this.#drop(key);
    await new Promise<void>((resolve) => this.#socket.close(() => resolve()));
  }

  #forward(message: Buffer, from: RemoteInfo): void {
    const key = `${from.address}:${from.port}`;
    const client = this.#clients.get(key) ?? this.#connect(key, from);
    if (client === undefined) return;
    this.#touch(key, client);
    if (client.waiting) client.waiting.push(message);
    else client.upstream.send(message);
  }

  #connect(key: string, from: RemoteInfo): Client | undefined {
    const { nextEndpoint, log } = this.#context;
    const endpoint = nextEndpoint(from.address, false);
    if (endpoint === undefined) {
      log.warn("Couldn't find an endpoint for service: missing endpoints");
      return undefined;
    }
    const upstream = createSocket("udp4");
    const client: Client = { upstream, waiting: [], timer: this.#timer(key) };
    this.#clients.set(key, client);
    upstream.on("message", (answer) => {
      this.#touch(key, client);
      this.#socket.send(answer, from.port, from.address);
    });
    upstream.on("error", (error) => {
      log.error("Write failed", error, { endpoint: `${endpoint.ip}:${endpoint.port}` });
      this.#drop(key);
    });
    upstream.connect(endpoint.port, endpoint.ip, () => {
      for (const message of client.waiting ?? []) upstream.send(message);
      client.waiting = undefined;
    });
    return client;
  }

  #touch(key: string, client: Client): void {
    client.timer.cancel();
    client.timer = this.#timer(key);
  }

  #timer(key: string): Timer {
    return this.#context.clock.setTimeout(() => this.#drop(key), this.#context.idleMs);
  }

  #drop(key: string): void {
    const client = this.#clients.get(key);
    if (client === undefined) return;
    this.#clients.delete(key);
    client.timer.cancel();
    client.upstream.close();
  }
}

function bind(socket: Socket, address: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.bind(port, address, () => {
      socket.off("error", reject);
      resolve();
    });
  });
}
