/**
 * Decoding: from the bytes of a request to an object of the API, or to the error that Kubernetes
 * would answer. What it returns has only fields that its schema knows.
 *
 * Three things are checked, in this order: that the bytes are JSON or YAML, that the object is of
 * the kind the path asks for (what it does not say is taken from the path), and that every field is
 * known and of its type. What `fieldValidation=Warn` (the default) warns of, `Strict` refuses and
 * `Ignore` passes over.
 *
 * In Kubernetes: apiserver/pkg/endpoints/handlers/create.go (transformDecodeError in rest.go),
 * apimachinery/pkg/runtime/serializer/json/json.go. Differs: no protobuf.
 */
import { badRequest, unsupportedMediaType } from "../api/errors.ts";
import { apiVersionOf, type Kind, type KubeObject } from "../api/kind.ts";
import { fieldOf, type Schema, schemaOf } from "../api/schema.ts";
import { toCustomObject } from "./decode/custom-object.ts";
import { JsonError, readJson } from "./decode/json-reader.ts";
import { type ActualKind, notRegistered, whyNotOfKind } from "./decode/known-kinds.ts";
import { TypeMismatchError } from "./decode/type-mismatch.ts";
import { isObject, toTypedValue } from "./decode/typed-value.ts";
import { readYaml, YamlError } from "./decode/yaml-reader.ts";

export type FieldValidation = "Ignore" | "Warn" | "Strict";

/** What decoding has to know of a kind; a Kind fits. `schema` is "" for objects of free form. */
export type DecodedKind = ActualKind & Pick<Kind, "schema" | "custom">;

export interface Decoded<T = KubeObject> {
  object: T;
  /** For `Warning:` headers; always empty but with fieldValidation=Warn. */
  warnings: string[];
}

interface Parsed {
  value: unknown;
  duplicates: WeakMap<object, Set<string>> | undefined;
  strictErrors: string[];
}

const ACCEPTED = ["application/json", "application/yaml"];
/** Has been made JSON before it comes here (protobuf-body.ts), for kinds that have a Go type. */
const PROTOBUF = "application/vnd.kubernetes.protobuf";

/** Throws an ApiError: 415, or 400 with the sentence of the original. */
export function decodeBody<T = KubeObject>(
  body: Buffer,
  contentType: string | undefined,
  kind: DecodedKind,
  fieldValidation: FieldValidation = "Warn",
): Decoded<T> {
  const mediaType = mediaTypeOf(contentType, kind.custom === undefined);
  const parsed = parse(body, mediaType, kind, fieldValidation !== "Ignore");
  const { value, duplicates } = parsed;
  const actual = interpret(value, body, kind);
  const refuse = (why: string) =>
    badRequest(
      `${actual.kind} in version "${actual.version}" cannot be handled as a ${kind.kind}: ${why}`,
    );
  checkKind(actual, kind, refuse);
  try {
    const typed = toTypedValue(value ?? {}, schemaFor(kind), duplicates);
    const custom = kind.custom && toCustomObject(typed.value, actual, kind.custom);
    const object = custom ? (custom.object as T) : asObject<T>(typed.value, kind);
    const strictErrors = [
      ...parsed.strictErrors,
      ...typed.strictErrors,
      ...(custom?.strictErrors ?? []),
    ];
    if (fieldValidation === "Strict" && strictErrors.length > 0) {
      throw refuse(`strict decoding error: ${strictErrors.join(", ")}`);
    }
    return { object, warnings: fieldValidation === "Warn" ? strictErrors : [] };
  } catch (error) {
    if (error instanceof TypeMismatchError) throw refuse(error.message);
    throw error;
  }
}

/**
 * As Go's structs are: the kind said, metadata and spec there even if nobody gave them. `value` is
 * what toTypedValue returned.
 */
export function asObject<T>(value: unknown, kind: DecodedKind): T {
  const { kind: _, apiVersion: __, ...fields } = value as Record<string, unknown>;
  const object: Record<string, unknown> = { kind: kind.kind, apiVersion: apiVersionOf(kind) };
  for (const field of ["metadata", "spec"]) {
    if (fieldOf(schemaFor(kind), field)?.type === "object") object[field] = {};
  }
  return Object.assign(object, fields) as T;
}

/** A DeleteOptions calls itself of whichever group the client likes. No body: no wishes. */
export function decodeDeleteOptions<T>(body: Buffer, contentType: string | undefined): T {
  if (body.length === 0) return {} as T;
  const kind: DecodedKind = {
    group: "",
    version: "v1",
    kind: "DeleteOptions",
    schema: DELETE_OPTIONS,
  };
  const { value } = parse(body, mediaTypeOf(contentType, true), kind, false);
  const actual = interpret(value, body, kind);
  if (actual.kind !== kind.kind) {
    throw badRequest(notRegistered(actual));
  }
  return decodeBody<T>(body, contentType, { ...kind, ...actual }, "Ignore").object;
}

