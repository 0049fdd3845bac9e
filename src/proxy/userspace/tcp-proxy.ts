/**
 * A TCP proxy of one service port: takes a connection, connects to an endpoint, and passes bytes
 * on in both directions until both sides have ended.
 *
 * Rule: an endpoint that does not answer in time is left for the next one; after four, the
 * connection is closed.
 *
 * In Kubernetes: pkg/proxy/userspace/proxysocket.go (until 1.25)
 */
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { type Clock, sleep } from "../../component/clock.ts";
import type { Log } from "../../component/log.ts";
import type { Endpoint } from "../endpoint.ts";

/** How long each attempt to reach an endpoint may take. */
const DIAL_TIMEOUTS_MS = [250, 500, 1_000, 2_000];

/** A side that vanished without a word is found out. */
const KEEP_ALIVE_MS = 15_000;

export interface ProxyContext {
  /** The endpoint to try next, for a client; `forget` after one that could not be reached. */
  nextEndpoint(clientIP: string, forget: boolean): Endpoint | undefined;
  clock: Clock;
  log: Log;
}

/** A socket that connections to a service port are led to. */
export interface ProxySocket {
  readonly port: number;
  /** Takes no more. TCP connections that are open stay open. */
  close(): Promise<void>;
}

export async function openTcpProxy(
  address: string,
  port: number,
  context: ProxyContext,
): Promise<ProxySocket> {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (client) => {
    void serve(client, context);
  });
  await listen(server, address, port);
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      // Not waited for: it would be until the last connection has ended.
      server.close();
    },
  };
}

async function serve(client: Socket, context: ProxyContext): Promise<void> {
  client.on("error", () => client.destroy());
  const endpoint = await dial(client.remoteAddress ?? "", context);
  if (endpoint === undefined || client.destroyed) {
    client.destroy();
    endpoint?.destroy();
    return;
  }
  for (const socket of [client, endpoint]) socket.setKeepAlive(true, KEEP_ALIVE_MS);
  passOn(client, endpoint);
  passOn(endpoint, client);
}

/** What one side ends, the other is told; what one side breaks, breaks for the other. */
function passOn(from: Socket, to: Socket): void {
  from.on("error", () => to.resetAndDestroy());
  from.pipe(to);
}

async function dial(clientIP: string, context: ProxyContext): Promise<Socket | undefined> {
  let forget = false;
  for (const timeoutMs of DIAL_TIMEOUTS_MS) {
    const endpoint = context.nextEndpoint(clientIP, forget);
    if (endpoint === undefined) {
      context.log.warn("Couldn't find an endpoint for service: missing endpoints");
      return undefined;
    }
    try {
      return await reach(endpoint, timeoutMs, context.clock);
    } catch (error) {
      context.log.error("Dial failed", error, { endpoint: `${endpoint.ip}:${endpoint.port}` });
      forget = true;
    }
  }
  return undefined;
}

async function reach({ ip, port }: Endpoint, timeoutMs: number, clock: Clock): Promise<Socket> {
  const done = new AbortController();
  const socket = connect({ host: ip, port, allowHalfOpen: true });
  const connected = new Promise<Socket>((resolve, reject) => {
    socket.once("connect", () => resolve(socket));
    socket.once("error", reject);
  });
  const timedOut = sleep(clock, timeoutMs, done.signal).then(() => {
    throw Object.assign(new Error(`no answer in ${timeoutMs} ms`), { code: "ETIMEDOUT" });
  });
  timedOut.catch(() => done.abort());
  try {
    return await Promise.race([connected, timedOut]);
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    done.abort();
  }
}

function listen(server: Server, address: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, address, () => {
      server.off("error", reject);
      resolve();
    });
  });
}
