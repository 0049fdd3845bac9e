/**
 * Which nodes a pod asks for: the plain `nodeSelector`, and the terms of its node affinity. Within a
 * term everything must hold; of the terms, one.
 *
 * In Kubernetes: staging/src/k8s.io/component-helpers/scheduling/corev1/nodeaffinity/nodeaffinity.go
 */
import type {
  NodeSelector,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  PodSpec,
} from "kubernetes-types/core/v1.js";
import { matchesLabels } from "./labels.ts";
import { isInteger } from "./names.ts";
import type { Node } from "./node.ts";

/** What must hold for the pod to be placed there: `nodeSelector` and required affinity. */
export function matchesRequiredNodeAffinity(
  spec: Pick<PodSpec, "nodeSelector" | "affinity">,
  node: Pick<Node, "metadata">,
): boolean {
  if (!matchesLabels(spec.nodeSelector ?? {}, node.metadata.labels)) return false;
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return required === undefined || matchesNodeSelector(required, node);
}

export function matchesNodeSelector(
  { nodeSelectorTerms }: NodeSelector,
  node: Pick<Node, "metadata">,
): boolean {
  return nodeSelectorTerms.some((term) => matchesNodeSelectorTerm(term, node));
}

/** A term that asks for nothing matches nothing. */
export function matchesNodeSelectorTerm(
  { matchExpressions = [], matchFields = [] }: NodeSelectorTerm,
  node: Pick<Node, "metadata">,
): boolean {
  if (matchExpressions.length + matchFields.length === 0) return false;
  const { name, labels = {} } = node.metadata;
  const fields: Record<string, string> = { "metadata.name": name };
  return (
    matchExpressions.every((one) => isMet(one, labels[one.key])) &&
    matchFields.every((one) => isMet(one, fields[one.key]))
  );
}

function isMet({ operator, values = [] }: NodeSelectorRequirement, value?: string): boolean {
  const [bound] = values;
  switch (operator) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    case "Gt":
      return isInteger(value) && isInteger(bound) && BigInt(value) > BigInt(bound);
    case "Lt":
      return isInteger(value) && isInteger(bound) && BigInt(value) < BigInt(bound);
    default:
      return false;
  }
}
