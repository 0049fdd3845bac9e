/**
 * Affinity to nodes and to other pods: well-formed selectors, weights from 1 to 100.
 *
 * In Kubernetes: pkg/apis/core/validation/validation.go (validateAffinity),
 * staging/src/k8s.io/apimachinery/pkg/apis/meta/v1/validation/validation.go
 */
import type {
  Affinity,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  PodAffinity,
  PodAffinityTerm,
} from "kubernetes-types/core/v1.js";
import type { LabelSelector, LabelSelectorRequirement } from "kubernetes-types/meta/v1.js";
import { type FieldError, forbidden, invalidValue, required } from "./field-error.ts";
import { validateLabels } from "./metadata-validation.ts";
import {
  dns1123LabelErrors,
  dns1123SubdomainErrors,
  labelValueErrors,
  qualifiedNameErrors,
} from "./names.ts";

const REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution";
const PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution";
const NOT_AN_OPERATOR = "not a valid selector operator";

export function validateAffinity(affinity: Affinity | undefined, path: string): FieldError[] {
  const { nodeAffinity, podAffinity, podAntiAffinity } = affinity ?? {};
  const at = `${path}.nodeAffinity`;
  const terms = nodeAffinity?.[REQUIRED]?.nodeSelectorTerms;
  const preferred = nodeAffinity?.[PREFERRED] ?? [];
  return [
    ...(nodeAffinity?.[REQUIRED] ? nodeTermsErrors(terms ?? [], `${at}.${REQUIRED}`) : []),
    ...preferred.flatMap(({ weight, preference }, index) => {
      const one = `${at}.${PREFERRED}[${index}]`;
      return [...weightErrors(weight, one), ...nodeTermErrors(preference, `${one}.preference`)];
    }),
    ...podAffinityErrors(podAffinity, `${path}.podAffinity`),
    ...podAffinityErrors(podAntiAffinity, `${path}.podAntiAffinity`),
  ];
}

export function validateLabelSelector(
  selector: LabelSelector | undefined,
  path: string,
): FieldError[] {
  if (selector === undefined) return [];
  return [
    ...validateLabels(selector.matchLabels ?? {}, `${path}.matchLabels`),
    ...(selector.matchExpressions ?? []).flatMap((one, index) =>
      expressionErrors(one, `${path}.matchExpressions[${index}]`),
    ),
  ];
}

export function nodeTermsErrors(terms: NodeSelectorTerm[], path: string): FieldError[] {
  const at = `${path}.nodeSelectorTerms`;
  if (terms.length === 0) return [required(at, "must have at least one node selector term")];
  return terms.flatMap((term, index) => nodeTermErrors(term, `${at}[${index}]`));
}

function nodeTermErrors(term: NodeSelectorTerm | undefined, path: string): FieldError[] {
  const { matchExpressions = [], matchFields = [] } = term ?? {};
  return [
    ...matchExpressions.flatMap((one, index) =>
      nodeRequirementErrors(one, `${path}.matchExpressions[${index}]`),
    ),
    ...matchFields.flatMap((one, index) => nodeFieldErrors(one, `${path}.matchFields[${index}]`)),
  ];
}

function nodeRequirementErrors(one: NodeSelectorRequirement, path: string): FieldError[] {
  const { operator, values = [] } = one;
  if (operator !== "Gt" && operator !== "Lt") return expressionErrors(one, path, false);
  const why = "must be specified single value when `operator` is 'Lt' or 'Gt'";
  const errors = values.length === 1 ? [] : [required(`${path}.values`, why)];
  return [...errors, ...keyErrors(one.key, path)];
}

function nodeFieldErrors(
  { key = "", operator = "", values = [] }: NodeSelectorRequirement,
  path: string,
) {
  const errors: FieldError[] = [];
  if (operator !== "In" && operator !== "NotIn") {
    errors.push(invalidValue(`${path}.operator`, operator, NOT_AN_OPERATOR));
  } else if (values.length !== 1) {
    const why = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector";
    errors.push(required(`${path}.values`, why));
  }
  if (key !== "metadata.name") {
    return [...errors, invalidValue(`${path}.key`, key, "not a valid field selector key")];
  }
  const wrong = values.flatMap((value, index) =>
    dns1123SubdomainErrors(value).map((e) => invalidValue(`${path}.values[${index}]`, value, e)),
  );
  return [...errors, ...wrong];
}

/** A requirement with a set operator. Pod selectors also check the values they compare with. */
function expressionErrors(
  { key, operator, values = [] }: LabelSelectorRequirement,
  path: string,
  areValuesChecked = true,
): FieldError[] {
  const errors: FieldError[] = [];
  if (operator === "In" || operator === "NotIn") {
    const why = "must be specified when `operator` is 'In' or 'NotIn'";
    if (values.length === 0) errors.push(required(`${path}.values`, why));
  } else if (operator === "Exists" || operator === "DoesNotExist") {
    const why = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
    if (values.length > 0) errors.push(forbidden(`${path}.values`, why));
  } else errors.push(invalidValue(`${path}.operator`, operator ?? "", NOT_AN_OPERATOR));
  errors.push(...keyErrors(key, path));
  if (!areValuesChecked) return errors;
  const wrong = values.flatMap((value, index) =>
    labelValueErrors(value).map((error) => invalidValue(`${path}.values[${index}]`, value, error)),
  );
  return [...errors, ...wrong];
}

function keyErrors(key: string | undefined, path: string): FieldError[] {
  return qualifiedNameErrors(key).map((error) => invalidValue(`${path}.key`, key ?? "", error));
}

function podAffinityErrors(affinity: PodAffinity | undefined, path: string): FieldError[] {
  return [
    ...(affinity?.[REQUIRED] ?? []).flatMap((term, index) =>
      podTermErrors(term, `${path}.${REQUIRED}[${index}]`),
    ),
    ...(affinity?.[PREFERRED] ?? []).flatMap(({ weight, podAffinityTerm }, index) => {
      const at = `${path}.${PREFERRED}[${index}]`;
      return [
        ...weightErrors(weight, at),
        ...podTermErrors(podAffinityTerm, `${at}.podAffinityTerm`),
      ];
    }),
  ];
}

function podTermErrors(term: PodAffinityTerm | undefined, path: string): FieldError[] {
  const { labelSelector, namespaceSelector, namespaces = [], topologyKey = "" } = term ?? {};
  const at = `${path}.topologyKey`;
  const errors = [
    ...validateLabelSelector(labelSelector, `${path}.labelSelector`),
    ...validateLabelSelector(namespaceSelector, `${path}.namespaceSelector`),
    ...namespaces.flatMap((name) =>
      dns1123LabelErrors(name).map((error) => invalidValue(`${path}.namespace`, name, error)),
    ),
  ];
  if (!topologyKey) errors.push(required(at, "can not be empty"));
  const wrong = qualifiedNameErrors(topologyKey);
  return [...errors, ...wrong.map((error) => invalidValue(at, topologyKey, error))];
}

function weightErrors(weight: number | undefined, path: string): FieldError[] {
  if (weight !== undefined && weight > 0 && weight <= 100) return [];
  return [invalidValue(`${path}.weight`, weight ?? 0, "must be in the range 1-100")];
}
