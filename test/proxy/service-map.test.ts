import { describe, expect, test } from "vitest";
import type { Endpoints } from "../../src/api/endpoints.ts";
import { serviceChain } from "../../src/proxy/chain-names.ts";
import { holdsAddress } from "../../src/proxy/cidr.ts";
import { type Endpoint, usableEndpoints } from "../../src/proxy/endpoint.ts";
import { endpointsByPort, joinServices } from "../../src/proxy/endpoints-map.ts";
import { servicePortsOf } from "../../src/proxy/service-map.ts";
import type { ServicePort } from "../../src/proxy/service-port.ts";
import { aService, endpointsOf, NODE, PODS } from "./cases.ts";

describe("the ports of a Service", () => {
  test("have the names that rules and chains are named after", () => {
    const ports = [
      { name: "dns", port: 53, protocol: "UDP" },
      { port: 9153, protocol: "TCP" },
    ];
    const found = servicePortsOf(aService({ spec: { ports } }, "kube-dns"));
    expect(found.map(({ name }) => name)).toEqual(["default/kube-dns:dns", "default/kube-dns"]);
  });

  test("give the chain names that Kubernetes gives them", () => {
    const port = { name: "default/kubernetes:https", protocol: "TCP" } as ServicePort;
    expect(serviceChain("KUBE-SVC-", port)).toBe("KUBE-SVC-NPX46M4PTMTKRN6Y");
    const dns = { name: "kube-system/kube-dns:dns", protocol: "UDP" } as ServicePort;
    expect(serviceChain("KUBE-SVC-", dns)).toBe("KUBE-SVC-TCOU7JCQXEZGVUNU");
  });

  test.each([
    ["is headless", { spec: { clusterIP: "None" } }],
    ["has no address yet", { spec: { clusterIP: "" } }],
    ["is an ExternalName", { spec: { type: "ExternalName", externalName: "example.com" } }],
    ["has IPv6 addresses alone", { spec: { clusterIP: "fd00::1", clusterIPs: ["fd00::1"] } }],
    ["is another proxy's", { labels: { "service.kubernetes.io/service-proxy-name": "x" } }],
    ["is labelled headless", { labels: { "service.kubernetes.io/headless": "" } }],
  ])("are none when it %s", (_why, shape) => {
    expect(servicePortsOf(aService(shape))).toEqual([]);
  });

  test("take the IPv4 address of a dual-stack service", () => {
    const spec = { clusterIP: "fd00::1", clusterIPs: ["fd00::1", "10.254.9.9"] };
    expect(servicePortsOf(aService({ spec }))[0]!.clusterIP).toBe("10.254.9.9");
  });

  test("leave out what is not IPv4, and load balancers that are proxies", () => {
    const [port] = servicePortsOf(
      aService({
        spec: {
          type: "LoadBalancer",
          externalIPs: ["198.51.100.1", "2001:db8::1"],
          loadBalancerSourceRanges: [" 192.0.2.0/24 ", "2001:db8::/32"],
        },
        status: {
          loadBalancer: {
            ingress: [
              { ip: "198.51.100.2", ipMode: "VIP" },
              { ip: "198.51.100.3", ipMode: "Proxy" },
              { hostname: "lb.example.com" },
              { ip: "2001:db8::2" },
            ],
          },
        },
      }),
    );
    expect(port).toMatchObject({
      externalIPs: ["198.51.100.1"],
      loadBalancerIPs: ["198.51.100.2"],
      loadBalancerSourceRanges: ["192.0.2.0/24"],
    });
  });

  test("know policies and affinity", () => {
    const spec = {
      type: "NodePort",
      externalTrafficPolicy: "Local",
      internalTrafficPolicy: "Local",
      sessionAffinity: "ClientIP",
    };
    expect(servicePortsOf(aService({ spec }))[0]).toMatchObject({
      isExternalPolicyLocal: true,
      isInternalPolicyLocal: true,
      affinitySeconds: 10_800,
    });
    const inside = { ...spec, type: "ClusterIP" };
    expect(servicePortsOf(aService({ spec: inside }))[0]!.isExternalPolicyLocal).toBe(false);
  });
});

