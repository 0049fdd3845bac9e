/**
 * One term of a pod's affinity to other pods: which pods, and how near ("same host", "same zone").
 *
 * In Kubernetes: pkg/scheduler/framework/types.go (AffinityTerm)
 * Differs: a namespaceSelector other than the empty one, which means all namespaces, needs the
 * labels of namespaces; it is answered from the namespaces the caller knows.
 */
import type { PodAffinityTerm, WeightedPodAffinityTerm } from "kubernetes-types/core/v1.js";
import { type LabelMatcher, labelMatcher } from "../api/labels.ts";
import type { Pod } from "../api/pod.ts";

type Labels = Record<string, string>;

export interface AffinityTerm {
  topologyKey: string;
  weight: number;
  /** Whether a pod of that namespace and with those labels is meant. */
  selects(pod: Pod, namespaceLabels: (namespace: string) => Labels): boolean;
}

export interface PodAffinityTerms {
  required: AffinityTerm[];
  preferred: AffinityTerm[];
  requiredAnti: AffinityTerm[];
  preferredAnti: AffinityTerm[];
}

export function affinityTermsOf(pod: Pod): PodAffinityTerms {
  const { podAffinity, podAntiAffinity } = pod.spec.affinity ?? {};
  const plain = (terms: PodAffinityTerm[] = []) => terms.map((term) => termOf(pod, term, 0));
  const weighted = (terms: WeightedPodAffinityTerm[] = []) =>
    terms.map(({ podAffinityTerm, weight }) => termOf(pod, podAffinityTerm, weight));
  return {
    required: plain(podAffinity?.requiredDuringSchedulingIgnoredDuringExecution),
    preferred: weighted(podAffinity?.preferredDuringSchedulingIgnoredDuringExecution),
    requiredAnti: plain(podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution),
    preferredAnti: weighted(podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution),
  };
}

function termOf(owner: Pod, term: PodAffinityTerm, weight: number): AffinityTerm {
  const matches = labelMatcher(term.labelSelector);
  const isInNamespace = namespaceMatcher(owner, term);
  return {
    topologyKey: term.topologyKey,
    weight,
    selects(pod, namespaceLabels) {
      const namespace = pod.metadata.namespace ?? "default";
      const labels = pod.metadata.labels ?? {};
      return matches(labels) && isInNamespace(namespace, namespaceLabels);
    },
  };
}

type NamespaceMatcher = (namespace: string, labelsOf: (namespace: string) => Labels) => boolean;

/** Neither names nor a selector: the owner's own namespace. */
function namespaceMatcher(owner: Pod, term: PodAffinityTerm): NamespaceMatcher {
  const { namespaces = [], namespaceSelector } = term;
  if (namespaces.length === 0 && namespaceSelector === undefined) {
    const own = owner.metadata.namespace ?? "default";
    return (namespace) => namespace === own;
  }
  const named = new Set(namespaces);
  const matches: LabelMatcher = namespaceSelector ? labelMatcher(namespaceSelector) : () => false;
  return (namespace, labelsOf) => named.has(namespace) || matches(labelsOf(namespace));
}
