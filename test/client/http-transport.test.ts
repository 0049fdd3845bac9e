import { setMaxListeners } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ConfigMap } from "../../src/api/config-map.ts";
import { Client } from "../../src/client/client.ts";
import { createHttpTransport, type HttpTransport } from "../../src/client/http-transport.ts";
import { createInformers } from "../../src/client/informer.ts";
import { readLines } from "../../src/client/watch-lines.ts";
import { silentLog } from "../../src/component/log.ts";
import { startTestApiServer } from "../support/api-server.ts";
import { eventually } from "../support/eventually.ts";

describe("the HTTP transport", () => {
  let server: Awaited<ReturnType<typeof startTestApiServer>>;
  let http1: HttpTransport;
  let client: Client;
  let lifetime: AbortController;

  beforeEach(async () => {
    server = await startTestApiServer();
    const { port } = await server.listen({ address: "127.0.0.1", port: 0 });
    http1 = createHttpTransport(`http://127.0.0.1:${port}`);
    client = new Client(http1.transport);
    lifetime = new AbortController();
  });
  afterEach(async () => {
    lifetime.abort();
    http1.close();
    await server.stop();
  });

  test("carries requests, answers and errors", async () => {
    await client.create(ConfigMap, "default", {
      metadata: { name: "a" },
      data: { key: "välue" },
    } as never);
    expect(await client.get(ConfigMap, "default", "a")).toMatchObject({ data: { key: "välue" } });
    await expect(client.get(ConfigMap, "default", "b")).rejects.toThrow('configmaps "b" not found');
  });

  test("feeds an informer, whose watch ends with its signal", async () => {
    const context = { ...server, client, log: silentLog, signal: lifetime.signal };
    const informer = createInformers(context).of(ConfigMap);
    await informer.synced();
    await client.create(ConfigMap, "default", { metadata: { name: "a" } });
    await eventually(() => expect(informer.get("default", "a")).toBeDefined());
  });

  test("keeps no request waiting behind two hundred watches", async () => {
    setMaxListeners(0, lifetime.signal);
    for (let count = 0; count < 200; count++) {
      const path = `/api/v1/configmaps?watch=1&n=${count}`;
      const { body } = await client.send("GET", path, undefined, { signal: lifetime.signal });
      readLines(body, lifetime.signal, () => undefined).catch(() => undefined);
    }
    const { items } = await client.list(ConfigMap);
    expect(Array.isArray(items)).toBe(true);
  });

  test("gives up a request with its signal", async () => {
    const signal = AbortSignal.abort(new Error("no longer wanted"));
    await expect(client.send("GET", "/api", undefined, { signal })).rejects.toThrow(
      "no longer wanted",
    );
  });
});

describe("the HTTP transport, of a server that misbehaves", () => {
  let handle: http.RequestListener;
  let server: http.Server;
  let http1: HttpTransport;

  beforeEach(async () => {
    server = http.createServer((request, response) => handle(request, response));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    http1 = createHttpTransport(`http://127.0.0.1:${(server.address() as AddressInfo).port}/base/`);
  });
  afterEach(() => {
    http1.close();
    server.closeAllConnections();
    server.close();
  });

  test("says so when nobody listens", async () => {
    const nobody = createHttpTransport("http://127.0.0.1:1");
    await expect(send(nobody, "GET", "/api")).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });

  test("takes a stream that is cut for broken, not for complete", async () => {
    handle = (_request, response) => {
      response.write('{"type":"ADDED"}\n{"type":"MOD');
      setImmediate(() => response.destroy());
    };
    const { body } = await send(http1, "GET", "/api/v1/pods?watch=true");
    const lines: string[] = [];
    const read = readLines(body, new AbortController().signal, (line) => lines.push(line));
    await expect(read).rejects.toThrow();
    expect(lines).toEqual(['{"type":"ADDED"}']);
  });

  test("reads again on a connection that the server closed meanwhile; does not write again", async () => {
    let requests = 0;
    handle = (request, response) => {
      requests++;
      if (requests % 2 === 0) request.socket.destroy();
      else response.end("{}");
    };
    await send(http1, "GET", "/api");
    await send(http1, "GET", "/api");
    expect(requests).toBe(3);
    await expect(send(http1, "POST", "/api")).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(requests).toBe(4);
  });

  test("keeps the path of the server's address", async () => {
    let path = "";
    handle = (request, response) => {
      path = request.url!;
      response.end("{}");
    };
    await send(http1, "GET", "/api");
    expect(path).toBe("/base/api");
  });

  const send = ({ transport }: HttpTransport, method: string, path: string) =>
    transport({ method, path, headers: {} });
});
