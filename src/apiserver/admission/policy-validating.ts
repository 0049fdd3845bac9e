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
    const refusals: string[] = [];
    let first: Finding | undefined;
    for (const cached of cachedBindings) {
      const binding = cached.object as ValidatingAdmissionPolicyBinding;
      const found = surroundings.cache.find(storageKey(POLICY, "", binding.spec.policyName ?? ""));
      if (found === undefined) continue;
      const policy = found.object as ValidatingAdmissionPolicy;
      const ofPolicy = matcherFor(found, () => matcherOf(policy.spec.matchConstraints ?? {}));
      const kind = await match(ofPolicy, request, surroundings);
      if (kind === undefined) continue;
      const ofBinding = matcherFor(cached, () => matcherOf(binding.spec.matchResources ?? {}));
      if (!(await matchesAll(ofBinding, request, surroundings))) continue;
      await loadExpressions();
      const { findingsOf } = await import("./policy-decision.ts");
      const findings = await findingsOf(found, binding, request, kind, surroundings);
      for (const finding of findings) {
        const text = act(finding, policy, binding, request);
        if (text === undefined) continue;
        first ??= finding;
        refusals.push(text);
      }
    }
    if (first !== undefined) throw denial(request, first, refusals[0]!);
  }
}

/** What the binding asks for; a text where that is a refusal. */
function act(
  { message, isFailure }: Finding,
  policy: ValidatingAdmissionPolicy,
  binding: ValidatingAdmissionPolicyBinding,
  request: AdmissionRequest,
): string | undefined {
  const names = `ValidatingAdmissionPolicy '${policy.metadata.name}' with binding '${binding.metadata.name}'`;
  const { validationActions = [] } = binding.spec;
  if (validationActions.includes("Warn") && !isFailure) {
    request.warn(`Validation failed for ${names}: ${message}`);
  }
  if (validationActions.includes("Audit") && !isFailure) {
    const about = { message, policy: policy.metadata.name, binding: binding.metadata.name };
    const key = "validation.policy.admission.k8s.io/validation_failure";
    request.annotate?.(key, JSON.stringify([{ ...about, validationActions }]));
  }
  if (!validationActions.includes("Deny") && !isFailure) return undefined;
  return `${names} denied request: ${message}`;
}

function denial({ kind, name, object }: AdmissionRequest, { reason }: Finding, text: string) {
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
