/** What the schema of a definition makes of objects: defaults, pruning, verdicts. */
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { customKind } from "../../../src/api/apiextensions/custom-kind.ts";
import { CustomResourceDefinition } from "../../../src/api/apiextensions/custom-resource-definition.ts";
import { loadRules } from "../../../src/api/apiextensions/rules.ts";
import { schemaOfVersion } from "../../../src/api/apiextensions/schema-fields.ts";
import { wordingOf } from "../../../src/api/field-error.ts";

beforeAll(loadRules);

// biome-ignore lint/suspicious/noExplicitAny: a test puts anything into a schema
type Json = any;

function definitionOf(spec: Json, version: Json = {}): CustomResourceDefinition {
  const openAPIV3Schema = { type: "object", properties: { spec } };
  const definition = structuredClone(CustomResourceDefinition.example) as CustomResourceDefinition;
  Object.assign(definition.spec.versions[0]!, { schema: { openAPIV3Schema }, ...version });
  CustomResourceDefinition.setDefaults!(definition);
  CustomResourceDefinition.prepareForCreate!(definition);
  return definition;
}

function kindOf(spec: Json, version: Json = {}) {
  const definition = definitionOf(spec, version);
  return customKind(definition, definition.spec.versions[0]!, (objects) => objects);
}

const objectOf = (spec: Json): Json => ({
  apiVersion: "kubeling.test/v1",
  kind: "Example",
  metadata: { name: "a" },
  ...(spec === undefined ? {} : { spec }),
});

function wordings(schema: Json, spec: Json, old?: Json): string[] {
  const kind = kindOf(schema);
  const errors =
    old === undefined
      ? kind.validate!(objectOf(spec))
      : kind.validateUpdate!(objectOf(spec), objectOf(old));
  return errors.map(wordingOf);
}

const fields = (properties: Json, rest: Json = {}) => ({ type: "object", properties, ...rest });

