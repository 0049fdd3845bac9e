import { describe, expect, test } from "vitest";
import { EndpointSlice, SERVICE_NAME_LABEL } from "../../src/api/discovery/endpoint-slice.ts";
import type { Endpoints } from "../../src/api/endpoints.ts";
import { Client } from "../../src/client/client.ts";
import { isServed } from "../../src/client/served-kind.ts";
import { systemClock } from "../../src/component/clock.ts";
import { silentLog } from "../../src/component/log.ts";
import { usableEndpoints } from "../../src/proxy/endpoint.ts";
import { endpointsByPort, joinServices } from "../../src/proxy/endpoints-map.ts";
import { compileIptablesRules } from "../../src/proxy/iptables-rules.ts";
import { restoreText } from "../../src/proxy/rule-set.ts";
import { startTestApiServer } from "../support/api-server.ts";
import { FaultyTransport } from "../support/faulty-transport.ts";
import { aService, CASES, NODE, PODS } from "./cases.ts";

/** A slice for each address, and not in their order. */
function slicesOf({ metadata, subsets = [] }: Endpoints): EndpointSlice[] {
  return subsets.flatMap(({ addresses = [], notReadyAddresses = [], ports = [] }) =>
    [
      ...addresses.map((one) => [one, true] as const),
      ...notReadyAddresses.map((one) => [one, false] as const),
    ]
      .map(([{ ip, nodeName = "" }, ready], i) =>
        aSlice(
          `${metadata.name}-${i}`,
          metadata.name,
          [
            {
              addresses: [ip],
              nodeName,
              conditions: { ready, serving: ready, terminating: false },
            },
          ],
          ports,
        ),
      )
      .toReversed(),
  );
}

function aSlice(
  name: string,
  service: string,
  endpoints: EndpointSlice["endpoints"],
  ports: EndpointSlice["ports"] = [{ name: "http", port: 8080, protocol: "TCP" }],
): EndpointSlice {
  const metadata = { name, namespace: "default", labels: { [SERVICE_NAME_LABEL]: service } };
  return {
    ...EndpointSlice.example,
    metadata,
    endpoints,
    ports: ports.map((one) => ({ name: "", ...one })),
  };
}

const joined = (...slices: EndpointSlice[]) => joinServices([aService({})], slices, NODE)[0]!;

describe("the endpoints of a service port, from slices", () => {
  test.each(CASES)(
    "make the same rules as Endpoints: $name",
    ({ services, endpoints, options }) => {
      const rules = (sources: (Endpoints | EndpointSlice)[]) => {
        const { filter, nat } = compileIptablesRules(
          joinServices(services, sources, NODE),
          options,
        );
        return restoreText(filter) + restoreText(nat);
      };
      expect(rules(endpoints.flatMap(slicesOf))).toEqual(rules(endpoints));
    },
  );

  test("are those of all its slices, each once, ready if it is so in one", () => {
    const one = { addresses: [PODS.a], conditions: { ready: true }, nodeName: NODE };
    const same = { ...one, conditions: { ready: false } };
    for (const slices of [
      [one, same],
      [same, one],
    ]) {
      const sources = slices.map((endpoint, i) => aSlice(`web-${i}`, "web", [endpoint]));
      expect(joined(...sources).endpoints).toEqual([
        {
          ip: PODS.a,
          port: 8080,
          isLocal: true,
          isReady: true,
          isServing: true,
          isTerminating: false,
        },
      ]);
    }
  });

  test("are ready where nobody says that they are not", () => {
    expect(joined(aSlice("web-1", "web", [{ addresses: [PODS.a] }])).endpoints[0]).toMatchObject({
      ...{ isReady: true, isServing: true, isTerminating: false },
    });
  });

  test("are meant for our zone, or another, where the node has one and they say so", () => {
    const hints = { forZones: [{ name: "a" }] };
    const slice = aSlice("web-1", "web", [{ addresses: [PODS.a], hints }, { addresses: [PODS.b] }]);
    const seenFrom = (zone?: string) =>
      joinServices([aService({})], [slice], NODE, zone)[0]!.endpoints.map(
        ({ isForZone }) => isForZone,
      );
    expect(seenFrom("a")).toEqual([true, undefined]);
    expect(seenFrom("b")).toEqual([false, undefined]);
    expect(seenFrom()).toEqual([undefined, undefined]);
  });

  test("are those that go but still answer, where none is ready", () => {
    const going = { ready: false, serving: true, terminating: true };
    const gone = { ready: false, serving: false, terminating: true };
    const { servicePort, endpoints } = joined(
      aSlice("web-1", "web", [
        { addresses: [PODS.a], conditions: going },
        { addresses: [PODS.b], conditions: gone },
      ]),
    );
    const { cluster } = usableEndpoints(servicePort, endpoints);
    expect(cluster.map(({ ip }) => ip)).toEqual([PODS.a]);
  });

  test("are none in a slice of another family, without a service, or of another proxy", () => {
    const endpoints = [{ addresses: [PODS.a] }];
    const slice = aSlice("web-1", "web", endpoints);
    const others = [
      { ...slice, addressType: "FQDN" },
      { ...slice, metadata: { ...slice.metadata, labels: {} } },
      {
        ...slice,
        metadata: {
          ...slice.metadata,
          labels: { ...slice.metadata.labels, "service.kubernetes.io/service-proxy-name": "x" },
        },
      },
    ];
    expect([...endpointsByPort(others, NODE)]).toEqual([]);
    expect([...endpointsByPort([slice], NODE).keys()]).toEqual(["default/web:http"]);
  });
});

describe("whether a server serves slices", () => {
  test("is learned from it, however often it has to be asked", async () => {
    const server = await startTestApiServer();
    const network = new FaultyTransport(server.transport);
    const ask = () => {
      const context = { clock: systemClock, log: silentLog, signal: new AbortController().signal };
      return isServed(EndpointSlice, { ...context, client: new Client(network.transport) });
    };
    expect(await ask()).toBe(true);
    const first = new Error("connect ECONNREFUSED 127.0.0.1:8080");
    network.fault = () => {
      network.fault = undefined;
      return first;
    };
    expect(await ask()).toBe(true);
    const chunks = [Buffer.from("404 page not found")];
    for (const status of [404, 403]) {
      network.fault = () => ({ status, headers: {}, body: { type: "bytes", chunks } });
      expect(await ask()).toBe(false);
    }
    await server.stop();
  });
});
