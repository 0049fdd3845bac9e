import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ConfigMap } from "../../src/api/config-map.ts";
import { Endpoints } from "../../src/api/endpoints.ts";
import { Event } from "../../src/api/event.ts";
import type { Node } from "../../src/api/node.ts";
import { Pod } from "../../src/api/pod.ts";
import { ReplicationController } from "../../src/api/replication-controller.ts";
import { Service } from "../../src/api/service.ts";
import { ask, turns } from "../support/api-request.ts";
import { startTestApiServer } from "../support/api-server.ts";

let server: Awaited<ReturnType<typeof startTestApiServer>>;
beforeEach(async () => {
  server = await startTestApiServer();
});
afterEach(() => server.stop());

const RC = "/api/v1/namespaces/default/replicationcontrollers/web";
const createPod = () =>
  server.client.create(Pod, "default", {
    metadata: { name: "web" },
    spec: { containers: [{ name: "web", image: "nginx" }] },
  });
const createRc = () =>
  server.client.create(ReplicationController, "default", {
    metadata: { name: "web" },
    spec: {
      replicas: 2,
      selector: { app: "web" },
      template: {
        metadata: { labels: { app: "web" } },
        spec: { containers: [{ name: "web", image: "nginx" }] },
      },
    },
  } as never);

describe("creating", () => {
  test("with generateName makes five letters up", async () => {
    const created = await server.client.create(ConfigMap, "default", {
      metadata: { generateName: "job-" },
    });
    expect(created.metadata.name).toMatch(/^job-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
  });

  test("gives up when every name it makes up is taken", async () => {
    const random = { next: () => 0, bytes: (length: number) => Buffer.alloc(length) };
    const unlucky = await startTestApiServer({ random });
    const draft = { metadata: { generateName: "job-" } };
    await unlucky.client.create(ConfigMap, "default", draft);
    await expect(unlucky.client.create(ConfigMap, "default", draft)).rejects.toThrow(
      'configmaps "job-bbbbb" already exists, the server was not able to generate a unique name for the object',
    );
    await unlucky.stop();
  });

  test("sets what only the system may set", async () => {
    const created = await server.client.create(ConfigMap, "default", {
      metadata: {
        name: "a",
        uid: "mine",
        creationTimestamp: "1999-01-01T00:00:00Z",
        deletionTimestamp: "1999-01-01T00:00:00Z",
        generation: 7,
        managedFields: [{ manager: "me" }],
      },
    });
    expect(created.metadata).toEqual({
      name: "a",
      namespace: "default",
      uid: expect.stringMatching(/^[0-9a-f-]{36}$/),
      creationTimestamp: "2014-06-06T00:00:00Z",
      resourceVersion: expect.any(String),
    });
  });
});

describe("updating", () => {
  test("counts the changes of the spec, and only those", async () => {
    const { metadata } = await createRc();
    expect(metadata.generation).toBe(1);
    const labelled = await server.client.patch(ReplicationController, "default", "web", {
      metadata: { labels: { a: "b" } },
    });
    expect(labelled.metadata.generation).toBe(1);
    const scaled = await server.client.patch(ReplicationController, "default", "web", {
      spec: { replicas: 5 },
    });
    expect(scaled.metadata.generation).toBe(2);
  });

  test("the main resource leaves status alone, and the status all else", async () => {
    const rc = await createRc();
    const status = { replicas: 2, observedGeneration: 1 };
    const reported = await server.client.updateStatus(ReplicationController, {
      ...rc,
      spec: { ...rc.spec, replicas: 99 },
      status,
    });
    expect(reported.spec.replicas).toBe(2);
    expect(reported.status).toEqual(status);

    const updated = await server.client.update(ReplicationController, {
      ...reported,
      spec: { ...rc.spec, replicas: 3 },
      status: { replicas: 42 },
    });
    expect(updated.status).toEqual(status);
    expect(updated.spec.replicas).toBe(3);
  });

  test("creates endpoints that are not there, as Kubernetes does for few kinds", async () => {
    const body = { apiVersion: "v1", kind: "Endpoints", metadata: { name: "new" } };
    const path = "/api/v1/namespaces/default/endpoints/new";
    expect((await ask(server.transport, "PUT", path, body)).status).toBe(201);
    const map = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "new" } };
    const other = "/api/v1/namespaces/default/configmaps/new";
    expect((await ask(server.transport, "PUT", other, map)).status).toBe(404);
    await server.client.get(Endpoints, "default", "new");
  });

  test("meant for an object that has been replaced is a conflict", async () => {
    const { metadata } = await server.client.create(ConfigMap, "default", {
      metadata: { name: "a" },
    });
    const body = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a", uid: "another" } };
    const path = "/api/v1/namespaces/default/configmaps/a";
    const { json } = await ask(server.transport, "PUT", path, body);
    expect(json.message).toBe(
      `Operation cannot be fulfilled on configmaps "a": StorageError: invalid object, Code: 4, Key: /registry/configmaps/default/a, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: another, UID in object meta: ${metadata.uid}`,
    );
  });

  test("from many sides at once loses nothing", async () => {
    await server.client.create(ConfigMap, "default", { metadata: { name: "a" } });
    const keys = Array.from({ length: 30 }, (_, i) => `k${i}`);
    await Promise.all(
      keys.map((key) =>
        server.client.patch(ConfigMap, "default", "a", { data: { [key]: "x" } }, { type: "merge" }),
      ),
    );
    const { data = {} } = await server.client.get(ConfigMap, "default", "a");
    expect(Object.keys(data).toSorted()).toEqual(keys.toSorted());
  });
});

