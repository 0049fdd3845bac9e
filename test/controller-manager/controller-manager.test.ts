import { afterEach, describe, expect, test } from "vitest";
import { Namespace } from "../../src/api/namespace.ts";
import { Pod } from "../../src/api/pod.ts";
import { ReplicationController } from "../../src/api/replication-controller.ts";
import { controllers } from "../../src/controller-manager/controller-list.ts";
import {
  selectControllers,
  startControllerManager,
} from "../../src/controller-manager/controller-manager.ts";
import { type Cluster, startCluster } from "../support/cluster.ts";

describe("the controller manager", () => {
  let cluster: Cluster | undefined;
  afterEach(() => cluster?.stop());

  const namesOf = (selection: string[]) => selectControllers(selection).map(({ name }) => name);

  test("runs all of them, or those that are named", () => {
    const all = controllers.filter((one) => !one.isOffByDefault).map(({ name }) => name);
    expect(namesOf(["*"])).toEqual(all);
    const left = all.filter((name) => !/^(namespace|pod-garbage-collector)-controller$/.test(name));
    expect(namesOf(["*", "-namespace-controller", "-podgc"])).toEqual(left);
    expect(left).toHaveLength(all.length - 2);
    expect(namesOf(["replicationcontroller"])).toEqual(["replicationcontroller-controller"]);
    expect(namesOf([])).toEqual([]);
    expect(namesOf(["*", "tokencleaner", "bootstrap-signer-controller"])).toEqual(
      controllers.map(({ name }) => name),
    );
  });

  test("refuses a name that no controller has", () => {
    expect(() => namesOf(["*", "-nmespace"])).toThrow(
      '"nmespace" is not in the list of known controllers',
    );
  });

  test("runs a whole cluster: pods come with their controller and go with their namespace", async () => {
    cluster = await startCluster();
    cluster.running.push(...(await startControllerManager(cluster.context)));
    await cluster.client.create(Namespace, "", { metadata: { name: "shop" }, spec: {} });
    const template = {
      metadata: { labels: { app: "web" } },
      spec: { containers: [{ name: "web", image: "nginx" }] },
    };
    const metadata = { name: "web" };
    await cluster.client.create(ReplicationController, "shop", {
      metadata,
      spec: { replicas: 30, template },
    });
    await cluster.settle();
    expect((await cluster.client.list(Pod, { namespace: "shop" })).items).toHaveLength(30);

    await cluster.client.delete(ReplicationController, "shop", "web", {
      propagationPolicy: "Background",
    });
    await cluster.settle();
    expect((await cluster.client.list(Pod, { namespace: "shop" })).items).toEqual([]);

    await cluster.client.delete(Namespace, "", "shop");
    await cluster.pass(10_000);
    await expect(cluster.client.get(Namespace, "", "shop")).rejects.toThrow("not found");
  });

  test("lets the pods of a controller live on when it is deleted as an orphanage", async () => {
    cluster = await startCluster();
    cluster.running.push(...(await startControllerManager(cluster.context)));
    const template = {
      metadata: { labels: { app: "web" } },
      spec: { containers: [{ name: "web", image: "nginx" }] },
    };
    const web = { metadata: { name: "web" }, spec: { replicas: 3, template } };
    await cluster.client.create(ReplicationController, "default", web);
    await cluster.settle();
    await cluster.client.delete(ReplicationController, "default", "web", {
      propagationPolicy: "Orphan",
    });
    await cluster.settle();
    const { items } = await cluster.client.list(Pod, { namespace: "default" });
    expect(items.map(({ metadata }) => metadata.ownerReferences)).toEqual([
      undefined,
      undefined,
      undefined,
    ]);

    await cluster.client.create(ReplicationController, "default", web);
    await cluster.settle();
    const after = await cluster.client.list(Pod, { namespace: "default" });
    expect(after.items.map(({ metadata }) => metadata.uid).sort()).toEqual(
      items.map(({ metadata }) => metadata.uid).sort(),
    );
  });
});
