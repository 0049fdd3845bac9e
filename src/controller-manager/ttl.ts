/**
 * Tells each node, in an annotation, for how long its kubelet may keep secrets and config maps: the more
 * nodes there are, the longer, so that the API server is not asked too often.
 *
 * The limits overlap, so that a cluster about one of them does not change all its nodes time and again.
 *
 * In Kubernetes: pkg/controller/ttl/ttl_controller.go
 */
import { isNotFound } from "../api/errors.ts";
import { Node } from "../api/node.ts";
import type { Controller } from "../client/control-loop.ts";

export const TTL_ANNOTATION = "node.alpha.kubernetes.io/ttl";

const STEPS = [
  { from: 0, to: 100, seconds: 0 },
  { from: 90, to: 500, seconds: 15 },
  { from: 450, to: 1000, seconds: 30 },
  { from: 900, to: 2000, seconds: 60 },
  { from: 1800, to: 10_000, seconds: 300 },
  { from: 9000, to: Number.POSITIVE_INFINITY, seconds: 600 },
];

export function ttlController(): Controller<Node> {
  let step = 0;
  return {
    name: "ttl-controller",
    watches: Node,
    follows: [
      {
        kind: Node,
        keysOf(_node, old, { cached }) {
          if (old !== undefined) return [];
          const before = step;
          const nodes = cached(Node).list();
          step = stepFor(nodes.length, step);
          return step === before ? [] : nodes.map(({ metadata }) => metadata.name);
        },
      },
    ],
    async sync(node, _key, { client }) {
      const value = String(STEPS[step]!.seconds);
      if (node === undefined || node.metadata.annotations?.[TTL_ANNOTATION] === value) return;
      const patch = { metadata: { annotations: { [TTL_ANNOTATION]: value } } };
      try {
        await client.patch(Node, "", node.metadata.name, patch);
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    },
  };
}

/** A step stays while the number of nodes is within it. */
export function stepFor(nodes: number, step: number): number {
  let now = step;
  while (nodes > STEPS[now]!.to) now++;
  while (nodes < STEPS[now]!.from) now--;
  return now;
}

export function ttlSecondsOf(step: number): number {
  return STEPS[step]!.seconds;
}
