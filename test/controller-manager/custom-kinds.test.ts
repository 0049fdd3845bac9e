/** The collectors of garbage and of namespaces, with kinds that come and go while they are at work. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { customKind } from "../../src/api/apiextensions/custom-kind.ts";
import { CustomResourceDefinition } from "../../src/api/apiextensions/custom-resource-definition.ts";
import { ConfigMap } from "../../src/api/config-map.ts";
import type { KubeObject } from "../../src/api/kind.ts";
import { Namespace } from "../../src/api/namespace.ts";
import { startGarbageCollector } from "../../src/controller-manager/garbage-collector.ts";
import { namespaceController } from "../../src/controller-manager/namespace.ts";
import { type Cluster, startCluster } from "../support/cluster.ts";
import { eventually } from "../support/eventually.ts";

const definition = CustomResourceDefinition.example;
const Example = customKind(definition, definition.spec.versions[0]!, (objects) => objects);
type Policy = "Background" | "Foreground" | "Orphan";

let cluster: Cluster;
beforeEach(async () => {
  cluster = await startCluster({ controllers: [startGarbageCollector, namespaceController] });
  await cluster.client.create(CustomResourceDefinition, "", definition);
  await eventually(() => cluster.client.list(Example));
  await cluster.settle();
});
afterEach(() => cluster.stop());

describe("the garbage collector, with a custom kind", () => {
  test("deletes what a custom object owned, and the custom objects a built-in one owned", async () => {
    const first = await create(Example, "first");
    const middle = await create(ConfigMap, "middle", [first]);
    await create(Example, "last", [middle]);
    await cluster.settle();

    await remove("first", "Background");
    await settled(async () =>
      expect([await names(Example), await names(ConfigMap)]).toEqual([[], []]),
    );
  });

  test("deletes a custom owner after its dependents, where that is asked for", async () => {
    const owner = await create(Example, "owner");
    await create(Example, "child", [owner]);
    await cluster.settle();

    await remove("owner", "Foreground");
    await settled(async () => expect(await names(Example)).toEqual([]));
  });

  test("leaves the orphans of a custom owner alone, without its name", async () => {
    const owner = await create(Example, "owner");
    await create(Example, "child", [owner]);
    await create(ConfigMap, "other", [owner]);
    await cluster.settle();

    await remove("owner", "Orphan");
    await settled(async () => expect(await names(Example)).toEqual(["child"]));
    const child = await cluster.client.get(Example, "default", "child");
    const other = await cluster.client.get(ConfigMap, "default", "other");
    expect([child, other].map(({ metadata }) => metadata.ownerReferences ?? [])).toEqual([[], []]);
  });

  test("deletes what the objects of a kind owned when the kind itself is deleted", async () => {
    const owner = await create(Example, "owner");
    await create(ConfigMap, "child", [owner]);
    await cluster.settle();

    await cluster.client.delete(CustomResourceDefinition, "", definition.metadata.name);
    await settled(async () => expect(await names(ConfigMap)).toEqual([]));
  });
});

test("the namespace controller empties a namespace of custom objects too", async () => {
  await cluster.client.create(Namespace, "", { metadata: { name: "room" }, spec: {} });
  await cluster.client.create(Example, "room", { metadata: { name: "one" } });
  await cluster.client.delete(Namespace, "", "room");
  await settled(async () => {
    const rooms = await cluster.client.list(Namespace);
    expect(rooms.items.map(({ metadata }) => metadata.name)).not.toContain("room");
  });
  expect((await cluster.client.list(Example)).items).toEqual([]);
});

/** The server's own work is not among that of the controllers, for which settle waits. */
async function settled(claim: () => Promise<void>): Promise<void> {
  await eventually(async () => {
    await cluster.settle();
    await claim();
  });
}

function create<T extends KubeObject>(
  kind: Parameters<typeof cluster.client.create<T>>[0],
  name: string,
  owners: KubeObject[] = [],
): Promise<T> {
  const ownerReferences = owners.map(({ apiVersion, kind: of, metadata }) => ({
    ...{ apiVersion, kind: of, name: metadata.name, uid: metadata.uid! },
    blockOwnerDeletion: true,
  }));
  const draft = { metadata: { name, ownerReferences } };
  return cluster.client.create<T>(
    kind,
    "default",
    draft as Parameters<typeof cluster.client.create<T>>[2],
  );
}

function remove(name: string, propagationPolicy: Policy): Promise<void> {
  return cluster.client.delete(Example, "default", name, { propagationPolicy });
}

async function names(kind: Parameters<typeof cluster.client.list>[0]): Promise<string[]> {
  const { items } = await cluster.client.list(kind, { namespace: "default" });
  return items.map(({ metadata }) => metadata.name);
}
