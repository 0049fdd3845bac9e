/** A proxy whose node is in a zone: what it hands to its mode, which here only notes it. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { EndpointSlice } from "../../src/api/discovery/endpoint-slice.ts";
import { Namespace } from "../../src/api/namespace.ts";
import { Node } from "../../src/api/node.ts";
import { Service } from "../../src/api/service.ts";
import { createInformers } from "../../src/client/informer.ts";
import { silentLog } from "../../src/component/log.ts";
import { usableEndpoints } from "../../src/proxy/endpoint.ts";
import { type RunningProxy, startProxy } from "../../src/proxy/proxy.ts";
import { startTestApiServer } from "../support/api-server.ts";
import { eventually } from "../support/eventually.ts";
import { NODE } from "./cases.ts";

const ZONE = "topology.kubernetes.io/zone";

let server: Awaited<ReturnType<typeof startTestApiServer>>;
let lifetime: AbortController;
let proxy: RunningProxy;
/** Where traffic may go, of the service "web", as the last sync had it. */
let goesTo: string[];

beforeEach(async () => {
  lifetime = new AbortController();
  server = await startTestApiServer();
  await eventually(() => server.client.get(Namespace, "", "default"));
  await server.client.create(Node, "", {
    metadata: { name: NODE, labels: { [ZONE]: "a" } },
    spec: {},
  });
  await server.client.create(Service, "default", {
    metadata: { name: "web", annotations: { "service.kubernetes.io/topology-mode": "Auto" } },
    spec: { ports: [{ port: 80 }] },
  });
  await server.client.create(EndpointSlice, "default", {
    metadata: { name: "web-1", labels: { "kubernetes.io/service-name": "web" } },
    addressType: "IPv4",
    ports: [{ name: "", port: 8080 }],
    endpoints: [
      { addresses: ["10.0.0.1"], hints: { forZones: [{ name: "a" }] } },
      { addresses: ["10.0.0.2"], hints: { forZones: [{ name: "b" }] } },
    ],
  });
});
afterEach(async () => {
  lifetime.abort();
  await proxy.stopped;
  await server.stop();
});

describe("a proxy", () => {
  test("keeps traffic within the zone of its node, and goes along when that changes", async () => {
    const { client, clock, random } = server;
    const base = { client, clock, random, log: silentLog, signal: lifetime.signal };
    const mode = {
      name: "iptables" as const,
      prepare: () => Promise.resolve(),
      sync: async (services: Parameters<RunningProxy["mode"]["sync"]>[0]) => {
        const web = services.find(({ servicePort }) => servicePort.name === "default/web");
        if (web === undefined) return;
        goesTo = usableEndpoints(web.servicePort, web.endpoints).cluster.map(({ ip }) => ip);
      },
      stop: () => Promise.resolve(),
    };
    proxy = await startProxy(
      { ...base, informers: createInformers(base) },
      { nodeName: NODE, mode, syncPeriodMs: 30_000, minSyncPeriodMs: 0, usesSlices: true },
    );
    await eventually(() => expect(goesTo).toEqual(["10.0.0.1"]));

    await client.patch(Node, "", NODE, { metadata: { labels: { [ZONE]: "b" } } });
    await eventually(() => expect(goesTo).toEqual(["10.0.0.2"]));

    await client.patch(Node, "", NODE, { metadata: { labels: { [ZONE]: null } } });
    await eventually(() => expect(goesTo).toEqual(["10.0.0.1", "10.0.0.2"]));
  });
});
