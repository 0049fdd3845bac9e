/**
 * The status of ValidatingAdmissionPolicies: what the types of the objects they are about have against their expressions.
 *
 * Rule: it is looked at once for each generation of a policy; that a kind has come or changed since is no reason to look again.
 *
 * In Kubernetes: pkg/controller/validatingadmissionpolicystatus/controller.go
 */

import {
  type NamedRule,
  ValidatingAdmissionPolicy,
} from "../api/admissionregistration/validating-admission-policy.ts";
import { kindsOf } from "../api/apiextensions/custom-kind.ts";
import {
  CustomResourceDefinition,
  isTrue,
} from "../api/apiextensions/custom-resource-definition.ts";
import type { Kind } from "../api/kind.ts";
import { kinds, otherShapes } from "../api/kinds.ts";
import { withAliases } from "../api/served-versions.ts";
import type { Controller } from "../client/control-loop.ts";

const MOST_KINDS = 10;

export const validatingAdmissionPolicyStatusController: Controller<ValidatingAdmissionPolicy> = {
  name: "validatingadmissionpolicy-status-controller",
  watches: ValidatingAdmissionPolicy,
  reads: [CustomResourceDefinition],

  async sync(policy, _key, { client, cached }) {
    const { generation: observedGeneration = 0 } = policy?.metadata ?? {};
    const { observedGeneration: seen = 0 } = policy?.status ?? {};
    if (policy === undefined || observedGeneration <= seen) return;
    const declared = cached(CustomResourceDefinition)
      .list()
      .filter((definition) => isTrue(definition, "Established"))
      .flatMap((definition) => kindsOf(structuredClone(definition), (objects) => objects));
    const all = [...withAliases(kinds), ...otherShapes, ...declared];
    const expressionWarnings = await warningsOf(policy, kindsOfRules(policy, all));
    const typeChecking = expressionWarnings.length > 0 ? { expressionWarnings } : {};
    const status = { ...policy.status, observedGeneration, typeChecking };
    await client.updateStatus(ValidatingAdmissionPolicy, { ...policy, status });
  },
};

/** Those its rules name, in order; rules with a "*" for group or version name none. */
function kindsOfRules({ spec }: ValidatingAdmissionPolicy, all: readonly Kind[]): Kind[] {
  const rules = (spec.matchConstraints?.resourceRules ?? []).filter(isPlain);
  const named = all.filter(({ group, version, plural }) =>
    rules.some(
      ({ apiGroups = [], apiVersions = [], resources = [] }) =>
        apiGroups.includes(group) && apiVersions.includes(version) && resources.includes(plural),
    ),
  );
  const name = (kind: Kind) => `${kind.group} ${kind.version} ${kind.kind}`;
  return named.toSorted((a, b) => (name(a) < name(b) ? -1 : 1)).slice(0, MOST_KINDS);
}

function isPlain({ apiGroups = [], apiVersions = [] }: NamedRule): boolean {
  return ![...apiGroups, ...apiVersions].some((one) => one.includes("*"));
}

async function warningsOf({ spec }: ValidatingAdmissionPolicy, about: readonly Kind[]) {
  const { typeFault } = await import("../api/admissionregistration/cel/type-check.ts");
  const { variables = [], validations = [] } = spec;
  const warn = (fieldRef: string, expression: string | undefined) => {
    if (!expression) return [];
    const faults = about.flatMap((kind) => {
      const fault = typeFault(expression, kind, variables);
      const name = `${kind.group}/${kind.version}, Kind=${kind.kind}`;
      return fault === undefined ? [] : [`${name}: ${fault}\n`];
    });
    return faults.length === 0 ? [] : [{ fieldRef, warning: faults.join("\n") }];
  };
  return validations.flatMap(({ expression, messageExpression }, i) => [
    ...warn(`spec.validations[${i}].expression`, expression),
    ...warn(`spec.validations[${i}].messageExpression`, messageExpression),
  ]);
}
