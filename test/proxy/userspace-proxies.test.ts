/** The sockets of userspace mode, on the loopback interface. */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { systemClock } from "../../src/component/clock.ts";
import { silentLog } from "../../src/component/log.ts";
import type { Endpoint } from "../../src/proxy/endpoint.ts";
import { openTcpProxy, type ProxySocket } from "../../src/proxy/userspace/tcp-proxy.ts";
import { openUdpProxy } from "../../src/proxy/userspace/udp-proxy.ts";
import { eventually } from "../support/eventually.ts";
import { freePort } from "../support/free-port.ts";
import { ManualClock } from "../support/manual-clock.ts";

const HOST = "127.0.0.1";
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function serve(onConnection: (socket: Socket) => void): Promise<number> {
  const server: Server = createServer({ allowHalfOpen: true }, onConnection);
  server.listen(0, HOST);
  await once(server, "listening");
  cleanups.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

function endpoint(port: number, ip = HOST): Endpoint {
  return { ip, port, isLocal: true, isReady: true, isServing: true, isTerminating: false };
}

/** A proxy to these, one after the other; what it asked for is noted. */
async function proxyTo(...endpoints: Endpoint[]) {
  const asked: boolean[] = [];
  const proxy = await openTcpProxy(HOST, 0, {
    nextEndpoint: (_client, forget) => endpoints[(asked.push(forget) - 1) % endpoints.length],
    clock: systemClock,
    log: silentLog,
  });
  cleanups.push(() => proxy.close());
  return { proxy, asked };
}

async function dial({ port }: ProxySocket): Promise<Socket> {
  const socket = connect({ port, host: HOST, allowHalfOpen: true });
  cleanups.push(() => socket.destroy());
  await once(socket, "connect");
  return socket;
}

/** All until the other side ends; the socket can still be written to. */
async function textFrom(socket: Socket): Promise<string> {
  let text = "";
  socket.on("data", (chunk) => {
    text += chunk;
  });
  await once(socket, "end");
  return text;
}

describe("a TCP proxy", () => {
  test("passes bytes on in both directions, and an end in one direction alone", async () => {
    const port = await serve(async (socket) => {
      socket.write("hello ");
      const received = await textFrom(socket);
      socket.end(received.toUpperCase());
    });
    const { proxy } = await proxyTo(endpoint(port));
    const socket = await dial(proxy);
    socket.end("world");
    expect(await textFrom(socket)).toBe("hello WORLD");
  });

  test("passes on 64 MiB unharmed", async () => {
    const size = 64 * 1024 * 1024;
    const port = await serve((socket) => socket.end(Buffer.alloc(size, 7)));
    const { proxy } = await proxyTo(endpoint(port));
    let received = 0;
    for await (const chunk of await dial(proxy)) received += (chunk as Buffer).length;
    expect(received).toBe(size);
  });

  test("goes on to the next endpoint when one refuses, and asks for another than it had", async () => {
    const port = await serve((socket) => socket.end("here"));
    const { proxy, asked } = await proxyTo(endpoint(await freePort()), endpoint(port));
    expect(await textFrom(await dial(proxy))).toBe("here");
    expect(asked).toEqual([false, true]);
  });

  test("gives up after four endpoints and closes the connection", async () => {
    const { proxy, asked } = await proxyTo(endpoint(await freePort()));
    expect(await textFrom(await dial(proxy))).toBe("");
    expect(asked).toEqual([false, true, true, true]);
  });

  test("breaks the connection to the client when the endpoint breaks its own", async () => {
    const port = await serve((socket) => void socket.once("data", () => socket.resetAndDestroy()));
    const { proxy } = await proxyTo(endpoint(port));
    const socket = await dial(proxy);
    socket.write("x");
    await expect(textFrom(socket)).rejects.toThrow("ECONNRESET");
  });

  test("closes the connection to the endpoint when the client has gone", async () => {
    let broken = "";
    const port = await serve((socket) => {
      socket.on("error", (error) => {
        broken = error.message;
      });
      socket.write("x");
    });
    const { proxy } = await proxyTo(endpoint(port));
    const socket = await dial(proxy);
    await once(socket, "data");
    socket.resetAndDestroy();
    await eventually(() => expect(broken).toContain("ECONNRESET"));
  });

  test("takes no more connections once it is closed, but keeps those it has", async () => {
    const port = await serve((socket) => socket.pipe(socket));
    const { proxy } = await proxyTo(endpoint(port));
    const socket = await dial(proxy);
    socket.write("a");
    await once(socket, "data");
    await proxy.close();
    socket.write("b");
    expect(String((await once(socket, "data"))[0])).toBe("b");
    await expect(dial(proxy)).rejects.toThrow("ECONNREFUSED");
  });
});

describe("a UDP proxy", () => {
  async function echo() {
    const seen = new Set<number>();
    const socket = createSocket("udp4");
    socket.on("message", (message, from) => {
      seen.add(from.port);
      socket.send(message, from.port, from.address);
    });
    socket.bind(0, HOST);
    await once(socket, "listening");
    cleanups.push(() => socket.close());
    return { port: socket.address().port, seen };
  }

  async function proxyOf(...ports: number[]) {
    const clock = new ManualClock();
    let next = 0;
    const proxy = await openUdpProxy(HOST, 0, {
      nextEndpoint: () => endpoint(ports[next++ % ports.length]!),
      ...{ clock, log: silentLog, idleMs: 250 },
    });
    cleanups.push(() => proxy.close());
    const client = createSocket("udp4");
    cleanups.push(() => client.close());
    const ask = async (text: string) => {
      client.send(text, proxy.port, HOST);
      return String((await once(client, "message"))[0]);
    };
    return { clock, ask };
  }

  test("keeps a client with one endpoint while datagrams come, then lets go of it", async () => {
    const [one, other] = [await echo(), await echo()];
    const { clock, ask } = await proxyOf(one.port, other.port);
    for (const text of ["a", "b", "c"]) {
      expect(await ask(text)).toBe(text);
      clock.advance(200);
    }
    expect([one.seen.size, other.seen.size]).toEqual([1, 0]);
    clock.advance(250);
    expect(await ask("d")).toBe("d");
    expect([one.seen.size, other.seen.size]).toEqual([1, 1]);
  });

  test("gives each client a socket of its own", async () => {
    const one = await echo();
    const first = await proxyOf(one.port);
    const second = await proxyOf(one.port);
    expect(await Promise.all([first.ask("a"), second.ask("b")])).toEqual(["a", "b"]);
    expect(one.seen.size).toBe(2);
  });
});
