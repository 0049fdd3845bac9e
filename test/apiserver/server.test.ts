import { once } from "node:events";
import http from "node:http";
import http2 from "node:http2";
import https from "node:https";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ConfigMap } from "../../src/api/config-map.ts";
import {
  type CertificateRequest,
  issueCertificate,
  type KeyPair,
} from "../../src/component/certificate.ts";
import { systemClock } from "../../src/component/clock.ts";
import { silentLog } from "../../src/component/log.ts";
import { seededRandom, systemRandom } from "../../src/component/random.ts";
import { startTestApiServer } from "../support/api-server.ts";
import { eventually } from "../support/eventually.ts";

const MAPS = "/api/v1/namespaces/default/configmaps";

let server: Awaited<ReturnType<typeof startTestApiServer>>;
let plain: string;
let secure: number;
let pairs: Record<"ca" | "server" | "client", KeyPair>;

beforeAll(async () => {
  server = await startTestApiServer({
    tokens: new Map([["s3cret", { name: "jane", groups: ["dev"] }]]),
  });
  pairs = await makePairs();
  const { port } = await server.listen({ address: "127.0.0.1", port: 0 });
  plain = `http://127.0.0.1:${port}`;
  const tls = {
    cert: pairs.server.certificate,
    key: pairs.server.key,
    clientCa: pairs.ca.certificate,
  };
  secure = (await server.listen({ address: "127.0.0.1", port: 0, tls })).port;
});
afterAll(() => server.stop());

async function makePairs() {
  const surroundings = { clock: systemClock, random: systemRandom };
  const validMs = 3_600_000;
  const issue = (
    request: Omit<CertificateRequest, "validMs">,
    authority?: KeyPair,
  ): Promise<KeyPair> => issueCertificate({ validMs, ...request }, surroundings, authority);
  const ca = await issue({ subject: "CN=test-ca", purpose: "authority" });
  return {
    ca,
    server: await issue({ subject: "CN=server", purpose: "server", names: ["127.0.0.1"] }, ca),
    client: await issue({ subject: "O=dev, CN=jane", purpose: "client" }, ca),
  };
}

describe("the plain port", () => {
  test("asks nobody who they are", async () => {
    const response = await fetch(`${plain}/api/v1/namespaces`);
    expect(response.status).toBe(200);
    expect(((await response.json()) as { kind: string }).kind).toBe("NamespaceList");
  });

  test("answers a body of ten megabytes with 413, though the client is still sending", async () => {
    const response = await fetch(plain + MAPS, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "x".repeat(10 * 1024 * 1024),
    });
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({
      reason: "RequestEntityTooLarge",
      message: "Request entity too large: limit is 3145728",
    });
  });

  test("sends a list of many megabytes whole", async () => {
    const data = { text: "x".repeat(100_000) };
    for (let i = 0; i < 60; i++) {
      await server.client.create(ConfigMap, "kube-public", { metadata: { name: `big${i}` }, data });
    }
    const response = await fetch(`${plain}/api/v1/namespaces/kube-public/configmaps`);
    const { items } = (await response.json()) as { items: unknown[] };
    expect(items).toHaveLength(60);
  });

  test("streams a watch, and forgets it when the client goes", async () => {
    const gone = new AbortController();
    const response = await fetch(`${plain}${MAPS}?watch=1&resourceVersion=0`, {
      signal: gone.signal,
    });
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    await server.client.create(ConfigMap, "default", { metadata: { name: "seen" } });
    const { value } = await reader.read();
    expect(JSON.parse(value!)).toMatchObject({
      type: "ADDED",
      object: { metadata: { name: "seen" } },
    });
    gone.abort();
    await expect(reader.read()).rejects.toThrow();
  });

  test("answers what is not HTTP with 400", async () => {
    const { port } = new URL(plain);
    const socket = connect(Number(port), "127.0.0.1");
    socket.end("nonsense\r\n\r\n");
    const [data] = await once(socket, "data");
    // How the server closes after that is its own affair.
    socket.on("error", () => undefined);
    expect(String(data)).toMatch(/^HTTP\/1\.1 400 /);
  });

  test("shows health, metrics and version", async () => {
    expect(await (await fetch(`${plain}/healthz`)).text()).toBe("ok");
    expect(await (await fetch(`${plain}/readyz?verbose`)).text()).toContain("[+]etcd ok");
    expect(await (await fetch(`${plain}/version`)).json()).toMatchObject({
      major: "1",
      minor: "30",
    });
    const metrics = await (await fetch(`${plain}/metrics`)).text();
    expect(metrics).toMatch(
      /apiserver_request_total\{verb="LIST",group="",version="v1",resource="namespaces",subresource="",code="200",component="apiserver"\} \d+/,
    );
    expect(metrics).toContain("apiserver_request_duration_seconds_bucket");
  });

  test("that is taken is an error when it is asked for", async () => {
    const port = Number(new URL(plain).port);
    await expect(server.listen({ address: "127.0.0.1", port })).rejects.toMatchObject({
      code: "EADDRINUSE",
    });
  });
});