describe("an object of a custom kind", () => {
  test.each<[string, Json, Json, string[]]>([
    [
      "type",
      fields({ a: { type: "integer" } }),
      { a: "x" },
      ['spec.a: Invalid value: "string": spec.a in body must be of type integer: "string"'],
    ],
    [
      "null",
      fields({ a: { type: "string" } }),
      { a: null },
      ['spec.a: Invalid value: "null": spec.a in body must be of type string: "null"'],
    ],
    ["required", fields({}, { required: ["a", "b"] }), { b: 1 }, ["spec.a: Required value"]],
    [
      "enum",
      fields({ a: { type: "string", enum: ["x", "y"] } }),
      { a: "z" },
      ['spec.a: Unsupported value: "z": supported values: "x", "y"'],
    ],
    [
      "maximum",
      fields({ a: { type: "integer", maximum: 3 } }),
      { a: 4 },
      ["spec.a: Invalid value: 4: spec.a in body should be less than or equal to 3"],
    ],
    [
      "exclusive minimum",
      fields({ a: { type: "number", minimum: 0, exclusiveMinimum: true } }),
      { a: 0 },
      ["spec.a: Invalid value: 0: spec.a in body should be greater than 0"],
    ],
    [
      "multipleOf",
      fields({ a: { type: "integer", multipleOf: 5 } }),
      { a: 7 },
      ["spec.a: Invalid value: 7: spec.a in body should be a multiple of 5"],
    ],
    [
      "minLength",
      fields({ a: { type: "string", minLength: 3 } }),
      { a: "é€" },
      ['spec.a: Invalid value: "é€": spec.a in body should be at least 3 chars long'],
    ],
    [
      "maxLength",
      fields({ a: { type: "string", maxLength: 2 } }),
      { a: "abc" },
      ["spec.a: Too long: may not be longer than 2"],
    ],
    [
      "pattern",
      fields({ a: { type: "string", pattern: "^[a-z]+$" } }),
      { a: "A" },
      ["spec.a: Invalid value: \"A\": spec.a in body should match '^[a-z]+$'"],
    ],
    [
      "format",
      fields({ a: { type: "string", format: "ipv4" } }),
      { a: "300.1.1.1" },
      ['spec.a: Invalid value: "300.1.1.1": spec.a in body must be of type ipv4: "300.1.1.1"'],
    ],
    [
      "maxItems",
      fields({ a: { type: "array", maxItems: 1, items: { type: "string" } } }),
      { a: ["x", "y"] },
      ["spec.a: Too many: 2: must have at most 1 item"],
    ],
    [
      "items",
      fields({ a: { type: "array", items: { type: "string" } } }),
      { a: ["x", 1] },
      ['spec.a[1]: Invalid value: "integer": spec.a[1] in body must be of type string: "integer"'],
    ],
    [
      "sets",
      fields({ a: { type: "array", "x-kubernetes-list-type": "set", items: { type: "string" } } }),
      { a: ["x", "y", "x"] },
      ['spec.a[2]: Duplicate value: "x"'],
    ],
    [
      "maps",
      fields({
        a: {
          type: "array",
          "x-kubernetes-list-type": "map",
          "x-kubernetes-list-map-keys": ["k"],
          items: fields({ k: { type: "string" } }),
        },
      }),
      { a: [{ k: "1" }, { k: "1" }] },
      ['spec.a[1]: Duplicate value: map[string]interface {}{"k":"1"}'],
    ],
    [
      "int-or-string",
      fields({ a: { "x-kubernetes-int-or-string": true } }),
      { a: true },
      [
        'spec.a: Invalid value: "boolean": spec.a in body must be of type integer,string: "boolean"',
      ],
    ],
    [
      "additionalProperties",
      fields({ a: { type: "object", additionalProperties: { type: "integer" } } }),
      { a: { b: "c" } },
      ['spec.a.b: Invalid value: "string": spec.a.b in body must be of type integer: "string"'],
    ],
    [
      "anyOf",
      fields({ a: { type: "integer", anyOf: [{ maximum: 1 }, { minimum: 5 }] } }),
      { a: 3 },
      [
        '<nil>: Invalid value: "": "spec.a" must validate at least one schema (anyOf)',
        "spec.a: Invalid value: 3: spec.a in body should be less than or equal to 1",
      ],
    ],
    [
      "oneOf",
      fields({ a: { type: "integer", oneOf: [{ minimum: 1 }, { minimum: 2 }] } }),
      { a: 3 },
      [
        '<nil>: Invalid value: "": "spec.a" must validate one and only one schema (oneOf). Found 2 valid alternatives',
      ],
    ],
    [
      "not",
      fields({ a: { type: "integer", not: { minimum: 1 } } }),
      { a: 3 },
      ['<nil>: Invalid value: "": "spec.a" must not validate the schema (not)'],
    ],
  ])("is refused by %s", (_, schema, spec, expected) => {
    expect(wordings(schema, spec)).toEqual(expected);
  });

  test("may be null where its schema says so", () => {
    expect(wordings(fields({ a: { type: "string", nullable: true } }), { a: null })).toEqual([]);
  });

  test("says what it is", () => {
    const other = { ...objectOf({}), kind: "Other" };
    expect(kindOf(fields({})).validate!(other).map(wordingOf)).toEqual([
      'kind: Invalid value: "Other": must be Example',
    ]);
  });

  test("gets defaults, also inside of defaults, and in the place of nulls that may not be", () => {
    const schema = fields({
      a: { type: "string", default: "x" },
      b: fields({ c: { type: "integer", default: 1 } }, { default: {} }),
      d: { type: "string", nullable: true, default: "y" },
      l: { type: "array", items: fields({ e: { type: "boolean", default: true } }) },
    });
    const obj = objectOf({ a: null, d: null, l: [{}] });
    kindOf(schema).setDefaults!(obj);
    expect(obj.spec).toEqual({ a: "x", b: { c: 1 }, d: null, l: [{ e: true }] });
  });

  test("loses nulls that may not be and have no default, but not from lists", () => {
    const schema = fields({
      a: { type: "string" },
      m: { type: "object", additionalProperties: { type: "string" } },
      l: { type: "array", items: { type: "string" } },
    });
    const obj = objectOf({ a: null, m: { x: null, y: "z" }, l: [null] });
    kindOf(schema).setDefaults!(obj);
    expect(obj.spec).toEqual({ m: { y: "z" }, l: [null] });
  });

  test("loses what nobody has described, but for what is to be kept", () => {
    const schema = fields({
      known: { type: "string" },
      free: {
        type: "object",
        "x-kubernetes-preserve-unknown-fields": true,
        properties: { inner: fields({}) },
      },
      template: {
        type: "object",
        "x-kubernetes-embedded-resource": true,
        properties: { spec: fields({}) },
      },
    });
    const obj = objectOf({
      known: "x",
      gone: 1,
      free: { any: { thing: 1 }, inner: { gone: 2 } },
      template: {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { labels: {} },
        spec: { gone: 3 },
        gone: 4,
      },
    });
    const dropped = kindOf(schema).custom!.prune(obj);
    expect(dropped).toEqual([
      "spec.gone",
      "spec.free.inner.gone",
      "spec.template.spec.gone",
      "spec.template.gone",
    ]);
    expect(obj.spec).toEqual({
      known: "x",
      free: { any: { thing: 1 }, inner: {} },
      template: { apiVersion: "v1", kind: "Pod", metadata: { labels: {} }, spec: {} },
    });
  });

  test("is not judged again for what has not changed", () => {
    const schema = fields({
      a: { type: "integer", maximum: 3 },
      b: { type: "integer", maximum: 3 },
    });
    expect(wordings(schema, { a: 9, b: 1 }, { a: 9, b: 2 })).toEqual([]);
    expect(wordings(schema, { a: 9, b: 8 }, { a: 9, b: 2 })).toEqual([
      "spec.b: Invalid value: 8: spec.b in body should be less than or equal to 3",
    ]);
  });

  test("has a replica count that is not negative", () => {
    const scale = { specReplicasPath: ".spec.replicas", statusReplicasPath: ".status.replicas" };
    const kind = kindOf(fields({ replicas: { type: "integer" } }), { subresources: { scale } });
    expect(kind.validate!(objectOf({ replicas: -1 })).map(wordingOf)).toEqual([
      ".spec.replicas: Invalid value: -1: should be a non-negative integer",
    ]);
  });

  test("once pruned and given its defaults, stays as it is", () => {
    const schema = fields({
      a: { type: "string", default: "x" },
      b: fields({ c: { type: "integer", default: 1 } }),
      l: { type: "array", items: fields({ d: { type: "string", default: "y" } }) },
      m: { type: "object", additionalProperties: fields({ e: { type: "integer", default: 2 } }) },
    });
    const kind = kindOf(schema);
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom("a", "b", "l", "m", "z"), fc.jsonValue()),
        (spec) => {
          const obj = objectOf(structuredClone(spec));
          kind.custom!.prune(obj);
          kind.setDefaults!(obj);
          const again = structuredClone(obj);
          expect(kind.custom!.prune(again)).toEqual([]);
          kind.setDefaults!(again);
          expect(again).toEqual(obj);
        },
      ),
    );
  });
});

