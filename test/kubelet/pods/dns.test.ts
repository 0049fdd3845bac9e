import type { PodSpec } from "kubernetes-types/core/v1.js";
import { afterEach, describe, expect, test } from "vitest";
import type { Pod } from "../../../src/api/pod.ts";
import { parseResolvConf } from "../../../src/kubelet/node/resolv-conf.ts";
import { podDnsOf } from "../../../src/kubelet/pods/dns.ts";
import { startTestNode, type TestNode } from "../test-node.ts";

const podOf = (spec: Partial<PodSpec>): Pod => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "web", namespace: "shop" },
  spec: { containers: [{ name: "main" }], ...spec },
});
const hostDns = { servers: ["8.8.8.8"], searches: ["host.example"], options: ["rotate"] };
const node = {
  ...{ nodeIP: "192.168.0.11", clusterDns: ["10.254.0.10"], clusterDomain: "cluster.local" },
  hostDns,
};
const cluster = {
  servers: ["10.254.0.10"],
  searches: ["shop.svc.cluster.local", "svc.cluster.local", "cluster.local", "host.example"],
  options: ["ndots:5"],
};
const nobody = { servers: ["127.0.0.1"], searches: ["."], options: [] };
const empty = { servers: [], searches: [], options: [] };

const dnsOf = (spec: Partial<PodSpec>, given: Partial<Parameters<typeof podDnsOf>[1]> = {}) =>
  podDnsOf(podOf(spec), { ...node, ...given });

let testNode: TestNode | undefined;
afterEach(() => testNode?.stop());

const web = { containers: [{ name: "web", image: "nginx:1.25" }] };
const isRunning = ({ status }: Pod) => status?.phase === "Running";

describe("a kubelet", () => {
  test("gives a pod what it can have, and says what it cannot", async () => {
    const servers = ["1.1.1.1", "2.2.2.2", "3.3.3.3", "4.4.4.4"];
    testNode = await startTestNode({ hostDns: () => ({ ...hostDns, servers }) });
    await testNode.run("web", { ...web, dnsPolicy: "Default" });
    await testNode.until("web", isRunning);

    expect(await testNode.execIn("web", ["cat", "/etc/resolv.conf"])).toBe(
      "nameserver 1.1.1.1\nnameserver 2.2.2.2\nnameserver 3.3.3.3\nsearch host.example\noptions rotate\n",
    );
    expect(await testNode.eventsOf("web")).toContain(
      "DNSConfigForming: Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: 1.1.1.1 2.2.2.2 3.3.3.3",
    );
  });

  test("starts no pod while its resolv.conf makes no sense", async () => {
    let text = "nameserver\n";
    testNode = await startTestNode({ hostDns: () => parseResolvConf(text) });
    await testNode.run("web", { ...web, dnsPolicy: "Default" });
    await testNode.pass(1);
    expect(await testNode.eventsOf("web")).toContain(
      "FailedCreatePodSandBox: Failed to create pod sandbox: nameserver list is empty ",
    );

    text = "nameserver 9.9.9.9\n";
    await testNode.pass(60);

    await testNode.until("web", isRunning);
    expect(await testNode.execIn("web", ["cat", "/etc/resolv.conf"])).toBe("nameserver 9.9.9.9\n");
  });
});

describe("the DNS policy", () => {
  test.each([
    ["none said", {}, {}, cluster],
    ["ClusterFirst", { dnsPolicy: "ClusterFirst" }, {}, cluster],
    ["ClusterFirst", { hostNetwork: true }, {}, hostDns],
    ["ClusterFirstWithHostNet", { hostNetwork: true }, {}, cluster],
    ["Default", {}, {}, hostDns],
    ["None", {}, {}, empty],
    ["ClusterFirst", {}, { clusterDns: [] }, hostDns],
    ["ClusterFirst", {}, { clusterDomain: "" }, { ...cluster, searches: ["host.example"] }],
    [
      "ClusterFirst",
      {},
      { hostDns: undefined },
      { ...cluster, searches: cluster.searches.slice(0, 3) },
    ],
    ["ClusterFirst", {}, { hostDns: undefined, clusterDns: [] }, nobody],
    ["Default", {}, { hostDns: undefined }, nobody],
    ["Default", {}, { hostDns: undefined, nodeIP: "fd00::11" }, { ...nobody, servers: ["::1"] }],
    ["None", {}, { hostDns: undefined }, empty],
  ])("%s, of a pod with %j on a node with %j", (dnsPolicy, spec, given, expected) => {
    const policy = dnsPolicy === "none said" ? {} : { dnsPolicy };

    expect(dnsOf({ ...policy, ...spec }, given)).toEqual({ dns: expected, warnings: [] });
  });

  test("names a domain once that the host searches too", () => {
    const given = { hostDns: { ...hostDns, searches: ["svc.cluster.local", "host.example"] } };

    expect(dnsOf({}, given).dns.searches).toEqual(cluster.searches);
  });
});

