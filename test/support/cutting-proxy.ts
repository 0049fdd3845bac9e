/**
 * A TCP proxy that cuts connections on demand: at once, after so many bytes of answers, or before any
 * answer gets back. It is how a test loses exactly the part of a conversation it wants to lose.
 */
import { once } from "node:events";
import { createConnection, createServer, type Socket } from "node:net";

export interface CuttingProxy {
  port: number;
  endpoint: string;
  /** How many connections have been accepted. */
  readonly accepted: number;
  /** Cuts every connection there is. New ones are accepted. */
  cut(): void;
  /** Cuts every connection when the server has sent `bytes` more through the proxy. */
  cutAfter(bytes: number): void;
  /** Requests still pass; answers are swallowed, until cut(). */
  swallowAnswers(): void;
  /** From now on connections are cut as soon as they are made, until accept(). */
  refuse(): void;
  accept(): void;
  close(): Promise<void>;
}

export async function startCuttingProxy(targetPort: number): Promise<CuttingProxy> {
  const sockets = new Set<Socket>();
  const state = { accepted: 0, bytesLeft: Infinity, isSwallowing: false, isRefusing: false };

  const cut = () => {
    state.bytesLeft = Infinity;
    state.isSwallowing = false;
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };

  const onAnswer = (client: Socket, bytes: Buffer) => {
    if (state.isSwallowing) return;
    state.bytesLeft -= bytes.length;
    if (state.bytesLeft <= 0) cut();
    else client.write(bytes);
  };

  const server = createServer((client) => {
    if (state.isRefusing) return client.destroy();
    state.accepted++;
    const upstream = createConnection(targetPort, "127.0.0.1");
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      // A cut is what this proxy is for; both ends of a pair go together.
      socket.on("error", () => socket.destroy());
      socket.on("close", () => {
        client.destroy();
        upstream.destroy();
        sockets.delete(socket);
      });
    }
    client.pipe(upstream);
    upstream.on("data", (bytes: Buffer) => onAnswer(client, bytes));
    return undefined;
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };

  return {
    port,
    endpoint: `http://127.0.0.1:${port}`,
    get accepted() {
      return state.accepted;
    },
    cut,
    cutAfter: (bytes) => {
      state.bytesLeft = bytes;
    },
    swallowAnswers: () => {
      state.isSwallowing = true;
    },
    refuse: () => {
      state.isRefusing = true;
      cut();
    },
    accept: () => {
      state.isRefusing = false;
    },
    async close() {
      cut();
      server.close();
      await once(server, "close");
    },
  };
}
