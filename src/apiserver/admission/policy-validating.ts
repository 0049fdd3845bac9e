/**
 * ValidatingAdmissionPolicy: asks the policies that are bound whether what is about to be written may be. What
 * follows where one says no, its binding says: refusal, a warning, a note in the audit log.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/admission/plugin/policy/validating/dispatcher.go. Differs:
 * variables are worked out whether they are used or not.
 */
import { loadExpressions } from "../../api/admissionregistration/expressions.ts";
import {
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
} from "../../api/admissionregistration/validating-admission-policy.ts";
import { ApiError } from "../../api/errors.ts";
import { type Kind, storageKey } from "../../api/kind.ts";
import type { Authorizer } from "../authorize.ts";
import type { CachedObject } from "../storage/cached-object.ts";
import type { AdmissionPlugin, AdmissionRequest } from "./admission.ts";
import type { Finding } from "./policy-decision.ts";
import {
  isExempt,
  type Matcher,
  type MatchSurroundings,
  match,
  matcherOf,
  matchesAll,
} from "./webhook-match.ts";

export interface PolicySurroundings extends MatchSurroundings {
  authorizer: Authorizer;
}

const POLICY = ValidatingAdmissionPolicy as unknown as Kind;
const BINDING = ValidatingAdmissionPolicyBinding as unknown as Kind;
const CODES: Record<string, number> = {
  Forbidden: 403,
  Invalid: 422,
  RequestEntityTooLarge: 413,
  Unauthorized: 401,
};

export function validatingPolicies(surroundings: PolicySurroundings): AdmissionPlugin {
  const bindings = surroundings.cache.resource(storageKey(BINDING));
  const matchers = new WeakMap<CachedObject, Matcher>();
  const matcherFor = (cached: CachedObject, made: () => Matcher): Matcher => {
    const matcher = matchers.get(cached) ?? made();
    matchers.set(cached, matcher);
    return matcher;
  };
  return {
    name: "ValidatingAdmissionPolicy",
    takesConnections: true,
    admit: () => undefined,
    validate(request) {
      if (bindings.size === 0 || isExempt(request)) return undefined;
      return judge(request, bindings.list().items);
    },
  };

  async function judge(request: AdmissionRequest, cachedBindings: CachedObject[]): Promise<void> {
    const refusals: Refusal[] = [];
    const notes = new Map<string, Set<string>>();
    for (const cached of cachedBindings) {
      const binding = cached.object as ValidatingAdmissionPolicyBinding;
      const found = surroundings.cache.find(storageKey(POLICY, "", binding.spec.policyName ?? ""));
      const kind = found && (await kindIfBound(found, cached, request));
      if (kind === undefined) continue;
      await loadExpressions();
      const { judgementOf } = await import("./policy-decision.ts");
      const judgement = await judgementOf(found!, binding, request, kind, surroundings);
      refusals.push(...judgement.findings.flatMap((one) => act(one, binding, request)));
      for (const [key, value] of judgement.notes) {
        const name = `${binding.spec.policyName}/${key}`;
        notes.set(name, new Set([...(notes.get(name) ?? []), value]));
      }
    }
    for (const [key, values] of notes) request.annotate?.(key, [...values].join(", "));
    if (refusals.length > 0) throw denial(request, refusals[0]!);
  }

  /** As which kind the policy is to see the request; undefined: not by this binding. */
  async function kindIfBound(found: CachedObject, cached: CachedObject, request: AdmissionRequest) {
    const { spec: bound } = cached.object as ValidatingAdmissionPolicyBinding;
    const { spec } = found.object as ValidatingAdmissionPolicy;
    const ofPolicy = matcherFor(found, () => matcherOf(spec.matchConstraints ?? {}));
    const kind = await match(ofPolicy, request, surroundings);
    if (kind === undefined) return undefined;
    const ofBinding = matcherFor(cached, () => matcherOf(bound.matchResources ?? {}));
    return (await matchesAll(ofBinding, request, surroundings)) ? kind : undefined;
  }
}

interface Refusal {
  text: string;
  reason: string;
}

/** What the binding asks for. Where the policy itself is at fault, that is always a refusal. */
function act(
  { message, reason, index }: Finding,
  { metadata, spec }: ValidatingAdmissionPolicyBinding,
  request: AdmissionRequest,
): Refusal[] {
  const { policyName: policy, validationActions = [] } = spec;
  const names = `ValidatingAdmissionPolicy '${policy}' with binding '${metadata.name}'`;
  const refusal = { text: `${names} denied request: ${message}`, reason };
  if (index === undefined) return [refusal];
  if (validationActions.includes("Warn")) {
    request.warn(`Validation failed for ${names}: ${message}`);
  }
  if (validationActions.includes("Audit")) {
    const about = { message, policy, binding: metadata.name, expressionIndex: index };
    const key = "validation.policy.admission.k8s.io/validation_failure";
    request.annotate?.(key, JSON.stringify([{ ...about, validationActions }]));
  }
  return validationActions.includes("Deny") ? [refusal] : [];
}

function denial({ kind, name, object }: AdmissionRequest, { reason, text }: Refusal) {
  const { group, plural } = kind;
  const what = group === "" ? plural : `${plural}.${group}`;
  const shown = name || (object?.metadata?.generateName ?? "");
  const details = {
    name: shown,
    ...(group && { group }),
    kind: plural,
    causes: [{ message: text }],
  };
  const message = `${what} "${shown}" is forbidden: ${text}`;
  return new ApiError(CODES[reason] ?? 422, reason, message, details);
}
