/** API services: the server's own, and those of servers behind it. */
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { connect } from "node:net";
import type { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { dialTcp } from "../../../src/apiserver/backend.ts";
import { ask } from "../../support/api-request.ts";
import { startTestApiServer } from "../../support/api-server.ts";
import { eventually } from "../../support/eventually.ts";
import { makeAuthority, makeClientPair, startHttpsServer } from "../../support/https-server.ts";

const SERVICES = "/apis/apiregistration.k8s.io/v1/apiservices";
const REMOTE = "/apis/wardle.example.com/v1alpha1";
const NAME = "v1alpha1.wardle.example.com";

let behind: Awaited<ReturnType<typeof startHttpsServer>>;
let server: Awaited<ReturnType<typeof startTestApiServer>>;
let asked: { path: string; headers: Record<string, unknown>; proxy: string | undefined }[];
let isBroken: boolean;

const RESOURCES = {
  kind: "APIResourceList",
  apiVersion: "v1",
  groupVersion: "wardle.example.com/v1alpha1",
  resources: [
    {
      name: "flunders",
      singularName: "flunder",
      namespaced: true,
      kind: "Flunder",
      verbs: ["get"],
    },
  ],
};
const FLUNDER = { kind: "Flunder", apiVersion: "wardle.example.com/v1alpha1" };

const sockets = new WebSocketServer({ noServer: true });

/** Says back what it is told, as a WebSocket or as it comes. */
function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
  asked.push({ path: request.url!, headers: request.headers, proxy: undefined });
  if (request.headers.upgrade === "websocket") {
    sockets.handleUpgrade(request, socket, head, (ws) => ws.on("message", (said) => ws.send(said)));
    return;
  }
  // However the others hang up.
  socket.on("error", () => undefined);
  socket.write("HTTP/1.1 101 Switching Protocols\r\nupgrade: SPDY/3.1\r\n\r\n");
  socket.write(head);
  socket.pipe(socket);
}

const send = (method: string, path: string, body?: unknown, headers?: Record<string, string>) =>
  ask(server.transport, method, path, body, headers);

beforeEach(async () => {
  asked = [];
  isBroken = false;
  const proxyCa = await makeAuthority("front-proxy-ca");
  const proxyClient = await makeClientPair("CN=front-proxy-client", proxyCa);
  behind = await startHttpsServer(
    (request, response) => {
      const { subject } = (request.socket as TLSSocket).getPeerCertificate();
      const proxy = subject?.CN as string | undefined;
      asked.push({ path: request.url!, headers: request.headers, proxy });
      response.statusCode = isBroken ? 500 : 200;
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify(request.url === REMOTE ? RESOURCES : FLUNDER));
    },
    { names: ["wardle.default.svc"], clientCa: proxyCa.certificate, upgrade },
  );
  server = await startTestApiServer({
    dial: (_, port) => dialTcp("127.0.0.1", port),
    proxyClient,
    authenticationInfo: {
      requestHeader: {
        ca: proxyCa.certificate,
        allowedNames: ["front-proxy-client"],
        usernameHeaders: ["X-Remote-User"],
        groupHeaders: ["X-Remote-Group"],
        extraHeaderPrefixes: ["X-Remote-Extra-"],
      },
    },
  });
});
afterEach(async () => {
  await server.stop();
  await behind.stop();
});

async function register() {
  const answer = await send("POST", SERVICES, {
    metadata: { name: NAME },
    spec: {
      group: "wardle.example.com",
      version: "v1alpha1",
      groupPriorityMinimum: 1000,
      versionPriority: 15,
      service: { namespace: "default", name: "wardle" },
      caBundle: behind.caBundle,
    },
  });
  expect(answer.status, answer.text).toBe(201);
}

async function startBehind() {
  await send("POST", "/api/v1/namespaces/default/services", {
    metadata: { name: "wardle" },
    spec: { selector: { app: "wardle" }, ports: [{ port: 443 }] },
  });
  await send("POST", "/api/v1/namespaces/default/endpoints", {
    metadata: { name: "wardle" },
    subsets: [{ addresses: [{ ip: "10.0.0.1" }], ports: [{ port: behind.port }] }],
  });
}

