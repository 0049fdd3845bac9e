/**
 * What is wrong with the rules by which a webhook or a policy says what it is about.
 *
 * In Kubernetes: validateRuleWithOperations in pkg/apis/admissionregistration/validation/validation.go
 */
import { type FieldError, GoStruct, invalidValue, notSupported, required } from "../field-error.ts";
import type { Rule } from "./webhook.ts";

const OPERATIONS = ["*", "CONNECT", "CREATE", "DELETE", "UPDATE"];
const SCOPES = ["*", "Cluster", "Namespaced"];

export function validateRule(rule: Rule, path: string, allowsSubresources = true): FieldError[] {
  const { operations = [], apiGroups = [], apiVersions = [], resources = [], scope } = rule;
  const errors = listErrors(operations, `${path}.operations`, "operations");
  operations.forEach((operation, i) => {
    if (!OPERATIONS.includes(operation)) {
      errors.push(notSupported(`${path}.operations[${i}]`, operation, OPERATIONS));
    }
  });
  errors.push(...listErrors(apiGroups, `${path}.apiGroups`, "API groups"));
  errors.push(...listErrors(apiVersions, `${path}.apiVersions`, "API versions"));
  apiVersions.forEach((version, i) => {
    if (version === "") errors.push(required(`${path}.apiVersions[${i}]`));
  });
  const at = `${path}.resources`;
  errors.push(
    ...(allowsSubresources ? resourceErrors(resources, at) : plainResourceErrors(resources, at)),
  );
  if (scope !== undefined && !SCOPES.includes(scope)) {
    errors.push(notSupported(`${path}.scope`, scope, SCOPES));
  }
  return errors;
}

function listErrors(values: string[], path: string, what: string): FieldError[] {
  if (values.length === 0) return [required(path)];
  if (values.length === 1 || !values.includes("*")) return [];
  const shown = what === "operations" ? goOperations(values) : values;
  return [invalidValue(path, shown, `if '*' is present, must not specify other ${what}`)];
}

/** A list of a type of its own. */
function goOperations(values: string[]): GoStruct {
  const texts = values.map((one) => JSON.stringify(one));
  return new GoStruct("[]admissionregistration.OperationType", {}, `{${texts.join(", ")}}`);
}

function plainResourceErrors(resources: string[], path: string): FieldError[] {
  const errors = listErrors(resources, path, "resources");
  resources.forEach((resource, i) => {
    if (resource === "") errors.push(required(`${path}[${i}]`));
    if (resource.includes("/")) {
      const why = "must not specify subresources";
      errors.push(invalidValue(`${path}[${i}]`, resource, why));
    }
  });
  return errors;
}

function resourceErrors(resources: string[], path: string): FieldError[] {
  if (resources.length === 0) return [required(path)];
  const errors: FieldError[] = [];
  const wholeResources = new Set<string>();
  const wholeSubresources = new Set<string>();
  resources.forEach((text, i) => {
    const at = `${path}[${i}]`;
    if (text === "") errors.push(required(at));
    const slash = text.indexOf("/");
    if (slash < 0) return;
    const [resource, subresource] = [text.slice(0, slash), text.slice(slash + 1)];
    const refuse = (covering: string) =>
      errors.push(invalidValue(at, text, `if '${covering}' is present, must not specify ${text}`));
    if (wholeResources.has(resource)) refuse(`${resource}/*`);
    if (wholeSubresources.has(subresource)) refuse(`*/${subresource}`);
    if (subresource === "*") wholeResources.add(resource);
    if (resource === "*") wholeSubresources.add(subresource);
  });
  if (resources.length > 1 && resources.includes("*/*")) {
    const why = "if '*/*' is present, must not specify other resources";
    errors.push(invalidValue(path, resources, why));
  }
  // The last one without a subresource decides, in Kubernetes too.
  const plain = resources.findLast((one) => one !== "" && !one.includes("/"));
  if (resources.includes("*") && plain !== "*") {
    const why = "if '*' is present, must not specify other resources without subresources";
    errors.push(invalidValue(path, resources, why));
  }
  return errors;
}
