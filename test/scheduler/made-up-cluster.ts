/** Nodes and pods in few words, and a cycle over them. */
import type { PodSpec } from "kubernetes-types/core/v1.js";
import type { OwnerReference } from "kubernetes-types/meta/v1.js";
import type { Node } from "../../src/api/node.ts";
import type { Pod } from "../../src/api/pod.ts";
import type { Cycle, Plugin } from "../../src/scheduler/framework.ts";
import { NodeCache } from "../../src/scheduler/node-cache.ts";
import type { NodeInfo } from "../../src/scheduler/node-info.ts";
import { PodInfo } from "../../src/scheduler/pod-info.ts";

type Labels = Record<string, string>;

export interface NodeWishes {
  labels?: Labels;
  taints?: Node["spec"]["taints"];
  unschedulable?: boolean;
  cpu?: string;
  memory?: string;
  pods?: string;
  more?: Labels;
  images?: Record<string, number>;
}

export function aNode(name: string, wishes: NodeWishes = {}): Node {
  const { labels, taints, unschedulable, cpu = "4", memory = "8Gi", pods = "110" } = wishes;
  const images = Object.entries(wishes.images ?? {});
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name, labels: { "kubernetes.io/hostname": name, ...labels } },
    spec: { ...(taints ? { taints } : {}), ...(unschedulable ? { unschedulable } : {}) },
    status: {
      allocatable: { cpu, memory, pods, ...wishes.more },
      images: images.map(([image, sizeBytes]) => ({ names: [image], sizeBytes })),
    },
  };
}

export interface PodWishes extends Partial<PodSpec> {
  labels?: Labels;
  namespace?: string;
  requests?: Labels;
  hostPort?: number;
  owner?: { kind: string; name: string };
}

let count = 0;

export function aPod(name: string, wishes: PodWishes = {}): Pod {
  const { labels = {}, namespace = "default", requests, hostPort, owner, ...spec } = wishes;
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name,
      namespace,
      uid: `uid-${count++}`,
      labels,
      ...(owner ? { ownerReferences: [ownedBy(owner)] } : {}),
    },
    spec: {
      containers: [
        {
          name: "main",
          image: "nginx:1.25",
          ...(requests ? { resources: { requests } } : {}),
          ...(hostPort ? { ports: [{ containerPort: 80, hostPort, protocol: "TCP" }] } : {}),
        },
      ],
      schedulerName: "default-scheduler",
      ...spec,
    },
  };
}

function ownedBy(owner: { kind: string; name: string }): OwnerReference {
  return { apiVersion: "v1", uid: `uid-of-${owner.name}`, controller: true, ...owner };
}

/** A cache of nodes, with pods on them: `{ node1: [pod, pod] }`. */
export function cacheOf(nodes: Node[], placed: Record<string, Pod[]> = {}): NodeCache {
  const cache = new NodeCache();
  for (const node of nodes) cache.setNode(node);
  for (const [nodeName, pods] of Object.entries(placed)) {
    for (const pod of pods) cache.setPod({ ...pod, spec: { ...pod.spec, nodeName } });
  }
  return cache;
}

export function cycleOf(pod: Pod, cache: NodeCache): Cycle {
  const nodes = cache.nodes();
  return { pod: new PodInfo(pod), nodes, census: cache.census };
}

/** What a plug-in's filter says of each node: its reasons, or "". */
export function verdictsOf(plugin: Plugin, cycle: Cycle): Record<string, string> {
  const filter = plugin.filter?.(cycle);
  const verdict = (node: NodeInfo) => (typeof filter === "function" ? filter(node) : filter);
  const pairs = cycle.nodes.map((node) => [node.name, verdict(node)?.reasons.join(", ") ?? ""]);
  return Object.fromEntries(pairs);
}

/** What a plug-in gives each node in the end; undefined when it has nothing to say. */
export function scoresOf(plugin: Plugin, cycle: Cycle): Record<string, number> | undefined {
  const scorer = plugin.score?.(cycle, cycle.nodes);
  if (!scorer) return undefined;
  const scores = cycle.nodes.map((node: NodeInfo) => scorer.score(node));
  scorer.normalize?.(scores, cycle.nodes);
  return Object.fromEntries(cycle.nodes.map(({ name }, i) => [name, scores[i]!]));
}
