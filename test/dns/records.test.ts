import { describe, expect, test } from "vitest";
import type { Service } from "../../src/api/service.ts";
import { isDomainName, reverseName } from "../../src/dns/domain-name.ts";
import type { DnsRecord } from "../../src/dns/record.ts";
import { podRecordByName, podRecords, serviceRecords } from "../../src/dns/records.ts";
import type { EndpointsSource } from "../../src/dns/service-endpoints.ts";
import { aPodAt, aService, aSlice, aWebService, DOMAIN, someEndpoints } from "./made-up-cluster.ts";

/** "name TYPE data", as dig shows it, without the zone's "svc.cluster.local". */
function shown(records: readonly DnsRecord[]): string[] {
  return records.map(({ name, type, data }) => {
    const text =
      typeof data === "string"
        ? data
        : Object.values({ priority: 0, weight: 0, port: 0, target: "", ...data }).join(" ");
    return `${name} ${type} ${text}`.replaceAll(`.svc.${DOMAIN}`, "");
  });
}

const of = (service: Service, ...behind: EndpointsSource[]) =>
  shown(serviceRecords(service, behind, DOMAIN));

const HTTP = { name: "http", port: 8080, protocol: "TCP" };

describe("the slices of a headless service", () => {
  const service = (spec = {}) => aService("default/db", { clusterIP: "None", ...spec });

  test("give the same names as Endpoints", () => {
    const ready = [{ ip: "10.1.0.5", hostname: "db-0" }, { ip: "10.1.0.6" }];
    const endpoints = someEndpoints("default/db", { ready, ports: [HTTP] });
    const slices = ready.map(({ ip, ...hostname }, n) =>
      aSlice("default/db", `db-${n}`, [{ addresses: [ip], ...hostname }], [HTTP]),
    );
    expect(of(service(), ...slices)).toEqual(of(service(), endpoints));
    expect(of(service(), ...slices)).toContain("db-0.db.default A 10.1.0.5");
  });

  test("name what is ready, or of what nobody says that it is not; all where unready ones are published", () => {
    const conditions = [{ ready: true }, { ready: false }, {}];
    const endpoints = conditions.map((of, n) => ({ addresses: [`10.1.0.${n}`], conditions: of }));
    const slice = aSlice("default/db", "db-x", endpoints, [HTTP]);
    const addresses = (spec = {}) =>
      of(service(spec), slice).filter((one) => one.startsWith("db.default A"));
    expect(addresses()).toEqual(["db.default A 10.1.0.0", "db.default A 10.1.0.2"]);
    expect(addresses({ publishNotReadyAddresses: true })).toHaveLength(3);
  });
});

