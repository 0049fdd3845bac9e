/**
 * What a definition may say: names that fit the grammar of paths, versions of which exactly one is stored, a
 * structural schema for each.
 *
 * Where all versions have the same schema (or subresources, or columns), errors name it once for all of
 * them, "spec.validation.openAPIV3Schema", as in the form of the API that came before versions.
 *
 * In Kubernetes: staging/src/k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation/validation.go
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
import { dns1035LabelErrors, dns1123SubdomainErrors } from "../names.ts";
import { validateColumns } from "./column-validation.ts";
import { validateConversion } from "./conversion-validation.ts";
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionNames,
  DefinitionVersion,
} from "./custom-resource-definition.ts";
import { validateSchema } from "./schema-validation.ts";
import { validateSubresources } from "./subresource-validation.ts";

const PROTECTED = /(^|\.)(k8s\.io|kubernetes\.io)$/;
const APPROVED = "api-approved.kubernetes.io";
const IMMUTABLE = "field is immutable";

export function validateDefinition(definition: CustomResourceDefinition): FieldError[] {
  const { metadata, spec, status = {} } = definition;
  const errors: FieldError[] = [];
  if (metadata.name !== `${spec.names?.plural ?? ""}.${spec.group ?? ""}`) {
    const why = 'must be spec.names.plural+"."+spec.group';
    errors.push(invalidValue("metadata.name", metadata.name, why));
  }
  return [
    ...errors,
    ...validateSpec(spec),
    ...nameErrors(
      (status.acceptedNames ?? {}) as CustomResourceDefinitionNames,
      "status.acceptedNames",
    ),
    ...approvalErrors(definition),
  ];
}

export function validateDefinitionUpdate(
  definition: CustomResourceDefinition,
  old: CustomResourceDefinition,
): FieldError[] {
  const { spec, status = {} } = definition;
  const errors: FieldError[] = [];
  const keep = (field: string, value: unknown, before: unknown) => {
    if (value !== before) errors.push(invalidValue(field, value, IMMUTABLE));
  };
  const isEstablished = old.status?.conditions?.some(
    ({ type, status: is }) => type === "Established" && is === "True",
  );
  if (isEstablished) {
    keep("spec.scope", spec.scope, old.spec.scope);
    keep("spec.names.kind", spec.names.kind, old.spec.names.kind);
  }
  keep("spec.group", spec.group, old.spec.group);
  keep("spec.names.plural", spec.names.plural, old.spec.names.plural);
  return [...errors, ...storedVersionErrors(status.storedVersions ?? [], spec.versions)];
}

export function validateDefinitionStatus({ status = {} }: CustomResourceDefinition): FieldError[] {
  const names = (status.acceptedNames ?? {}) as CustomResourceDefinitionNames;
  return nameErrors(names, "status.acceptedNames");
}

function validateSpec(spec: CustomResourceDefinition["spec"]): FieldError[] {
  const { versions = [], names } = spec;
  const errors = [...groupErrors(spec.group ?? ""), ...scopeErrors(spec.scope)];
  const wrong = (why: string) =>
    errors.push(invalidValue("spec.versions", goVersions(versions), why));
  for (const [i, { schema }] of versions.entries()) {
    if (schema?.openAPIV3Schema !== undefined) continue;
    errors.push(required(`spec.versions[${i}].schema.openAPIV3Schema`, "schemas are required"));
  }
  for (const [i, version] of versions.entries())
    errors.push(...versionErrors(version, i, versions));
  const distinct = new Set(versions.map(({ name }) => name));
  if (distinct.size < versions.length) wrong("must contain unique version names");
  if (versions.filter(({ storage }) => storage).length !== 1) {
    wrong("must have exactly one version marked as storage version");
  }
  for (const field of ["plural", "singular", "kind", "listKind"] as const) {
    if (!names?.[field]) errors.push(required(`spec.names.${field}`));
  }
  errors.push(...nameErrors(names ?? {}, "spec.names"), ...sharedErrors(versions));
  if (spec.preserveUnknownFields) {
    const why =
      "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead";
    errors.push(invalidValue("spec.preserveUnknownFields", true, why));
  }
  return [...errors, ...validateConversion(spec.conversion, "spec.conversion")];
}

function groupErrors(group: string): FieldError[] {
  if (group === "") return [required("spec.group")];
  const wrong = dns1123SubdomainErrors(group);
  if (wrong.length > 0) return [invalidValue("spec.group", group, wrong.join(","))];
  if (group.includes(".")) return [];
  return [invalidValue("spec.group", group, "should be a domain with at least one dot")];
}

function scopeErrors(scope: string): FieldError[] {
  if (scope === "Cluster" || scope === "Namespaced") return [];
  return [notSupported("spec.scope", scope, ["Cluster", "Namespaced"])];
}

/** What is this version's own. */
function versionErrors(
  version: DefinitionVersion,
  i: number,
  all: DefinitionVersion[],
): FieldError[] {
  const path = `spec.versions[${i}]`;
  const wrong = dns1035LabelErrors(version.name ?? "");
  const errors =
    wrong.length > 0 ? [invalidValue(`${path}.name`, version.name, wrong.join(","))] : [];
  if (version.deprecationWarning !== undefined && !version.deprecated) {
    const why = "can only be set for deprecated versions";
    errors.push(invalidValue(`${path}.deprecationWarning`, version.deprecationWarning, why));
  }
  if (version.selectableFields?.length) {
    const why = "disabled by feature-gate CustomResourceFieldSelectors";
    errors.push(forbidden(`${path}.selectableFields`, why));
  }
  const schema = version.schema?.openAPIV3Schema;
  if (schema && !isShared(all, "schema")) {
    errors.push(...validateSchema(schema, `${path}.schema.openAPIV3Schema`));
  }
  if (!isShared(all, "subresources")) {
    errors.push(...validateSubresources(version.subresources, `${path}.subresources`));
  }
  if (!isShared(all, "additionalPrinterColumns")) {
    errors.push(
      ...validateColumns(version.additionalPrinterColumns, `${path}.additionalPrinterColumns`),
    );
  }
  return errors;
}

