/** Front proxies, over TLS: whom the server believes when it is told in headers who asks. */
import http2 from "node:http2";
import https from "node:https";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { issueCertificate, type KeyPair } from "../../../src/component/certificate.ts";
import { systemClock } from "../../../src/component/clock.ts";
import { systemRandom } from "../../../src/component/random.ts";
import { startTestApiServer } from "../../support/api-server.ts";
import { makeAuthority, makeClientPair } from "../../support/https-server.ts";

const PATH = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
const JANE = { "x-remote-user": "jane" };
type Headers = Record<string, string | string[]>;

let server: Awaited<ReturnType<typeof startTestApiServer>>;
let port: number;
let pairs: Record<"proxy" | "other" | "client" | "sameName", KeyPair>;

beforeAll(async () => {
  const proxyCa = await makeAuthority("front-proxy-ca");
  const clientCa = await makeAuthority("client-ca");
  const own = await issueCertificate(
    { subject: "CN=server", purpose: "server", names: ["127.0.0.1"], validMs: 3_600_000 },
    { clock: systemClock, random: systemRandom },
  );
  pairs = {
    proxy: await makeClientPair("CN=front-proxy-client", proxyCa),
    other: await makeClientPair("CN=somebody", proxyCa),
    client: await makeClientPair("O=dev, CN=jim", clientCa),
    sameName: await makeClientPair("O=dev, CN=front-proxy-client", clientCa),
  };
  server = await startTestApiServer({
    tokens: new Map([["s3cret", { name: "joe", groups: [] }]]),
    allowsAnonymous: true,
    authenticationInfo: {
      requestHeader: {
        ca: proxyCa.certificate,
        allowedNames: ["front-proxy-client"],
        usernameHeaders: ["X-Remote-User", "X-User"],
        groupHeaders: ["X-Remote-Group"],
        extraHeaderPrefixes: ["X-Remote-Extra-"],
      },
    },
  });
  const tls = {
    ...{ cert: own.certificate, key: own.key },
    ...{ clientCa: clientCa.certificate, requestHeaderCa: proxyCa.certificate },
  };
  ({ port } = await server.listen({ address: "127.0.0.1", port: 0, tls }));
});
afterAll(() => server.stop());

/** What the server says of who asks; its Status where it lets nobody in. */
async function whoAmI(pair: KeyPair | undefined, headers: Headers) {
  const text = await new Promise<string>((resolve, reject) => {
    const request = https.request(
      {
        ...{ host: "127.0.0.1", port, path: PATH, method: "POST", agent: false },
        rejectUnauthorized: false,
        headers: { "content-type": "application/json", ...headers },
        ...(pair && { cert: pair.certificate, key: pair.key }),
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () => resolve(Buffer.concat(chunks).toString()));
      },
    );
    request.on("error", reject);
    request.end("{}");
  });
  const answer = JSON.parse(text);
  return answer.status.userInfo ?? answer;
}

describe("a front proxy", () => {
  test("is believed when it says who asks", async () => {
    const headers = {
      ...JANE,
      "x-remote-group": ["dev", "CN=a,O=b"],
      "x-remote-extra-scopes": ["view", "edit"],
      "x-remote-extra-acme.com%2Fproject": "web",
    };
    expect(await whoAmI(pairs.proxy, headers)).toEqual({
      username: "jane",
      groups: ["dev", "CN=a,O=b", "system:authenticated"],
      extra: { scopes: ["view", "edit"], "acme.com/project": ["web"] },
    });
  });

  test("is believed over HTTP/2 as well", async () => {
    const session = http2.connect(`https://127.0.0.1:${port}`, {
      rejectUnauthorized: false,
      ...{ cert: pairs.proxy.certificate, key: pairs.proxy.key },
    });
    const stream = session.request({
      ...{ ":method": "POST", ":path": PATH, "content-type": "application/json" },
      ...{ ...JANE, "x-remote-group": ["dev", "ops"] },
    });
    stream.end("{}");
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer);
    session.close();
    expect(JSON.parse(Buffer.concat(chunks).toString()).status.userInfo).toEqual({
      username: "jane",
      groups: ["dev", "ops", "system:authenticated"],
    });
  });

  test("may use any of the headers for the name, the first before the others", async () => {
    expect(await whoAmI(pairs.proxy, { "x-user": "jill" })).toMatchObject({ username: "jill" });
    expect(await whoAmI(pairs.proxy, { "x-user": "jill", ...JANE })).toMatchObject({
      username: "jane",
    });
  });

  test("goes before a bearer token", async () => {
    const headers = { ...JANE, authorization: "Bearer s3cret" };
    expect(await whoAmI(pairs.proxy, headers)).toMatchObject({ username: "jane" });
  });

  test("may say that it is nobody", async () => {
    const nobody = {
      "x-remote-user": "system:anonymous",
      "x-remote-group": "system:unauthenticated",
    };
    expect(await whoAmI(pairs.proxy, nobody)).toEqual({
      username: "system:anonymous",
      groups: ["system:unauthenticated"],
    });
  });

  test("is nobody itself: without a name it is not let in", async () => {
    expect(await whoAmI(pairs.proxy, { "x-remote-group": "system:masters" })).toMatchObject({
      code: 401,
    });
  });

  test("is not believed under a name that is not allowed", async () => {
    expect(await whoAmI(pairs.other, JANE)).toMatchObject({ code: 401, message: "Unauthorized" });
  });
});

describe("whoever is no front proxy", () => {
  test("is who its certificate says, whatever its headers say", async () => {
    const headers = { ...JANE, "x-remote-group": "system:masters" };
    expect(await whoAmI(pairs.client, headers)).toEqual({
      username: "jim",
      groups: ["dev", "system:authenticated"],
    });
  });

  test("is not made one by its name", async () => {
    expect(await whoAmI(pairs.sameName, JANE)).toMatchObject({ username: "front-proxy-client" });
  });

  test("is nobody without a certificate", async () => {
    expect(await whoAmI(undefined, JANE)).toMatchObject({ username: "system:anonymous" });
  });
});
