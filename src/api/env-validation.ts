/**
 * Environment variables: a name, and a value or exactly one source for it.
 *
 * In Kubernetes: pkg/apis/core/validation/validation.go (ValidateEnv, ValidateEnvFrom)
 */
import type {
  EnvFromSource,
  EnvVar,
  EnvVarSource,
  ObjectFieldSelector,
  ResourceFieldSelector,
} from "kubernetes-types/core/v1.js";
import { type FieldError, invalidValue, notSupported, required } from "./field-error.ts";
import {
  configKeyErrors,
  dns1123SubdomainErrors,
  envNameErrors,
  nameIsDns1123Subdomain,
  qualifiedNameErrors,
} from "./names.ts";
import { formatQuantity, quantityError, quantityOf } from "./quantity.ts";

const ENV_FIELDS = [
  "metadata.name",
  "metadata.namespace",
  "metadata.uid",
  "spec.nodeName",
  "spec.serviceAccountName",
  "status.hostIP",
  "status.hostIPs",
  "status.podIP",
  "status.podIPs",
];

/** Fields that have a name in the downward API, though an environment variable cannot have them. */
const OTHER_FIELDS = [
  "metadata.annotations",
  "metadata.labels",
  "spec.restartPolicy",
  "spec.schedulerName",
  "status.phase",
];

const VOLUME_FIELDS = [
  "metadata.annotations",
  "metadata.labels",
  "metadata.name",
  "metadata.namespace",
  "metadata.uid",
];

const RESOURCES = ["cpu", "ephemeral-storage", "memory"];
const RESOURCE_FIELDS = ["limits", "requests"].flatMap((kind) =>
  RESOURCES.map((name) => `${kind}.${name}`),
);
const DIVISIBLE = /^(?:limits|requests)\.(?:(cpu|memory|ephemeral-storage)$|(hugepages)-)/;
const BYTE_DIVISORS = "1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei";

export function validateEnv(variables: EnvVar[], path: string): FieldError[] {
  return variables.flatMap(({ name, value = "", valueFrom }, index) => {
    const at = `${path}[${index}]`;
    const errors = name
      ? envNameErrors(name).map((error) => invalidValue(`${at}.name`, name, error))
      : [required(`${at}.name`)];
    return [...errors, ...(valueFrom ? sourceErrors(valueFrom, value, `${at}.valueFrom`) : [])];
  });
}

export function validateEnvFrom(sources: EnvFromSource[], path: string): FieldError[] {
  return sources.flatMap(({ prefix, configMapRef, secretRef }, index) => {
    const at = `${path}[${index}]`;
    const errors = prefix
      ? envNameErrors(prefix).map((error) => invalidValue(`${at}.prefix`, prefix, error))
      : [];
    if (configMapRef) errors.push(...refNameErrors(configMapRef.name, `${at}.configMapRef`));
    if (secretRef) errors.push(...refNameErrors(secretRef.name, `${at}.secretRef`));
    if (!configMapRef && !secretRef) {
      errors.push(invalidValue(path, "", "must specify one of: `configMapRef` or `secretRef`"));
    }
    if (configMapRef && secretRef) {
      errors.push(invalidValue(path, "", "may not have more than one field specified at a time"));
    }
    return errors;
  });
}

function sourceErrors(source: EnvVarSource, value: string, path: string): FieldError[] {
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef } = source;
  const errors: FieldError[] = [];
  if (fieldRef) errors.push(...fieldRefErrors(fieldRef, ENV_FIELDS, `${path}.fieldRef`));
  if (resourceFieldRef) {
    errors.push(...resourceFieldErrors(resourceFieldRef, `${path}.resourceFieldRef`));
  }
  if (configMapKeyRef) errors.push(...keyRefErrors(configMapKeyRef, `${path}.configMapKeyRef`));
  if (secretKeyRef) errors.push(...keyRefErrors(secretKeyRef, `${path}.secretKeyRef`));

  const count = [fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef].filter(Boolean).length;
  const why = sourceCountError(count, value);
  return why === undefined ? errors : [...errors, invalidValue(path, "", why)];
}

function sourceCountError(count: number, value: string): string | undefined {
  if (count === 0) {
    return "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`";
  }
  if (value !== "") return "may not be specified when `value` is not empty";
  return count > 1 ? "may not have more than one field specified at a time" : undefined;
}

