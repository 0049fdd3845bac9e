/** Which interface a host takes, in namespaces with two of them. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { silentLog } from "../../src/component/log.ts";
import { findExternalInterface, type InterfaceChoice } from "../../src/flannel/interface.ts";
import { formatAddress, formatSubnet } from "../../src/flannel/subnet.ts";
import { describeWith } from "../support/needs.ts";
import { ip, type LabHost, type NetworkLab, startNetworkLab } from "./network-lab.ts";

describeWith(["root"], "the interface to the other hosts", () => {
  let lab: NetworkLab;
  let host: LabHost;
  let lonely: LabHost;
  beforeAll(async () => {
    lab = await startNetworkLab();
    host = await lab.addHost("two", "10.0.2.15");
    await ip(host, "link add eth1 type bridge");
    await ip(host, "addr add 169.254.7.7/16 dev eth1");
    await ip(host, "addr add 192.168.56.21/24 dev eth1");
    await ip(host, "addr add 192.168.57.21/24 dev eth1");
    await ip(host, "link set eth1 mtu 9000 up");
    await ip(host, "link add empty0 type bridge");
    lonely = await lab.addHost("lonely", "10.0.3.15");
    await ip(lonely, "route del default");
  });
  afterAll(() => lab?.remove());

  const find = async (choice: Partial<InterfaceChoice>, on = host) => {
    const all = { iface: [], ifaceRegex: [], canReach: "", publicIp: "", ...choice };
    const found = await findExternalInterface(all, on.run, silentLog);
    return {
      ...found,
      address: formatAddress(found.address),
      publicAddress: formatAddress(found.publicAddress),
      networks: found.networks.map(formatSubnet),
    };
  };
  const eth0 = { name: "eth0", mtu: 1500, address: "10.0.2.15", publicAddress: "10.0.2.15" };
  const eth1 = { name: "eth1", mtu: 9000, address: "192.168.56.21" };

  test("is the one with the default route", async () => {
    expect(await find({})).toEqual({ ...eth0, networks: ["10.0.2.0/24"] });
  });

  test.each([
    [{ iface: ["eth1"] }, eth1],
    [{ iface: ["192.168.57.21"] }, { ...eth1, address: "192.168.57.21" }],
    [{ iface: ["eth9", "eth1"] }, eth1],
    [{ ifaceRegex: ["^192\\.168\\.57\\."] }, { ...eth1, address: "192.168.57.21" }],
    [{ ifaceRegex: ["eth[1-9]"] }, eth1],
    [{ iface: ["eth9"], ifaceRegex: ["eth0"] }, eth0],
    [{ canReach: "192.168.57.99" }, { ...eth1, address: "192.168.57.21" }],
    [{ canReach: "8.8.8.8" }, eth0],
    [{ publicIp: "203.0.113.7" }, { ...eth0, publicAddress: "203.0.113.7" }],
  ])("is the one asked for: %j", async (choice, expected) => {
    expect(await find(choice)).toMatchObject(expected);
  });

  test.each([
    [
      { iface: ["eth9"] },
      "Failed to find interface to use that matches the interfaces and/or regexes provided",
    ],
    [{ iface: ["empty0"] }, "failed to find IPv4 address for interface empty0"],
    [{ publicIp: "here" }, "invalid public IP address: here"],
    [{ canReach: "there" }, "error parsing IP address: there"],
    [{ ifaceRegex: ["("] }, /^error matching interface with --iface-regex=\(: /],
  ])("is not found: %j", async (choice, why) => {
    await expect(find(choice)).rejects.toThrow(
      expect.objectContaining({
        name: "StartError",
        message: why instanceof RegExp ? expect.stringMatching(why) : why,
      }),
    );
  });

  test("has to be named where there is no default route", async () => {
    await expect(find({}, lonely)).rejects.toThrow(
      "failed to get default interface: unable to find default route; name one with --iface",
    );
    expect(await find({ iface: ["eth0"] }, lonely)).toMatchObject({ address: "10.0.3.15" });
  });
});
