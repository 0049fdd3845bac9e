/** Logs, exec and proxies: what passes through the API server to a kubelet or a pod, and back. */
import { once } from "node:events";
import http from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Endpoints } from "../../src/api/endpoints.ts";
import { Node } from "../../src/api/node.ts";
import { Pod } from "../../src/api/pod.ts";
import { Service } from "../../src/api/service.ts";
import { ask } from "../support/api-request.ts";
import { startTestApiServer } from "../support/api-server.ts";

const POD = "/api/v1/namespaces/default/pods/web";

let server: Awaited<ReturnType<typeof startTestApiServer>>;
let port: number;
/** Stands for a kubelet, and for a server in a pod: says what it was asked. */
let far: http.Server;
let asked: string[];
/** Where the proxy went: every address in the cluster leads to `far`. */
let dialled: string[];

beforeEach(async () => {
  asked = [];
  far = http.createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    if (request.url?.includes("previous=true")) {
      response.writeHead(400).end('previous terminated container "web" in pod "web" not found');
    } else {
      response.setHeader("x-from", "far").write("first line\n");
      request.pipe(response);
    }
  });
  far.on("upgrade", (request, socket: Socket, head) => {
    asked.push(`${request.method} ${request.url} ${request.headers.upgrade}`);
    // However the others hang up.
    socket.on("error", () => undefined);
    socket.write(
      "HTTP/1.1 101 Switching Protocols\r\nupgrade: SPDY/3.1\r\nconnection: upgrade\r\n\r\n",
    );
    socket.write(head);
    socket.pipe(socket);
  });
  await new Promise<void>((resolve) => far.listen(0, "127.0.0.1", resolve));
  const farPort = (far.address() as AddressInfo).port;
  dialled = [];
  server = await startTestApiServer({
    dial: async (host, to) => {
      dialled.push(`${host}:${to}`);
      const socket = connect(farPort, "127.0.0.1");
      await once(socket, "connect");
      return socket;
    },
  });
  port = (await server.listen({ address: "127.0.0.1", port: 0 })).port;
  await server.client.create(Node, "", { metadata: { name: "node1" }, spec: {} });
  const node = await server.client.get(Node, "", "node1");
  node.status = {
    addresses: [{ type: "InternalIP", address: "127.0.0.1" }],
    daemonEndpoints: { kubeletEndpoint: { Port: farPort } },
  };
  await server.client.updateStatus(Node, node);
  await server.client.create(Pod, "default", {
    metadata: { name: "web" },
    spec: {
      containers: [{ name: "web", image: "nginx", ports: [{ containerPort: farPort }] }],
    },
  });
});
afterEach(async () => {
  await server.stop();
  far.closeAllConnections();
  await new Promise((resolve) => far.close(resolve));
});

const bind = () =>
  server.client.createSubresource(Pod, "default", "web", "binding", {
    metadata: { name: "web" },
    target: { kind: "Node", name: "node1" },
  });
const get = (path: string) => fetch(`http://127.0.0.1:${port}${path}`);

/** Asks for an upgrade, says something, and gives back all that was answered until there are `count` bytes. */
async function upgrade(path: string, said: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  socket.write(
    `POST ${path} HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\nupgrade: SPDY/3.1\r\nauthorization: Bearer mine\r\n\r\n${said}`,
  );
  let answer = "";
  for await (const chunk of socket.setEncoding("utf8")) {
    answer += chunk;
    if (answer.endsWith(said)) break;
  }
  socket.destroy();
  return answer;
}

