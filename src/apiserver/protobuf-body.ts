/**
 * Bodies in protobuf, which kubectl since 1.32 sends for what it makes from its own arguments
 * (`kubectl create namespace`). They are turned into JSON at the door, so that nothing behind it knows.
 *
 * The form: "k8s\0", then an envelope (runtime.Unknown) that names the kind and holds the object.
 *
 * In Kubernetes: staging/src/k8s.io/apimachinery/pkg/runtime/serializer/protobuf/protobuf.go. Differs: reads
 * only; answers are JSON, which every client that speaks protobuf takes as well.
 */
import protobuf from "protobufjs/minimal.js";
import { badRequest } from "../api/errors.ts";
import { type Schema, schemaNames, schemaOf } from "../api/schema.ts";
import type { ApiRequest } from "../client/transport.ts";
import { unsupportedBody } from "./decode.ts";
import { PROTOBUF_FIELDS } from "./protobuf-fields.ts";

const MAGIC = Buffer.from("k8s\0");
/** Of the others, two are groups, which Kubernetes has none of. */
const WIRE_TYPES: ReadonlySet<number> = new Set([0, 1, 2, 5]);
const STRING_KEY = 1;
const STRING_VALUE = 2;

const FIELDS = "io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1";

type Json = Record<string, unknown>;

/** The same request with its body as JSON. Throws a 400 or, for what is not in the table, a 415. */
export function withJsonBody(request: ApiRequest): ApiRequest {
  const body = Buffer.from(request.body ?? []);
  if (!body.subarray(0, MAGIC.length).equals(MAGIC)) {
    throw badRequest(
      "provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]",
    );
  }
  try {
    const object = readEnvelope(body.subarray(MAGIC.length));
    const headers = { ...request.headers, "content-type": "application/json" };
    return { ...request, headers, body: Buffer.from(JSON.stringify(object)) };
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof SyntaxError)) throw error;
    throw badRequest(`the body is not valid protobuf: ${error.message}`);
  }
}

function readEnvelope(bytes: Buffer): Json {
  let apiVersion = "";
  let kind = "";
  let raw: Uint8Array = Buffer.alloc(0);
  eachField(reader(bytes), (number, value) => {
    if (number === 1) {
      eachField(reader(value.bytes()), (inner, text) => {
        if (inner === 1) apiVersion = text.string();
        else if (inner === 2) kind = text.string();
        else return false;
        return true;
      });
    } else if (number === 2) raw = value.bytes();
    else return false;
    return true;
  });
  const name = typeNamed(apiVersion, kind);
  return { kind, apiVersion, ...readMessage(reader(raw), name) };
}

/** "v1", "Secret" -> the one type in the table that ends so. */
function typeNamed(apiVersion: string, kind: string): string {
  const [version = "", group = "core"] = apiVersion.split("/").reverse();
  const endings = [`.${group.split(".", 1)[0]}.${version}.${kind}`, `.meta.v1.${kind}`];
  const name = schemaNames().find(
    (one) => Object.hasOwn(PROTOBUF_FIELDS, one) && endings.some((end) => one.endsWith(end)),
  );
  if (name === undefined) throw unsupportedBody(["application/json", "application/yaml"]);
  return name;
}

function readMessage(from: protobuf.Reader, name: string): Json {
  const object: Json = {};
  readInto(object, from, name, schemaOf(name).properties ?? {});
  return object;
}

function readInto(
  object: Json,
  from: protobuf.Reader,
  name: string,
  properties: Record<string, Schema>,
): void {
  const fields = (PROTOBUF_FIELDS[name] ?? "").split(" ");
  eachField(from, (number, value) => {
    const listed = fields[number - 1] ?? "-";
    const field = listed.replace("*", "");
    if (listed.startsWith("+")) {
      readInto(object, reader(value.bytes()), listed.slice(1), properties);
      return true;
    }
    const schema = properties[field];
    if (schema === undefined) return false;
    readField(object, field, schema, value, listed.endsWith("*"));
    return true;
  });
}

