/** What wakes a pod that was rejected: only what may help it. */
import { describe, expect, test } from "vitest";
import type { KubeObject } from "../../src/api/kind.ts";
import type { Pod } from "../../src/api/pod.ts";
import type { ClusterEvent } from "../../src/scheduler/cluster-event.ts";
import type { Plugin } from "../../src/scheduler/framework.ts";
import { nodeAffinity } from "../../src/scheduler/plugins/node-affinity.ts";
import { nodeName } from "../../src/scheduler/plugins/node-name.ts";
import { nodePorts } from "../../src/scheduler/plugins/node-ports.ts";
import { nodeResourcesFit } from "../../src/scheduler/plugins/node-resources-fit.ts";
import { nodeUnschedulable } from "../../src/scheduler/plugins/node-unschedulable.ts";
import { taintToleration } from "../../src/scheduler/plugins/taint-toleration.ts";
import { aNode, aPod } from "./made-up-cluster.ts";

const tainted = aNode("a", { taints: [{ key: "k", value: "v", effect: "NoSchedule" }] });
const tolerations = [{ key: "k", operator: "Exists" }];
const big = aPod("p", { requests: { cpu: "8" } });

describe("a pod that was rejected", () => {
  test.each<[Plugin, Pod, ClusterEvent, KubeObject, boolean]>([
    [nodeResourcesFit(), big, "NodeAdd", aNode("a", { cpu: "4" }), false],
    [nodeResourcesFit(), big, "NodeAdd", aNode("a", { cpu: "8" }), true],
    [nodeResourcesFit(), big, "NodeAllocatableChange", aNode("a", { cpu: "9" }), true],
    [nodeResourcesFit(), big, "AssignedPodDelete", aPod("gone"), true],
    [nodeUnschedulable, big, "NodeTaintChange", aNode("a", { unschedulable: true }), false],
    [nodeUnschedulable, big, "NodeTaintChange", aNode("a"), true],
    [nodeName, aPod("p", { nodeName: "b" }), "NodeAdd", aNode("a"), false],
    [nodeName, aPod("p", { nodeName: "b" }), "NodeAdd", aNode("b"), true],
    [taintToleration, aPod("p"), "NodeTaintChange", tainted, false],
    [taintToleration, aPod("p", { tolerations }), "NodeTaintChange", tainted, true],
    [nodeAffinity(), aPod("p", { nodeSelector: { disk: "ssd" } }), "NodeAdd", aNode("a"), false],
    [
      nodeAffinity(),
      aPod("p", { nodeSelector: { disk: "ssd" } }),
      "NodeLabelChange",
      aNode("a", { labels: { disk: "ssd" } }),
      true,
    ],
    [
      nodePorts,
      aPod("p", { hostPort: 80 }),
      "AssignedPodDelete",
      aPod("x", { hostPort: 81 }),
      false,
    ],
    [
      nodePorts,
      aPod("p", { hostPort: 80 }),
      "AssignedPodDelete",
      aPod("x", { hostPort: 80 }),
      true,
    ],
  ])(
    "by some plug-in (%#) is woken by what may help it alone",
    (plugin, pod, event, object, helps) => {
      expect(plugin.wakesOn).toContain(event);
      expect(plugin.isHelpedBy!(pod, { event, object })).toBe(helps);
    },
  );
});