test("what a pod's dnsConfig says comes on top", () => {
  const dnsConfig = {
    nameservers: ["10.254.0.10", "9.9.9.9"],
    searches: ["own.example", "cluster.local"],
    options: [{ name: "ndots", value: "2" }, { name: "edns0" }],
  };

  expect(dnsOf({ dnsConfig }).dns).toEqual({
    servers: ["10.254.0.10", "9.9.9.9"],
    searches: [...cluster.searches, "own.example"],
    options: ["ndots:2", "edns0"],
  });
});

describe("the limits of a resolver", () => {
  const numbered = (count: number) => Array.from({ length: count }, (_, index) => `d${index}`);
  /** One of 128 and 15 of 127: 2,048 characters with the spaces between. */
  const fullLine = ["A".repeat(128), ...numbered(15).map((name) => name.padEnd(127, "A"))];
  const long = (length: number) => "B".repeat(length);

  test.each([
    ["3 name servers", ["1.1.1.1", "2.2.2.2", "3.3.3.3"]],
    ["a fourth, which is left out", ["1.1.1.1", "2.2.2.2", "3.3.3.3", "4.4.4.4"]],
  ])("%s", (_, nameservers) => {
    const { dns, warnings } = dnsOf({ dnsPolicy: "None", dnsConfig: { nameservers } });

    expect(dns.servers).toEqual(["1.1.1.1", "2.2.2.2", "3.3.3.3"]);
    expect(warnings).toEqual(
      nameservers.length === 3
        ? []
        : [
            "Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: 1.1.1.1 2.2.2.2 3.3.3.3",
          ],
    );
  });

  test.each([
    ["32 search paths", numbered(32), numbered(32)],
    ["a 33rd, which is left out", numbered(33), numbered(32)],
    ["2,048 characters", fullLine, fullLine],
    ["2 more, which are left out", [...fullLine, "B"], fullLine],
    ["a path of 253", ["a", long(253), "b"], ["a", long(253), "b"]],
    ["one of 254, which is left out", ["a", long(254), "b"], ["a", "b"]],
    [
      "the first 32, before those too long are left out",
      [long(254), ...numbered(32)],
      numbered(31),
    ],
  ])("%s", (_, searches, kept) => {
    const { dns, warnings } = dnsOf({ dnsPolicy: "None", dnsConfig: { searches } });

    expect(dns.searches).toEqual(kept);
    expect(warnings).toEqual(
      kept.length === searches.length
        ? []
        : [
            `Search Line limits were exceeded, some search paths have been omitted, the applied search line is: ${kept.join(" ")}`,
          ],
    );
  });

  test("hold for what the host's resolv.conf says, too", () => {
    const servers = ["1.1.1.1", "2.2.2.2", "3.3.3.3", "4.4.4.4"];
    const { dns, warnings } = dnsOf({ dnsPolicy: "Default" }, { hostDns: { ...hostDns, servers } });

    expect(dns.servers).toHaveLength(3);
    expect(warnings).toHaveLength(1);
  });
});

describe("a kubelet that has not been told of the cluster's DNS", () => {
  test("says so of a pod that asks for it, and gives it the node's", async () => {
    testNode = await startTestNode({ clusterDns: [], hostDns: () => hostDns });
    await testNode.run("web", web);
    await testNode.until("web", isRunning);
    const words =
      'kubelet does not have ClusterDNS IP configured and cannot create Pod using "ClusterFirst" policy. Falling back to "Default" policy.';
    const { metadata } = await testNode.get("web");
    expect(await testNode.eventsOf("web")).toContain(
      `MissingClusterDNS: pod: "web_default(${metadata.uid})". ${words}`,
    );
    expect(await testNode.eventsOf("node1")).toContain(`MissingClusterDNS: ${words}`);
    expect(await testNode.execIn("web", ["cat", "/etc/resolv.conf"])).toContain(
      "nameserver 8.8.8.8\n",
    );
  });

  test("has nothing to say of a pod that asks for the node's", async () => {
    testNode = await startTestNode({ clusterDns: [], hostDns: () => hostDns });
    await testNode.run("web", { ...web, dnsPolicy: "Default" });
    await testNode.until("web", isRunning);
    const events = await testNode.eventsOf("web");
    expect(events.filter((event) => event.startsWith("MissingClusterDNS"))).toEqual([]);
  });
});
