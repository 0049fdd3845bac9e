import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ConfigMap } from "../../src/api/config-map.ts";
import type { KubeObject } from "../../src/api/kind.ts";
import { controllerRef } from "../../src/api/owner.ts";
import { startGarbageCollector } from "../../src/controller-manager/garbage-collector.ts";
import { type Cluster, startCluster } from "../support/cluster.ts";
import { conflictOnEveryWrite } from "../support/faulty-transport.ts";

let cluster: Cluster;
beforeEach(async () => {
  cluster = await startCluster({ controllers: [startGarbageCollector] });
});
afterEach(() => cluster.stop());

describe("the garbage collector", () => {
  test("deletes what has lost its owner, and what that owned", async () => {
    const owner = await create("owner");
    const child = await create("child", [owner]);
    await create("grandchild", [child]);
    await create("stranger");
    await cluster.settle();
    expect(await names()).toEqual(["child", "grandchild", "owner", "stranger"]);

    await remove("owner", "Background");
    await cluster.settle();
    expect(await names()).toEqual(["stranger"]);
  });

  test("keeps what has another owner, and takes away the name of the lost one", async () => {
    const first = await create("first");
    const second = await create("second");
    await create("child", [first, { ...second, isController: false }]);
    await cluster.settle();
    await remove("first", "Background");
    await cluster.settle();

    const child = await get("child");
    expect(child.metadata.ownerReferences?.map(({ name }) => name)).toEqual(["second"]);
  });

  test("deletes what names an owner that never was", async () => {
    const ghost = { ...(await create("ghost")), metadata: { name: "ghost", uid: "no-such-uid" } };
    await create("child", [ghost]);
    await cluster.settle();

    expect(await names()).toEqual(["ghost"]);
  });

  test("deletes what names the namesake of its owner", async () => {
    const old = await create("owner");
    await cluster.client.delete(ConfigMap, "default", "owner", { propagationPolicy: "Background" });
    await create("owner");
    await create("child", [old]);
    await cluster.settle();

    expect(await names()).toEqual(["owner"]);
  });

  test("leaves alone what names an owner of a kind that it doesn't know", async () => {
    const owner = {
      apiVersion: "example.com/v1",
      kind: "Gadget",
      metadata: { name: "x", uid: "u" },
    };
    await create("child", [owner]);
    await cluster.settle();
    cluster.clock.advance(3_600_000);
    await cluster.settle();

    expect(await names()).toEqual(["child"]);
  });

  test("in the foreground: lets the owner go after those that block it", async () => {
    const owner = await create("owner");
    await create("child", [owner], ["example.com/hold"]);
    await cluster.settle();
    await remove("owner", "Foreground");
    await cluster.settle();
    expect((await get("owner")).metadata.finalizers).toEqual(["foregroundDeletion"]);
    expect((await get("child")).metadata.deletionTimestamp).toBeDefined();

    await cluster.client.patch(
      ConfigMap,
      "default",
      "child",
      { metadata: { finalizers: null } },
      { type: "merge" },
    );
    await cluster.settle();
    expect(await names()).toEqual([]);
  });

  test("in the foreground: deletes those that don't block it without waiting for the others", async () => {
    const owner = await create("owner");
    await create("held", [owner], ["example.com/hold"]);
    await create("free", [{ ...owner, blocks: false }]);
    await cluster.settle();
    await remove("owner", "Foreground");
    await cluster.settle();

    expect(await names()).toEqual(["held", "owner"]);
  });

  test("in the foreground: goes down through the generations, the youngest first", async () => {
    const owner = await create("owner");
    const child = await create("child", [owner]);
    await create("grandchild", [child], ["example.com/hold"]);
    await cluster.settle();
    await remove("owner", "Foreground");
    await cluster.settle();
    expect(await names()).toEqual(["child", "grandchild", "owner"]);

    await cluster.client.patch(
      ConfigMap,
      "default",
      "grandchild",
      { metadata: { finalizers: null } },
      { type: "merge" },
    );
    await cluster.settle();
    expect(await names()).toEqual([]);
  });

  test("in the foreground: two that own each other don't wait for ever", async () => {
    const one = await create("one");
    const other = await create("other", [one]);
    await cluster.client.patch(ConfigMap, "default", "one", {
      metadata: { ownerReferences: [controllerRef(typed(other))] },
    });
    await cluster.settle();
    await remove("one", "Foreground");
    await cluster.settle();

    expect(await names()).toEqual([]);
  });

  test("orphans: the dependents forget the owner, and stay", async () => {
    const owner = await create("owner");
    await create("child", [owner]);
    await create("brother", [owner]);
    await cluster.settle();
    await remove("owner", "Orphan");
    await cluster.settle();

    expect(await names()).toEqual(["brother", "child"]);
    expect((await get("child")).metadata.ownerReferences).toBeUndefined();
  });

  test("does all this though every write meets a conflict first", async () => {
    const owner = await create("owner");
    await create("child", [owner]);
    const kept = await create("kept");
    await create("orphan", [kept]);
    await cluster.settle();
    cluster.network.fault = conflictOnEveryWrite();
    await remove("owner", "Foreground");
    await remove("kept", "Orphan");
    await cluster.settle();

    expect(await names()).toEqual(["orphan"]);
  });

  test("does all this though its watches are cut meanwhile", async () => {
    const owner = await create("owner");
    for (let count = 0; count < 10; count++) await create(`child-${count}`, [owner]);
    cluster.network.cutWatches();
    await remove("owner", "Background");
    cluster.network.cutWatches();
    cluster.clock.advance(60_000);
    await cluster.settle();

    expect(await names()).toEqual([]);
  });

  test("finds what was left over before it started", async () => {
    const owner = await create("owner");
    await create("child", [owner]);
    await cluster.settle();
    cluster.network.fault = () => Object.assign(new Error("unreachable"), { code: "ECONNREFUSED" });
    cluster.network.cutWatches();
    await remove("owner", "Background");
    cluster.network.fault = undefined;
    cluster.clock.advance(120_000);
    await cluster.settle();

    expect(await names()).toEqual([]);
  });
});

type Owner = {
  apiVersion: string;
  kind: string;
  metadata: KubeObject["metadata"];
  isController?: boolean;
  blocks?: boolean;
};

function create(name: string, owners: Owner[] = [], finalizers: string[] = []) {
  const ownerReferences = owners.map((owner) => ({
    ...controllerRef(owner),
    controller: owner.isController ?? true,
    blockOwnerDeletion: owner.blocks ?? true,
  }));
  return cluster.client.create(ConfigMap, "default", {
    metadata: { name, ...(owners.length > 0 && { ownerReferences }), finalizers },
  });
}

const typed = (obj: ConfigMap) => ({ ...obj, apiVersion: "v1", kind: "ConfigMap" });
const get = (name: string) => cluster.client.get(ConfigMap, "default", name);
const remove = (name: string, propagationPolicy: "Background" | "Foreground" | "Orphan") =>
  cluster.client.delete(ConfigMap, "default", name, { propagationPolicy });

async function names(): Promise<string[]> {
  const { items } = await cluster.client.list(ConfigMap, { namespace: "default" });
  return items.map(({ metadata }) => metadata.name).sort();
}
