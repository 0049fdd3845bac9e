import type { PodSpec } from "kubernetes-types/core/v1.js";
import { describe, expect, test } from "vitest";
import type { Node } from "../../../src/api/node.ts";
import type { Pod } from "../../../src/api/pod.ts";
import { admit } from "../../../src/kubelet/pods/admission.ts";

const podOf = (name: string, spec: Partial<PodSpec> = {}): Pod => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, uid: name },
  spec: { containers: [{ name: "main" }], ...spec },
});
const onPort = (name: string, hostPort: number, hostIP = "", protocol = "TCP") =>
  podOf(name, {
    containers: [{ name: "main", ports: [{ containerPort: 80, hostPort, hostIP, protocol }] }],
  });
const node: Node = {
  apiVersion: "v1",
  kind: "Node",
  metadata: { name: "node1", labels: { disk: "ssd" } },
  spec: {},
};
const room = (others: Pod[] = []) => ({
  ...{ node, others, pressures: [] as string[] },
  allocatable: { cpu: "2", memory: "1Gi", pods: "3" },
});

describe("admission to a node", () => {
  test.each([
    ["the same port", onPort("a", 80), onPort("b", 80), "NodePorts"],
    ["the port on another address", onPort("a", 80, "10.0.0.1"), onPort("b", 80, "10.0.0.2"), ""],
    ["the port on every address", onPort("a", 80, "10.0.0.1"), onPort("b", 80), "NodePorts"],
    ["the port of another protocol", onPort("a", 53), onPort("b", 53, "", "UDP"), ""],
    ["another port", onPort("a", 80), onPort("b", 81), ""],
    ["itself", onPort("a", 80), onPort("a", 80), ""],
  ])("of a pod beside one that has %s", (_, pod, other, reason) => {
    expect(admit(pod, room([other]))?.reason ?? "").toBe(reason);
  });

  test("is refused to a pod that asks for another node", () => {
    expect(admit(podOf("a", { nodeSelector: { disk: "ssd" } }), room())).toBeUndefined();
    expect(admit(podOf("a", { nodeSelector: { disk: "hdd" } }), room())).toEqual({
      reason: "NodeAffinity",
      message: "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector",
    });
  });

  test("is refused when there are as many pods as there may be", () => {
    expect(admit(podOf("d"), room([podOf("a"), podOf("b"), podOf("c")]))).toEqual({
      reason: "OutOfpods",
      message: "Node didn't have enough resource: pods, requested: 1, used: 3, capacity: 3",
    });
  });

  test.each([
    [["MemoryPressure"], "BestEffort", podOf("a"), "Evicted"],
    [
      ["MemoryPressure"],
      "Burstable",
      podOf("a", { containers: [{ name: "main", resources: { requests: { cpu: "1" } } }] }),
      "",
    ],
    [
      ["DiskPressure"],
      "Burstable",
      podOf("a", { containers: [{ name: "main", resources: { requests: { cpu: "1" } } }] }),
      "Evicted",
    ],
    [["DiskPressure"], "critical", podOf("a", { priority: 2_000_001_000 }), ""],
  ])("under %j of a %s pod", (pressures, _, pod, reason) => {
    expect(admit(pod, { ...room(), pressures })?.reason ?? "").toBe(reason);
  });
});
