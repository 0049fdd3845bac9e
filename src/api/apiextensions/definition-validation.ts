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
const MOST_WARNING_BYTES = 256;

export function validateDefinition(definition: CustomResourceDefinition): FieldError[] {
  const { metadata, spec } = definition;
  const errors: FieldError[] = [];
  if (metadata.name !== `${spec.names?.plural ?? ""}.${spec.group ?? ""}`) {
    const why = 'must be spec.names.plural+"."+spec.group';
    errors.push(invalidValue("metadata.name", metadata.name, why));
  }
  return [
    ...errors,
    ...validateSpec(spec),
    ...validateDefinitionStatus(definition),
    ...storedVersionErrors(definition),
    ...approvalErrors(definition),
    ...preservingErrors(spec),
  ];
}

export function validateDefinitionUpdate(
  definition: CustomResourceDefinition,
  old: CustomResourceDefinition,
): FieldError[] {
  const isSameApproval = approvalState(definition) === approvalState(old);
  return [
    ...validateSpec(definition.spec),
    ...changeErrors(definition, old),
    ...validateDefinitionStatus(definition),
    ...storedVersionErrors(definition),
    ...(isSameApproval ? [] : approvalErrors(definition)),
    ...preservingErrors(definition.spec),
  ];
}

function changeErrors({ spec }: CustomResourceDefinition, old: CustomResourceDefinition) {
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
  return errors;
}

function preservingErrors(spec: CustomResourceDefinition["spec"]): FieldError[] {
  if (!spec.preserveUnknownFields) return [];
  const why =
    "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead";
  return [invalidValue("spec.preserveUnknownFields", true, why)];
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
  // The first version is judged once more, as the "version" of the API's older form.
  const [first] = versions;
  const wrongVersion = first?.name ? dns1035LabelErrors(first.name) : [];
  if (wrongVersion.length > 0) {
    errors.push(invalidValue("spec.version", first!.name, wrongVersion.join(",")));
  }
  for (const field of ["plural", "singular", "kind", "listKind"] as const) {
    if (!names?.[field]) errors.push(required(`spec.names.${field}`));
  }
  errors.push(...nameErrors(names ?? {}, "spec.names"), ...sharedErrors(versions));
  return [...errors, ...validateConversion(spec.conversion, "spec.conversion")];
}

function groupErrors(group: string): FieldError[] {
  if (group === "") return [required("spec.group")];
  const wrong = dns1123SubdomainErrors(group);
  if (wrong.length > 0) return [invalidValue("spec.group", group, wrong.join(","))];
  if (group.includes(".")) return [];
  return [invalidValue("spec.group", group, "should be a domain with at least one dot")];
}

function scopeErrors(scope: string | undefined): FieldError[] {
  if (!scope) return [required("spec.scope")];
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
  const { deprecated, deprecationWarning: warning } = version;
  for (const why of warningErrors(deprecated ?? false, warning)) {
    errors.push(invalidValue(`${path}.deprecationWarning`, warning, why));
  }
  if (version.selectableFields?.length) {
    const why = "disabled by feature-gate CustomResourceFieldSelectors";
    errors.push(forbidden(`${path}.selectableFields`, why));
  }
  const schema = version.schema?.openAPIV3Schema;
  if (schema && !isShared(all, "schema")) {
    const hasStatus = version.subresources?.status !== undefined;
    errors.push(...validateSchema(schema, `${path}.schema.openAPIV3Schema`, hasStatus));
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

function warningErrors(isDeprecated: boolean, warning: string | undefined): string[] {
  if (warning === undefined) return [];
  if (!isDeprecated) return ["can only be set for deprecated versions"];
  const errors: string[] = [];
  if (Buffer.byteLength(warning) > MOST_WARNING_BYTES) {
    errors.push(`must be <= ${MOST_WARNING_BYTES} characters long`);
  }
  if (warning === "") errors.push("must not be an empty string");
  const odd = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.exec(warning);
  if (odd !== null) {
    const place = Buffer.byteLength(warning.slice(0, odd.index));
    const why = `non-printable character found at index ${place}`;
    errors.push(`must only contain printable UTF-8 characters; ${why}`);
  }
  return errors;
}

/** What all versions have in common. */
function sharedErrors(versions: DefinitionVersion[]): FieldError[] {
  const [first] = versions;
  if (first === undefined) return [];
  const schema = first.schema?.openAPIV3Schema;
  const hasStatus = versions.some(({ subresources }) => subresources?.status !== undefined);
  return [
    ...(schema && isShared(versions, "schema")
      ? validateSchema(schema, "spec.validation.openAPIV3Schema", hasStatus)
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
function storedVersionErrors({ spec, status }: CustomResourceDefinition): FieldError[] {
  const path = "status.storedVersions";
  const { storedVersions: stored = [] } = status ?? {};
  const { versions = [] } = spec;
  if (stored.length === 0) return [invalidValue(path, [], "must have at least one stored version")];
  const missing = versions.filter(({ name, storage }) => storage && !stored.includes(name));
  return [
    ...missing.map(({ name }) =>
      invalidValue(path, stored, `must have the storage version ${name}`),
    ),
    ...stored.flatMap((name, i) =>
      versions.some((version) => version.name === name)
        ? []
        : [invalidValue(`${path}[${i}]`, name, "must appear in spec.versions")],
    ),
  ];
}

type Approval = "missing" | "bypassed" | "approved" | "invalid";

function approvalState({ metadata }: CustomResourceDefinition): Approval {
  const approval = metadata.annotations?.[APPROVED] ?? "";
  if (approval === "") return "missing";
  if (approval.startsWith("unapproved")) return "bypassed";
  return /^[a-z][a-z0-9+.-]*:\/\/[^/]+/i.test(approval) ? "approved" : "invalid";
}

function approvalErrors(definition: CustomResourceDefinition): FieldError[] {
  const { metadata, spec } = definition;
  if (!PROTECTED.test(spec.group ?? "")) return [];
  const path = `metadata.annotations[${APPROVED}]`;
  const see = "see https://github.com/kubernetes/enhancements/pull/1111";
  const must = `protected groups must have approval annotation "${APPROVED}"`;
  const state = approvalState(definition);
  if (state === "missing") return [required(path, `${must}, ${see}`)];
  if (state !== "invalid") return [];
  const why = `${must} with either a URL or a reason starting with "unapproved", ${see}`;
  return [invalidValue(path, metadata.annotations?.[APPROVED], why)];
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
