/** The proxy of a node, from the API to what it tells others: events and health check ports. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { Endpoints } from "../../src/api/endpoints.ts";
import { Event } from "../../src/api/event.ts";
import { Namespace } from "../../src/api/namespace.ts";
import { Service } from "../../src/api/service.ts";
import { createInformers } from "../../src/client/informer.ts";
import { findIptables } from "../../src/component/iptables.ts";
import { silentLog } from "../../src/component/log.ts";
import { IptablesMode } from "../../src/proxy/iptables-mode.ts";
import { DEFAULT_OPTIONS } from "../../src/proxy/iptables-options.ts";
import type { ProxyMode } from "../../src/proxy/mode.ts";
import { type RunningProxy, startProxy } from "../../src/proxy/proxy.ts";
import { UserspaceMode } from "../../src/proxy/userspace/userspace-mode.ts";
import { startTestApiServer } from "../support/api-server.ts";
import { eventually } from "../support/eventually.ts";
import { freePort } from "../support/free-port.ts";
import { describeWith } from "../support/needs.ts";
import { aService, endpointsOf, NODE } from "./cases.ts";
import { TestNamespace } from "./test-namespace.ts";

let server: Awaited<ReturnType<typeof startTestApiServer>>;
let namespace: TestNamespace;
let lifetime: AbortController;
let proxy: RunningProxy;

async function start(modeOf: (kernel: ConstructorParameters<typeof IptablesMode>[0]) => ProxyMode) {
  const { client, clock, random } = server;
  const iptables = await findIptables(namespace.run);
  const kernel = { run: namespace.run, iptables, log: silentLog };
  const base = { client, clock, random, log: silentLog, signal: lifetime.signal };
  proxy = await startProxy(
    { ...base, informers: createInformers(base) },
    { nodeName: NODE, mode: modeOf(kernel), syncPeriodMs: 30_000, minSyncPeriodMs: 0 },
  );
}

async function create(service: Service) {
  const { metadata, spec } = service;
  return server.client.create(Service, "default", { metadata, spec: { ...spec, clusterIP: "" } });
}

describeWith(["root", "iptables"], "a node's proxy", () => {
  beforeEach(async () => {
    lifetime = new AbortController();
    namespace = await TestNamespace.create();
    server = await startTestApiServer();
    await eventually(() => server.client.get(Namespace, "", "default"));
  });
  afterEach(async () => {
    lifetime.abort();
    await proxy.stopped;
    await server.stop();
    await namespace.remove();
  });

  test("tells load balancers whether this node has a pod of the service", async () => {
    await start((kernel) => new IptablesMode(kernel, DEFAULT_OPTIONS));
    const port = await freePort();
    const spec = {
      type: "LoadBalancer",
      externalTrafficPolicy: "Local",
      healthCheckNodePort: port,
    };
    const created = await create(aService({ spec: { ...spec, healthCheckNodePort: 30_999 } }));
    const checkPort = created.spec.healthCheckNodePort!;
    const url = `http://127.0.0.1:${checkPort}/`;
    const about = { namespace: "default", name: "web" };
    await eventually(async () => expect((await fetch(url)).status).toBe(503));

    await server.client.create(Endpoints, "default", endpointsOf({ pods: ["a", "far"] }));
    await eventually(async () => expect((await fetch(url)).status).toBe(200));
    const answer = await fetch(url);
    expect(answer.headers.get("x-load-balancing-endpoint-weight")).toBe("1");
    expect(await answer.json()).toEqual({
      service: about,
      localEndpoints: 1,
      serviceProxyHealthy: true,
    });

    await server.client.delete(Service, "default", "web");
    await eventually(() => expect(fetch(url)).rejects.toThrow("fetch failed"));
  });

  test("says on a service that userspace mode does not carry out SCTP", async () => {
    const { clock, random } = server;
    const portals = { bindAddress: "127.0.0.1", hostIP: "127.0.0.1", udpIdleMs: 250 };
    await start((kernel) => new UserspaceMode(kernel, { ...portals, clock, random }));
    const ports = [
      { name: "signal", port: 38_412, protocol: "SCTP" },
      { name: "http", port: 80, protocol: "TCP" },
    ];
    await create(aService({ spec: { ports } }));
    await eventually(async () => {
      const { items } = await server.client.list(Event, { namespace: "default" });
      expect(items.map(({ reason, message }) => [reason, message])).toContainEqual([
        "ProtocolNotSupported",
        "SCTP is not supported by kube-proxy in userspace mode",
      ]);
    });
    await eventually(async () => expect(await namespace.save("nat")).toContain("default/web:http"));
    expect(await namespace.save("nat")).not.toContain("default/web:signal");
  });
});