const DELETE_OPTIONS = "io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions";
const FREE_FORM: Schema = { type: "any" };

/** `application/json; charset=utf-8` -> `application/json`. Nothing said means JSON. */
function mediaTypeOf(contentType: string | undefined, hasProtobuf: boolean): string {
  if (contentType === undefined || contentType === "") return "application/json";
  const mediaType = contentType.split(";", 1)[0]!.trim().toLowerCase();
  if (!ACCEPTED.includes(mediaType)) {
    throw unsupportedBody(hasProtobuf ? [...ACCEPTED, PROTOBUF] : ACCEPTED);
  }
  return mediaType;
}

/** 415, listing what would do. */
export function unsupportedBody(accepted: readonly string[]) {
  return unsupportedMediaType(
    "the body of the request was in an unknown format - accepted media types include: " +
      accepted.join(", "),
  );
}

function parse(body: Buffer, mediaType: string, kind: DecodedKind, isStrict: boolean): Parsed {
  try {
    if (mediaType === "application/yaml") {
      const { value, duplicateKeys } = readYaml(body);
      const strictErrors = isStrict && duplicateKeys !== undefined ? [duplicateKeys] : [];
      return { value, duplicates: undefined, strictErrors };
    }
    return { ...readJson(body, isStrict), strictErrors: [] };
  } catch (error) {
    if (error instanceof JsonError) {
      throw unrecognized(kind, `${NO_KIND}${error.message}`, body);
    }
    if (error instanceof YamlError) throw unrecognized(kind, error.message, body);
    throw error;
  }
}

const NO_KIND = "couldn't get version/kind; json parse error: ";
const KIND_STRUCT =
  'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';

/** Of what kind the object says it is; what it leaves out is what is expected. */
function interpret(value: unknown, body: Buffer, expected: DecodedKind): ActualKind {
  const wrong = (what: string) =>
    unrecognized(expected, `${NO_KIND}json: cannot unmarshal ${what}`, body);
  if (value !== null && !isObject(value))
    throw wrong(`${typeNameOf(value)} into Go value of type ${KIND_STRUCT}`);
  const say = (field: string) => {
    const said = value?.[field] ?? "";
    if (typeof said === "string") return said;
    throw wrong(`${typeNameOf(said)} into Go struct field .${field} of type string`);
  };
  const apiVersion = say("apiVersion");
  const parts = apiVersion.split("/");
  if (parts.length > 2) {
    throw unrecognized(expected, `unexpected GroupVersion string: ${apiVersion}`, body);
  }
  const kind = say("kind");
  if (expected.schema === "") checkIsComplete(kind, apiVersion, expected, body);
  const [group, version] = parts.length === 2 ? (parts as [string, string]) : ["", apiVersion];
  const named = { kind: kind || expected.kind, group, version };
  const isSilent = version === "" && (group === "" || group === expected.group);
  return isSilent ? { ...named, group: expected.group, version: expected.version } : named;
}

/** What has no Go type must say itself what it is. */
function checkIsComplete(kind: string, apiVersion: string, expected: DecodedKind, body: Buffer) {
  if (kind === "") throw unrecognized(expected, `Object 'Kind' is missing in '${body}'`, body);
  if (apiVersion === "") {
    throw unrecognized(expected, `Object 'apiVersion' is missing in '${body}'`, body);
  }
}

function checkKind(
  actual: ActualKind,
  expected: DecodedKind,
  refuse: (why: string) => Error,
): void {
  // Of a custom kind, validation says so.
  const why = expected.custom === undefined ? whyNotOfKind(actual, expected) : undefined;
  if (why !== undefined) throw refuse(why);
  if (actual.group === expected.group && actual.version === expected.version) return;
  throw badRequest(
    `the API version in the data (${apiVersionOf(actual)}) does not match the expected API version (${apiVersionOf(expected)})`,
  );
}

function unrecognized(kind: DecodedKind, why: string, body: Buffer) {
  return badRequest(
    `the object provided is unrecognized (must be of type ${kind.kind}): ${why} (${summaryOf(body)})`,
  );
}

const SUMMARY_BYTES = 30;

/** The beginning of what was sent: as it is if it looks like JSON, else in hexadecimal. */
function summaryOf(body: Buffer): string {
  if (body.length === 0) return "<empty>";
  const encoding = body[0] === 0x7b ? "utf8" : "hex";
  const more = body.length > SUMMARY_BYTES ? " ..." : "";
  return body.subarray(0, SUMMARY_BYTES).toString(encoding) + more;
}

function typeNameOf(value: unknown): string {
  if (Array.isArray(value)) return "array";
  return typeof value === "boolean" ? "bool" : typeof value;
}

function schemaFor(kind: DecodedKind): Schema {
  return kind.schema === "" ? FREE_FORM : schemaOf(kind.schema);
}
