import { describe, expect, test } from "vitest";
import { parseConfig } from "../../src/flannel/config.ts";
import { refuseOverlap } from "../../src/flannel/host-overlap.ts";
import {
  formatAddress,
  formatSubnet,
  parseAddress,
  parseSubnet,
} from "../../src/flannel/subnet.ts";

const shown = (config: object | string) => {
  const text = typeof config === "string" ? config : JSON.stringify(config);
  const { network, subnetLength, firstSubnet, lastSubnet, backend } = parseConfig(text);
  return [
    formatSubnet(network),
    subnetLength,
    formatAddress(firstSubnet),
    formatAddress(lastSubnet),
    backend.type,
  ];
};

describe("a network's config", () => {
  test.each([
    [{ Network: "10.5.0.0/16" }, ["10.5.0.0/16", 24, "10.5.1.0", "10.5.255.0", "udp"]],
    [{ Network: "10.5.3.9/16" }, ["10.5.0.0/16", 24, "10.5.1.0", "10.5.255.0", "udp"]],
    [{ Network: "10.5.0.0/22" }, ["10.5.0.0/22", 24, "10.5.1.0", "10.5.3.0", "udp"]],
    [{ Network: "10.5.0.0/23" }, ["10.5.0.0/23", 25, "10.5.0.128", "10.5.1.128", "udp"]],
    [{ Network: "10.5.1.0/24" }, ["10.5.1.0/24", 26, "10.5.1.64", "10.5.1.192", "udp"]],
    [{ Network: "10.5.1.0/28" }, ["10.5.1.0/28", 30, "10.5.1.4", "10.5.1.12", "udp"]],
    [
      { Network: "10.0.0.0/8", SubnetLen: 20, SubnetMin: "10.10.0.0", SubnetMax: "10.99.0.0" },
      ["10.0.0.0/8", 20, "10.10.0.0", "10.99.0.0", "udp"],
    ],
    [
      { network: "10.5.0.0/16", SUBNETLEN: 26, backend: { type: "VXLAN" } },
      ["10.5.0.0/16", 26, "10.5.0.64", "10.5.255.192", "vxlan"],
    ],
    [
      { Network: "10.5.0.0/16", Backend: { Type: "host-gw" }, EnableIPv4: true, Other: [1] },
      ["10.5.0.0/16", 24, "10.5.1.0", "10.5.255.0", "host-gw"],
    ],
    [{ Network: "10.5.0.0/16", Backend: {} }, ["10.5.0.0/16", 24, "10.5.1.0", "10.5.255.0", ""]],
  ])("%j", (config, expected) => {
    expect(shown(config)).toEqual(expected);
  });

  test.each([
    [{}, "please define a correct Network parameter in the flannel config"],
    [{ Network: "10.5.0.0" }, "invalid CIDR address: 10.5.0.0"],
    [
      { Network: 5 },
      "json: cannot unmarshal number into Go struct field Config.Network of type string",
    ],
    [{ Network: "10.5.0.0/29" }, "network is too small. Minimum useful network prefix is /28"],
    [{ Network: "10.5.0.0/16", SubnetLen: 31 }, "SubnetLen must be less than /31"],
    [
      { Network: "10.5.0.0/16", SubnetLen: 17 },
      "network must be able to accommodate at least four subnets",
    ],
    [
      { Network: "10.5.0.0/16", SubnetLen: "24" },
      "json: cannot unmarshal string into Go struct field Config.SubnetLen of type uint",
    ],
    [
      { Network: "10.5.0.0/16", SubnetMin: "10.6.0.0" },
      "SubnetMin is not in the range of the Network",
    ],
    [
      { Network: "10.5.0.0/16", SubnetMax: "10.4.0.0" },
      "SubnetMax is not in the range of the Network",
    ],
    [
      { Network: "10.5.0.0/16", SubnetMin: "10.5.1.7" },
      "SubnetMin is not on a SubnetLen boundary: 10.5.1.7",
    ],
    [
      { Network: "10.5.0.0/16", SubnetMax: "10.5.1.7" },
      "SubnetMax is not on a SubnetLen boundary: 10.5.1.7",
    ],
    [
      { Network: "10.5.0.0/16", Backend: "vxlan" },
      "error decoding Backend property of config: json: cannot unmarshal string into Go value of type Backend",
    ],
    [
      { Network: "10.5.0.0/16", EnableIPv6: true },
      "IPv6 networks are not supported: remove EnableIPv6, leave EnableIPv4",
    ],
  ])("is refused: %j", (config, why) => {
    expect(() => parseConfig(JSON.stringify(config))).toThrow(
      expect.objectContaining({ name: "ConfigError", message: why }),
    );
  });

  test("is refused when it is not JSON at all", () => {
    expect(() => parseConfig("{Network: 10.5.0.0/16}")).toThrow(/^not JSON: /);
  });
});

describe("a network that the hosts are in themselves", () => {
  const external = (...networks: string[]) => ({
    name: "eth0",
    mtu: 1500,
    address: parseAddress("10.211.55.21")!,
    publicAddress: parseAddress("10.211.55.21")!,
    networks: networks.map((one) => parseSubnet(one)!),
  });
  const refuse = (network: string, ...networks: string[]) =>
    refuseOverlap(
      parseConfig(JSON.stringify({ Network: network })),
      external(...networks),
      "/atomic.io/network/config",
    );

  test("is refused with the reason, and what to write instead", () => {
    expect(() => refuse("10.211.55.0/24", "10.211.55.0/24")).toThrow(
      "Network 10.211.55.0/24 overlaps the hosts' own network: 10.211.55.0/24, eth0 of this host " +
        "has the address 10.211.55.21 in it. An address can't be a host's and a pod's at once. " +
        "Choose a private network that no host is in, for example: " +
        "ETCDCTL_API=3 etcdctl put /atomic.io/network/config " +
        `'{"Network":"10.1.0.0/16","Backend":{"Type":"vxlan"}}'`,
    );
  });

  test.each([
    ["10.0.0.0/8", "10.211.55.0/24"],
    ["10.211.55.128/25", "10.211.55.0/24"],
    ["10.211.55.0/24", "10.211.55.21/32"],
  ])("is refused: %s on hosts in %s", (network, lan) => {
    expect(() => refuse(network, lan)).toThrow(/overlaps the hosts' own network/);
  });

  test("suggests what works on this host, as a config that is accepted", () => {
    const lans = ["10.0.0.0/8"];
    let said = "";
    try {
      refuse("10.211.55.0/24", ...lans);
    } catch (error) {
      said = (error as Error).message;
    }
    const suggested = /'(\{.*\})'$/.exec(said)![1]!;
    expect(shown(suggested)).toEqual(["172.20.0.0/16", 24, "172.20.1.0", "172.20.255.0", "vxlan"]);
    expect(() => refuse(JSON.parse(suggested).Network, ...lans)).not.toThrow();
  });

  test("is fine when it is elsewhere", () => {
    expect(() => refuse("10.1.0.0/16", "10.211.55.0/24")).not.toThrow();
  });
});