function readField(
  object: Json,
  field: string,
  schema: Schema,
  value: protobuf.Reader,
  isPointer: boolean,
): void {
  if (schema.type === "array") {
    object[field] ??= [];
    (object[field] as unknown[]).push(readValue(schema.items!, value));
  } else if (schema.type === "map") {
    const [key, one] = readEntry(schema.items!, reader(value.bytes()));
    object[field] = { ...(object[field] as Json | undefined), [key]: one };
  } else {
    const one = readValue(schema, value);
    // Go writes out every field that is no pointer, though it hold nothing.
    const isNothing = one === "" || one === null || ((one === 0 || one === false) && !isPointer);
    if (!isNothing) object[field] = one;
  }
}

function readEntry(items: Schema, from: protobuf.Reader): [string, unknown] {
  let key = "";
  let value: unknown = "";
  eachField(from, (number, at) => {
    if (number === STRING_KEY) key = at.string();
    else if (number === STRING_VALUE) value = readValue(items, at);
    else return false;
    return true;
  });
  return [key, value];
}

function readValue(schema: Schema, value: protobuf.Reader): unknown {
  const { type, format, ref } = schema;
  if (format === "date-time" || format === "micro-time") return readTime(reader(value.bytes()));
  if (format === "int-or-string") return readIntOrString(reader(value.bytes()));
  if (format === "quantity") return readQuantity(reader(value.bytes()));
  if (format === "byte") return Buffer.from(value.bytes()).toString("base64");
  if (ref === FIELDS) return readFields(reader(value.bytes()));
  // Only as the value of a map: Go wraps the list in a message.
  if (type === "array") return readItems(schema.items!, reader(value.bytes()));
  if (type === "integer") return Number(value.int64());
  if (type === "boolean") return value.bool();
  if (type === "string") return value.string();
  if (type === "object" && ref !== undefined) return readMessage(reader(value.bytes()), ref);
  throw unsupportedBody(["application/json", "application/yaml"]);
}

function readItems(items: Schema, from: protobuf.Reader): unknown[] {
  const list: unknown[] = [];
  eachField(from, (number, value) => {
    if (number === 1) list.push(readValue(items, value));
    return number === 1;
  });
  return list;
}

/** Which fields a manager has is JSON within. */
function readFields(from: protobuf.Reader): unknown {
  let fields: unknown = {};
  eachField(from, (number, value) => {
    if (number === 1) fields = JSON.parse(Buffer.from(value.bytes()).toString());
    return number === 1;
  });
  return fields;
}

/** Seconds since 1970; a time that is not set is an empty message. */
function readTime(from: protobuf.Reader): string | null {
  let seconds: number | undefined;
  eachField(from, (number, value) => {
    if (number === 1) seconds = Number(value.int64());
    return number === 1;
  });
  if (seconds === undefined) return null;
  return new Date(seconds * 1000).toISOString().replace(/\.\d+Z$/, "Z");
}

function readIntOrString(from: protobuf.Reader): number | string {
  let isString = false;
  let int = 0;
  let text = "";
  eachField(from, (number, value) => {
    if (number === 1) isString = Number(value.int64()) === 1;
    else if (number === 2) int = Number(value.int64());
    else if (number === 3) text = value.string();
    else return false;
    return true;
  });
  return isString ? text : int;
}

function readQuantity(from: protobuf.Reader): string {
  let text = "";
  eachField(from, (number, value) => {
    if (number === 1) text = value.string();
    return number === 1;
  });
  return text;
}

/** Calls `read` for each field; what it does not take is passed over. */
function eachField(
  from: protobuf.Reader,
  read: (number: number, value: protobuf.Reader) => boolean,
): void {
  while (from.pos < from.len) {
    const tag = from.uint32();
    const wireType = tag & 7;
    if (!WIRE_TYPES.has(wireType)) throw new SyntaxError(`proto: illegal wireType ${wireType}`);
    if (!read(tag >>> 3, from)) from.skipType(wireType);
  }
}

function reader(bytes: Uint8Array): protobuf.Reader {
  return protobuf.Reader.create(bytes);
}
