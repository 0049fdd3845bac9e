/**
 * What is wrong with a FlowSchema: its precedence, whom it is about and what they ask for. Those two that every
 * cluster has may not be changed.
 *
 * In Kubernetes: pkg/apis/flowcontrol/validation/validation.go
 */
import { isDeepStrictEqual } from "node:util";
import {
  type FieldError,
  forbidden,
  GoStruct,
  invalidValue,
  notSupported,
  required,
} from "../field-error.ts";
import { dns1123LabelErrors, dns1123SubdomainErrors } from "../names.ts";
import { MANDATORY_SCHEMAS } from "./default-schemas.ts";
import type {
  FlowSchema,
  NonResourcePolicyRule,
  PolicyRulesWithSubjects,
  ResourcePolicyRule,
  Subject,
} from "./flow-schema.ts";

const MOST_PRECEDENCE = 10_000;
const METHODS = ["ByNamespace", "ByUser"];
const VERBS = [
  ...["create", "delete", "deletecollection", "get", "list", "patch", "proxy", "update", "watch"],
];
const SUBJECTS = { Group: "group", ServiceAccount: "serviceAccount", User: "user" } as const;

export function validateFlowSchema({ metadata, spec }: FlowSchema): FieldError[] {
  const { matchingPrecedence = 0, distinguisherMethod, priorityLevelConfiguration } = spec;
  const errors: FieldError[] = [];
  const precedence = (why: string) =>
    errors.push(invalidValue("spec.matchingPrecedence", matchingPrecedence, why));
  if (matchingPrecedence <= 0) precedence("must be a positive value");
  if (matchingPrecedence > MOST_PRECEDENCE) {
    precedence(`must not be greater than ${MOST_PRECEDENCE}`);
  }
  if (matchingPrecedence === 1 && metadata.name !== "exempt") {
    precedence("only the schema named 'exempt' may have matchingPrecedence 1");
  }
  if (distinguisherMethod && !METHODS.includes(distinguisherMethod.type)) {
    errors.push(notSupported("spec.distinguisherMethod.type", distinguisherMethod.type, METHODS));
  }
  errors.push(...levelErrors(priorityLevelConfiguration.name));
  errors.push(...(spec.rules ?? []).flatMap((rule, i) => ruleErrors(rule, `spec.rules[${i}]`)));
  const fixed = MANDATORY_SCHEMAS.find((one) => one.metadata.name === metadata.name);
  if (fixed && !isDeepStrictEqual(spec, fixed.spec)) {
    const shown = new GoStruct("flowcontrol.FlowSchemaSpec", {});
    errors.push(
      invalidValue("spec", shown, `spec of '${metadata.name}' must equal the fixed value`),
    );
  }
  return errors;
}

function levelErrors(name: string): FieldError[] {
  const field = "spec.priorityLevelConfiguration.name";
  if (!name) return [required(field, "must reference a priority level")];
  return dns1123SubdomainErrors(name).map((why) => invalidValue(field, name, why));
}

function ruleErrors(rule: PolicyRulesWithSubjects, path: string): FieldError[] {
  const { subjects = [], resourceRules = [], nonResourceRules = [] } = rule;
  const errors = subjects.flatMap((one, i) => subjectErrors(one, `${path}.subjects[${i}]`));
  if (subjects.length === 0) {
    errors.push(required(`${path}.subjects`, "subjects must contain at least one value"));
  }
  if (resourceRules.length + nonResourceRules.length === 0) {
    errors.push(
      required(path, "at least one of resourceRules and nonResourceRules has to be non-empty"),
    );
  }
  return [
    ...errors,
    ...resourceRules.flatMap((one, i) => resourceErrors(one, `${path}.resourceRules[${i}]`)),
    ...nonResourceRules.flatMap((one, i) => pathErrors(one, `${path}.nonResourceRules[${i}]`)),
  ];
}

