/**
 * What more may change of a pod that waits behind scheduling gates: it has no node yet, so where it may go can
 * still be narrowed. Gates only go, none comes.
 *
 * In Kubernetes: validateOnlyDeletedSchedulingGates, validateNodeSelectorMutation and
 * validateNodeAffinityMutation in pkg/apis/core/validation/validation.go
 */
import { isDeepStrictEqual } from "node:util";
import type {
  NodeAffinity,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  PodSchedulingGate,
  PodSpec,
} from "kubernetes-types/core/v1.js";
import { type FieldError, forbidden, GoStruct, invalidValue } from "./field-error.ts";

const REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution";

export function gateErrors(now: PodSchedulingGate[], before: PodSchedulingGate[]): FieldError[] {
  const known = new Set(before.map(({ name }) => name));
  return now.flatMap(({ name }, index) => {
    if (known.has(name)) return [];
    const why = `only deletion is allowed, but found new scheduling gate '${name}'`;
    return [forbidden(`spec.schedulingGates[${index}].name`, why)];
  });
}

/** While a pod is gated, each term by which its nodes are chosen may still ask for more. */
export function nodeAffinityErrors(
  now: NodeAffinity = {},
  before: NodeAffinity = {},
): FieldError[] {
  const path = `spec.affinity.nodeAffinity.${REQUIRED}.nodeSelectorTerms`;
  const oldTerms = before[REQUIRED]?.nodeSelectorTerms ?? [];
  const terms = now[REQUIRED]?.nodeSelectorTerms ?? [];
  if (oldTerms.length > 0 && oldTerms.length !== terms.length) {
    const why = "no additions/deletions to non-empty NodeSelectorTerms list are allowed";
    return [invalidValue(path, GoStruct.listOf("core.NodeSelectorTerm", terms.map(goFields)), why)];
  }
  return oldTerms.flatMap((old, index) => {
    const why = "only additions are allowed (no mutations or deletions)";
    const term = terms[index]!;
    return onlyAdds(term, old)
      ? []
      : [
          invalidValue(
            `${path}[${index}]`,
            new GoStruct("core.NodeSelectorTerm", goFields(term)),
            why,
          ),
        ];
  });
}

function onlyAdds(term: NodeSelectorTerm, old: NodeSelectorTerm): boolean {
  const size = ({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm) =>
    matchExpressions.length + matchFields.length;
  if (size(old) === 0) return size(term) === 0;
  return (["matchExpressions", "matchFields"] as const).every((list) => {
    const before = old[list] ?? [];
    return isDeepStrictEqual((term[list] ?? []).slice(0, before.length), before);
  });
}

/** While a pod is gated its node selector may still be narrowed. */
export function nodeSelectorErrors(now: Record<string, string>, old: Record<string, string>) {
  if (Object.entries(old).every(([key, value]) => now[key] === value)) return [];
  const why = "only additions to spec.nodeSelector are allowed (no mutations or deletions)";
  return [invalidValue("spec.nodeSelector", now, why)];
}

export function putBackNodeAffinity(spec: PodSpec, old: PodSpec): void {
  const { nodeAffinity: _, ...rest } = spec.affinity ?? {};
  const before = old.affinity?.nodeAffinity;
  const affinity = { ...rest, ...(before === undefined ? {} : { nodeAffinity: before }) };
  if (Object.keys(affinity).length > 0 || old.affinity !== undefined) spec.affinity = affinity;
  else delete spec.affinity;
}

function goFields({ matchExpressions, matchFields }: NodeSelectorTerm) {
  return {
    MatchExpressions: goRequirements(matchExpressions),
    MatchFields: goRequirements(matchFields),
  };
}

function goRequirements(requirements: NodeSelectorRequirement[] = []): GoStruct {
  const type = "core.NodeSelectorRequirement";
  if (requirements.length === 0) return new GoStruct(`[]${type}`, {}, "(nil)");
  const items = requirements.map(({ key, operator, values = [] }) => ({
    Key: key,
    Operator: operator,
    Values: values,
  }));
  return GoStruct.listOf(type, items);
}
