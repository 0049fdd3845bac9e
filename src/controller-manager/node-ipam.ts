/**
 * Gives each node a block of addresses for its pods (--allocate-node-cidrs), from the block of the cluster.
 *
 * Rule: no two nodes have one block. A node keeps its own; that of a node that is gone may be given again.
 *
 * In Kubernetes: pkg/controller/nodeipam/ipam/range_allocator.go
 */
import { isNotFound } from "../api/errors.ts";
import { Node } from "../api/node.ts";
import type { Controller } from "../client/control-loop.ts";
import type { CidrSet } from "./node-ipam/cidr-set.ts";

const LOOK_AGAIN_MS = 60_000;

export function nodeIpamController(cidrs: CidrSet): Controller<Node> {
  /** By the name of its node: what the cache may not show yet. */
  const given = new Map<string, string>();
  const waiting = new Set<string>();
  return {
    name: "node-ipam-controller",
    watches: Node,
    /** One that is gone has left its block. */
    follows: [{ kind: Node, keysOf: (_node, old) => (old === undefined ? [...waiting] : []) }],
    workers: 1,
    async sync(node, key, { client, cached, events }) {
      waiting.delete(key);
      if (node === undefined) return void given.delete(key);
      const { name } = node.metadata;
      if (node.spec.podCIDR) return void given.set(name, node.spec.podCIDR);
      if (node.metadata.deletionTimestamp !== undefined) return undefined;

      const stored = cached(Node)
        .list()
        .flatMap(({ spec }) => spec.podCIDRs ?? (spec.podCIDR ? [spec.podCIDR] : []));
      const podCIDR = given.get(name) ?? cidrs.take(new Set([...stored, ...given.values()]));
      if (podCIDR === undefined) {
        const message = `Node ${name} status is now: CIDRNotAvailable`;
        events.event(node, "Normal", "CIDRNotAvailable", message);
        waiting.add(key);
        return { againInMs: LOOK_AGAIN_MS };
      }
      given.set(name, podCIDR);
      try {
        await client.patch(Node, "", name, { spec: { podCIDR, podCIDRs: [podCIDR] } });
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
      return undefined;
    },
  };
}
