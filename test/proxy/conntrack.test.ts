/** Which UDP flows are forgotten, and that the kernel really forgets them. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { findIptables } from "../../src/component/iptables.ts";
import { silentLog } from "../../src/component/log.ts";
import { forgetFlows, staleFlows } from "../../src/proxy/conntrack.ts";
import { joinServices } from "../../src/proxy/endpoints-map.ts";
import { IptablesMode } from "../../src/proxy/iptables-mode.ts";
import { DEFAULT_OPTIONS } from "../../src/proxy/iptables-options.ts";
import { describeWith } from "../support/needs.ts";
import { aService, CLUSTER_IP, endpointsOf, NODE, type PodName } from "./cases.ts";
import { byPod, NodeLab } from "./node-lab.ts";

const spec = {
  type: "NodePort",
  ports: [{ name: "dns", port: 53, nodePort: 30_053, protocol: "UDP" }],
};
const withPods = (...pods: PodName[]) =>
  joinServices([aService({ spec })], [endpointsOf({ spec, pods })], NODE);
const asText = (flows: string[][]) => flows.map((args) => args.join(" "));

describe("the UDP flows to forget", () => {
  test("are those through an endpoint that is gone", () => {
    expect(asText(staleFlows(withPods("a", "b"), withPods("b")))).toEqual([
      "-D --orig-dst 10.254.1.1 --dst-nat 172.16.1.2 -p udp",
      "-D --dport 30053 --dst-nat 172.16.1.2 -p udp",
    ]);
  });

  test("are all to a service that is gone", () => {
    expect(asText(staleFlows(withPods("a"), []))).toEqual([
      "-D --orig-dst 10.254.1.1 -p udp",
      "-D -p udp --dport 30053",
    ]);
  });

  test("are all to a service that gets its first endpoint", () => {
    expect(asText(staleFlows(withPods(), withPods("a")))).toEqual([
      "-D --orig-dst 10.254.1.1 -p udp",
      "-D -p udp --dport 30053",
    ]);
  });

  test("are none where nothing is gone, or for TCP", () => {
    expect(staleFlows(withPods("a"), withPods("a", "b"))).toEqual([]);
    const tcp = (pods: PodName[]) => joinServices([aService({})], [endpointsOf({ pods })], NODE);
    expect(staleFlows(tcp(["a", "b"]), tcp(["b"]))).toEqual([]);
  });
});

describeWith(["root", "iptables"], "the flows of the kernel", () => {
  let lab: NodeLab;
  beforeEach(async () => {
    lab = await NodeLab.start(`kc${process.pid}`);
  });
  afterEach(() => lab.stop());

  test("go to an endpoint that is there, after the one they went to is gone", async () => {
    const run = lab.runIn("node");
    const kernel = { run, iptables: await findIptables(run), log: silentLog };
    const mode = new IptablesMode(kernel, DEFAULT_OPTIONS);
    const ask = { protocol: "udp", address: CLUSTER_IP, port: 53, count: 1 } as const;
    await mode.sync(withPods("a"), false);
    expect(byPod(await lab.ask("far", ask))).toEqual({ a: 1 });
    expect((await run("conntrack", ["-L", "-p", "udp"])).stdout).toContain("src=172.16.1.2");

    await mode.sync(withPods("b"), false);
    expect((await run("conntrack", ["-L", "-p", "udp"])).stdout).not.toContain("src=172.16.1.2");
    expect(byPod(await lab.ask("far", ask))).toEqual({ b: 1 });
  });

  test("need not exist to be forgotten", async () => {
    const errors: string[] = [];
    const log = { ...silentLog, error: (message: string) => void errors.push(message) };
    await forgetFlows([["-D", "--orig-dst", "10.254.9.9", "-p", "udp"]], lab.runIn("node"), log);
    expect(errors).toEqual([]);
    await forgetFlows([["-D", "--orig-dst", "nonsense", "-p", "udp"]], lab.runIn("node"), log);
    expect(errors).toEqual(["Failed to delete stale service connections"]);
  });
});
