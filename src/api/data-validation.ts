/**
 * What a ConfigMap or a Secret may hold: keys that can be file names, a megabyte in all, and, once
 * immutable, never anything else.
 *
 * In Kubernetes: pkg/apis/core/validation/validation.go (ValidateConfigMap, ValidateSecret)
 */
import type { ConfigMap } from "./config-map.ts";
import { type FieldError, forbidden, invalidValue, required, tooLong } from "./field-error.ts";
import { configKeyErrors } from "./names.ts";
import type { Secret } from "./secret.ts";

const MOST_BYTES = 1024 * 1024;
const IMMUTABLE = "field is immutable when `immutable` is set";

/** The keys that each type of secret promises. */
const promisedKeys: Record<string, string[]> = {
  "kubernetes.io/dockercfg": [".dockercfg"],
  "kubernetes.io/dockerconfigjson": [".dockerconfigjson"],
  "kubernetes.io/ssh-auth": ["ssh-privatekey"],
  "kubernetes.io/tls": ["tls.crt", "tls.key"],
};

export function validateConfigMap({ data = {}, binaryData = {} }: ConfigMap): FieldError[] {
  const errors: FieldError[] = [];
  for (const key of Object.keys(data)) {
    errors.push(...keyErrors(`data[${key}]`, key));
    if (key in binaryData) {
      errors.push(invalidValue(`data[${key}]`, key, "duplicate of key present in binaryData"));
    }
  }
  for (const key of Object.keys(binaryData)) {
    errors.push(...keyErrors(`binaryData[${key}]`, key));
  }
  const bytes = textBytes(data) + decodedBytes(binaryData);
  if (bytes > MOST_BYTES) errors.push(tooLong("", MOST_BYTES));
  return errors;
}

export function validateConfigMapUpdate(map: ConfigMap, old: ConfigMap): FieldError[] {
  const errors = immutabilityErrors(map, old);
  if (old.immutable) {
    if (differ(map.data, old.data)) errors.push(forbidden("data", IMMUTABLE));
    if (differ(map.binaryData, old.binaryData)) errors.push(forbidden("binaryData", IMMUTABLE));
  }
  return errors;
}

export function validateSecret({ data = {}, type = "", metadata }: Secret): FieldError[] {
  const errors = Object.keys(data).flatMap((key) => keyErrors(`data[${key}]`, key));
  if (decodedBytes(data) > MOST_BYTES) errors.push(tooLong("data", MOST_BYTES));

  const account = "kubernetes.io/service-account.name";
  if (type === "kubernetes.io/service-account-token" && !metadata.annotations?.[account]) {
    errors.push(required(`metadata.annotations[${account}]`));
  }
  if (type === "kubernetes.io/basic-auth" && !("username" in data) && !("password" in data)) {
    errors.push(required("data[username]"), required("data[password]"));
  }
  const promised = Object.hasOwn(promisedKeys, type) ? promisedKeys[type]! : [];
  for (const key of promised) {
    const path = `data[${key}]`;
    const isDocker = key.startsWith(".docker");
    const isMissing = data[key] === undefined || (key === "ssh-privatekey" && data[key] === "");
    if (isMissing) errors.push(required(path));
    else if (isDocker) errors.push(...jsonErrors(path, data[key]!));
  }
  return errors;
}

export function validateSecretUpdate(secret: Secret, old: Secret): FieldError[] {
  const errors: FieldError[] = [];
  if (secret.type !== old.type) {
    errors.push(invalidValue("type", secret.type ?? "", "field is immutable"));
  }
  errors.push(...immutabilityErrors(secret, old));
  if (old.immutable && differ(secret.data, old.data)) errors.push(forbidden("data", IMMUTABLE));
  return errors;
}

function immutabilityErrors(obj: ConfigMap | Secret, old: ConfigMap | Secret): FieldError[] {
  return old.immutable && !obj.immutable ? [forbidden("immutable", IMMUTABLE)] : [];
}

function keyErrors(path: string, key: string): FieldError[] {
  return configKeyErrors(key).map((error) => invalidValue(path, key, error));
}

/** A JSON object, or null. Differs: what is no JSON is told in Go's words for the commonest mistakes alone. */
function jsonErrors(path: string, base64: string): FieldError[] {
  const text = Buffer.from(base64, "base64").toString("utf8");
  const why = whyNoObject(text);
  return why === undefined ? [] : [invalidValue(path, "<secret contents redacted>", why)];
}

function whyNoObject(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const what = Array.isArray(value) ? "array" : typeof value;
    if (what === "object") return undefined;
    const named = what === "boolean" ? "bool" : what;
    return `json: cannot unmarshal ${named} into Go value of type map[string]interface {}`;
  } catch (error) {
    const { message } = error as Error;
    const [, token] = /^Unexpected token '(.)'/u.exec(message) ?? [];
    if (token !== undefined) return `invalid character '${token}' looking for beginning of value`;
    return message.replace("Unexpected end", "unexpected end");
  }
}

function textBytes(data: Record<string, string>): number {
  return Object.values(data).reduce((sum, text) => sum + Buffer.byteLength(text), 0);
}

function decodedBytes(data: Record<string, string>): number {
  return Object.values(data).reduce((sum, text) => sum + Buffer.byteLength(text, "base64"), 0);
}

function differ(a: Record<string, string> = {}, b: Record<string, string> = {}): boolean {
  const keys = Object.keys(a);
  return keys.length !== Object.keys(b).length || keys.some((key) => a[key] !== b[key]);
}