describe("scaling", () => {
  test("changes how many there are to be", async () => {
    await createRc();
    const { json } = await ask(server.transport, "GET", `${RC}/scale`);
    expect(json).toMatchObject({
      kind: "Scale",
      apiVersion: "autoscaling/v1",
      metadata: { name: "web", namespace: "default" },
      spec: { replicas: 2 },
      status: { replicas: 0, selector: "app=web" },
    });
    json.spec.replicas = 4;
    const scaled = await ask(server.transport, "PUT", `${RC}/scale`, json);
    expect(scaled.json.spec).toEqual({ replicas: 4 });
    const stale = await ask(server.transport, "PUT", `${RC}/scale`, json);
    expect(stale.json).toMatchObject({ code: 409, reason: "Conflict" });
    const patch = { spec: { replicas: 1 } };
    const type = { "content-type": "application/merge-patch+json" };
    await ask(server.transport, "PATCH", `${RC}/scale`, patch, type);
    const rc = await server.client.get(ReplicationController, "default", "web");
    expect(rc.spec.replicas).toBe(1);
    expect(rc.metadata.generation).toBe(3);
  });

  test("below nothing is refused", async () => {
    await createRc();
    const type = { "content-type": "application/merge-patch+json" };
    const patch = { spec: { replicas: -1 } };
    const { json } = await ask(server.transport, "PATCH", `${RC}/scale`, patch, type);
    expect(json.message).toBe(
      'Scale.autoscaling "web" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
    );
  });
});

describe("binding", () => {
  const bind = (node: string) =>
    server.client.createSubresource(Pod, "default", "web", "binding", {
      metadata: { name: "web" },
      target: { kind: "Node", name: node },
    });

  test("gives a pod to a node, once", async () => {
    await createPod();
    await bind("node1");
    const { spec, status } = await server.client.get(Pod, "default", "web");
    expect(spec.nodeName).toBe("node1");
    expect(status!.conditions).toMatchObject([{ type: "PodScheduled", status: "True" }]);
    await expect(bind("node2")).rejects.toThrow(
      'Operation cannot be fulfilled on pods/binding "web": pod web is already assigned to node "node1"',
    );
  });
});

describe("a service", () => {
  const create = (name: string, spec: object) =>
    server.client.create(Service, "default", { metadata: { name }, spec } as never);

  test("gets an address and node ports of its own, and gives them back", async () => {
    const ports = [{ port: 80 }];
    const first = await create("first", { type: "NodePort", ports });
    const { clusterIP } = first.spec;
    const { nodePort } = first.spec.ports![0]!;
    expect(clusterIP).toMatch(/^10\.254\./);
    expect(first.spec.clusterIPs).toEqual([clusterIP]);
    expect(nodePort).toBeGreaterThanOrEqual(30_000);
    const same = { type: "NodePort", clusterIP, ports: [{ port: 80, nodePort }] };

    await expect(create("second", same)).rejects.toThrow("provided IP is already allocated");
    await server.client.delete(Service, "default", "first");
    await turns();

    expect((await create("second", same)).spec.clusterIP).toBe(clusterIP);
  });

  test("keeps its node port when it is changed, and loses it with its type", async () => {
    const created = await create("web", { type: "NodePort", ports: [{ port: 80 }] });
    const { nodePort } = created.spec.ports![0]!;
    const { nodePort: _, ...port } = created.spec.ports![0]!;
    const kept = await server.client.update(Service, {
      ...created,
      spec: { ...created.spec, ports: [{ ...port, name: "http" }] },
    });
    expect(kept.spec.ports![0]!.nodePort).toBe(nodePort);
    const plain = await server.client.update(Service, {
      ...kept,
      spec: { ...kept.spec, type: "ClusterIP" },
    });
    expect(plain.spec.ports![0]!.nodePort).toBeUndefined();
  });

  test("that is refused takes nothing", async () => {
    const clusterIP = "10.254.7.7";
    const wrong = { clusterIP, ports: [{ port: 80_000 }] };
    await expect(create("web", wrong)).rejects.toThrow("is invalid");
    expect((await create("web", { clusterIP, ports: [{ port: 80 }] })).spec.clusterIP).toBe(
      clusterIP,
    );
  });

  test("without an address has None", async () => {
    const { spec } = await create("web", { clusterIP: "None", ports: [{ port: 80 }] });
    expect(spec).toMatchObject({ clusterIP: "None", clusterIPs: ["None"] });
  });
});

describe("a fresh cluster", () => {
  test("has its namespaces, and the service that leads to the API server", async () => {
    const { json } = await ask(server.transport, "GET", "/api/v1/namespaces");
    expect(json.items.map((one: Node) => one.metadata.name)).toEqual([
      "default",
      "kube-node-lease",
      "kube-public",
      "kube-system",
    ]);
    const { spec } = await server.client.get(Service, "default", "kubernetes");
    expect(spec).toMatchObject({ clusterIP: "10.254.0.1", ports: [{ name: "https", port: 443 }] });
  });

  test("forgets events after an hour", async () => {
    await server.client.create(Event, "default", Event.example as never);
    server.clock.advance(59 * 60_000);
    await turns();
    expect((await server.client.list(Event)).items).toHaveLength(1);
    server.clock.advance(2 * 60_000);
    await turns();
    expect((await server.client.list(Event)).items).toHaveLength(0);
  });

  test("lets pods stay five minutes on a node that is lost", async () => {
    const { spec } = await createPod();
    expect(spec.tolerations!.map(({ key, tolerationSeconds }) => [key, tolerationSeconds])).toEqual(
      [
        ["node.kubernetes.io/not-ready", 300],
        ["node.kubernetes.io/unreachable", 300],
      ],
    );
  });
});
