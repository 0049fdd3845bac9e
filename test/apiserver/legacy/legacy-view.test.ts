/** The addresses of 2014, asked as the course asks them. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Namespace } from "../../../src/api/namespace.ts";
import { Node } from "../../../src/api/node.ts";
import { Pod } from "../../../src/api/pod.ts";
import { ReplicationController } from "../../../src/api/replication-controller.ts";
import type { Authorizer } from "../../../src/apiserver/authorize.ts";
import { ask } from "../../support/api-request.ts";
import { startTestApiServer } from "../../support/api-server.ts";

let server: Awaited<ReturnType<typeof startTestApiServer>>;
beforeAll(async () => {
  server = await startTestApiServer();
  const { client } = server;
  await client.create(Namespace, "", { metadata: { name: "shop" }, spec: {} });
  for (const [namespace, name] of [
    ["default", "web"],
    ["default", "db"],
    ["shop", "web"],
  ] as const) {
    const pod = await client.create(Pod, namespace, {
      metadata: { name, labels: { app: name } },
      spec: { containers: [{ name: "main", image: "nginx" }] },
    });
    if (name === "db") await client.updateStatus(Pod, { ...pod, status: { phase: "Failed" } });
  }
  await client.create(ReplicationController, "default", ReplicationController.example as never);
  for (const name of ["node1", "node2"])
    await client.create(Node, "", { metadata: { name }, spec: {} });
});
afterAll(() => server.stop());

const get = (path: string) => ask(server.transport, "GET", path);
const idsOf = async (path: string) => {
  const { json, status } = await get(path);
  expect(status).toBe(200);
  return json.items.map(
    (item: { id?: string; metadata?: { name: string } }) => item.id ?? item.metadata!.name,
  );
};

describe("/api/v1beta1", () => {
  test("lists pods of all namespaces, or of the one in the query", async () => {
    const { json, status, headers } = await get("/api/v1beta1/pods");
    expect(status).toBe(200);
    expect(headers["content-type"]).toMatch(/^application\/json/);
    expect(json).toMatchObject({
      kind: "PodList",
      creationTimestamp: null,
      selfLink: "/api/v1beta1/pods?namespace=",
      resourceVersion: expect.any(Number),
      apiVersion: "v1beta1",
    });
    expect(json.items).toHaveLength(3);
    expect(await idsOf("/api/v1beta1/pods?namespace=shop")).toEqual(["web"]);
  });

  test("gets a pod of the default namespace, or of the one in the query", async () => {
    expect((await get("/api/v1beta1/pods/web")).json).toMatchObject({
      id: "web",
      namespace: "default",
    });
    const { json } = await get("/api/v1beta1/pods/web?namespace=shop");
    expect(json.selfLink).toBe("/api/v1beta1/pods/web?namespace=shop");
  });

  test("selects by labels and by fields", async () => {
    expect(await idsOf("/api/v1beta1/pods?labels=app%3Ddb")).toEqual(["db"]);
    expect(await idsOf("/api/v1beta1/pods?labels=app+in+(db)&namespace=shop")).toEqual([]);
    expect(await idsOf("/api/v1beta1/pods?fields=name%3Dweb")).toEqual(["web", "web"]);
    expect(await idsOf("/api/v1beta1/pods?fields=DesiredState.Status%3DTerminated")).toEqual([
      "db",
    ]);
    expect(await idsOf("/api/v1beta1/pods?fields=DesiredState.Host!%3Dnode1,name%3Ddb")).toEqual([
      "db",
    ]);
  });

  test("knows nodes as minions, listed twice", async () => {
    const { json } = await get("/api/v1beta1/minions");
    expect(json).toMatchObject({ kind: "MinionList", selfLink: "/api/v1beta1/minions" });
    expect(json.minions).toEqual(json.items);
    expect(await idsOf("/api/v1beta1/nodes")).toEqual(["node1", "node2"]);
    expect((await get("/api/v1beta1/minions/node2")).json).toMatchObject({
      kind: "Minion",
      id: "node2",
    });
  });

  test.each([
    "pods",
    "replicationControllers",
    "services",
    "endpoints",
    "minions",
    "nodes",
    "events",
    "namespaces",
  ])("has %s", async (resource) => {
    const { json, status } = await get(`/api/v1beta1/${resource}`);
    expect(status).toBe(200);
    expect(Array.isArray(json.items)).toBe(true);
  });

  test.each(["replicationcontrollers", "Pods", "node", "version", "secrets", "pods/web/status"])(
    "does not know %s",
    async (path) => {
      const { json } = await get(`/api/v1beta1/${path}`);
      expect(json).toEqual({
        kind: "Status",
        creationTimestamp: null,
        apiVersion: "v1beta1",
        status: "Failure",
        message: "the server could not find the requested resource",
        reason: "NotFound",
        code: 404,
      });
    },
  );

  test("tells what is not there in the words of v1 and the form of v1beta1", async () => {
    const { json, status } = await get("/api/v1beta1/pods/nope");
    expect(status).toBe(404);
    expect(json).toMatchObject({
      creationTimestamp: null,
      message: 'pods "nope" not found',
      details: { id: "nope", kind: "pods" },
    });
  });

  test("refuses fields it cannot select by, and selectors it cannot read", async () => {
    expect((await get("/api/v1beta1/pods?fields=spec.nodeName%3Da")).json).toMatchObject({
      code: 400,
      message: "field label not supported: spec.nodeName",
    });
    expect((await get("/api/v1beta1/pods?labels=%3D%3D")).json).toMatchObject({ code: 400 });
  });

  test.each(["POST", "PUT", "PATCH", "DELETE"])("cannot be written to with %s", async (method) => {
    const { json, status } = await ask(server.transport, method, "/api/v1beta1/pods/web", {});
    expect(status).toBe(405);
    expect(json).toMatchObject({
      reason: "MethodNotAllowed",
      message:
        "/api/v1beta1 is a read-only view of /api/v1: it can be listed and read, but not written to",
    });
    expect((await get("/api/v1beta1/pods/web")).status).toBe(200);
  });

  test("cannot be watched", async () => {
    const why =
      "/api/v1beta1 is a read-only view of /api/v1: it can be listed and read, but not watched";
    expect((await get("/api/v1beta1/watch/pods")).json.message).toBe(why);
    expect((await get("/api/v1beta1/pods?watch=true")).json.message).toBe(why);
  });
});

describe("/api/v1beta2", () => {
  test("lists minions once", async () => {
    const { json } = await get("/api/v1beta2/minions");
    expect(json.apiVersion).toBe("v1beta2");
    expect(json.items).toHaveLength(2);
    expect(json.minions).toBeUndefined();
  });
});

describe("/api/v1beta3", () => {
  test("has the namespace in the path and the names of v1", async () => {
    expect(await idsOf("/api/v1beta3/pods")).toHaveLength(3);
    expect(await idsOf("/api/v1beta3/namespaces/shop/pods?labelSelector=app%3Dweb")).toEqual([
      "web",
    ]);
    expect(await idsOf("/api/v1beta3/nodes")).toEqual(["node1", "node2"]);
    const path = "/api/v1beta3/namespaces/default/replicationcontrollers";
    const { json } = await get(`${path}/example`);
    expect(json).toMatchObject({
      apiVersion: "v1beta3",
      metadata: { selfLink: `${path}/example` },
    });
    expect((await get("/api/v1beta3/namespaces/shop")).json).toMatchObject({ kind: "Namespace" });
    expect((await get("/api/v1beta3/minions")).status).toBe(404);
    expect((await get("/api/v1beta3/namespaces/shop/nodes")).status).toBe(404);
    expect(await idsOf("/api/v1beta3/pods?fieldSelector=status.phase%3DFailed")).toEqual(["db"]);
  });

  test("tells failures as v1 does", async () => {
    expect((await get("/api/v1beta3/namespaces/shop/pods/nope")).json).toMatchObject({
      apiVersion: "v1beta3",
      metadata: {},
      details: { name: "nope" },
    });
  });
});

describe("the legacy versions", () => {
  test("are not in discovery, so that no kubectl takes them for an API", async () => {
    expect((await get("/api")).json.versions).toEqual(["v1"]);
    expect((await get("/")).json.paths.join()).not.toContain("/api/v1beta");
    expect((await get("/api/v1beta1")).status).toBe(404);
  });

  test("show nobody more than v1 does", async () => {
    const authorizer: Authorizer = (_user, { version, namespace }) => ({
      allowed: version !== "v1" || namespace === "shop",
      reason: "",
    });
    const strict = await startTestApiServer({ authorizer });
    const { json } = await ask(strict.transport, "GET", "/api/v1beta1/pods");
    expect(json).toMatchObject({ code: 403, reason: "Forbidden", apiVersion: "v1beta1" });
    expect((await ask(strict.transport, "GET", "/api/v1beta1/pods?namespace=shop")).status).toBe(
      200,
    );
    await strict.stop();
  });

  test("answer curl through a socket, and so that a person can read it", async () => {
    const listening = await server.listen({ address: "127.0.0.1", port: 0 });
    const url = `http://127.0.0.1:${listening.port}/api/v1beta1/pods`;
    const response = await fetch(url, { headers: { "user-agent": "curl/7.29.0" } });
    const text = await response.text();
    expect(text).toMatch(/^\{\n {2}"kind": "PodList",\n {2}"creationTimestamp": null,/);
    expect(JSON.parse(text).items).toHaveLength(3);
    await listening.close();
  });
});
