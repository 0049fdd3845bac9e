/**
 * Labels of nodes that have a newer name, and what is said to who still chooses nodes by the old one.
 *
 * In Kubernetes: pkg/api/node/util.go (GetNodeLabelDeprecatedMessage)
 */
import type { LabelSelector } from "kubernetes-types/meta/v1.js";

const RENAMED: Record<string, [since: string, instead: string]> = {
  "beta.kubernetes.io/arch": ["v1.14", "kubernetes.io/arch"],
  "beta.kubernetes.io/os": ["v1.14", "kubernetes.io/os"],
  "failure-domain.beta.kubernetes.io/region": ["v1.17", "topology.kubernetes.io/region"],
  "failure-domain.beta.kubernetes.io/zone": ["v1.17", "topology.kubernetes.io/zone"],
  "beta.kubernetes.io/instance-type": ["v1.17", "node.kubernetes.io/instance-type"],
};

/** Nothing, or one sentence that begins with `start`. */
export function renamedLabelWarnings(key: string, start: string): string[] {
  const [since, instead] = RENAMED[key] ?? [];
  return since === undefined
    ? []
    : [`${start} deprecated since ${since}; use "${instead}" instead`];
}

/** Of a selector that chooses nodes. */
export function nodeSelectorWarnings(selector: LabelSelector | undefined, path: string): string[] {
  const { matchExpressions = [], matchLabels = {} } = selector ?? {};
  return [
    ...matchExpressions.flatMap(({ key }, i) =>
      renamedLabelWarnings(key, `${path}.matchExpressions[${i}].key: ${key} is`),
    ),
    ...Object.keys(matchLabels).flatMap((key) =>
      renamedLabelWarnings(key, `${path}.matchLabels.${key}:`),
    ),
  ];
}