describe("a service with a cluster IP", () => {
  test("has its name, its named ports, and the way back", () => {
    expect(of(aWebService("default/web", "10.254.0.7"))).toEqual([
      "web.default A 10.254.0.7",
      "web.default SRV 0 100 80 web.default",
      "_http._tcp.web.default SRV 0 100 80 web.default",
      "7.0.254.10.in-addr.arpa PTR web.default",
    ]);
  });

  test("has no SRV record of a port without a name but that of the service", () => {
    const ports = [{ port: 53, protocol: "UDP" }];
    expect(of(aWebService("default/web", "10.254.0.7", { ports }))).toEqual([
      "web.default A 10.254.0.7",
      "web.default SRV 0 100 53 web.default",
      "7.0.254.10.in-addr.arpa PTR web.default",
    ]);
  });

  test("shares the weight among its ports", () => {
    const ports = [
      { name: "dns", port: 53, protocol: "UDP" },
      { name: "dns", port: 53, protocol: "TCP" },
      { name: "metrics", port: 9153, protocol: "TCP" },
    ];
    expect(of(aWebService("kube-system/dns", "10.254.0.10", { ports }))).toEqual([
      "dns.kube-system A 10.254.0.10",
      "dns.kube-system SRV 0 50 53 dns.kube-system",
      "dns.kube-system SRV 0 50 9153 dns.kube-system",
      "_dns._udp.dns.kube-system SRV 0 100 53 dns.kube-system",
      "_dns._tcp.dns.kube-system SRV 0 100 53 dns.kube-system",
      "_metrics._tcp.dns.kube-system SRV 0 100 9153 dns.kube-system",
      "10.0.254.10.in-addr.arpa PTR dns.kube-system",
    ]);
  });

  test("has an address of each family", () => {
    const clusterIPs = ["10.254.0.7", "fd00::7"];
    expect(of(aWebService("default/web", "10.254.0.7", { clusterIPs, ports: [] }))).toEqual([
      "web.default A 10.254.0.7",
      "web.default AAAA fd00::7",
      "7.0.254.10.in-addr.arpa PTR web.default",
      "7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa PTR web.default",
    ]);
  });

  test("gives its endpoints no names", () => {
    const endpoints = someEndpoints("default/web", { ready: [{ ip: "10.1.0.1" }], ports: [HTTP] });
    expect(of(aWebService("default/web", "10.254.0.7"), endpoints)).toHaveLength(4);
  });

  test("has no name before it has an address", () => {
    expect(of(aService("default/web", { ports: [HTTP] }))).toEqual([]);
  });

  test("says where the name server is, when it is kube-system/kube-dns", () => {
    expect(of(aWebService("kube-system/kube-dns", "10.254.0.10", { ports: [] }))).toContain(
      "ns.dns.cluster.local A 10.254.0.10",
    );
  });
});

describe("a headless service", () => {
  const headless = (spec = {}) => aWebService("default/db", "None", spec);

  test("has the address of each ready endpoint, and a name for each", () => {
    const ready = [{ ip: "10.1.0.1", hostname: "db-0" }, { ip: "10.1.0.2" }];
    const notReady = [{ ip: "10.1.0.3", hostname: "db-2" }];
    expect(of(headless(), someEndpoints("default/db", { ready, notReady, ports: [HTTP] }))).toEqual(
      [
        "db.default A 10.1.0.1",
        "db.default A 10.1.0.2",
        "db-0.db.default A 10.1.0.1",
        "10-1-0-2.db.default A 10.1.0.2",
        "db.default SRV 0 50 8080 db-0.db.default",
        "db.default SRV 0 50 8080 10-1-0-2.db.default",
        "_http._tcp.db.default SRV 0 50 8080 db-0.db.default",
        "_http._tcp.db.default SRV 0 50 8080 10-1-0-2.db.default",
        "1.0.1.10.in-addr.arpa PTR db-0.db.default",
        "2.0.1.10.in-addr.arpa PTR 10-1-0-2.db.default",
      ],
    );
  });

  const unready = someEndpoints("default/db", { notReady: [{ ip: "10.1.0.3" }], ports: [HTTP] });

  test("has no records without ready endpoints", () => {
    expect(of(headless(), unready)).toEqual([]);
    expect(of(headless())).toEqual([]);
  });

  test("shows endpoints that are not ready when it publishes them", () => {
    expect(of(headless({ publishNotReadyAddresses: true }), unready)).toContain(
      "db.default A 10.1.0.3",
    );
    const old = headless();
    old.metadata.annotations = {
      "service.alpha.kubernetes.io/tolerate-unready-endpoints": "true",
    };
    expect(of(old, unready)).toContain("db.default A 10.1.0.3");
  });

  test("has names without any port", () => {
    expect(of(headless(), someEndpoints("default/db", { ready: [{ ip: "10.1.0.1" }] }))).toEqual([
      "db.default A 10.1.0.1",
      "10-1-0-1.db.default A 10.1.0.1",
      "1.0.1.10.in-addr.arpa PTR 10-1-0-1.db.default",
    ]);
  });

  test("gives one hostname several addresses", () => {
    const ready = [
      { ip: "10.1.0.1", hostname: "db" },
      { ip: "10.1.0.2", hostname: "db" },
    ];
    const records = of(headless(), someEndpoints("default/db", { ready, ports: [HTTP] }));
    expect(records.filter((record) => record.startsWith("db.db"))).toEqual([
      "db.db.default A 10.1.0.1",
      "db.db.default A 10.1.0.2",
    ]);
    expect(records.filter((record) => record.startsWith("_http"))).toEqual([
      "_http._tcp.db.default SRV 0 100 8080 db.db.default",
    ]);
  });

  test("has the ports of each subset for the endpoints of that subset", () => {
    const endpoints = someEndpoints(
      "default/db",
      { ready: [{ ip: "10.1.0.1" }], ports: [HTTP] },
      { ready: [{ ip: "10.1.0.2" }], ports: [{ ...HTTP, port: 9090 }] },
    );
    expect(of(headless(), endpoints).filter((record) => record.startsWith("_http"))).toEqual([
      "_http._tcp.db.default SRV 0 50 8080 10-1-0-1.db.default",
      "_http._tcp.db.default SRV 0 50 9090 10-1-0-2.db.default",
    ]);
  });

  test("never weighs an endpoint as nothing", () => {
    const ready = Array.from({ length: 150 }, (_, i) => ({ ip: `10.1.0.${i}` }));
    const records = of(headless(), someEndpoints("default/db", { ready, ports: [HTTP] }));
    expect(records).toContain("_http._tcp.db.default SRV 0 1 8080 10-1-0-149.db.default");
  });
});

