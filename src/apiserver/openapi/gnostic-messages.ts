/**
 * The protobuf messages that OpenAPI v2 travels in, as far as our documents use them: field names
 * and numbers of the package openapi.v2. What a document does not contain is left out.
 *
 * In Kubernetes: github.com/google/gnostic-models/openapiv2 (OpenAPIv2.proto).
 */

/** `name: "number type"`, with `[]` before the type of a repeated field. */
const MESSAGES: Record<string, Record<string, string>> = {
  AdditionalPropertiesItem: { schema: "1 Schema", boolean: "2 bool" },
  Any: { yaml: "2 string" },
  BodyParameter: {
    name: "2 string",
    in: "3 string",
    required: "4 bool",
    schema: "5 Schema",
  },
  Definitions: { additional_properties: "1 []NamedSchema" },
  Document: {
    swagger: "1 string",
    info: "2 Info",
    paths: "8 Paths",
    definitions: "9 Definitions",
  },
  Info: { title: "1 string", version: "2 string" },
  ItemsItem: { schema: "1 []Schema" },
  NamedAny: { name: "1 string", value: "2 Any" },
  NamedPathItem: { name: "1 string", value: "2 PathItem" },
  NamedResponseValue: { name: "1 string", value: "2 ResponseValue" },
  NamedSchema: { name: "1 string", value: "2 Schema" },
  NonBodyParameter: {
    query_parameter_sub_schema: "3 QueryParameterSubSchema",
    path_parameter_sub_schema: "4 PathParameterSubSchema",
  },
  Operation: {
    description: "3 string",
    operation_id: "5 string",
    produces: "6 []string",
    consumes: "7 []string",
    parameters: "8 []ParametersItem",
    responses: "9 Responses",
    vendor_extension: "13 []NamedAny",
  },
  Parameter: { body_parameter: "1 BodyParameter", non_body_parameter: "2 NonBodyParameter" },
  ParametersItem: { parameter: "1 Parameter" },
  PathItem: {
    get: "2 Operation",
    put: "3 Operation",
    post: "4 Operation",
    delete: "5 Operation",
    patch: "8 Operation",
    parameters: "9 []ParametersItem",
  },
  PathParameterSubSchema: {
    required: "1 bool",
    in: "2 string",
    description: "3 string",
    name: "4 string",
    type: "6 string",
    unique_items: "19 bool",
  },
  Paths: { path: "2 []NamedPathItem" },
  Properties: { additional_properties: "1 []NamedSchema" },
  QueryParameterSubSchema: {
    in: "2 string",
    description: "3 string",
    name: "4 string",
    type: "6 string",
    unique_items: "20 bool",
  },
  Response: { description: "1 string", schema: "2 SchemaItem" },
  ResponseValue: { response: "1 Response" },
  Responses: { response_code: "1 []NamedResponseValue" },
  Schema: {
    _ref: "1 string",
    format: "2 string",
    description: "4 string",
    required: "19 []string",
    additional_properties: "21 AdditionalPropertiesItem",
    type: "22 TypeItem",
    items: "23 ItemsItem",
    properties: "25 Properties",
    vendor_extension: "31 []NamedAny",
  },
  SchemaItem: { schema: "1 Schema" },
  TypeItem: { value: "1 []string" },
};

/** As protobufjs takes it. */
export function gnosticDescriptor() {
  const nested = Object.fromEntries(
    Object.entries(MESSAGES).map(([name, fields]) => [name, { fields: fieldsOf(fields) }]),
  );
  return { nested: { openapi: { nested: { v2: { nested } } } } };
}

function fieldsOf(fields: Record<string, string>) {
  return Object.fromEntries(
    Object.entries(fields).map(([field, spelled]) => {
      const [id, type] = spelled.split(" ") as [string, string];
      const isRepeated = type.startsWith("[]");
      const plain = { id: Number(id), type: type.replace("[]", "") };
      return [field, isRepeated ? { ...plain, rule: "repeated" } : plain];
    }),
  );
}
