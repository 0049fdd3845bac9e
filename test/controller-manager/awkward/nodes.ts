/** The controllers of nodes, and of the pods on them. */
import type { Kind } from "../../../src/api/kind.ts";
import { Node } from "../../../src/api/node.ts";
import { Pod } from "../../../src/api/pod.ts";
import type { AwkwardCase } from "./lab.ts";

const node = { kind: Node as unknown as Kind, namespace: "", name: "node1" };
const pod = { kind: Pod as unknown as Kind, namespace: "default", name: "web" };
const podSpec = { nodeName: "node1", containers: [{ name: "main", image: "web:1" }] };
const PATIENCE_MS = 120_000;

export const nodeCases: AwkwardCase[] = [
  {
    controller: "node-lifecycle-controller",
    subject: node,
    async make(lab) {
      await lab.make({});
      const conditions = [{ type: "Ready", status: "True", reason: "KubeletReady" }];
      await lab.patchStatus(Node, "", "node1", { conditions });
    },
    takesMs: PATIENCE_MS,
    result: async (lab) => {
      const found = await lab.find(Node);
      const ready = found?.status?.conditions?.find(({ type }) => type === "Ready");
      return [
        ready?.status,
        found?.spec?.taints?.map(({ key, effect }) => `${key}:${effect}`).sort(),
      ];
    },
    // Where no node reports any more, nobody is evicted: it may be the network.
    expected: ["Unknown", ["node.kubernetes.io/unreachable:NoSchedule"]],
  },
  {
    controller: "taint-eviction-controller",
    subject: pod,
    async prepare(lab) {
      const taints = [{ key: "node.kubernetes.io/unreachable", effect: "NoExecute" }];
      await lab.create(Node, "", { metadata: { name: "node1" }, spec: { taints } });
    },
    make: (lab) => lab.make({ spec: { ...podSpec, terminationGracePeriodSeconds: 0 } }),
    takesMs: 310_000,
    result: (lab) => lab.names(Pod),
    expected: [],
  },
  {
    controller: "pod-garbage-collector-controller",
    subject: pod,
    make: (lab) => lab.make({ spec: podSpec }),
    takesMs: PATIENCE_MS,
    result: (lab) => lab.names(Pod),
    expected: [],
  },
  {
    controller: "node-ipam-controller",
    options: { nodeCidrs: { clusterCidr: "10.244.0.0/16", maskSize: 24 } },
    subject: node,
    make: (lab) => lab.make({}),
    result: async (lab) => (await lab.find(Node))?.spec?.podCIDRs?.length,
    expected: 1,
  },
  {
    controller: "ttl-controller",
    subject: node,
    make: (lab) => lab.make({}),
    result: async (lab) =>
      (await lab.find(Node))?.metadata.annotations?.["node.alpha.kubernetes.io/ttl"],
    expected: "0",
  },
];
