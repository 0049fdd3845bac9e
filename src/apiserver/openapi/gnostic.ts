/**
 * OpenAPI v2 as protobuf: the form in which kubectl downloads it (older ones take no other). Maps
 * become lists of names and values, and extensions text in YAML, of which JSON is a part.
 *
 * In Kubernetes: kube-openapi/pkg/handler (ToGnostic).
 */
import protobuf from "protobufjs/light.js";
import type { Json } from "./definitions.ts";
import { gnosticDescriptor } from "./gnostic-messages.ts";

const PLACES = ["body", "path", "query"];

let root: protobuf.Root | undefined;

export function encodeV2(document: Json): Buffer {
  root ??= protobuf.Root.fromJSON(gnosticDescriptor());
  const type = root.lookupType("openapi.v2.Document");
  const message = {
    swagger: document.swagger,
    info: document.info,
    paths: { path: named(document.paths, pathItem) },
    definitions: { additional_properties: named(document.definitions, schema) },
  };
  return Buffer.from(type.encode(type.fromObject(message)).finish());
}

/** A map as the list of its entries. */
function named(map: unknown, convert: (value: Json) => Json) {
  return Object.entries((map ?? {}) as Record<string, Json>).map(([name, value]) => ({
    name,
    value: convert(value),
  }));
}

function pathItem({ parameters, ...methods }: Json): Json {
  const operations = Object.entries(methods).map(([name, one]) => [name, operation(one as Json)]);
  return { ...Object.fromEntries(operations), parameters: parametersOf(parameters) };
}

function operation(one: Json): Json {
  return {
    description: one.description,
    operation_id: one.operationId,
    produces: one.produces,
    consumes: one.consumes,
    parameters: parametersOf(one.parameters),
    responses: { response_code: named(one.responses, response) },
    vendor_extension: extensionsOf(one),
  };
}

function response(one: Json): Json {
  const content = one.schema && { schema: { schema: schema(one.schema as Json) } };
  return { response: { description: one.description, ...(content as Json) } };
}

/** Those in headers and forms have no message here. */
function parametersOf(parameters: unknown): Json[] {
  const known = ((parameters ?? []) as Json[]).filter((one) => PLACES.includes(one.in as string));
  return known.map(parameter);
}

function parameter(one: Json): Json {
  if (one.in === "body") {
    return { parameter: { body_parameter: { ...one, schema: schema(one.schema as Json) } } };
  }
  const kind = one.in === "query" ? "query_parameter_sub_schema" : "path_parameter_sub_schema";
  const { uniqueItems, ...rest } = one;
  return { parameter: { non_body_parameter: { [kind]: { ...rest, unique_items: uniqueItems } } } };
}

function schema(one: Json): Json {
  return {
    ...(one.$ref ? { _ref: one.$ref } : {}),
    ...(one.format ? { format: one.format } : {}),
    ...(one.description ? { description: one.description } : {}),
    ...(one.required ? { required: one.required } : {}),
    ...(one.type ? { type: { value: [one.type].flat() } } : {}),
    ...(one.items ? { items: { schema: [one.items as Json].flat().map(schema) } } : {}),
    ...(one.additionalProperties ? { additional_properties: values(one) } : {}),
    ...(one.properties
      ? { properties: { additional_properties: named(one.properties, schema) } }
      : {}),
    vendor_extension: extensionsOf(one),
  };
}

function values({ additionalProperties: one }: Json): Json {
  return one === true ? { boolean: true } : { schema: schema(one as Json) };
}

function extensionsOf(one: Json) {
  return Object.entries(one)
    .filter(([name]) => name.startsWith("x-"))
    .map(([name, value]) => ({ name, value: { yaml: `${JSON.stringify(value)}\n` } }));
}
