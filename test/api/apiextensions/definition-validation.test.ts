/** What a definition may not say, in Kubernetes' own words. */
import { beforeAll, describe, expect, test } from "vitest";
import { CustomResourceDefinition } from "../../../src/api/apiextensions/custom-resource-definition.ts";
import { loadRules } from "../../../src/api/apiextensions/rules.ts";
import { wordingOf } from "../../../src/api/field-error.ts";
import { updateWordingsOf, wordingsOf } from "../judge.ts";

beforeAll(loadRules);

// biome-ignore lint/suspicious/noExplicitAny: a test puts anything into a definition
type Json = any;

function definition(spec: Json, schema: Json = { type: "object" }, rest: Json = {}): Json {
  const version = { name: "v1", served: true, storage: true, schema: { openAPIV3Schema: schema } };
  return {
    metadata: { name: "widgets.example.com" },
    spec: {
      group: "example.com",
      scope: "Namespaced",
      names: { plural: "widgets", kind: "Widget" },
      versions: [{ ...version, ...rest }],
      ...spec,
    },
  };
}

const SCHEMA = "spec.validation.openAPIV3Schema";
const inSpec = (schema: Json) => ({ type: "object", properties: { spec: schema } });
const ofSchema = (schema: Json) => wordingsOf(CustomResourceDefinition, definition({}, schema));

