/**
 * A taint keeps away the pods that do not tolerate it: NoSchedule and NoExecute for certain,
 * PreferNoSchedule if there is another choice.
 *
 * In Kubernetes: pkg/scheduler/framework/plugins/tainttoleration
 */
import type { Taint, Toleration } from "kubernetes-types/core/v1.js";
import type { Node } from "../../api/node.ts";
import { toleratesTaint } from "../../api/taints.ts";
import { normalizeToHighest, type Plugin, unresolvable } from "../framework.ts";

export const taintToleration: Plugin = {
  name: "TaintToleration",
  wakesOn: ["NodeAdd", "NodeTaintChange"],
  isHelpedBy: ({ spec }, { object }) =>
    untoleratedTaint((object as Node).spec.taints, spec.tolerations) === undefined,
  filter:
    ({ pod }) =>
    ({ taints }) => {
      if (taints.length === 0) return undefined;
      const taint = untoleratedTaint(taints, pod.spec.tolerations);
      if (!taint) return undefined;
      return unresolvable(`node(s) had untolerated taint {${taint.key}: ${taint.value ?? ""}}`);
    },
  score({ pod }) {
    const tolerations = pod.spec.tolerations?.filter(
      ({ effect }) => !effect || effect === "PreferNoSchedule",
    );
    return {
      score: ({ taints }) =>
        taints.length === 0
          ? 0
          : taints.filter(
              (taint) => taint.effect === "PreferNoSchedule" && !toleratesTaint(tolerations, taint),
            ).length,
      normalize: (counts) => normalizeToHighest(counts, true),
    };
  },
};

/** The first taint that keeps a pod with these tolerations away. */
export function untoleratedTaint(
  taints: readonly Taint[] = [],
  tolerations: readonly Toleration[] = [],
): Taint | undefined {
  return taints.find(
    (taint) =>
      (taint.effect === "NoSchedule" || taint.effect === "NoExecute") &&
      !toleratesTaint(tolerations, taint),
  );
}
