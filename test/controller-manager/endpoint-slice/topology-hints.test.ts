import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { EndpointSlice } from "../../../src/api/discovery/endpoint-slice.ts";
import { Event } from "../../../src/api/event.ts";
import { Node } from "../../../src/api/node.ts";
import { Pod } from "../../../src/api/pod.ts";
import { Service } from "../../../src/api/service.ts";
import { withHints } from "../../../src/controller-manager/endpoint-slice/topology-hints.ts";
import { endpointSliceController } from "../../../src/controller-manager/endpoint-slice.ts";
import { type Cluster, startCluster } from "../../support/cluster.ts";

describe("the hints of endpoints", () => {
  test.each<[string, Record<string, number>, string, string]>([
    ["stay at home where all zones are alike", { a: 0.5, b: 0.5 }, "aabb", "aabb"],
    ["go where there are too few", { a: 0.5, b: 0.5 }, "aaab", "baab"],
    ["follow the processors", { a: 0.75, b: 0.25 }, "aabb", "aaab"],
    ["reach zones without any", { a: 1 / 3, b: 1 / 3, c: 1 / 3 }, "aaabbb", "caacbb"],
  ])("%s", (_, shares, zones, wanted) => {
    const found = withHints([group(zones)], new Map(Object.entries(shares)));
    expect(hintsOf(found)).toBe(wanted);
  });

  test.each<[string, Record<string, number> | undefined, string, string]>([
    [
      "there are fewer than zones",
      { a: 0.5, b: 0.5 },
      "a",
      "Insufficient number of endpoints (1 endpoints, 2 zones)",
    ],
    [
      "a zone would be overloaded",
      { a: 0.4, b: 0.3, c: 0.3 },
      "abc",
      "Unable to allocate minimum required endpoints to each zone without exceeding overload threshold",
    ],
    [
      "the nodes do not say enough",
      undefined,
      "ab",
      "Insufficient Node information: allocatable CPU or zone not specified on one or more nodes",
    ],
    [
      "an endpoint has no zone",
      { a: 0.5, b: 0.5 },
      "aab-",
      "One or more endpoints do not have a zone specified",
    ],
  ])("are none where %s", (_, shares, zones, why) => {
    expect(withHints([group(zones)], shares && new Map(Object.entries(shares)))).toEqual({ why });
  });

  test("are for ready endpoints alone", () => {
    const one = group("aabb");
    one.endpoints.push({ addresses: ["10.0.0.9"], conditions: { ready: false }, zone: "a" });
    const found = withHints([one], new Map(Object.entries({ a: 0.5, b: 0.5 })));
    expect(hintsOf(found)).toBe("aabb-");
  });
});

describe("a service that follows the zones", () => {
  let cluster: Cluster;
  beforeEach(async () => {
    cluster = await startCluster({ controllers: [endpointSliceController()] });
    for (const zone of ["a", "b"]) await node(zone);
    for (const [name, zone] of [
      ["one", "a"],
      ["two", "b"],
    ] as const)
      await pod(name, zone);
    await cluster.client.create(Service, "default", {
      metadata: { name: "web", annotations: { "service.kubernetes.io/topology-mode": "Auto" } },
      spec: { selector: { app: "web" }, ports: [{ port: 80 }] },
    });
    await cluster.settle();
  });
  afterEach(() => cluster.stop());

  test("gets hints, loses them with a node that says no zone, and with its annotation", async () => {
    expect(await hints()).toEqual(["a", "b"]);
    expect(await told()).toEqual([
      "TopologyAwareHintsEnabled Topology Aware Hints has been enabled, addressType: IPv4",
    ]);

    await cluster.client.patch(Node, "", "node-b", {
      metadata: { labels: { "topology.kubernetes.io/zone": null } },
    });
    await cluster.settle();
    expect(await hints()).toEqual([undefined, undefined]);
    expect(await told()).toContain(
      "TopologyAwareHintsDisabled Insufficient Node information: allocatable CPU or zone not specified on one or more nodes, addressType: IPv4",
    );

    await cluster.client.patch(Node, "", "node-b", {
      metadata: { labels: { "topology.kubernetes.io/zone": "b" } },
    });
    await cluster.settle();
    expect(await hints()).toEqual(["a", "b"]);
    await cluster.client.patch(Service, "default", "web", {
      metadata: { annotations: { "service.kubernetes.io/topology-mode": null } },
    });
    await cluster.settle();
    expect(await hints()).toEqual([undefined, undefined]);
    expect(await told()).toContain(
      "TopologyAwareHintsDisabled Topology Aware Hints has been disabled, addressType: IPv4",
    );
  });

  async function node(zone: string): Promise<void> {
    const labels = { "topology.kubernetes.io/zone": zone };
    const name = `node-${zone}`;
    await cluster.client.create(Node, "", { metadata: { name, labels }, spec: {} });
    const conditions = [{ type: "Ready", status: "True" }];
    const status = { conditions, allocatable: { cpu: "4" } };
    await cluster.client.patch(Node, "", name, { status }, { subresource: "status" });
  }

  async function pod(name: string, zone: string): Promise<void> {
    const spec = { nodeName: `node-${zone}`, containers: [{ name: "main", image: "web:1" }] };
    const metadata = { name, labels: { app: "web" } };
    await cluster.client.create(Pod, "default", { metadata, spec });
    const podIP = zone === "a" ? "10.0.0.1" : "10.0.0.2";
    const conditions = [{ type: "Ready", status: "True" }];
    const status = { phase: "Running", podIP, podIPs: [{ ip: podIP }], conditions };
    await cluster.client.patch(Pod, "default", name, { status }, { subresource: "status" });
  }

  async function hints(): Promise<(string | undefined)[]> {
    const { items } = await cluster.client.list(EndpointSlice, { namespace: "default" });
    const endpoints = items.flatMap((slice) => slice.endpoints);
    const inOrder = endpoints.toSorted((a, b) => (a.addresses[0]! < b.addresses[0]! ? -1 : 1));
    return inOrder.map((endpoint) => endpoint.hints?.forZones?.[0]?.name);
  }

  async function told(): Promise<string[]> {
    const { items } = await cluster.client.list(Event, { namespace: "default" });
    return items.map(({ reason, message }) => `${reason} ${message}`);
  }
});

/** One endpoint for each letter, in that zone; "-": in none. */
function group(zones: string) {
  const endpoints = [...zones].map((zone, i) => ({
    addresses: [`10.0.0.${i + 1}`],
    conditions: { ready: true } as { ready: boolean },
    ...(zone === "-" ? {} : { zone }),
  }));
  return { addressType: "IPv4", ports: [], endpoints };
}

function hintsOf(found: ReturnType<typeof withHints>): string {
  if ("why" in found) return found.why;
  const endpoints = found.groups.flatMap((one) => one.endpoints);
  return endpoints.map(({ hints }) => hints?.forZones?.[0]?.name ?? "-").join("");
}