function subjectErrors(subject: Subject, path: string): FieldError[] {
  const own = SUBJECTS[subject.kind as keyof typeof SUBJECTS];
  if (own === undefined) {
    return [notSupported(`${path}.kind`, subject.kind, Object.keys(SUBJECTS))];
  }
  const named = subject[own] as { name?: string; namespace?: string } | undefined;
  const errors: FieldError[] = [];
  const field = `${path}.${own}`;
  if (named === undefined) {
    errors.push(required(field, `${own} is required when subject kind is '${subject.kind}'`));
  } else if (!named.name) errors.push(required(`${field}.name`));
  if (named && own === "serviceAccount") errors.push(...accountErrors(named, field));
  for (const [kind, other] of Object.entries(SUBJECTS)) {
    if (other === own || subject[other] === undefined) continue;
    const why = `${other} is forbidden when subject kind is not '${kind}'`;
    errors.push(forbidden(`${path}.${other}`, why));
  }
  return errors;
}

function accountErrors(
  { name = "", namespace = "" }: { name?: string; namespace?: string },
  path: string,
) {
  const errors =
    name === "" || name === "*"
      ? []
      : dns1123SubdomainErrors(name).map((why) => invalidValue(`${path}.name`, name, why));
  if (namespace === "") {
    return [...errors, required(`${path}.namespace`, "must specify namespace for service account")];
  }
  const wrong = dns1123LabelErrors(namespace);
  return [...errors, ...wrong.map((why) => invalidValue(`${path}.namespace`, namespace, why))];
}

function verbErrors(verbs: readonly string[] = [], path: string): FieldError[] {
  const field = `${path}.verbs`;
  if (verbs.length === 0) return [required(field, "verbs must contain at least one value")];
  if (verbs.includes("*")) return aloneErrors(verbs, field, "verbs");
  return verbs.every((verb) => VERBS.includes(verb)) ? [] : [notSupported(field, verbs, VERBS)];
}

/** Where "*" stands, nothing else may. */
function aloneErrors(values: readonly string[], field: string, what: string): FieldError[] {
  if (values.length === 1 || !values.includes("*")) return [];
  return [invalidValue(field, values, `if '*' is present, must not specify other ${what}`)];
}

function resourceErrors(rule: ResourcePolicyRule, path: string): FieldError[] {
  const { verbs, apiGroups = [], resources = [], namespaces = [], clusterScope } = rule;
  const errors = verbErrors(verbs, path);
  const listed = (values: readonly string[], name: string, one: string, others: string) => {
    const field = `${path}.${name}`;
    const none = required(field, `resource rules must supply at least one ${one}`);
    errors.push(...(values.length === 0 ? [none] : aloneErrors(values, field, others)));
  };
  listed(apiGroups, "apiGroups", "api group", "api groups");
  listed(resources, "resources", "resource", "resources");
  const field = `${path}.namespaces`;
  if (namespaces.length === 0 && !clusterScope) {
    errors.push(
      required(
        field,
        "resource rules that are not cluster scoped must supply at least one namespace",
      ),
    );
  }
  if (namespaces.includes("*")) return [...errors, ...aloneErrors(namespaces, field, "namespaces")];
  const start = "each member of this list must be '*' or a DNS-1123 label; ";
  namespaces.forEach((name, i) => {
    for (const why of dns1123LabelErrors(name)) {
      errors.push(invalidValue(`${field}[${i}]`, name, start + why));
    }
  });
  return errors;
}

function pathErrors({ verbs, nonResourceURLs = [] }: NonResourcePolicyRule, path: string) {
  const errors = verbErrors(verbs, path);
  const field = `${path}.nonResourceURLs`;
  if (nonResourceURLs.length === 0) {
    errors.push(required(field, "nonResourceURLs must contain at least one value"));
  } else if (nonResourceURLs.includes("*")) {
    errors.push(...aloneErrors(nonResourceURLs, field, "non-resource URLs"));
  } else {
    nonResourceURLs.forEach((url, i) => {
      const why = urlFault(url);
      if (why !== undefined) errors.push(invalidValue(`${field}[${i}]`, url, why));
    });
  }
  return errors;
}

function urlFault(url: string): string | undefined {
  if (url === "") return "must not be empty";
  if (url === "/") return undefined;
  if (!url.startsWith("/")) return "must start with slash";
  if (url.includes(" ")) return "must not contain white-space";
  if (url.includes("//")) return "must not contain double slash";
  const stars = url.split("*").length - 1;
  const isSuffix = stars === 0 || (stars === 1 && url.endsWith("/*"));
  return isSuffix ? undefined : "wildcard can only do suffix matching";
}
