/**
 * Objects of a declared kind that its schema refuses, as kube-openapi/pkg/validation/validate words it: each row
 * is a schema of "spec", what stands there, and the causes.
 */
export type CustomRefusal = [schema: object, spec: unknown, causes: string[]];

const object = (properties: object, more: object = {}) => ({ type: "object", properties, ...more });
const list = (items: object, more: object = {}) => ({ type: "array", items, ...more });
const keyed = list(object({ a: { type: "string" } }, { required: ["a"] }), {
  "x-kubernetes-list-type": "map",
  "x-kubernetes-list-map-keys": ["a"],
});
const embedded = {
  type: "object",
  "x-kubernetes-embedded-resource": true,
  "x-kubernetes-preserve-unknown-fields": true,
};

export const customRefusals: [why: string, ...CustomRefusal][] = [
  // typeValidator
  [
    "a type",
    { type: "string" },
    1,
    ['spec: Invalid value: "integer": spec in body must be of type string: "integer"'],
  ],
  [
    "a type below",
    object({ a: { type: "boolean" } }),
    { a: "yes" },
    ['spec.a: Invalid value: "string": spec.a in body must be of type boolean: "string"'],
  ],
  [
    // One that is a property is dropped before: PruneNonNullableNullsWithoutDefaults.
    "a null in a list",
    object({ a: { type: "array", items: { type: "string" } } }),
    { a: ["b", null] },
    ['spec.a[1]: Invalid value: "null": spec.a[1] in body must be of type string: "null"'],
  ],
  [
    "a number with a format",
    object({ a: { type: "integer", format: "int64" } }),
    { a: true },
    ['spec.a: Invalid value: "": spec.a in body must be of type int64: ""'],
  ],
  [
    "an int-or-string",
    object({ a: { "x-kubernetes-int-or-string": true } }),
    { a: true },
    ['spec.a: Invalid value: "boolean": spec.a in body must be of type integer,string: "boolean"'],
  ],
  // stringValidator: the first fault
  [
    "a length",
    object({ a: { type: "string", maxLength: 2, pattern: "^x" } }),
    { a: "abc" },
    ["spec.a: Too long: may not be longer than 2"],
  ],
  [
    "a shortness, before the pattern",
    object({ a: { type: "string", minLength: 3, pattern: "^x" } }),
    { a: "a" },
    ['spec.a: Invalid value: "a": spec.a in body should be at least 3 chars long'],
  ],
  [
    "a pattern",
    object({ a: { type: "string", pattern: "^x" } }),
    { a: "a" },
    ["spec.a: Invalid value: \"a\": spec.a in body should match '^x'"],
  ],
  [
    "a format",
    object({ a: { type: "string", format: "ipv4" } }),
    { a: "b" },
    ['spec.a: Invalid value: "b": spec.a in body must be of type ipv4: "b"'],
  ],
  // numberValidator
  [
    "a minimum",
    object({ a: { type: "integer", minimum: 3 } }),
    { a: 2 },
    ["spec.a: Invalid value: 2: spec.a in body should be greater than or equal to 3"],
  ],
  [
    "an exclusive maximum",
    object({ a: { type: "integer", maximum: 3, exclusiveMaximum: true } }),
    { a: 3 },
    ["spec.a: Invalid value: 3: spec.a in body should be less than 3"],
  ],
  [
    "a factor",
    object({ a: { type: "integer", multipleOf: 5 } }),
    { a: 3 },
    ["spec.a: Invalid value: 3: spec.a in body should be a multiple of 5"],
  ],
  [
    "a width",
    object({ a: { type: "integer", format: "int32" } }),
    { a: 3_000_000_000 },
    ['<nil>: Invalid value: "": Checked value must be of type integer with format int32 in spec.a'],
  ],
  // basicCommonValidator
  [
    "an enum",
    object({ a: { type: "string", enum: ["x", "y"] } }),
    { a: "z" },
    ['spec.a: Unsupported value: "z": supported values: "x", "y"'],
  ],
  // schemaSliceValidator: the elements first
  [
    "too few elements, and a wrong one",
    object({ a: list({ type: "string" }, { minItems: 2 }) }),
    { a: [1] },
    [
      'spec.a[0]: Invalid value: "integer": spec.a[0] in body must be of type string: "integer"',
      "spec.a: Invalid value: 1: spec.a in body should have at least 2 items",
    ],
  ],
  [
    "too many elements",
    object({ a: list({ type: "string" }, { maxItems: 1 }) }),
    { a: ["a", "b"] },
    ["spec.a: Too many: 2: must have at most 1 item"],
  ],
  // objectValidator: what is there first, then what is not
  [
    "what is required, after what is wrong",
    object({ a: { type: "string" }, b: { type: "string" } }, { required: ["b"] }),
    { a: 1 },
    [
      'spec.a: Invalid value: "integer": spec.a in body must be of type string: "integer"',
      "spec.b: Required value",
    ],
  ],
  [
    "too few properties, and nothing else",
    object({ a: { type: "string" } }, { minProperties: 2 }),
    { a: 1 },
    ["spec: Invalid value: 1: spec in body should have at least 2 properties"],
  ],
  [
    "too many properties",
    { type: "object", additionalProperties: { type: "string" }, maxProperties: 1 },
    { a: "a", b: "b" },
    ["spec: Too many: 2: must have at most 1 item"],
  ],
  // schemaPropsValidator
  [
    "none of several: the first is told",
    object({ a: { type: "integer", anyOf: [{ minimum: 9 }, { maximum: 1 }] } }),
    { a: 5 },
    [
      '<nil>: Invalid value: "": "spec.a" must validate at least one schema (anyOf)',
      "spec.a: Invalid value: 5: spec.a in body should be greater than or equal to 9",
    ],
  ],
  [
    "two of one",
    object({ a: { type: "integer", oneOf: [{ minimum: 1 }, { minimum: 2 }] } }),
    { a: 5 },
    [
      '<nil>: Invalid value: "": "spec.a" must validate one and only one schema (oneOf). Found 2 valid alternatives',
    ],
  ],
  [
    "one of all",
    object({ a: { type: "integer", allOf: [{ minimum: 9 }, { minimum: 1 }] } }),
    { a: 5 },
    [
      "spec.a: Invalid value: 5: spec.a in body should be greater than or equal to 9",
      '<nil>: Invalid value: "": "spec.a" must validate all the schemas (allOf)',
    ],
  ],
  [
    "a not",
    object({ a: { type: "integer", not: { minimum: 1 } } }),
    { a: 5 },
    ['<nil>: Invalid value: "": "spec.a" must not validate the schema (not)'],
  ],
  // ValidateListSetsAndMaps: after all else, and each only once
  [
    "a set with one thing thrice",
    object({
      a: list({ type: "string" }, { "x-kubernetes-list-type": "set" }),
      b: { type: "string" },
    }),
    { a: ["x", "x", "x"], b: 1 },
    [
      'spec.b: Invalid value: "integer": spec.b in body must be of type string: "integer"',
      'spec.a[1]: Duplicate value: "x"',
    ],
  ],
  [
    "a map with one key twice",
    object({ a: keyed }),
    { a: [{ a: "x" }, { a: "y" }, { a: "x" }] },
    ['spec.a[2]: Duplicate value: map[string]interface {}{"a":"x"}'],
  ],
  // objectmeta.Validate
  [
    "an embedded object that says nothing of itself",
    object({ a: embedded }),
    { a: {} },
    [
      "spec.a.apiVersion: Required value: must not be empty",
      "spec.a.kind: Required value: must not be empty",
    ],
  ],
  [
    "an embedded object with odd names",
    object({ a: embedded }),
    { a: { apiVersion: "a/b/c", kind: "", metadata: { name: "x/y" } } },
    [
      'spec.a.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c',
      'spec.a.kind: Invalid value: "": must not be empty',
      "spec.a.metadata.name: Invalid value: \"x/y\": may not contain '/'",
    ],
  ],
];
