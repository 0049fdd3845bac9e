/**
 * PATCH with application/apply-patch+yaml: server-side apply, as a change the registry can apply, and
 * where another was quicker apply again.
 *
 * In Kubernetes: applyPatcher in apiserver/pkg/endpoints/handlers/patch.go
 */
import { badRequest, conflict } from "../../api/errors.ts";
import type { Kind, KubeObject } from "../../api/kind.ts";
import { JsonError, readJson } from "../decode/json-reader.ts";
import { isObject } from "../decode/typed-value.ts";
import { readYaml, YamlError } from "../decode/yaml-reader.ts";
import type { FieldValidation } from "../decode.ts";
import type { Change } from "../registry.ts";
import { bodyOf, type Call } from "../resource-handler.ts";
import { applyConfig } from "./application.ts";

/** What the request wants applied, and whether also against others. */
export function appliedBy(
  kind: Kind,
  subresource: string,
  call: Call,
  options: { manager: string; now: string; fieldValidation: FieldValidation },
): Change {
  const config = configOf(call, options.fieldValidation);
  const { manager, now } = options;
  const author = { manager, now };
  const application = { kind, subresource, config, author, isForced: isForced(call) };
  return (current) => {
    const applied = applyConfig(application, current);
    if (current === undefined) refuseUid(kind, applied);
    return applied;
  };
}

/** Whoever says a uid means an object that is there. */
function refuseUid(kind: Kind, { metadata }: KubeObject): void {
  const { name, uid } = metadata;
  if (!uid) return;
  const why = `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`;
  throw conflict(kind, name, why);
}

/** Whether fields are to be taken from their owners. As Go's ParseBool reads it. */
export function isForced({ info }: Call): boolean {
  return ["1", "t", "T", "true", "TRUE", "True"].includes(info.query.get("force") ?? "");
}

/** The body, which is YAML; JSON is too, and read the quicker way. */
export function configOf(call: Call, fieldValidation: FieldValidation): Record<string, unknown> {
  const body = bodyOf(call.request);
  const value = quickly(body) ?? read(body, call, fieldValidation);
  if (value === null) return {};
  if (isObject(value)) return value;
  const type = Array.isArray(value) ? "array" : typeof value === "boolean" ? "bool" : typeof value;
  throw badRequest(
    `error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${type} into Go value of type map[string]interface {}`,
  );
}

/** Undefined where it is no JSON, or has a key twice, of which more is to be said. */
function quickly(body: Buffer): unknown {
  if (body[0] !== 0x7b) return undefined;
  try {
    const { value, duplicates } = readJson(body, true);
    return duplicates === undefined ? value : undefined;
  } catch (error) {
    if (error instanceof JsonError) return undefined;
    throw error;
  }
}

function read(body: Buffer, { warnings }: Call, fieldValidation: FieldValidation): unknown {
  try {
    const { value, duplicateKeys } = readYaml(body);
    if (duplicateKeys === undefined || fieldValidation === "Ignore") return value;
    const why = `error converting YAML to JSON: ${duplicateKeys}`;
    if (fieldValidation === "Strict") throw badRequest(`error strict decoding YAML: ${why}`);
    warnings.push(why);
    return value;
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    throw badRequest(`error decoding YAML: error converting YAML to JSON: ${error.message}`);
  }
}