describe("the secure port", () => {
  test("speaks HTTP/2, and knows a client by its certificate", async () => {
    const session = connectSecure({ cert: pairs.client.certificate, key: pairs.client.key });
    expect(await get2(session, "/api/v1/namespaces/default")).toMatchObject({ status: 200 });
    session.close();
  });

  test("speaks HTTP/1.1 too", async () => {
    const status = await new Promise((resolve, reject) => {
      const request = httpsGet({ authorization: "Bearer s3cret" });
      request.on("response", (response: http.IncomingMessage) => {
        response.resume();
        resolve([response.statusCode, response.httpVersion]);
      });
      request.on("error", reject);
      request.end();
    });
    expect(status).toEqual([200, "1.1"]);
  });

  test("lets nobody in without credentials, or with wrong ones", async () => {
    const session = connectSecure();
    const wrong = { authorization: "Bearer guess" };
    for (const headers of [{}, wrong]) {
      const { status, body } = await get2(session, "/api/v1/namespaces", headers);
      expect([status, JSON.parse(body)]).toEqual([
        401,
        expect.objectContaining({ reason: "Unauthorized", message: "Unauthorized", code: 401 }),
      ]);
    }
    session.close();
  });

  test("serves health over HTTP/2, which Express alone could not", async () => {
    const session = connectSecure({ cert: pairs.client.certificate, key: pairs.client.key });
    expect(await get2(session, "/healthz")).toEqual({ status: 200, body: "ok" });
    session.close();
  });

  test("streams 600 watches over one connection", async () => {
    const session = connectSecure({ cert: pairs.client.certificate, key: pairs.client.key });
    let seen = 0;
    const streams = Array.from({ length: 600 }, () => {
      const stream = session.request({
        ":path": `${MAPS}?watch=1&resourceVersion=0&fieldSelector=metadata.name%3Dfanned`,
      });
      stream.setEncoding("utf8");
      stream.on("data", (chunk: string) => {
        seen += chunk.split("\n").length - 1;
      });
      return stream;
    });
    await Promise.all(streams.map((stream) => once(stream, "response")));
    await server.client.create(ConfigMap, "default", { metadata: { name: "fanned" } });
    await eventually(() => expect(seen).toBe(600));
    session.destroy();
  });
});

describe("a server that stops", () => {
  test("ends watches and closes its ports", async () => {
    const other = await startTestApiServer({ log: silentLog, random: seededRandom(2) });
    const { port } = await other.listen({ address: "127.0.0.1", port: 0 });
    const response = await fetch(`http://127.0.0.1:${port}${MAPS}?watch=1`);
    await other.stop();
    expect(await response.text()).toBe("");
    await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow();
  });
});

function connectSecure(credentials: { cert?: string; key?: string } = {}) {
  return http2.connect(`https://127.0.0.1:${secure}`, {
    ca: pairs.ca.certificate,
    ...credentials,
  });
}

async function get2(session: http2.ClientHttp2Session, path: string, headers: object = {}) {
  const stream = session.request({ ":path": path, ...headers });
  const [{ ":status": status }] = await once(stream, "response");
  let body = "";
  for await (const chunk of stream.setEncoding("utf8")) body += chunk;
  return { status, body };
}

function httpsGet(headers: Record<string, string>) {
  return https.request({
    host: "127.0.0.1",
    port: secure,
    path: "/api/v1/namespaces/default",
    headers,
    ca: pairs.ca.certificate,
    agent: false,
  });
}

describe("a connection kept for later", () => {
  test("does not keep a server from stopping, TLS or not", async () => {
    const other = await startTestApiServer({ random: seededRandom(3) });
    const tls = { cert: pairs.server.certificate, key: pairs.server.key };
    const ports = [
      await other.listen({ address: "127.0.0.1", port: 0 }),
      await other.listen({ address: "127.0.0.1", port: 0, tls }),
    ];
    const agents = [
      new http.Agent({ keepAlive: true }),
      new https.Agent({ keepAlive: true, ca: pairs.ca.certificate }),
    ];
    const get = [http.get, https.get];
    for (const [i, { port }] of ports.entries()) {
      const request = get[i]!({ host: "127.0.0.1", port, path: "/version", agent: agents[i] });
      const [response] = await once(request, "response");
      await once(response.resume(), "end");
    }
    // Its clock stands still: what waits for it to pass would wait for ever.
    await other.stop();
    for (const agent of agents) agent.destroy();
  });
});
