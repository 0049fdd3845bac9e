import { describe, expect, test } from "vitest";
import { EndpointSlice } from "../../../src/api/discovery/endpoint-slice.ts";
import { updateWordingsOf, wordingsOf } from "../judge.ts";

const SLICE = { addressType: "IPv4", endpoints: [{ addresses: ["10.1.2.3"] }], ports: [] };
const SERVICE = { "kubernetes.io/service-name": "web" };

describe("an EndpointSlice", () => {
  test("is refused in the words of Kubernetes", () => {
    const judge = (change: object) => wordingsOf(EndpointSlice, { ...SLICE, ...change });
    expect(judge({})).toEqual([]);
    expect(judge({ addressType: "" })).toEqual(["addressType: Required value"]);
    expect(judge({ addressType: "IP" })).toEqual([
      'addressType: Unsupported value: "IP": supported values: "FQDN", "IPv4", "IPv6"',
    ]);
    expect(judge({ endpoints: [{ addresses: [] }] })).toEqual([
      "endpoints[0].addresses: Required value: must contain at least 1 address",
    ]);
    expect(judge({ endpoints: Array(1001).fill(SLICE.endpoints[0]) })).toEqual([
      "endpoints: Too many: 1001: must have at most 1000 items",
    ]);
    expect(judge({ endpoints: [{ addresses: ["::2"] }] })).toEqual([
      'endpoints[0].addresses[0]: Invalid value: "::2": must be a valid IPv4 address',
    ]);
    expect(judge({ endpoints: [{ addresses: ["127.0.0.1"] }] })).toEqual([
      'endpoints[0].addresses[0]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
    ]);
    expect(judge({ addressType: "FQDN", endpoints: [{ addresses: ["web"] }] })).toEqual([
      'endpoints[0].addresses[0]: Invalid value: "web": should be a domain with at least two segments separated by dots',
    ]);
    expect(judge({ ports: [{ port: 1 }, { port: 2 }] })).toEqual([
      'ports[1].name: Duplicate value: ""',
    ]);
    expect(judge({ ports: [{ name: "a", protocol: "ICMP" }] })).toEqual([
      'ports[0].protocol: Unsupported value: "ICMP": supported values: "SCTP", "TCP", "UDP"',
    ]);
    const forZones = [{ name: "a" }, { name: "a" }];
    expect(judge({ endpoints: [{ addresses: ["10.1.2.3"], hints: { forZones } }] })).toEqual([
      'endpoints[0].hints.forZones[1].name: Duplicate value: "a"',
    ]);
  });

  test("keeps its type of addresses", () => {
    expect(updateWordingsOf(EndpointSlice, SLICE, { ...SLICE, addressType: "FQDN" })).toContain(
      'addressType: Invalid value: "FQDN": field is immutable',
    );
  });

  test("is printed with its first three ports and addresses", () => {
    const addresses = (n: number) => [`10.1.2.${n}`];
    const cellsOf = (change: object) =>
      EndpointSlice.columns!.map(({ value }) => {
        const metadata = { name: "web-x", labels: SERVICE };
        return value({ ...EndpointSlice.example, metadata, ...change }, new Date("2020-01-01"));
      });
    const endpoints = [1, 2, 3, 4, 5].map((n) => ({ addresses: addresses(n) }));
    expect(cellsOf({ endpoints, ports: [{ port: 80 }, { name: "any" }] })).toEqual([
      "web-x",
      "IPv4",
      "80,any",
      "10.1.2.1,10.1.2.2,10.1.2.3 + 2 more...",
      "<unknown>",
    ]);
    expect(cellsOf({ endpoints: [], ports: [] }).slice(2, 4)).toEqual(["<unset>", "<unset>"]);
  });
});
