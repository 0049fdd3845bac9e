/**
 * Applying a patch: from a PATCH request's body and the object as it is to the object as it is to
 * be, or to the error that Kubernetes would answer. What the patch made of the object is decoded
 * anew, so that it has only known fields, each of its type.
 *
 * Server-side apply, the fourth kind of patch, is in apply/.
 *
 * In Kubernetes: apiserver/pkg/endpoints/handlers/patch.go
 */
import type { Operation } from "fast-json-patch";
import { ApiError, badRequest, invalid } from "../../api/errors.ts";
import { invalidValue } from "../../api/field-error.ts";
import type { KubeObject } from "../../api/kind.ts";
import { schemaOf } from "../../api/schema.ts";
import { toCustomObject } from "../decode/custom-object.ts";
import { JsonError, type ReadJson, readJson } from "../decode/json-reader.ts";
import { whyNotOfKind } from "../decode/known-kinds.ts";
import { TypeMismatchError } from "../decode/type-mismatch.ts";
import { isObject, toTypedValue } from "../decode/typed-value.ts";
import {
  asObject,
  type Decoded,
  type DecodedKind,
  type FieldValidation,
  unsupportedBody,
} from "../decode.ts";
import { APPLY_PATCH } from "../write-options.ts";
import { leftOver } from "./directives.ts";
import { marshalled, printed } from "./go-print.ts";
import { checkOperations, jsonPatch } from "./json-patch.ts";
import { mergePatch } from "./merge-patch.ts";
import { strategicMergePatch } from "./strategic-merge-patch.ts";

export const JSON_PATCH = "application/json-patch+json";
export const MERGE_PATCH = "application/merge-patch+json";
export const STRATEGIC_MERGE_PATCH = "application/strategic-merge-patch+json";

/** What came of a patch, and how its errors show it. */
interface Patched {
  value: unknown;
  strictErrors: string[];
  /** What the error about it quotes: the object that came of it, or the patch. */
  shown(): string;
}

/** Throws an ApiError. `current` is not changed. */
export function applyPatch<T extends KubeObject>(
  contentType: string | undefined,
  patch: Buffer,
  current: T,
  kind: DecodedKind,
  fieldValidation: FieldValidation = "Warn",
): Decoded<T> {
  const type = patchTypeOf(contentType, kind);
  const patched = patchWith(type, patch, current, kind, fieldValidation !== "Ignore");
  const refuse = (why: string) =>
    invalid({ group: "", kind: "" }, "", [invalidValue("patch", patched.shown(), why)]);
  const strictErrors = [...patched.strictErrors];
  let object: T;
  try {
    const schema = kind.schema === "" ? ({ type: "any" } as const) : schemaOf(kind.schema);
    const wording = type === STRATEGIC_MERGE_PATCH ? "unstructured" : "json";
    if (kind.custom === undefined) checkKind(patched.value, kind);
    const typed = toTypedValue(patched.value, schema, undefined, wording);
    strictErrors.push(...typed.strictErrors);
    if (kind.custom === undefined) object = asObject<T>(typed.value, kind);
    else {
      const custom = toCustomObject(typed.value, kindSaid(typed.value), kind.custom);
      strictErrors.push(...custom.strictErrors);
      object = custom.object as T;
    }
  } catch (error) {
    if (error instanceof TypeMismatchError) throw refuse(error.message);
    throw error;
  }
  if (fieldValidation === "Strict" && strictErrors.length > 0) {
    throw refuse(`strict decoding error: ${strictErrors.join(", ")}`);
  }
  return { object, warnings: fieldValidation === "Warn" ? strictErrors : [] };
}

/** The kinds of patch that objects of `kind` take; what has no Go type has no merge keys. */
export function patchTypesOf(kind: DecodedKind): string[] {
  const strategic = kind.schema === "" ? [] : [STRATEGIC_MERGE_PATCH];
  return [JSON_PATCH, MERGE_PATCH, ...strategic, APPLY_PATCH];
}

/** What is built in is refused by the original's router, in its words; the rest by the handler. */
function patchTypeOf(contentType: string | undefined, kind: DecodedKind): string {
  const type = (contentType ?? "").split(";", 1)[0]!.trim();
  const supported = patchTypesOf(kind);
  // An application has been taken care of before (apply/apply-request.ts).
  if (type !== APPLY_PATCH && supported.includes(type)) return type;
  if (kind.schema === "") throw unsupportedBody(supported);
  throw new ApiError(415, "UnsupportedMediaType", "415: Unsupported Media Type", {});
}

function patchWith(
  type: string,
  body: Buffer,
  current: KubeObject,
  kind: DecodedKind,
  isStrict: boolean,
): Patched {
  const read = readPatch(body, type, isStrict);
  if (type === JSON_PATCH) {
    const strictErrors = checkOperations(read.value, read.duplicates);
    const value = jsonPatch(structuredClone(current), (read.value ?? []) as Operation[]);
    return { value, strictErrors, shown: () => marshalled(value) };
  }
  const patch = patchObject(read.value, type);
  const { strictErrors } = toTypedValue(patch, { type: "any" }, read.duplicates);
  if (type === MERGE_PATCH) {
    const value = mergePatch(current, patch);
    return { value, strictErrors, shown: () => marshalled(value) };
  }
  const fields = current as unknown as Record<string, unknown>;
  const value = strategicMergePatch(fields, patch, schemaOf(kind.schema));
  return { value, strictErrors, shown: () => printed(leftOver(patch)) };
}

function readPatch(body: Buffer, type: string, isStrict: boolean): ReadJson {
  try {
    return readJson(body, isStrict);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw undecodable(error.message, type);
  }
}

function patchObject(value: unknown, type: string): Record<string, unknown> {
  if (value === null) return {};
  if (isObject(value)) return value;
  const name = Array.isArray(value) ? "array" : typeof value === "boolean" ? "bool" : typeof value;
  const why = `json: cannot unmarshal ${name} into Go value of type map[string]interface {}`;
  throw undecodable(why, type);
}

function undecodable(why: string, type: string) {
  return badRequest(type === STRATEGIC_MERGE_PATCH ? why : `error decoding patch: ${why}`);
}

/** A patch may not make another kind of an object. */
function checkKind(value: unknown, kind: DecodedKind): void {
  const why = whyNotOfKind(kindSaid(value), kind);
  if (why !== undefined) throw new TypeMismatchError(why);
}

function kindSaid(value: unknown) {
  if (!isObject(value)) throw new TypeMismatchError("Object 'Kind' is missing in 'null'");
  const apiVersion = textOf(value.apiVersion);
  const [version = "", group = ""] = apiVersion.split("/").reverse();
  return { group, version, kind: textOf(value.kind) };
}

/** What is no text is told by what reads the fields. */
function textOf(value: unknown): string {
  return typeof value === "object" ? "" : String(value ?? "");
}