/** What all versions have in common. */
function sharedErrors(versions: DefinitionVersion[]): FieldError[] {
  const [first] = versions;
  if (first === undefined) return [];
  const schema = first.schema?.openAPIV3Schema;
  return [
    ...(schema && isShared(versions, "schema")
      ? validateSchema(schema, "spec.validation.openAPIV3Schema")
      : []),
    ...(isShared(versions, "subresources")
      ? validateSubresources(first.subresources, "spec.subresources")
      : []),
    ...(isShared(versions, "additionalPrinterColumns")
      ? validateColumns(first.additionalPrinterColumns, "spec.additionalPrinterColumns")
      : []),
  ];
}

type SharedField = "schema" | "subresources" | "additionalPrinterColumns";

function isShared([first, ...others]: DefinitionVersion[], field: SharedField): boolean {
  return others.every((other) => isDeepStrictEqual(other[field], first?.[field]));
}

function nameErrors(names: Partial<CustomResourceDefinitionNames>, path: string): FieldError[] {
  const { plural = "", singular = "", kind = "", listKind = "" } = names;
  const errors: FieldError[] = [];
  const check = (field: string, value: string, wrong: string[], prefix = "") => {
    if (value === "" || wrong.length === 0) return;
    errors.push(invalidValue(`${path}.${field}`, value, prefix + wrong.join(",")));
  };
  const mixed = "may have mixed case, but should otherwise match: ";
  check("plural", plural, dns1035LabelErrors(plural));
  check("singular", singular, dns1035LabelErrors(singular));
  check("kind", kind, dns1035LabelErrors(kind.toLowerCase()), mixed);
  check("listKind", listKind, dns1035LabelErrors(listKind.toLowerCase()), mixed);
  for (const [i, name] of (names.shortNames ?? []).entries()) {
    check(`shortNames[${i}]`, name, dns1035LabelErrors(name));
  }
  if (kind !== "" && kind === listKind) {
    const why = "kind and listKind may not be the same";
    errors.push(invalidValue(`${path}.listKind`, listKind, why));
  }
  for (const [i, name] of (names.categories ?? []).entries()) {
    check(`categories[${i}]`, name, dns1035LabelErrors(name));
  }
  return errors;
}

/** A version that objects may still be stored in cannot be taken away. */
function storedVersionErrors(stored: string[], versions: DefinitionVersion[]): FieldError[] {
  const path = "status.storedVersions";
  if (stored.length === 0) return [invalidValue(path, [], "must have at least one stored version")];
  return stored.flatMap((name, i) => {
    if (versions.some((version) => version.name === name)) return [];
    const why = `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`;
    return [invalidValue(`${path}[${i}]`, name, why)];
  });
}

function approvalErrors({ metadata, spec }: CustomResourceDefinition): FieldError[] {
  if (!PROTECTED.test(spec.group ?? "")) return [];
  const path = `metadata.annotations[${APPROVED}]`;
  const approval = metadata.annotations?.[APPROVED] ?? "";
  const see = "see https://github.com/kubernetes/enhancements/pull/1111";
  if (approval === "") {
    return [required(path, `protected groups must have approval annotation "${APPROVED}", ${see}`)];
  }
  if (approval.startsWith("unapproved") || /^https?:\/\/[^/]+/.test(approval)) return [];
  const why = `protected groups must have approval annotation "${APPROVED}" with either a URL or a reason starting with "unapproved", ${see}`;
  return [invalidValue(path, approval, why)];
}

/** As Go shows them, but for what it would show as an address. */
function goVersions(versions: DefinitionVersion[]): GoStruct {
  const fields = versions.map((version) => ({
    Name: version.name,
    Served: version.served ?? false,
    Storage: version.storage ?? false,
    Deprecated: version.deprecated ?? false,
  }));
  return GoStruct.listOf("apiextensions.CustomResourceDefinitionVersion", fields);
}
