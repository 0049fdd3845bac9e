import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Event } from "../../src/api/event.ts";
import { Node } from "../../src/api/node.ts";
import { CidrSet } from "../../src/controller-manager/node-ipam/cidr-set.ts";
import { nodeIpamController } from "../../src/controller-manager/node-ipam.ts";
import {
  stepFor,
  TTL_ANNOTATION,
  ttlController,
  ttlSecondsOf,
} from "../../src/controller-manager/ttl.ts";
import { type Cluster, startCluster } from "../support/cluster.ts";
import { conflictOnEveryWrite } from "../support/faulty-transport.ts";

let cluster: Cluster;
beforeEach(async () => {
  const cidrs = new CidrSet("10.244.1.7/22", 24);
  cluster = await startCluster({ controllers: [nodeIpamController(cidrs), ttlController()] });
});
afterEach(() => cluster.stop());

describe("a node", () => {
  test("gets a block of the cluster's, unlike all others", async () => {
    for (const name of ["a", "b"]) {
      await add(name);
      await cluster.settle();
    }
    expect(await blocks()).toEqual({ a: "10.244.0.0/24", b: "10.244.1.0/24" });
    expect((await cluster.client.get(Node, "", "a")).spec.podCIDRs).toEqual(["10.244.0.0/24"]);
  });

  test("that has a block keeps it, and nobody else gets it", async () => {
    await add("own", { podCIDR: "10.244.0.0/24", podCIDRs: ["10.244.0.0/24"] });
    await add("new");
    await cluster.settle();
    expect(await blocks()).toEqual({ own: "10.244.0.0/24", new: "10.244.1.0/24" });
  });

  test("without a block that is left says so, and gets the next that comes free", async () => {
    for (const name of ["a", "b", "c", "d", "e"]) {
      await add(name);
      await cluster.settle();
    }
    expect((await blocks()).e).toBeUndefined();
    const { items } = await cluster.client.list(Event);
    const [told] = items.filter(({ reason }) => reason === "CIDRNotAvailable");
    expect(told!.message).toBe("Node e status is now: CIDRNotAvailable");

    await cluster.client.delete(Node, "", "b");
    await cluster.settle();
    expect((await blocks()).e).toBe("10.244.1.0/24");
  });

  test("has its own though many come at once, writes meet conflicts and watches are cut", async () => {
    cluster.network.fault = conflictOnEveryWrite();
    await Promise.all(["a", "b", "c", "d"].map((name) => add(name)));
    cluster.network.cutWatches();
    await cluster.pass(120_000, 60_000);
    expect(new Set(Object.values(await blocks()))).toHaveLength(4);
  });

  test("is told how long its kubelet may keep what it has read", async () => {
    await add("a");
    await cluster.settle();
    const { metadata } = await cluster.client.get(Node, "", "a");
    expect(metadata.annotations).toMatchObject({ [TTL_ANNOTATION]: "0" });
  });
});

test("the more nodes, the longer; and a few more or less do not change it back", () => {
  const counts = [1, 100, 101, 95, 90, 89, 501, 1001, 2001, 10_001];
  let step = 0;
  const seconds = counts.map((count) => {
    step = stepFor(count, step);
    return ttlSecondsOf(step);
  });
  expect(seconds).toEqual([0, 0, 15, 15, 15, 0, 30, 60, 300, 600]);
});

test.each([
  ["pods", 24, '--cluster-cidr must be an IPv4 block, not "pods"'],
  ["10.0.0.0/16", 8, "--node-cidr-mask-size must be from 16 to 32, not 8"],
])("a cluster's block %s cut to /%i is refused", (cidr, maskSize, message) => {
  expect(() => new CidrSet(cidr, maskSize)).toThrow(message);
});

const add = (name: string, spec: Node["spec"] = {}) =>
  cluster.client.create(Node, "", { metadata: { name }, spec });

async function blocks(): Promise<Record<string, string | undefined>> {
  const { items } = await cluster.client.list(Node);
  return Object.fromEntries(items.map(({ metadata, spec }) => [metadata.name, spec.podCIDR]));
}
