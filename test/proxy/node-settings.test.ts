/** What a proxy finds out about its node, and what it sets there. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Node } from "../../src/api/node.ts";
import { Client } from "../../src/client/client.ts";
import { parseFlags } from "../../src/component/flags.ts";
import { silentLog } from "../../src/component/log.ts";
import { maximumOf, setConntrackLimits } from "../../src/proxy/conntrack-limits.ts";
import { proxyFlags } from "../../src/proxy/flags.ts";
import { findHostAddress } from "../../src/proxy/host-address.ts";
import { nodePortAddresses } from "../../src/proxy/node-port-addresses.ts";
import { settingsFrom } from "../../src/proxy/settings.ts";
import { readSysctl } from "../../src/proxy/sysctl.ts";
import { startTestApiServer } from "../support/api-server.ts";
import { describeWith } from "../support/needs.ts";
import { TestNamespace } from "./test-namespace.ts";

const flagsOf = (...args: string[]) => parseFlags(proxyFlags, args);
const settingsOf = (...args: string[]) => {
  const { values, given } = flagsOf(...args);
  return settingsFrom(values, given);
};

describe("the settings of a proxy", () => {
  test("are Kubernetes' own without flags", () => {
    expect(settingsOf()).toEqual({
      mode: undefined,
      iptables: { masqueradeAll: false, masqueradeBit: 14, localhostNodePorts: true },
      portRange: undefined,
      healthzAt: { host: "0.0.0.0", port: 10256 },
      metricsAt: { host: "127.0.0.1", port: 10249 },
    });
  });

  test.each([
    [["--healthz-bind-address=192.0.2.1"], { host: "192.0.2.1", port: 10256 }],
    [["--healthz-bind-address=192.0.2.1:80"], { host: "192.0.2.1", port: 80 }],
    [["--healthz-bind-address=192.0.2.1", "--healthz-port=81"], { host: "192.0.2.1", port: 81 }],
    [["--healthz-port=0"], { host: "0.0.0.0", port: 0 }],
  ])("%j", (args, healthzAt) => {
    expect(settingsOf(...args).healthzAt).toEqual(healthzAt);
  });

  test("take the IPv4 network of a dual-stack pair", () => {
    const { iptables } = settingsOf("--cluster-cidr=fd00::/48,172.16.0.0/16");
    expect(iptables.clusterCIDR).toBe("172.16.0.0/16");
  });

  test.each([
    [[], 8, 262_144],
    [[], 2, 131_072],
    [["--conntrack-max-per-core=0"], 8, 0],
    [["--conntrack-max=1000"], 8, 1_000],
  ])("track, with %j on %i cores, %i connections", (args, cores, connections) => {
    expect(maximumOf(flagsOf(...args).values, cores)).toBe(connections);
  });
});

describeWith(["root", "iptables"], "a proxy's node", () => {
  let namespace: TestNamespace;
  let server: Awaited<ReturnType<typeof startTestApiServer>>;
  beforeEach(async () => {
    namespace = await TestNamespace.create();
    server = await startTestApiServer();
    await namespace.run("sh", [
      "-ec",
      `ip link set lo up; ip link add out0 type veth peer name in0; ip link set in0 up; ip link set out0 up
       ip address add 192.0.2.1/24 dev out0; ip address add 198.51.100.1/24 dev out0
       ip route add default via 192.0.2.254`,
    ]);
  });
  afterEach(async () => {
    await server.stop();
    await namespace.remove();
  });

  const addressOf = (bindAddress: string, client: Client = server.client) =>
    findHostAddress({ bindAddress, nodeName: "node1", client, run: namespace.run, log: silentLog });

  test("has the address that the API server knows of it", async () => {
    const metadata = { name: "node1" };
    const addresses = [
      { type: "ExternalIP", address: "203.0.113.1" },
      { type: "InternalIP", address: "10.211.55.21" },
    ];
    await server.client.create(Node, "", { metadata, spec: {}, status: { addresses } });
    expect(await addressOf("0.0.0.0")).toBe("10.211.55.21");
    expect(await addressOf("192.0.2.77")).toBe("192.0.2.77");
  });

  test("has the address of its way out, where the API server does not know it or is not there", async () => {
    expect(await addressOf("0.0.0.0")).toBe("192.0.2.1");
    const unreachable = new Client(() => {
      throw Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
    });
    expect(await addressOf("0.0.0.0", unreachable)).toBe("192.0.2.1");
    await namespace.run("ip", ["route", "delete", "default"]);
    expect(await addressOf("0.0.0.0")).toBe("127.0.0.1");
  });

  test("answers node ports on its addresses in these networks", async () => {
    const find = (...ranges: string[]) => nodePortAddresses(ranges, namespace.run);
    expect(await find()).toEqual({});
    expect(await find("0.0.0.0/0")).toEqual({});
    expect(await find("192.0.2.0/24", "127.0.0.0/8")).toEqual({
      nodePortAddresses: ["127.0.0.1", "192.0.2.1"],
    });
    await expect(find("192.0.2.0")).rejects.toThrow(
      '--nodeport-addresses: Invalid value: "192.0.2.0": must be a valid CIDR block',
    );
  });

  test("remembers idle connections for as long as it is told, and no shorter than it did", async () => {
    const name = "net.netfilter.nf_conntrack_tcp_timeout_close_wait";
    await namespace.run("iptables", ["-A", "INPUT", "-m", "conntrack", "--ctstate", "NEW"]);
    const set = (value: string) => {
      const { values } = flagsOf(`--conntrack-tcp-timeout-close-wait=${value}`);
      return setConntrackLimits(values, namespace.run, silentLog);
    };
    await set("1h");
    expect(await readSysctl(namespace.run, name)).toBe("3600");
    await set("5m");
    expect(await readSysctl(namespace.run, name)).toBe("3600");
  });
});
