import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { PersistentVolume } from "../../../src/api/persistent-volume.ts";
import { PersistentVolumeClaim } from "../../../src/api/persistent-volume-claim.ts";
import type { Pod } from "../../../src/api/pod.ts";
import { claimedDirectories } from "../../../src/kubelet/volumes/claimed-volume.ts";
import { startTestApiServer } from "../../support/api-server.ts";

let server: Awaited<ReturnType<typeof startTestApiServer>>;
beforeEach(async () => {
  server = await startTestApiServer();
});
afterEach(() => server.stop());

const pod = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "web", namespace: "default", uid: "1" },
  spec: { containers: [] },
} as unknown as Pod;
const volume = { name: "data", persistentVolumeClaim: { claimName: "data" } };
const directory = (one: object = volume) =>
  claimedDirectories(server.client)(pod, { name: "data", ...one });

async function bind(source: object, phase = "Bound", uid?: string): Promise<void> {
  const claim = await server.client.create(PersistentVolumeClaim, "default", {
    metadata: { name: "data" },
    spec: {
      accessModes: ["ReadWriteOnce"],
      resources: { requests: { storage: "1Gi" } },
      volumeName: "one",
    },
  });
  await server.client.updateStatus(PersistentVolumeClaim, { ...claim, status: { phase } });
  await server.client.create(PersistentVolume, "", {
    metadata: { name: "one" },
    spec: {
      capacity: { storage: "1Gi" },
      accessModes: ["ReadWriteOnce"],
      claimRef: { namespace: "default", name: "data", uid: uid ?? claim.metadata.uid! },
      ...source,
    },
  });
}

describe("behind a claim of a pod", () => {
  test("is the directory of its volume", async () => {
    await bind({ hostPath: { path: "/srv/one", type: "DirectoryOrCreate" } });
    expect(await directory()).toEqual({ path: "/srv/one", type: "DirectoryOrCreate" });
  });

  test("is nothing, where the volume is no claim", async () => {
    expect(await directory({ persistentVolumeClaim: undefined, emptyDir: {} })).toBeUndefined();
  });

  test("is nothing yet, as long as it is not bound, and the pod waits", async () => {
    await expect(directory()).rejects.toThrow("PVC default/data not found");
    await bind({ hostPath: { path: "/srv/one" } }, "Pending");
    await expect(directory()).rejects.toThrow("PVC is not bound");
  });

  test("is no volume that belongs to another of that name", async () => {
    await bind({ hostPath: { path: "/srv/one" } }, "Bound", "another");
    await expect(directory()).rejects.toThrow("PV one is not bound to PVC default/data");
  });

  test("is no volume that only others can mount", async () => {
    await bind({ nfs: { server: "nas", path: "/srv" } });
    await expect(directory()).rejects.toThrow("no volume plugin of this node can mount the PV one");
  });

  test("is no claim that was there before its ephemeral volume", async () => {
    await bind({ hostPath: { path: "/srv/one" } });
    await server.client.create(PersistentVolumeClaim, "default", {
      metadata: { name: "web-data" },
      spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
    });
    const ephemeral = { ephemeral: {}, persistentVolumeClaim: undefined };
    await expect(directory(ephemeral)).rejects.toThrow("(pod is not owner)");
  });
});