/** A field of the pod: "status.podIP", "metadata.labels['app']". */
function fieldRefErrors(ref: ObjectFieldSelector, known: string[], path: string): FieldError[] {
  const { apiVersion, fieldPath } = ref;
  if (!apiVersion) return [required(`${path}.apiVersion`)];
  if (!fieldPath) return [required(`${path}.fieldPath`)];
  if (apiVersion !== "v1") {
    const why = `error converting fieldPath: unsupported pod version: ${apiVersion}`;
    return [invalidValue(`${path}.fieldPath`, fieldPath, why)];
  }
  const subscript = /^(.*)\['(.*)'\]$/.exec(fieldPath);
  if (subscript) return subscriptErrors(subscript[1]!, subscript[2]!, fieldPath, path);
  if (![...ENV_FIELDS, ...OTHER_FIELDS].includes(fieldPath)) {
    const why = `error converting fieldPath: field label not supported: ${fieldPath}`;
    return [invalidValue(`${path}.fieldPath`, fieldPath, why)];
  }
  if (known.includes(fieldPath)) return [];
  return [notSupported(`${path}.fieldPath`, fieldPath, known)];
}

function subscriptErrors(name: string, key: string, fieldPath: string, path: string): FieldError[] {
  if (name !== "metadata.annotations" && name !== "metadata.labels") {
    const why = `error converting fieldPath: field label does not support subscript: ${fieldPath}`;
    return [invalidValue(`${path}.fieldPath`, fieldPath, why)];
  }
  const checked = name === "metadata.annotations" ? key.toLowerCase() : key;
  return qualifiedNameErrors(checked).map((error) => invalidValue(path, checked, error));
}

export function volumeFieldRefErrors(ref: ObjectFieldSelector, path: string): FieldError[] {
  return fieldRefErrors(ref, VOLUME_FIELDS, path);
}

export function resourceFieldErrors(
  { resource, containerName, divisor }: ResourceFieldSelector,
  path: string,
  isVolume = false,
): FieldError[] {
  const errors: FieldError[] = [];
  const isHugePages = /^(limits|requests)\.hugepages-/.test(resource ?? "");
  if (isVolume && !containerName) errors.push(required(`${path}.containerName`));
  else if (!resource) errors.push(required(`${path}.resource`));
  else if (!RESOURCE_FIELDS.includes(resource) && !isHugePages) {
    errors.push(notSupported(`${path}.resource`, resource, RESOURCE_FIELDS));
  }
  return [...errors, ...divisorErrors(resource ?? "", divisor, `${path}.divisor`)];
}

function divisorErrors(resource: string, divisor: string | undefined, path: string): FieldError[] {
  if (divisor === undefined) return [];
  const wrong = quantityError(String(divisor));
  if (wrong !== undefined) return [invalidValue(path, String(divisor), wrong)];
  if (quantityOf(divisor).nano === 0n) return [];
  const [, plain, huge] = DIVISIBLE.exec(resource) ?? [];
  const name = plain ?? huge ?? "";
  const isCpu = name === "cpu";
  if (name === "") return [];
  const text = formatQuantity(quantityOf(divisor));
  if ((isCpu ? ["1m", "1"] : BYTE_DIVISORS.split(", ")).includes(text)) return [];
  const of = name === "ephemeral-storage" ? "local ephemeral storage" : name;
  const allowed = isCpu ? "1m and 1" : BYTE_DIVISORS;
  const why = `only divisor's values ${allowed} are supported with the ${of} resource`;
  return [invalidValue(path, resource, why)];
}

function keyRefErrors(ref: { name?: string; key?: string }, path: string): FieldError[] {
  const { name = "", key } = ref;
  const errors = dns1123SubdomainErrors(name).map((one) => invalidValue(`${path}.name`, name, one));
  if (!key) return [...errors, required(`${path}.key`)];
  const wrong = configKeyErrors(key).map((one) => invalidValue(`${path}.key`, key, one));
  return [...errors, ...wrong];
}

function refNameErrors(name: string | undefined, path: string): FieldError[] {
  if (!name) return [required(`${path}.name`)];
  const wrong = nameIsDns1123Subdomain(name, true);
  return wrong.map((error) => invalidValue(`${path}.name`, name, error));
}
