import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ConfigMap } from "../../src/api/config-map.ts";
import { Namespace } from "../../src/api/namespace.ts";
import { Pod } from "../../src/api/pod.ts";
import { ReplicationController } from "../../src/api/replication-controller.ts";
import { ServiceAccount } from "../../src/api/service-account.ts";
import { namespaceController } from "../../src/controller-manager/namespace.ts";
import { replicationController } from "../../src/controller-manager/replication.ts";
import { serviceAccountController } from "../../src/controller-manager/service-account.ts";
import { type Cluster, startCluster } from "../support/cluster.ts";
import { conflictOnEveryWrite } from "../support/faulty-transport.ts";

let cluster: Cluster;
beforeEach(async () => {
  const controllers = [namespaceController, serviceAccountController, replicationController];
  cluster = await startCluster({ controllers });
  await cluster.client.create(Namespace, "", { metadata: { name: "shop" }, spec: {} });
  await cluster.settle();
});
afterEach(() => cluster.stop());

describe("a namespace", () => {
  test("gets a ServiceAccount called default, and gets it again", async () => {
    const old = await cluster.client.get(ServiceAccount, "shop", "default");
    await cluster.client.delete(ServiceAccount, "shop", "default");
    await cluster.settle();

    const made = await cluster.client.get(ServiceAccount, "shop", "default");
    expect(made.metadata.uid).not.toBe(old.metadata.uid);
  });

  test("takes everything in it along when it is deleted", async () => {
    await cluster.client.create(ConfigMap, "shop", { metadata: { name: "settings" } });
    await cluster.client.create(ConfigMap, "default", { metadata: { name: "settings" } });
    await cluster.client.create(ReplicationController, "shop", web(3));
    await cluster.settle();
    await cluster.client.delete(Namespace, "", "shop");
    await cluster.pass(10_000);

    await expect(cluster.client.get(Namespace, "", "shop")).rejects.toThrow(
      'namespaces "shop" not found',
    );
    expect((await cluster.client.list(Pod, { namespace: "shop" })).items).toEqual([]);
    expect((await cluster.client.list(ServiceAccount, { namespace: "shop" })).items).toEqual([]);
    await cluster.client.get(ConfigMap, "default", "settings");
  });

  test("says what is in the way, and goes when that has gone", async () => {
    await cluster.client.create(ConfigMap, "shop", {
      metadata: { name: "held", finalizers: ["example.com/hold"] },
    });
    await cluster.client.delete(Namespace, "", "shop");
    await cluster.settle();

    const { status } = await cluster.client.get(Namespace, "", "shop");
    expect(status?.phase).toBe("Terminating");
    const told = status?.conditions?.map(({ type, status, reason, message }) => [
      type,
      status,
      reason,
      message,
    ]);
    expect(told).toEqual([
      [
        "NamespaceDeletionDiscoveryFailure",
        "False",
        "ResourcesDiscovered",
        "All resources successfully discovered",
      ],
      [
        "NamespaceDeletionGroupVersionParsingFailure",
        "False",
        "ParsedGroupVersions",
        "All legacy kube types successfully parsed",
      ],
      [
        "NamespaceDeletionContentFailure",
        "False",
        "ContentDeleted",
        "All content successfully deleted, may be waiting on finalization",
      ],
      [
        "NamespaceContentRemaining",
        "True",
        "SomeResourcesRemain",
        "Some resources are remaining: configmaps. has 1 resource instances",
      ],
      [
        "NamespaceFinalizersRemaining",
        "True",
        "SomeFinalizersRemain",
        "Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances",
      ],
    ]);

    await cluster.client.patch(
      ConfigMap,
      "shop",
      "held",
      { metadata: { finalizers: null } },
      { type: "merge" },
    );
    await cluster.pass(10_000);
    await expect(cluster.client.get(Namespace, "", "shop")).rejects.toThrow("not found");
  });

  test("waits for pods to end gracefully, and goes as soon as the last has", async () => {
    const spec = { nodeName: "node1", containers: [{ name: "web", image: "nginx" }] };
    await cluster.client.create(Pod, "shop", { metadata: { name: "web" }, spec });
    await cluster.settle();
    await cluster.client.delete(Namespace, "", "shop");
    await cluster.settle();
    const pod = await cluster.client.get(Pod, "shop", "web");
    expect(pod.metadata.deletionGracePeriodSeconds).toBe(30);

    await cluster.client.delete(Pod, "shop", "web", { gracePeriodSeconds: 0 });
    await cluster.settle();
    await expect(cluster.client.get(Namespace, "", "shop")).rejects.toThrow("not found");
  });

  test("goes though every write meets a conflict first, and can be made again", async () => {
    cluster.network.fault = conflictOnEveryWrite();
    await cluster.client.delete(Namespace, "", "shop");
    await cluster.pass(30_000);
    await expect(cluster.client.get(Namespace, "", "shop")).rejects.toThrow("not found");

    await cluster.client.create(Namespace, "", { metadata: { name: "shop" }, spec: {} });
    await cluster.settle();
    await cluster.client.get(ServiceAccount, "shop", "default");
  });
});

function web(replicas: number) {
  const template = {
    metadata: { labels: { app: "web" } },
    spec: { containers: [{ name: "web", image: "nginx" }] },
  };
  return { metadata: { name: "web" }, spec: { replicas, template } };
}
