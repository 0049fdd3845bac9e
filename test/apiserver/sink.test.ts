import { once } from "node:events";
import http from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { http1SinkTo } from "../../src/apiserver/sink.ts";
import type { Sink } from "../../src/client/transport.ts";

const piece = (text: string) => Buffer.from(text);

describe("a stream on the wire", () => {
  let server: http.Server;
  let clients: Socket[];
  /** Of the requests that have come and wait for their sink. */
  let arrivals: ((sink: Sink) => void)[];
  beforeEach(async () => {
    clients = [];
    arrivals = [];
    server = http.createServer((_, res) => {
      res.writeHead(200).flushHeaders();
      arrivals.shift()!(http1SinkTo(res, new AbortController().signal));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
  });
  afterEach(() => {
    for (const client of clients) client.destroy();
    server.close();
  });

  /** Asks, and keeps what comes; `body` resolves to it when the server has closed the connection. */
  async function open(version: string) {
    const arrival = new Promise<Sink>((resolve) => void arrivals.push(resolve));
    const client = connect((server.address() as AddressInfo).port, "127.0.0.1");
    clients.push(client);
    const received: Buffer[] = [];
    client.on("data", (data: Buffer) => void received.push(data));
    const body = once(client, "close").then(() => {
      const whole = Buffer.concat(received).toString();
      return whole.slice(whole.indexOf("\r\n\r\n") + 4);
    });
    client.write(`GET / HTTP/${version}\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
    return { client, sink: await arrival, body };
  }

  test("sends what was written in one turn as one chunk", async () => {
    const { sink, body } = await open("1.1");
    for (const text of ["one", "", "two"]) expect(sink.write(piece(text))).toBe(true);
    sink.end();
    expect(await body).toBe("6\r\nonetwo\r\n0\r\n\r\n");
  });

  test("has no chunks for HTTP/1.0", async () => {
    const { sink, body } = await open("1.0");
    for (const text of ["one", "two"]) sink.write(piece(text));
    sink.end();
    expect(await body).toBe("onetwo");
  });

  test("does not mix up what several receivers are told in the same turn", async () => {
    const [first, second, third, old] = [
      await open("1.1"),
      await open("1.1"),
      await open("1.1"),
      await open("1.0"),
    ];
    const [a, b, c] = [piece("a"), piece("b"), piece("c")];
    for (const { sink } of [first, second, old]) for (const one of [a, b]) sink.write(one);
    for (const one of [a, c]) third.sink.write(one);
    for (const { sink } of [first, second, third, old]) sink.end();
    expect(await first.body).toBe("2\r\nab\r\n0\r\n\r\n");
    expect(await second.body).toBe("2\r\nab\r\n0\r\n\r\n");
    expect(await third.body).toBe("2\r\nac\r\n0\r\n\r\n");
    expect(await old.body).toBe("ab");
  });

  test("says when the receiver falls behind, and when it has caught up", async () => {
    const { client, sink, body } = await open("1.0");
    client.pause();
    const bytes = Buffer.alloc(10_000, "x");
    let sent = 0;
    do sent += bytes.length;
    while (sink.write(bytes));
    expect(sent).toBeGreaterThan(100_000);
    client.resume();
    await sink.drained();
    expect(sink.write(bytes)).toBe(true);
    sink.end();
    expect(await body).toHaveLength(sent + bytes.length);
  });
});