describe("the endpoints of a service port", () => {
  test("are in the order of their addresses, each once, and know their node", () => {
    const endpoints = endpointsOf({ pods: ["far", "b", "a", "b"], notReady: ["b", "c"] });
    const found = endpointsByPort([endpoints], NODE).get("default/web:http")!;
    expect(found.map(({ ip, isReady, isLocal }) => [ip, isReady, isLocal])).toEqual([
      [PODS.a, true, true],
      [PODS.b, true, true],
      [PODS.c, false, true],
      [PODS.far, true, false],
    ]);
  });

  test("are looked up by the name of the port, not by its number", () => {
    const endpoints: Endpoints = {
      ...endpointsOf({ pods: ["a"] }),
      subsets: [
        { addresses: [{ ip: PODS.a }], ports: [{ name: "http", port: 8080 }] },
        { addresses: [{ ip: PODS.b }], ports: [{ name: "http", port: 9090 }] },
        { addresses: [{ ip: PODS.c }], ports: [{ name: "metrics", port: 8080 }] },
      ],
    };
    const [joined] = joinServices([aService({})], [endpoints], NODE);
    expect(joined!.endpoints.map(({ ip, port }) => `${ip}:${port}`)).toEqual([
      "172.16.1.2:8080",
      "172.16.1.3:9090",
    ]);
  });

  test("without IPv4 are none", () => {
    const endpoints = { ...endpointsOf({ pods: [] }) };
    endpoints.subsets = [{ addresses: [{ ip: "fd00::2" }], ports: [{ name: "http", port: 80 }] }];
    expect(endpointsByPort([endpoints], NODE).get("default/web:http")).toEqual([]);
  });
});

describe("the endpoints traffic may go to", () => {
  const ready = { isReady: true, isServing: true, isTerminating: false };
  const going = { isReady: false, isServing: true, isTerminating: true };
  const gone = { isReady: false, isServing: false, isTerminating: true };
  const at = (ip: string, isLocal: boolean, state: typeof ready): Endpoint => ({
    ...{ ip, port: 80, isLocal },
    ...state,
  });
  const port = (more: Partial<ServicePort>) => ({ ...servicePortsOf(aService({}))[0]!, ...more });
  const ips = (all: Endpoint[]) => all.map(({ ip }) => ip);

  test("are those that go away but still answer, when none is ready", () => {
    const usable = usableEndpoints(port({}), [at("1", true, going), at("2", false, gone)]);
    expect(ips(usable.cluster)).toEqual(["1"]);
    expect(usableEndpoints(port({}), [at("1", true, going), at("2", false, ready)])).toMatchObject({
      cluster: [{ ip: "2" }],
      local: [],
    });
  });

  test("are chosen for each policy by itself", () => {
    const local = port({ isExternalPolicyLocal: true, nodePort: 30_000 });
    const usable = usableEndpoints(local, [at("1", true, going), at("2", false, ready)]);
    expect([ips(usable.cluster), ips(usable.local), usable.hasAny]).toEqual([["2"], ["1"], true]);
  });

  test("are those of its zone, where all say for which they are meant and one is for it", () => {
    const near = (ip: string, isForZone?: boolean) => ({
      ...at(ip, false, ready),
      ...(isForZone === undefined ? {} : { isForZone }),
    });
    const chosen = (all: Endpoint[], followsHints = true) =>
      ips(usableEndpoints(port(followsHints ? { followsHints } : {}), all).cluster);
    expect(chosen([near("1", true), near("2", false)])).toEqual(["1"]);
    expect(chosen([near("1", true), near("2", false)], false)).toEqual(["1", "2"]);
    expect(chosen([near("1", false), near("2", false)])).toEqual(["1", "2"]);
    expect(chosen([near("1", true), near("2")])).toEqual(["1", "2"]);
    expect(chosen([near("1", true), at("2", false, gone)])).toEqual(["1"]);
  });

  test("are none for the cluster when no traffic of the cluster's comes", () => {
    const usable = usableEndpoints(port({ isInternalPolicyLocal: true }), [at("2", false, ready)]);
    expect(usable).toEqual({ cluster: [], local: [], hasAny: true });
  });
});

test.each([
  ["10.0.0.0/8", "10.255.0.1", true],
  ["10.0.0.0/8", "11.0.0.1", false],
  ["0.0.0.0/0", "255.255.255.255", true],
  ["192.0.2.1/32", "192.0.2.1", true],
  ["192.0.2.1/32", "192.0.2.2", false],
  ["192.0.2.128/25", "192.0.2.127", false],
])("%s holds %s: %s", (cidr, address, isInside) => {
  expect(holdsAddress(cidr, address)).toBe(isInside);
});
