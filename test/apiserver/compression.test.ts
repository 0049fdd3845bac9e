/** Compressed answers, over HTTP/1.1 and HTTP/2. */
import { once } from "node:events";
import http from "node:http";
import http2 from "node:http2";
import { text } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ConfigMap } from "../../src/api/config-map.ts";
import { issueCertificate } from "../../src/component/certificate.ts";
import { systemClock } from "../../src/component/clock.ts";
import { systemRandom } from "../../src/component/random.ts";
import { startTestApiServer } from "../support/api-server.ts";

const MAPS = "/api/v1/namespaces/default/configmaps";
const SMALL = `${MAPS}/small`;

let server: Awaited<ReturnType<typeof startTestApiServer>>;
let plain: number;
let secure: number;

beforeAll(async () => {
  server = await startTestApiServer({
    tokens: new Map([["s3cret", { name: "jane", groups: ["system:masters"] }]]),
  });
  plain = (await server.listen({ address: "127.0.0.1", port: 0 })).port;
  const pair = await issueCertificate(
    { subject: "CN=server", purpose: "server", names: ["127.0.0.1"], validMs: 3_600_000 },
    { clock: systemClock, random: systemRandom },
  );
  const tls = { cert: pair.certificate, key: pair.key };
  secure = (await server.listen({ address: "127.0.0.1", port: 0, tls })).port;
  const data = { text: "kubeling ".repeat(10_000) };
  await server.client.create(ConfigMap, "default", { metadata: { name: "small" } });
  for (const name of ["a", "b"]) {
    await server.client.create(ConfigMap, "default", { metadata: { name }, data });
  }
});
afterAll(() => server.stop());

interface Received {
  headers: Record<string, unknown>;
  body: Buffer;
}

async function get(path: string, headers: Record<string, string>): Promise<Received> {
  const request = http.get({ host: "127.0.0.1", port: plain, path, headers, agent: false });
  const [response] = (await once(request, "response")) as [http.IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return { headers: response.headers, body: Buffer.concat(chunks) };
}

async function get2(path: string, headers: Record<string, string>): Promise<Received> {
  const session = http2.connect(`https://127.0.0.1:${secure}`, { rejectUnauthorized: false });
  const authorization = "Bearer s3cret";
  const stream = session.request({ ":path": path, authorization, ...headers });
  const [answered] = (await once(stream, "response")) as [Record<string, unknown>];
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  session.close();
  return { headers: answered, body: Buffer.concat(chunks) };
}

describe.each([
  ["HTTP/1.1", get],
  ["HTTP/2", get2],
] as const)("a large answer over %s", (_, ask) => {
  test("is compressed for those who take gzip, and is the same", async () => {
    const asIs = await ask(MAPS, {});
    expect(asIs.headers).not.toHaveProperty("content-encoding");
    expect(asIs.headers).not.toHaveProperty("vary");

    const gzipped = await ask(MAPS, { "accept-encoding": "deflate, gzip" });
    expect(gzipped.headers).toMatchObject({
      "content-encoding": "gzip",
      vary: "Accept-Encoding",
      "content-type": "application/json",
    });
    expect(gunzipSync(gzipped.body)).toEqual(asIs.body);
    expect(gzipped.body.length).toBeLessThan(asIs.body.length / 10);
  });

  test.each(["identity", "gzip;q=0", "br"])(
    "is sent as it is to those who say %s",
    async (said) => {
      const { headers, body } = await ask(MAPS, { "accept-encoding": said });
      expect(headers).not.toHaveProperty("content-encoding");
      expect(JSON.parse(body.toString()).items).toHaveLength(3);
    },
  );

  test("is one of more than 128 KiB", async () => {
    const { headers } = await ask(SMALL, { "accept-encoding": "gzip" });
    expect(headers).not.toHaveProperty("content-encoding");
  });
});

test("a watch is not compressed, however much it says", async () => {
  const path = `${MAPS}?watch=1&resourceVersion=0&timeoutSeconds=1`;
  const request = http.get({
    host: "127.0.0.1",
    port: plain,
    path,
    headers: { "accept-encoding": "gzip" },
    agent: false,
  });
  const [response] = (await once(request, "response")) as [http.IncomingMessage];
  expect(response.headers).not.toHaveProperty("content-encoding");
  const [first] = (await once(response, "data")) as [Buffer];
  expect(first.toString()).toMatch(/^\{"type":"ADDED"/);
  request.destroy();
});

test("a client that goes in the middle of it does the server no harm", async () => {
  const headers = { "accept-encoding": "gzip" };
  for (let i = 0; i < 5; i++) {
    const request = http.get({ host: "127.0.0.1", port: plain, path: MAPS, headers, agent: false });
    await once(request, "response");
    request.destroy();
  }
  const { body } = await get(MAPS, headers);
  expect(JSON.parse(gunzipSync(body).toString()).items).toHaveLength(3);
  const answer = await fetch(`http://127.0.0.1:${plain}/healthz`);
  expect(answer.body === null ? "" : await text(answer.body)).toBe("ok");
});