describe("a CustomResourceDefinition", () => {
  test("is called by its plural and its group", () => {
    const named = { ...definition({}), metadata: { name: "gadgets.example.com" } };
    expect(wordingsOf(CustomResourceDefinition, named)).toEqual([
      'metadata.name: Invalid value: "gadgets.example.com": must be spec.names.plural+"."+spec.group',
    ]);
  });

  test.each<[string, Json, string[]]>([
    [
      "scope",
      { scope: "Global" },
      ['spec.scope: Unsupported value: "Global": supported values: "Cluster", "Namespaced"'],
    ],
    [
      "preserved fields",
      { preserveUnknownFields: true },
      [
        "spec.preserveUnknownFields: Invalid value: true: cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead",
      ],
    ],
    [
      "names",
      { names: { plural: "widgets", kind: "Widget", listKind: "Widget" } },
      ['spec.names.listKind: Invalid value: "Widget": kind and listKind may not be the same'],
    ],
    [
      "no kind",
      { names: { plural: "widgets" } },
      [
        "spec.names.singular: Required value",
        "spec.names.kind: Required value",
        "spec.names.listKind: Required value",
      ],
    ],
    [
      "conversion",
      { conversion: { strategy: "Magic" } },
      ['spec.conversion.strategy: Unsupported value: "Magic": supported values: "None", "Webhook"'],
    ],
    [
      "a webhook nowhere",
      {
        conversion: {
          strategy: "Webhook",
          webhook: { conversionReviewVersions: ["v2"], clientConfig: {} },
        },
      },
      [
        "spec.conversion.webhookClientConfig: Required value: exactly one of url or service is required",
        'spec.conversion.conversionReviewVersions: Invalid value: []string{"v2"}: must include at least one of v1, v1beta1',
      ],
    ],
    [
      "a webhook without TLS",
      {
        conversion: {
          strategy: "Webhook",
          webhook: { conversionReviewVersions: ["v1"], clientConfig: { url: "http://here" } },
        },
      },
      [
        `spec.conversion.webhookClientConfig.url: Invalid value: "http": 'https' is the only allowed URL scheme; desired format: https://host[/path]`,
      ],
    ],
  ])("is refused for its %s", (_, spec, wordings) => {
    expect(wordingsOf(CustomResourceDefinition, definition(spec))).toEqual(wordings);
  });

  test("stores exactly one version", () => {
    const stored = definition({}, undefined, { storage: false });
    expect(wordingsOf(CustomResourceDefinition, stored)).toEqual([
      expect.stringMatching(
        /^spec\.versions: Invalid value: .*: must have exactly one version marked as storage version$/,
      ),
      "status.storedVersions: Invalid value: []string(nil): must have at least one stored version",
    ]);
  });

  test("has a schema for each version", () => {
    const bare = definition({}, undefined, { schema: undefined });
    expect(wordingsOf(CustomResourceDefinition, bare)).toEqual([
      "spec.versions[0].schema.openAPIV3Schema: Required value: schemas are required",
    ]);
  });

  test("of a protected group has been approved", () => {
    const protectedOne = definition({ group: "example.k8s.io" });
    protectedOne.metadata.name = "widgets.example.k8s.io";
    expect(wordingsOf(CustomResourceDefinition, protectedOne)).toEqual([
      'metadata.annotations[api-approved.kubernetes.io]: Required value: protected groups must have approval annotation "api-approved.kubernetes.io", see https://github.com/kubernetes/enhancements/pull/1111',
    ]);
  });

  test("keeps its group and plural, and, once established, its scope and kind", () => {
    const old = definition({});
    const next = definition({ scope: "Cluster", names: { plural: "widgets", kind: "Gadget" } });
    expect(updateWordingsOf(CustomResourceDefinition, old, next)).toEqual([]);
    const established = {
      conditions: [{ type: "Established", status: "True" }],
      storedVersions: ["v1"],
    };
    CustomResourceDefinition.setDefaults!(next);
    const wordings = CustomResourceDefinition.validateUpdate!(
      { ...next, status: established },
      { ...old, status: established },
    );
    expect(wordings.map(({ field, message }) => `${field}: ${message}`)).toEqual([
      'spec.scope: Invalid value: "Cluster": field is immutable',
      'spec.names.kind: Invalid value: "Gadget": field is immutable',
    ]);
  });

  test("keeps a version that objects may still be stored in", () => {
    const next = definition({});
    next.spec.versions[0].name = "v2";
    const status = { storedVersions: ["v1", "v2"] };
    CustomResourceDefinition.setDefaults!(next);
    const errors = CustomResourceDefinition.validateUpdate!({ ...next, status }, definition({}));
    expect(errors.map(wordingOf)).toEqual([
      'status.storedVersions[0]: Invalid value: "v1": must appear in spec.versions',
    ]);
  });

  test.each<[string, Json, string[]]>([
    ["has a type", {}, [`${SCHEMA}.type: Required value: must not be empty at the root`]],
    [
      "is an object",
      { type: "array", items: { type: "string" } },
      [`${SCHEMA}.type: Invalid value: "array": must be object at the root`],
    ],
    [
      "types every field",
      inSpec({ type: "object", properties: { a: {} } }),
      [
        `${SCHEMA}.properties[spec].properties[a].type: Required value: must not be empty for specified object fields`,
      ],
    ],
    [
      "types what a list holds",
      inSpec({ type: "array", items: {} }),
      [
        `${SCHEMA}.properties[spec].items.type: Required value: must not be empty for specified array items`,
      ],
    ],
    [
      "says what a list holds",
      inSpec({ type: "array" }),
      [`${SCHEMA}.properties[spec].items: Required value: must be specified`],
    ],
    [
      "knows its types",
      inSpec({ type: "text" }),
      [
        `${SCHEMA}.properties[spec].type: Unsupported value: "text": supported values: "array", "boolean", "integer", "number", "object", "string"`,
      ],
    ],
    [
      "leaves types out of alternatives",
      inSpec({ type: "object", anyOf: [{ type: "object" }] }),
      [`${SCHEMA}.properties[spec].anyOf[0].type: Forbidden: must be empty to be structural`],
    ],
    [
      "has fields and values not at once",
      inSpec({
        type: "object",
        properties: { a: { type: "string" } },
        additionalProperties: { type: "string" },
      }),
      [
        `${SCHEMA}.properties[spec].additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive`,
      ],
    ],
    [
      "refers to nothing",
      inSpec({ type: "object", $ref: "#/x" }),
      [`${SCHEMA}.properties[spec].$ref: Forbidden: $ref is not supported`],
    ],
    [
      "does not look for duplicates",
      inSpec({ type: "array", uniqueItems: true, items: { type: "string" } }),
      [
        `${SCHEMA}.properties[spec].uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic`,
      ],
    ],
    [
      "leaves metadata alone",
      {
        type: "object",
        properties: { metadata: { type: "object", properties: { labels: { type: "object" } } } },
      },
      [
        `${SCHEMA}.properties[metadata]: Forbidden: must not specify anything other than name and generateName, but metadata is implicitly specified`,
      ],
    ],
    [
      "has patterns that can be read",
      inSpec({ type: "string", pattern: "(" }),
      [
        `${SCHEMA}.properties[spec].pattern: Invalid value: "(": must be a valid regular expression, but isn't: error parsing regexp: missing closing ): \`(\``,
      ],
    ],
    [
      "keeps unknown fields or says nothing of it",
      inSpec({ type: "object", "x-kubernetes-preserve-unknown-fields": false }),
      [
        `${SCHEMA}.properties[spec].x-kubernetes-preserve-unknown-fields: Invalid value: false: must be true or undefined`,
      ],
    ],
    [
      "names the keys of a map",
      inSpec({ type: "array", "x-kubernetes-list-type": "map", items: { type: "object" } }),
      [
        `${SCHEMA}.properties[spec].x-kubernetes-list-map-keys: Required value: must not be empty if x-kubernetes-list-type is map`,
      ],
    ],
    [
      "requires the keys of a map",
      inSpec({
        type: "array",
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["a"],
        items: { type: "object", properties: { a: { type: "string" } } },
      }),
      [
        `${SCHEMA}.properties[spec].items.properties[a].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property`,
      ],
    ],
    [
      "has defaults that are valid",
      inSpec({ type: "integer", maximum: 3, default: 4 }),
      [
        `${SCHEMA}.properties[spec].default: Invalid value: 4: ${SCHEMA}.properties[spec].default in body should be less than or equal to 3`,
      ],
    ],
    [
      "has defaults that are known",
      inSpec({ type: "object", default: { a: 1 } }),
      [
        `${SCHEMA}.properties[spec].default: Invalid value: map[string]interface {}{"a":1}: must not have unknown fields`,
      ],
    ],
    [
      "takes what it narrows from its structure",
      inSpec({ type: "object", not: { properties: { a: { enum: ["x"] } } } }),
      [
        `${SCHEMA}.properties[spec].properties[a]: Required value: because it is defined in ${SCHEMA}.properties[spec].not.properties[a]`,
      ],
    ],
  ])("has a schema that %s", (_, schema, wordings) => {
    expect(ofSchema(schema)).toEqual(wordings);
  });

  test.each<[string, string, string]>([
    [
      "a field that is not there",
      "self.b > 1",
      "compilation failed: ERROR: <input>:1:5: undefined field 'b'\n | self.b > 1\n | ....^",
    ],
    [
      "a name nobody knows",
      "foo == 1",
      "compilation failed: ERROR: <input>:1:1: undeclared reference to 'foo' (in container '')\n | foo == 1\n | ^",
    ],
    [
      "a comparison of unlikes",
      "self.a == 'x'",
      "compilation failed: ERROR: <input>:1:8: found no matching overload for '_==_' applied to '(int, string)'\n | self.a == 'x'\n | .......^",
    ],
    ["no verdict", "self.a + 1", "cel expression must evaluate to a bool"],
  ])("is refused a rule with %s", (_, rule, why) => {
    const schema = {
      type: "object",
      properties: { a: { type: "integer" } },
      "x-kubernetes-validations": [{ rule }],
    };
    const [wording] = ofSchema(inSpec(schema));
    expect(wording).toContain(
      `${SCHEMA}.properties[spec].x-kubernetes-validations[0].rule: Invalid value: apiextensions.ValidationRule{Rule:${JSON.stringify(rule)}`,
    );
    expect(wording!.endsWith(`}: ${why}`)).toBe(true);
  });

  test("has no rule about the past of what cannot be found again", () => {
    const items = { type: "string", "x-kubernetes-validations": [{ rule: "self == oldSelf" }] };
    expect(ofSchema(inSpec({ type: "array", items }))).toEqual([
      `${SCHEMA}.properties[spec].items.x-kubernetes-validations[0].rule: Invalid value: "self == oldSelf": oldSelf cannot be used on the uncorrelatable portion of the schema within ${SCHEMA}.properties[spec]`,
    ]);
  });

  test("has columns of types that can be printed, and a scale that says where its numbers are", () => {
    const columns = [{ name: "A", type: "text", jsonPath: "spec.a" }];
    const scale = { specReplicasPath: ".status.replicas", statusReplicasPath: "" };
    const versioned = definition(
      {},
      { type: "object" },
      {
        additionalPrinterColumns: columns,
        subresources: { scale },
      },
    );
    expect(wordingsOf(CustomResourceDefinition, versioned)).toEqual([
      'spec.subresources.scale.specReplicasPath: Invalid value: ".status.replicas": should be a json path under .spec',
      "spec.subresources.scale.statusReplicasPath: Required value",
      'spec.additionalPrinterColumns[0].type: Invalid value: "text": must be one of boolean,date,integer,number,string',
      'spec.additionalPrinterColumns[0].JSONPath: Invalid value: "spec.a": must be a simple json path starting with .',
    ]);
  });
});
