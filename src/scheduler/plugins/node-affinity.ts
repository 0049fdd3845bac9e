/**
 * A pod goes where the node's labels are those it asks for (`nodeSelector`, required affinity),
 * and rather where they are those it would like (preferred affinity).
 *
 * In Kubernetes: pkg/scheduler/framework/plugins/nodeaffinity
 */
import type { NodeAffinity } from "kubernetes-types/core/v1.js";
import type { Node } from "../../api/node.ts";
import { matchesNodeSelectorTerm, matchesRequiredNodeAffinity } from "../../api/node-selector.ts";
import { normalizeToHighest, type Plugin, unresolvable } from "../framework.ts";

/** `added`: what every pod of the profile has to want or would like, besides its own wishes. */
export function nodeAffinity(added: NodeAffinity = {}): Plugin {
  const ofAll = { affinity: { nodeAffinity: added } };
  const { requiredDuringSchedulingIgnoredDuringExecution: requiredOfAll } = added;
  const { preferredDuringSchedulingIgnoredDuringExecution: preferredByAll = [] } = added;
  return {
    name: "NodeAffinity",
    wakesOn: ["NodeAdd", "NodeLabelChange"],
    isHelpedBy: ({ spec }, { object }) => matchesRequiredNodeAffinity(spec, object as Node),
    filter({ pod }) {
      const { nodeSelector, affinity } = pod.spec;
      const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
      if (!nodeSelector && !required && !requiredOfAll) return undefined;
      const names = namesAskedFor(affinity?.nodeAffinity);
      if (names?.size === 0) return CONFLICT;
      return ({ name, node }) => {
        if (names && !names.has(name)) return OTHER_NAME;
        if (requiredOfAll && !matchesRequiredNodeAffinity(ofAll, node!)) return NOT_OURS;
        return matchesRequiredNodeAffinity(pod.spec, node!) ? undefined : NO_MATCH;
      };
    },
    score({ pod }) {
      const { preferredDuringSchedulingIgnoredDuringExecution: own = [] } =
        pod.spec.affinity?.nodeAffinity ?? {};
      const preferred = [...preferredByAll, ...own];
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
}

const NO_MATCH = unresolvable("node(s) didn't match Pod's node affinity/selector");
const NOT_OURS = unresolvable("node(s) didn't match scheduler-enforced node affinity");
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
