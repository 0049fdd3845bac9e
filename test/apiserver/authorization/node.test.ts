/** What a kubelet may read, by what its pods name. */
import { afterEach, describe, expect, test } from "vitest";
import { PersistentVolume } from "../../../src/api/persistent-volume.ts";
import { PersistentVolumeClaim } from "../../../src/api/persistent-volume-claim.ts";
import { Pod } from "../../../src/api/pod.ts";
import { startTestApiServer } from "../../support/api-server.ts";
import { asUser, tokensOf } from "../../support/as-user.ts";
import { eventually } from "../../support/eventually.ts";

const GROUPS = ["system:nodes"];
const NODES = ["node1", "node2"].map((name) => ({ name: `system:node:${name}`, groups: GROUPS }));

let server: Awaited<ReturnType<typeof startTestApiServer>> | undefined;
afterEach(() => server?.stop());

const start = async () => {
  server = await startTestApiServer({ tokens: tokensOf(NODES), authorizationModes: ["Node"] });
  const { transport } = server;
  const codeOf = async (node: string, path: string) =>
    (await asUser(transport, `system:node:${node}`)("GET", path)).status;
  return { client: server.client, codeOf };
};

const accessModes = ["ReadWriteOnce" as const];
const resources = { requests: { storage: "1Gi" } };
const reference = (name: string, namespace = "vault") => ({ namespace, name });

describe("a node", () => {
  test("reads the secrets of volumes that its pods use, but not those for the control plane", async () => {
    const { client, codeOf } = await start();
    await client.create(PersistentVolume, "", {
      metadata: { name: "disk" },
      spec: {
        ...{ accessModes, capacity: { storage: "1Gi" }, claimRef: reference("data", "default") },
        csi: {
          ...{ driver: "csi.example.com", volumeHandle: "1" },
          nodeStageSecretRef: reference("stage"),
          nodePublishSecretRef: reference("publish"),
          controllerPublishSecretRef: reference("control"),
        },
      },
    });
    await client.create(PersistentVolumeClaim, "default", {
      metadata: { name: "data" },
      spec: { accessModes, resources, volumeName: "disk", storageClassName: "" },
    });
    const secret = (name: string) => `/api/v1/namespaces/vault/secrets/${name}`;
    expect(await codeOf("node1", secret("stage"))).toBe(403);

    await client.create(Pod, "default", {
      metadata: { name: "user" },
      spec: {
        nodeName: "node1",
        containers: [{ name: "main", image: "nginx" }],
        volumes: [{ name: "data", persistentVolumeClaim: { claimName: "data" } }],
      },
    });
    // Allowed, and not there.
    await eventually(async () => expect(await codeOf("node1", secret("stage"))).toBe(404));
    expect(await codeOf("node1", secret("publish"))).toBe(404);
    expect(await codeOf("node1", secret("control"))).toBe(403);
    expect(await codeOf("node1", "/api/v1/namespaces/default/secrets/stage")).toBe(403);
    expect(await codeOf("node2", secret("stage"))).toBe(403);
    expect(await codeOf("node1", "/api/v1/persistentvolumes/disk")).toBe(200);
    expect(await codeOf("node2", "/api/v1/persistentvolumes/disk")).toBe(403);
  });

  test("reads none by a claim that only says it is bound", async () => {
    const { client, codeOf } = await start();
    await client.create(PersistentVolume, "", {
      metadata: { name: "disk" },
      spec: {
        ...{ accessModes, capacity: { storage: "1Gi" }, claimRef: reference("other", "default") },
        cephfs: { monitors: ["10.0.0.1"], secretRef: reference("ceph") },
      },
    });
    await client.create(PersistentVolumeClaim, "default", {
      metadata: { name: "data" },
      spec: { accessModes, resources, volumeName: "disk", storageClassName: "" },
    });
    await client.create(Pod, "default", {
      metadata: { name: "user" },
      spec: {
        nodeName: "node1",
        containers: [{ name: "main", image: "nginx" }],
        volumes: [{ name: "data", persistentVolumeClaim: { claimName: "data" } }],
      },
    });
    const claim = "/api/v1/namespaces/default/persistentvolumeclaims/data";
    await eventually(async () => expect(await codeOf("node1", claim)).toBe(200));
    expect(await codeOf("node1", "/api/v1/namespaces/vault/secrets/ceph")).toBe(403);
  });
});
