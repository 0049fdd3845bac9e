/**
 * A ValidatingAdmissionPolicy: rules in CEL about what may be written, without a webhook. It holds where a
 * ValidatingAdmissionPolicyBinding says so.
 *
 * In Kubernetes: pkg/registry/admissionregistration/validatingadmissionpolicy{,binding}/strategy.go,
 * pkg/apis/admissionregistration/v1/defaults.go
 */
import type {
  ParamRef,
  MatchResources as TypedMatchResources,
  ValidatingAdmissionPolicyBindingSpec,
  ValidatingAdmissionPolicySpec,
  ValidatingAdmissionPolicyStatus,
} from "kubernetes-types/admissionregistration/v1.js";
import { ageColumn, nameColumn } from "../columns.ts";
import { defineKind, type KubeObject } from "../kind.ts";
import { nameIsDns1123Subdomain } from "../names.ts";
import { loadExpressions } from "./expressions.ts";
import { validateBinding, validatePolicy } from "./policy-validation.ts";
import { type Rule, setRuleDefaults } from "./webhook.ts";

export type NamedRule = Rule & { resourceNames?: string[] };

export type MatchResources = Omit<TypedMatchResources, "resourceRules" | "excludeResourceRules"> & {
  resourceRules?: NamedRule[];
  excludeResourceRules?: NamedRule[];
};

export interface ValidatingAdmissionPolicy extends KubeObject {
  spec: Omit<ValidatingAdmissionPolicySpec, "matchConstraints"> & {
    matchConstraints?: MatchResources;
  };
  status?: ValidatingAdmissionPolicyStatus;
}

export interface ValidatingAdmissionPolicyBinding extends KubeObject {
  spec: Omit<ValidatingAdmissionPolicyBindingSpec, "matchResources"> & {
    matchResources?: MatchResources;
  };
}

const GROUP = "admissionregistration.k8s.io";

export const ValidatingAdmissionPolicy = defineKind<ValidatingAdmissionPolicy>({
  group: GROUP,
  version: "v1",
  kind: "ValidatingAdmissionPolicy",
  plural: "validatingadmissionpolicies",
  categories: ["api-extensions"],
  namespaced: false,
  storagePrefix: "validatingadmissionpolicies",
  schema: "io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicy",
  servedVersions: ["v1beta1"],
  needsResourceVersion: true,
  hasStatus: true,
  hasGeneration: true,
  columns: [
    nameColumn,
    {
      name: "Validations",
      type: "integer",
      description:
        "Validations indicates the number of validation rules defined in this configuration",
      value: ({ spec }) => spec?.validations?.length ?? 0,
    },
    {
      name: "ParamKind",
      type: "string",
      description: "ParamKind specifies the kind of resources used to parameterize this policy",
      value: ({ spec }) =>
        spec?.paramKind ? `${spec.paramKind.apiVersion}/${spec.paramKind.kind}` : "<unset>",
    },
    ageColumn,
  ],
  validateName: nameIsDns1123Subdomain,
  prepare: loadExpressions,
  setDefaults(policy) {
    policy.spec ??= {};
    policy.spec.failurePolicy ??= "Fail";
    if (policy.spec.matchConstraints) setMatchDefaults(policy.spec.matchConstraints);
  },
  prepareForCreate(policy) {
    policy.status = {};
  },
  validate: ({ metadata, spec }) => validatePolicy(metadata.name ?? "", spec, "spec"),
  validateStatusUpdate: () => [],
  example: {
    apiVersion: `${GROUP}/v1`,
    kind: "ValidatingAdmissionPolicy",
    metadata: { name: "example" },
    spec: {
      matchConstraints: {
        resourceRules: [
          { apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] },
        ],
      },
      validations: [{ expression: "object.metadata.name != 'forbidden'" }],
    },
  },
});

export const ValidatingAdmissionPolicyBinding = defineKind<ValidatingAdmissionPolicyBinding>({
  group: GROUP,
  version: "v1",
  kind: "ValidatingAdmissionPolicyBinding",
  plural: "validatingadmissionpolicybindings",
  categories: ["api-extensions"],
  namespaced: false,
  storagePrefix: "validatingadmissionpolicybindings",
  schema: "io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicyBinding",
  servedVersions: ["v1beta1"],
  needsResourceVersion: true,
  hasGeneration: true,
  columns: [
    nameColumn,
    {
      name: "PolicyName",
      type: "string",
      description: "PolicyName indicates the policy definition which the policy binding binded to",
      value: ({ spec }) => spec?.policyName ?? "",
    },
    {
      name: "ParamRef",
      type: "string",
      description: "ParamRef indicates the param resource which sets the configration param",
      value: ({ spec }) => paramText(spec?.paramRef),
    },
    ageColumn,
  ],
  validateName: nameIsDns1123Subdomain,
  setDefaults(binding) {
    binding.spec ??= {};
    const { matchResources, paramRef } = binding.spec;
    if (matchResources) setMatchDefaults(matchResources);
    if (paramRef) paramRef.parameterNotFoundAction ??= "Deny";
  },
  validate: ({ spec }) => validateBinding(spec, "spec"),
  example: {
    apiVersion: `${GROUP}/v1`,
    kind: "ValidatingAdmissionPolicyBinding",
    metadata: { name: "example" },
    spec: { policyName: "example", validationActions: ["Deny"] },
  },
});

function setMatchDefaults(match: MatchResources): void {
  match.matchPolicy ??= "Equivalent";
  match.namespaceSelector ??= {};
  match.objectSelector ??= {};
  setRuleDefaults(match.resourceRules);
  setRuleDefaults(match.excludeResourceRules);
}

function paramText(ref: ParamRef | undefined): string {
  if (ref === undefined) return "<unset>";
  if (ref.selector !== undefined) return `${ref.namespace ? `${ref.namespace}/` : ""}*`;
  return ref.namespace ? `${ref.namespace}/${ref.name}` : (ref.name ?? "");
}
