/**
 * A pod goes where the node's labels are those it asks for (`nodeSelector`, required affinity),
 * and rather where they are those it would like (preferred affinity).
 *
 * In Kubernetes: pkg/scheduler/framework/plugins/nodeaffinity
 */
import type { NodeAffinity } from "kubernetes-types/core/v1.js";
import { matchesNodeSelectorTerm, matchesRequiredNodeAffinity } from "../../api/node-selector.ts";
import { type Cycle, normalizeToHighest, type Plugin, unresolvable } from "../framework.ts";

export const nodeAffinity: Plugin = {
  name: "NodeAffinity",
  wakesOn: ["NodeAdd", "NodeLabelChange"],
  filter({ pod }) {
    const { nodeSelector, affinity } = pod.spec;
    const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
    if (!nodeSelector && !required) return undefined;
    const names = namesAskedFor(affinity?.nodeAffinity);
    if (names?.size === 0) return () => CONFLICT;
    return ({ name, node }) => {
      if (names && !names.has(name)) return OTHER_NAME;
      return matchesRequiredNodeAffinity(pod.spec, node!) ? undefined : NO_MATCH;
    };
  },
  score({ pod }: Cycle) {
    const preferred =
      pod.spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
    if (preferred.length === 0) return undefined;
    return {
      score({ node }) {
        const met = preferred.filter(({ preference }) =>
          matchesNodeSelectorTerm(preference, node!),
        );
        return met.reduce((sum, { weight }) => sum + weight, 0);
      },
      normalize: (scores) => normalizeToHighest(scores),
    };
  },
};

const NO_MATCH = unresolvable("node(s) didn't match Pod's node affinity/selector");
const OTHER_NAME = unresolvable("node is filtered out by the prefilter result");
const CONFLICT = unresolvable("pod affinity terms conflict");

/**
 * The nodes an affinity asks for by name, as the pods of a DaemonSet do. Undefined where some term
 * asks for none.
 */
function namesAskedFor(affinity: NodeAffinity | undefined): Set<string> | undefined {
  const terms = affinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  if (terms.length === 0) return undefined;
  const names = new Set<string>();
  for (const { matchFields = [] } of terms) {
    const lists = matchFields
      .filter(({ key, operator }) => key === "metadata.name" && operator === "In")
      .map(({ values = [] }) => new Set(values));
    if (lists.length === 0) return undefined;
    const common = [...lists[0]!].filter((name) => lists.every((list) => list.has(name)));
    for (const name of common) names.add(name);
  }
  return names;
}