describe("the log of a pod", () => {
  test("is empty as long as it is nowhere", async () => {
    const { status, text } = await ask(server.transport, "GET", `${POD}/log`);
    expect([status, text]).toEqual([200, ""]);
  });

  test.each([
    ["tailLines=-1", "tailLines: Invalid value: -1: must be greater than or equal to 0"],
    ["limitBytes=0", "limitBytes: Invalid value: 0: must be greater than 0"],
    ["sinceSeconds=0", "sinceSeconds: Invalid value: 0: must be greater than 0"],
    [
      "sinceSeconds=1&sinceTime=2020-01-01T00:00:00Z",
      "[]: Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified",
    ],
  ])("is refused where %s is asked", async (query, why) => {
    const { status, json } = await ask(server.transport, "GET", `${POD}/log?${query}`);
    expect([status, json.message]).toEqual([422, `PodLogOptions "web" is invalid: ${why}`]);
  });

  test("is refused where a number is asked that is none", async () => {
    const { status, json } = await ask(server.transport, "GET", `${POD}/log?tailLines=x`);
    expect(json.message).toBe('strconv.ParseInt: parsing "x": invalid syntax');
    expect(status).toBe(400);
  });

  test("comes from its kubelet, as it comes", async () => {
    await bind();
    const response = await get(`${POD}/log?follow=true&tailLines=5&pretty=true`);
    expect(response.headers.get("content-type")).toBe("text/plain");
    expect(await response.text()).toBe("first line\n");
    expect(asked).toEqual(["GET /containerLogs/default/web/web?follow=true&tailLines=5"]);
  });

  test("that the kubelet refuses is a Status in the kubelet's words", async () => {
    await bind();
    const response = await get(`${POD}/log?previous=true`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      reason: "BadRequest",
      message: 'previous terminated container "web" in pod "web" not found',
    });
  });

  test("of a node that does not answer says so", async () => {
    await bind();
    far.closeAllConnections();
    await new Promise((resolve) => far.close(resolve));
    const { message } = (await (await get(`${POD}/log`)).json()) as { message: string };
    expect(message).toMatch(
      /^error dialing backend: dial tcp 127\.0\.0\.1:\d+: connect: connection refused$/,
    );
    far.listen(0, "127.0.0.1");
  });
});

describe("exec", () => {
  test("is a tunnel to the kubelet, with nothing of the client's credentials", async () => {
    await bind();
    const answer = await upgrade(
      `${POD}/exec?command=echo&command=a%20b&stdin=true&stdout=true&container=web`,
      "to and fro",
    );
    expect(answer).toMatch(/^HTTP\/1\.1 101 /);
    expect(answer).toMatch(/\r\n\r\nto and fro$/);
    expect(asked).toEqual([
      "POST /exec/default/web/web?input=1&output=1&command=echo&command=a+b SPDY/3.1",
    ]);
  });

  test.each([
    ["in a pod that is nowhere", "exec?command=ls", "400", "pod web does not have a host assigned"],
    [
      "in a container that is not there",
      "exec?command=ls&container=zip",
      "400",
      "container zip is not valid for pod web",
    ],
    ["under a path that is not there", "nothing", "404", "could not find the requested resource"],
  ])("%s is refused in a Status", async (_, path, code, message) => {
    const answer = await upgrade(`${POD}/${path}`, "");
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${code} `));
    expect(answer).toContain(message);
  });
});

describe("port-forward", () => {
  test("names the ports to the kubelet", async () => {
    await bind();
    await upgrade(`${POD}/portforward?ports=80`, "bytes");
    expect(asked).toEqual(["POST /portForward/default/web?port=80 SPDY/3.1"]);
  });
});

describe("the proxy", () => {
  test("of a pod passes a request on, and the answer back", async () => {
    const pod = await server.client.get(Pod, "default", "web");
    await server.client.updateStatus(Pod, { ...pod, status: { podIP: "127.0.0.1" } });
    const response = await fetch(`http://127.0.0.1:${port}${POD}/proxy/a/b?c=d`, {
      method: "POST",
      body: "said",
    });
    expect(response.headers.get("x-from")).toBe("far");
    expect(await response.text()).toBe("first line\nsaid");
    expect(asked).toEqual(["POST /a/b?c=d"]);
  });

  test("of a service takes one of its endpoints", async () => {
    const farPort = (far.address() as AddressInfo).port;
    await server.client.create(Service, "default", {
      metadata: { name: "web" },
      spec: { ports: [{ port: 80 }] },
    });
    const path = "/api/v1/namespaces/default/services/web/proxy/x";
    await server.client.create(Endpoints, "default", { metadata: { name: "web" }, subsets: [] });
    expect((await get(path)).status).toBe(503);
    const endpoints = await server.client.get(Endpoints, "default", "web");
    endpoints.subsets = [
      { addresses: [{ ip: "10.1.2.3" }], ports: [{ port: farPort, protocol: "TCP" }] },
    ];
    await server.client.update(Endpoints, endpoints);
    expect(await (await get(path)).text()).toBe("first line\n");
    expect(dialled).toEqual([`10.1.2.3:${farPort}`]);
  });

  test("of a node leads to its kubelet", async () => {
    const response = await get("/api/v1/nodes/node1/proxy/stats/summary");
    expect(await response.text()).toBe("first line\n");
    expect(asked).toEqual(["GET /stats/summary"]);
  });
});