describe("a rule in CEL", () => {
  const ruled = (
    rules: Json[],
    properties: Json = { a: { type: "integer" }, b: { type: "integer" } },
  ) => fields(properties, { "x-kubernetes-validations": rules });

  test.each<[string, Json, Json, Json, string[]]>([
    ["holds", ruled([{ rule: "self.a <= self.b" }]), { a: 1, b: 2 }, undefined, []],
    [
      "is told by itself",
      ruled([{ rule: "self.a <= self.b" }]),
      { a: 3, b: 2 },
      undefined,
      ['spec: Invalid value: "object": failed rule: self.a <= self.b'],
    ],
    [
      "has a message",
      ruled([{ rule: "self.a % 2 == 0", message: "a must be even" }]),
      { a: 3 },
      undefined,
      ['spec: Invalid value: "object": a must be even'],
    ],
    [
      "makes its message",
      ruled([{ rule: "self.a < 3", messageExpression: '"a is %d".format([self.a])' }]),
      { a: 3 },
      undefined,
      ['spec: Invalid value: "object": a is 3'],
    ],
    [
      "has a reason and a field",
      ruled([
        {
          rule: "has(self.b)",
          reason: "FieldValueRequired",
          fieldPath: ".b",
          message: "b is needed",
        },
      ]),
      { a: 3 },
      undefined,
      ["spec.b: Required value: b is needed"],
    ],
    [
      "forbids",
      ruled([{ rule: "!has(self.b)", reason: "FieldValueForbidden", message: "no" }]),
      { b: 3 },
      undefined,
      ["spec: Forbidden: no"],
    ],
    [
      "stumbles",
      ruled([{ rule: "self.a > self.b" }]),
      { a: 3 },
      undefined,
      ['spec: Invalid value: "object": no such key: b evaluating rule: self.a > self.b'],
    ],
    [
      "is about a change",
      ruled([{ rule: "self.a >= oldSelf.a", message: "only up" }]),
      { a: 1 },
      { a: 2 },
      ['spec: Invalid value: "object": only up'],
    ],
    [
      "about a change is not asked of what is new",
      ruled([{ rule: "self.a >= oldSelf.a" }]),
      { a: 1 },
      undefined,
      [],
    ],
    [
      "may ask of what was not there",
      ruled([
        { rule: "oldSelf.hasValue() || self.a == 0", optionalOldSelf: true, message: "begin at 0" },
      ]),
      { a: 1 },
      undefined,
      ['spec: Invalid value: "object": begin at 0'],
    ],
    [
      "knows lists",
      ruled([{ rule: "self.l.all(x, x > 0) && self.l.sum() == 6 && self.l.isSorted()" }], {
        l: { type: "array", items: { type: "integer" } },
      }),
      { l: [1, 2, 3] },
      undefined,
      [],
    ],
    [
      "knows maps",
      ruled([{ rule: "self.m.all(k, k.startsWith('x'))" }], {
        m: { type: "object", additionalProperties: { type: "string" } },
      }),
      { m: { y: "" } },
      undefined,
      ["spec: Invalid value: \"object\": failed rule: self.m.all(k, k.startsWith('x'))"],
    ],
    [
      "knows quantities",
      ruled([{ rule: "quantity(self.q).isLessThan(quantity('1'))" }], { q: { type: "string" } }),
      { q: "500m" },
      undefined,
      [],
    ],
    [
      "knows URLs",
      ruled([{ rule: "url(self.u).getHost() == 'example.com:80' && isURL(self.u)" }], {
        u: { type: "string" },
      }),
      { u: "https://example.com:80/path" },
      undefined,
      [],
    ],
    [
      "knows Go's patterns",
      ruled([{ rule: "self.s.matches('(?i)^[[:alpha:]]+$')" }], { s: { type: "string" } }),
      { s: "Abc" },
      undefined,
      [],
    ],
    [
      "knows times",
      ruled([{ rule: "duration('1h') > self.d && self.t < timestamp('2021-01-01T00:00:00Z')" }], {
        d: { type: "string", format: "duration" },
        t: { type: "string", format: "date-time" },
      }),
      { d: "30m", t: "2020-01-01T00:00:00Z" },
      undefined,
      [],
    ],
    [
      "names fields CEL cannot write",
      ruled([{ rule: "self.foo__dash__bar == 1 && self.__namespace__ == 'x'" }], {
        "foo-bar": { type: "integer" },
        namespace: { type: "string" },
      }),
      { "foo-bar": 1, namespace: "x" },
      undefined,
      [],
    ],
    [
      "takes int-or-string as either",
      ruled([{ rule: "type(self.p) == int ? self.p > 0 : self.p.endsWith('%')" }], {
        p: { "x-kubernetes-int-or-string": true },
      }),
      { p: "10%" },
      undefined,
      [],
    ],
    [
      "waits until the rest is valid",
      ruled([{ rule: "self.a > 0" }]),
      { a: "x" },
      undefined,
      [
        'spec.a: Invalid value: "string": spec.a in body must be of type integer: "string"',
        '<nil>: Invalid value: "null": some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
      ],
    ],
  ])("%s", (_, schema, spec, old, expected) => {
    expect(CustomResourceDefinition.validate!(definitionOf(schema)).map(wordingOf)).toEqual([]);
    expect(wordings(schema, spec, old)).toEqual(expected);
  });
});

test("a custom schema tells server-side apply of what kind its lists are", () => {
  const spec = fields({
    set: { type: "array", "x-kubernetes-list-type": "set", items: { type: "string" } },
    plain: { type: "array", items: { type: "string" } },
    map: {
      type: "array",
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": ["k"],
      items: fields({ k: { type: "string" } }),
    },
    free: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
  });
  const { properties } = schemaOfVersion(definitionOf(spec), "v1");
  expect(properties!.metadata).toMatchObject({
    ref: "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta",
  });
  expect(properties!.spec!.properties).toMatchObject({
    set: { type: "array", listType: "set" },
    plain: { type: "array", listType: "atomic" },
    map: { type: "array", listType: "map", listMapKeys: ["k"] },
    free: { type: "map", items: { type: "any" } },
  });
});