describe("an ExternalName service", () => {
  const external = (externalName: string) =>
    of(aService("default/db", { type: "ExternalName", externalName }));

  test("is an alias", () => {
    expect(external("DB.example.com.")).toEqual(["db.default CNAME db.example.com"]);
  });

  test.each(["10.0.0.1", "fd00::1", "", `${"a".repeat(64)}.com`])("is not for %j", (name) => {
    expect(external(name)).toEqual([]);
  });
});

describe("a pod", () => {
  test("has its address as a name", () => {
    expect(podRecords(aPodAt("default/web", "10.1.2.3"), DOMAIN)).toEqual([
      { name: "10-1-2-3.default.pod.cluster.local", type: "A", ttl: 30, data: "10.1.2.3" },
    ]);
    expect(podRecords(aPodAt("default/web", ""), DOMAIN)).toEqual([]);
  });

  test.each([
    ["10-1-2-3.default.pod.cluster.local", "10.1.2.3"],
    ["fd00--1.default.pod.cluster.local", "fd00::1"],
    ["10-1-2-256.default.pod.cluster.local", undefined],
    ["10-1-2.default.pod.cluster.local", undefined],
    ["010-1-2-3.default.pod.cluster.local", undefined],
    ["web.default.pod.cluster.local", undefined],
    ["a.10-1-2-3.default.pod.cluster.local", undefined],
    ["default.pod.cluster.local", undefined],
    ["10-1-2-3.default.svc.cluster.local", undefined],
  ])("is named in %s", (name, ip) => {
    expect(podRecordByName(name, DOMAIN)?.data).toBe(ip);
  });
});

describe("a reverse name", () => {
  test.each([
    ["10.1.2.3", "3.2.1.10.in-addr.arpa"],
    ["::1", `1.${"0.".repeat(31)}ip6.arpa`],
    ["::ffff:10.1.2.3", `3.0.2.0.1.0.a.0.f.f.f.f.${"0.".repeat(20)}ip6.arpa`],
    [
      "2001:DB8::8:800:200C:417A",
      "a.7.1.4.c.0.0.2.0.0.8.0.8.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa",
    ],
  ])("of %s is the address backwards", (ip, name) => {
    expect(reverseName(ip)).toBe(name);
  });
});

describe("a domain name", () => {
  test.each([
    ["cluster.local", true],
    ["a", true],
    ["", false],
    ["a..b", false],
    [`${"a".repeat(63)}.b`, true],
    [`${"a".repeat(64)}.b`, false],
    [`${"a.".repeat(126)}b`, true],
    [`${"a.".repeat(127)}b`, false],
  ])("%j: %s", (name, isName) => {
    expect(isDomainName(name)).toBe(isName);
  });
});