async function condition() {
  const { json } = await send("GET", `${SERVICES}/${NAME}`);
  return json.status?.conditions?.find(({ type }: { type: string }) => type === "Available");
}

const becomes = (wanted: object) =>
  eventually(async () => expect(await condition()).toMatchObject(wanted));

describe("the server's own API services", () => {
  test("are there from the start, and available", async () => {
    const { json } = await send("GET", `${SERVICES}/v1.apps`);
    expect(json).toMatchObject({
      metadata: { labels: { "kube-aggregator.kubernetes.io/automanaged": "onstart" } },
      spec: { group: "apps", version: "v1", groupPriorityMinimum: 17800, versionPriority: 15 },
      status: { conditions: [{ type: "Available", status: "True", reason: "Local" }] },
    });
  });

  test("are shown as Local", async () => {
    const accept = { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" };
    const { json } = await send("GET", `${SERVICES}/v1.`, undefined, accept);
    expect(json.rows[0].cells.slice(0, 3)).toEqual(["v1.", "Local", "True"]);
  });

  test("come and go with definitions", async () => {
    const names = { plural: "crontabs", kind: "CronTab" };
    const schema = { openAPIV3Schema: { type: "object" } };
    const versions = [{ name: "v1", served: true, storage: true, schema }];
    const definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    await send("POST", definitions, {
      metadata: { name: "crontabs.stable.example.com" },
      spec: { group: "stable.example.com", scope: "Namespaced", names, versions },
    });
    await eventually(async () => {
      const { json } = await send("GET", `${SERVICES}/v1.stable.example.com`);
      expect(json.spec).toMatchObject({ groupPriorityMinimum: 1000, versionPriority: 100 });
    });
    await send("DELETE", `${definitions}/crontabs.stable.example.com`);
    await eventually(async () => {
      expect((await send("GET", `${SERVICES}/v1.stable.example.com`)).status).toBe(404);
    });
  });
});

describe("an API service of another server", () => {
  test("is unavailable until its service is there and it answers", async () => {
    await register();
    await becomes({
      status: "False",
      reason: "ServiceNotFound",
      message: 'service/wardle in "default" is not present',
    });
    const refused = await send("GET", `${REMOTE}/flunders`);
    expect([refused.status, refused.text]).toEqual([503, "service unavailable\n"]);

    isBroken = true;
    await startBehind();
    await becomes({
      status: "False",
      reason: "FailedDiscoveryCheck",
      message: expect.stringContaining("bad status from https://wardle.default.svc:443"),
    });

    isBroken = false;
    server.clock.advance(31_000);
    await becomes({ status: "True", reason: "Passed", message: "all checks passed" });
  });

  test("gets requests, and is told who asks by one it can believe", async () => {
    await startBehind();
    await register();
    await becomes({ status: "True" });

    const plain = await send("GET", `${REMOTE}/namespaces/default/flunders/a?x=1`);
    expect(plain.json).toEqual(FLUNDER);
    // Meanwhile the server is asked whether it is well.
    const last = asked.findLast(({ path }) => path.includes("/flunders/"))!;
    expect(last).toMatchObject({
      path: `${REMOTE}/namespaces/default/flunders/a?x=1`,
      proxy: "front-proxy-client",
      headers: { host: "wardle.default.svc:443", "x-remote-user": "system:apiserver" },
    });
    expect(last.headers["x-remote-group"]).toContain("system:masters");

    const jane = { "impersonate-user": "jane", "impersonate-group": "admins" };
    await send("GET", `${REMOTE}/namespaces/default/flunders/a`, undefined, jane);
    const { headers } = asked.findLast(({ path }) => path.includes("/flunders/"))!;
    expect(headers).toMatchObject({ "x-remote-user": "jane" });
    expect(headers["x-remote-group"]).toContain("admins");
    expect(headers).not.toHaveProperty("impersonate-user");
  });

  test("gets connections that are to be upgraded, WebSocket and SPDY", async () => {
    await startBehind();
    await register();
    await becomes({ status: "True" });
    const { port } = await server.listen({ address: "127.0.0.1", port: 0 });
    const path = `${REMOTE}/namespaces/default/flunders/a/exec?command=swim`;

    const ws = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers: { authorization: "x" } });
    await once(ws, "open");
    ws.send("blub");
    const [heard] = await once(ws, "message");
    ws.terminate();
    expect(String(heard)).toBe("blub");
    // Between them the server is asked whether it is well.
    const lastAsked = () => asked.findLast((one) => one.path === path)!;
    const { headers } = lastAsked();
    expect(headers).toMatchObject({
      host: "wardle.default.svc:443",
      "x-remote-user": "system:unsecured",
    });
    expect(headers).not.toHaveProperty("authorization");

    const spdy = connect(port, "127.0.0.1");
    spdy.write(
      `POST ${path} HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\nupgrade: SPDY/3.1\r\n\r\nto and fro`,
    );
    let answer = "";
    for await (const chunk of spdy.setEncoding("utf8")) {
      answer += chunk;
      if (answer.endsWith("to and fro")) break;
    }
    expect(answer).toMatch(/^HTTP\/1\.1 101 /);
    expect(lastAsked().headers.upgrade).toBe("SPDY/3.1");
  });

  test("that is away refuses a connection", async () => {
    await register();
    await becomes({ status: "False" });
    const { port } = await server.listen({ address: "127.0.0.1", port: 0 });

    const ws = new WebSocket(`ws://127.0.0.1:${port}${REMOTE}/namespaces/default/flunders/a/exec`);
    const [error] = await once(ws, "error");
    expect((error as Error).message).toBe("Unexpected server response: 503");
  });

  test("is in discovery", async () => {
    await startBehind();
    await register();
    await becomes({ status: "True" });

    const { groups } = (await send("GET", "/apis")).json;
    const names = groups.map(({ name }: { name: string }) => name);
    expect(names).toContain("wardle.example.com");
    expect((await send("GET", "/apis/wardle.example.com")).json).toMatchObject({
      preferredVersion: { version: "v1alpha1" },
    });
    expect((await send("GET", REMOTE)).json).toEqual(RESOURCES);
    const accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
    const { items } = (await send("GET", "/apis", undefined, { accept })).json;
    expect(items.at(-1)).toMatchObject({
      metadata: { name: "wardle.example.com" },
      versions: [
        { version: "v1alpha1", freshness: "Current", resources: [{ resource: "flunders" }] },
      ],
    });
  });

  test("that tells no types does not spoil ours", async () => {
    await startBehind();
    await register();
    await becomes({ status: "True" });
    await eventually(() => expect(asked.some(({ path }) => path === "/openapi/v2")).toBe(true));

    const { status, json } = await send("GET", "/openapi/v2");
    expect([status, json.paths["/apis/apps/v1/namespaces/{namespace}/deployments"]]).toEqual([
      200,
      expect.anything(),
    ]);
    expect((await send("GET", "/openapi/v3")).json.paths).not.toHaveProperty([
      "apis/wardle.example.com/v1alpha1",
    ]);
    expect((await send("GET", `${REMOTE}/flunders`)).json).toEqual(FLUNDER);
  });

  test("gives its group back when it is deleted", async () => {
    await startBehind();
    await register();
    await becomes({ status: "True" });

    await send("DELETE", `${SERVICES}/${NAME}`);

    await eventually(async () => {
      expect((await send("GET", `${REMOTE}/flunders`)).status).toBe(404);
    });
  });

  test("is not taken if its name is not what its spec says", async () => {
    const answer = await send("POST", SERVICES, {
      metadata: { name: "wrong" },
      spec: { group: "a.example.com", version: "v1", groupPriorityMinimum: 0, versionPriority: 15 },
    });
    expect(answer.json.message).toBe(
      'APIService.apiregistration.k8s.io "wrong" is invalid: [metadata.name: Invalid value: "wrong": must be `spec.version+"."+spec.group`: "v1.a.example.com", spec.groupPriorityMinimum: Invalid value: 0: must be positive and less than 20000]',
    );
  });

  test("can read whom to believe", async () => {
    const path = "/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication";
    expect((await send("GET", path)).json.data).toMatchObject({
      "requestheader-allowed-names": '["front-proxy-client"]',
      "requestheader-client-ca-file": expect.stringContaining("BEGIN CERTIFICATE"),
    });
  });
});
