import { describe, expect, test } from "vitest";
import { nodePorts } from "../../../src/scheduler/plugins/node-ports.ts";
import { aNode, aPod, cacheOf, cycleOf, verdictsOf } from "../made-up-cluster.ts";

const TAKEN = "node(s) didn't have free ports for the requested pod ports";

function portPod(name: string, hostPort: number, protocol = "TCP", hostIP?: string) {
  const ports = [{ containerPort: 80, hostPort, protocol, ...(hostIP ? { hostIP } : {}) }];
  return aPod(name, { containers: [{ name: "main", image: "nginx", ports }] });
}

describe("NodePorts", () => {
  test.each([
    ["the same port", portPod("p", 80), portPod("q", 80), TAKEN],
    ["another port", portPod("p", 80), portPod("q", 81), ""],
    ["another protocol", portPod("p", 80), portPod("q", 80, "UDP"), ""],
    [
      "another address",
      portPod("p", 80, "TCP", "10.0.0.1"),
      portPod("q", 80, "TCP", "10.0.0.2"),
      "",
    ],
    ["one address, taken on all", portPod("p", 80), portPod("q", 80, "TCP", "10.0.0.2"), TAKEN],
    ["all addresses, taken on one", portPod("p", 80, "TCP", "10.0.0.1"), portPod("q", 80), TAKEN],
    ["0.0.0.0, which is all", portPod("p", 80, "TCP", "0.0.0.0"), portPod("q", 80), TAKEN],
  ])("given a pod there already, a pod that asks for %s", (_, there, wanted, verdict) => {
    const cache = cacheOf([aNode("a"), aNode("b")], { a: [there] });
    expect(verdictsOf(nodePorts, cycleOf(wanted, cache))).toEqual({ a: verdict, b: "" });
  });

  test("forgets the port of a pod that has gone", () => {
    const cache = cacheOf([aNode("a")], { a: [portPod("p", 80)] });
    cache.removePod("default/p");
    expect(verdictsOf(nodePorts, cycleOf(portPod("q", 80), cache))).toEqual({ a: "" });
  });
});
