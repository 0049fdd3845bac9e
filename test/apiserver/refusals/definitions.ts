/**
 * What a CustomResourceDefinition is refused for:
 * staging/src/k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation/validation.go and
 * pkg/apiserver/schema/validation.go. Where a row is of one function, it is named.
 */
import type { Claim } from "../invalid-objects/claim.ts";
import { DNS_1035, SUBDOMAIN } from "../invalid-objects/words.ts";

const NAMED = { "metadata.name": "examples.kubeling.test" };
const VERSION = "spec.versions[0]";
const SCHEMA = "spec.validation.openAPIV3Schema";
const CLIENT = "spec.conversion.webhookClientConfig";
const COLUMN = "spec.additionalPrinterColumns[0]";
const FIELDS = `${SCHEMA}.properties[spec]`;
const MIXED = `may have mixed case, but should otherwise match: ${DNS_1035}`;

const changed = (changes: object) => ({ ...NAMED, ...changes });
const version = (changes: object) =>
  changed(Object.fromEntries(Object.entries(changes).map(([k, v]) => [`${VERSION}.${k}`, v])));
const schema = (openAPIV3Schema: object) => version({ "schema.openAPIV3Schema": openAPIV3Schema });
const inSpec = (spec: object) => schema({ type: "object", properties: { spec } });
const converted = (webhook: object) =>
  changed({ "spec.conversion": { strategy: "Webhook", webhook } });
const scale = (more: object) =>
  version({
    subresources: {
      scale: { specReplicasPath: ".spec.a", statusReplicasPath: ".status.b", ...more },
    },
  });
const listed = (more: object) =>
  inSpec({ type: "array", items: { type: "string" }, "x-kubernetes-list-type": "set", ...more });
const ruled = (rule: object) =>
  inSpec({
    type: "object",
    properties: { a: { type: "integer" } },
    "x-kubernetes-validations": [rule],
  });
const RULE = `${FIELDS}.x-kubernetes-validations[0]`;

export const definitionRefusals: Claim[] = [
  // validateCustomResourceDefinitionSpec
  [
    changed({ "spec.group": "", "metadata.name": "examples." }),
    [`metadata.name: Invalid value: "examples.": ${SUBDOMAIN}`, "spec.group: Required value"],
  ],
  [
    changed({ "spec.group": "test", "metadata.name": "examples.test" }),
    ['spec.group: Invalid value: "test": should be a domain with at least one dot'],
  ],
  [changed({ "spec.scope": undefined }), ["spec.scope: Required value"]],
  [
    version({ schema: undefined }),
    [`${VERSION}.schema.openAPIV3Schema: Required value: schemas are required`],
  ],
  [
    version({ name: "V_1" }),
    [
      `${VERSION}.name: Invalid value: "V_1": ${DNS_1035}`,
      `spec.version: Invalid value: "V_1": ${DNS_1035}`,
    ],
  ],
  // validateDeprecationWarning
  [
    version({ deprecationWarning: "old" }),
    [
      `${VERSION}.deprecationWarning: Invalid value: "old": can only be set for deprecated versions`,
    ],
  ],
  [
    version({ deprecated: true, deprecationWarning: "" }),
    [`${VERSION}.deprecationWarning: Invalid value: "": must not be an empty string`],
  ],
  [
    version({ deprecated: true, deprecationWarning: "a\tb" }),
    [
      `${VERSION}.deprecationWarning: Invalid value: "a\\tb": must only contain printable UTF-8 characters; non-printable character found at index 1`,
    ],
  ],
  [
    version({ deprecated: true, deprecationWarning: "a".repeat(257) }),
    [
      `${VERSION}.deprecationWarning: Invalid value: "${"a".repeat(257)}": must be <= 256 characters long`,
    ],
  ],
  // ValidateCustomResourceDefinitionNames
  [
    changed({ "spec.names.singular": "No_1" }),
    [`spec.names.singular: Invalid value: "No_1": ${DNS_1035}`],
  ],
  [
    changed({ "spec.names.kind": "K_1", "spec.names.listKind": "L_1" }),
    [
      `spec.names.kind: Invalid value: "K_1": ${MIXED}`,
      `spec.names.listKind: Invalid value: "L_1": ${MIXED}`,
    ],
  ],
  [
    changed({ "spec.names.listKind": "Example" }),
    ['spec.names.listKind: Invalid value: "Example": kind and listKind may not be the same'],
  ],
  [
    changed({ "spec.names.categories": ["No_1"] }),
    [`spec.names.categories[0]: Invalid value: "No_1": ${DNS_1035}`],
  ],
  [
    changed({ "spec.names.plural": "", "metadata.name": ".kubeling.test" }),
    [
      `metadata.name: Invalid value: ".kubeling.test": ${SUBDOMAIN}`,
      "spec.names.plural: Required value",
    ],
  ],
  // validatePreserveUnknownFields
  [
    changed({ "spec.preserveUnknownFields": true }),
    [
      "spec.preserveUnknownFields: Invalid value: true: cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead",
    ],
  ],
  // validateAPIApproval
  [
    {
      "metadata.name": "examples.a.k8s.io",
      "spec.group": "a.k8s.io",
      "metadata.annotations": { "api-approved.kubernetes.io": "by me" },
    },
    [
      'metadata.annotations[api-approved.kubernetes.io]: Invalid value: "by me": protected groups must have approval annotation "api-approved.kubernetes.io" with either a URL or a reason starting with "unapproved", see https://github.com/kubernetes/enhancements/pull/1111',
    ],
  ],
  // validateCustomResourceConversion
  [
    changed({ "spec.conversion": { strategy: "Odd" } }),
    ['spec.conversion.strategy: Unsupported value: "Odd": supported values: "None", "Webhook"'],
  ],
  [
    changed({ "spec.conversion": { strategy: "Webhook" } }),
    [
      `${CLIENT}: Required value: required when strategy is set to Webhook`,
      "spec.conversion.conversionReviewVersions: Required value",
    ],
  ],
  [
    changed({
      "spec.conversion": {
        strategy: "None",
        webhook: { clientConfig: { url: "https://a/" }, conversionReviewVersions: ["v1"] },
      },
    }),
    [
      `${CLIENT}: Forbidden: should not be set when strategy is not set to Webhook`,
      "spec.conversion.conversionReviewVersions: Forbidden: should not be set when strategy is not set to Webhook",
    ],
  ],
  [
    converted({ clientConfig: {}, conversionReviewVersions: ["v9"] }),
    [
      `${CLIENT}: Required value: exactly one of url or service is required`,
      'spec.conversion.conversionReviewVersions: Invalid value: []string{"v9"}: must include at least one of v1, v1beta1',
    ],
  ],
  [
    converted({
      clientConfig: { service: { name: "a", namespace: "" } },
      conversionReviewVersions: ["v1"],
    }),
    [`${CLIENT}.service.name: Required value: service name is required`],
  ],
  // ValidateCustomResourceColumnDefinition
  [
    version({ additionalPrinterColumns: [{}] }),
    [
      `${COLUMN}.name: Required value`,
      `${COLUMN}.type: Required value: must be one of boolean,date,integer,number,string`,
      `${COLUMN}.JSONPath: Required value`,
    ],
  ],
  [
    version({
      additionalPrinterColumns: [{ name: "a", type: "odd", format: "odd", jsonPath: "spec" }],
    }),
    [
      `${COLUMN}.type: Invalid value: "odd": must be one of boolean,date,integer,number,string`,
      `${COLUMN}.format: Invalid value: "odd": must be one of byte,date,date-time,double,float,int32,int64,password`,
      `${COLUMN}.JSONPath: Invalid value: "spec": must be a simple json path starting with .`,
    ],
  ],
  // ValidateCustomResourceDefinitionSubresources
  [
    scale({ specReplicasPath: "", statusReplicasPath: ".spec.a" }),
    [
      "spec.subresources.scale.specReplicasPath: Required value",
      'spec.subresources.scale.statusReplicasPath: Invalid value: ".spec.a": should be a json path under .status',
    ],
  ],
  [
    scale({ labelSelectorPath: ".metadata.labels" }),
    [
      'spec.subresources.scale.labelSelectorPath: Invalid value: ".metadata.labels": should be a json path under either .spec or .status',
    ],
  ],
  // ValidateStructural
  [schema({}), [`${SCHEMA}.type: Required value: must not be empty at the root`]],
  [
    schema({ type: "string" }),
    [`${SCHEMA}.type: Invalid value: "string": must be object at the root`],
  ],
  [
    inSpec({ type: "object", properties: { a: {}, b: { type: "array", items: {} } } }),
    [
      `${FIELDS}.properties[a].type: Required value: must not be empty for specified object fields`,
      `${FIELDS}.properties[b].items.type: Required value: must not be empty for specified array items`,
    ],
  ],
  [inSpec({ type: "array" }), [`${FIELDS}.items: Required value: must be specified`]],
  [
    inSpec({ type: "string", pattern: "(" }),
    [
      `${FIELDS}.pattern: Invalid value: "(": must be a valid regular expression, but isn't: error parsing regexp: missing closing ): \`(\``,
    ],
  ],
  [
    inSpec({ type: "object", anyOf: [{ type: "object", properties: { a: { minimum: 1 } } }] }),
    [
      `${FIELDS}.anyOf[0].type: Forbidden: must be empty to be structural`,
      `${FIELDS}.properties[a]: Required value: because it is defined in ${FIELDS}.anyOf[0].properties[a]`,
    ],
  ],
  [
    schema({ type: "object", properties: { metadata: { type: "object", minProperties: 1 } } }),
    [
      `${SCHEMA}.properties[metadata]: Forbidden: must not specify anything other than name and generateName, but metadata is implicitly specified`,
    ],
  ],
  [
    schema({ type: "object", properties: { kind: { type: "integer" } } }),
    [`${SCHEMA}.properties[kind].type: Invalid value: "integer": must be string`],
  ],
  // ValidateCustomResourceDefinitionOpenAPISchema
  [
    schema({ type: "object", nullable: true }),
    [`${SCHEMA}.nullable: Forbidden: nullable cannot be true at the root`],
  ],
  [
    inSpec({ type: "odd" }),
    [
      `${FIELDS}.type: Unsupported value: "odd": supported values: "array", "boolean", "integer", "number", "object", "string"`,
    ],
  ],
  [
    inSpec({ type: "array", items: { type: "string" }, uniqueItems: true }),
    [
      `${FIELDS}.uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic`,
    ],
  ],
  [
    inSpec({
      type: "object",
      properties: { a: { type: "string" } },
      additionalProperties: { type: "string" },
    }),
    [
      `${FIELDS}.additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive`,
    ],
  ],
  [
    inSpec({ type: "object", "x-kubernetes-preserve-unknown-fields": false }),
    [
      `${FIELDS}.x-kubernetes-preserve-unknown-fields: Invalid value: false: must be true or undefined`,
    ],
  ],
  [
    listed({ type: "object", items: undefined }),
    [
      `${FIELDS}.type: Invalid value: "object": must be array if x-kubernetes-list-type is specified`,
    ],
  ],
  [
    listed({ "x-kubernetes-list-type": "odd" }),
    [
      `${FIELDS}.x-kubernetes-list-type: Unsupported value: "odd": supported values: "atomic", "set", "map"`,
    ],
  ],
  [
    listed({ "x-kubernetes-list-map-keys": ["a"] }),
    [
      `${FIELDS}.x-kubernetes-list-type: Invalid value: "set": must be map if x-kubernetes-list-map-keys is non-empty`,
    ],
  ],
  [
    listed({ "x-kubernetes-list-type": "map" }),
    [
      `${FIELDS}.x-kubernetes-list-map-keys: Required value: must not be empty if x-kubernetes-list-type is map`,
      `${FIELDS}.items.type: Invalid value: "string": must be object if parent array's x-kubernetes-list-type is map`,
    ],
  ],
  [
    listed({
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": ["a"],
      items: { type: "object", properties: { a: { type: "string" } } },
    }),
    [
      `${FIELDS}.items.properties[a].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property`,
    ],
  ],
  [
    inSpec({ type: "object", "x-kubernetes-map-type": "odd" }),
    [
      `${FIELDS}.x-kubernetes-map-type: Unsupported value: "odd": supported values: "atomic", "granular"`,
    ],
  ],
  // ValidateDefaults
  [
    inSpec({ type: "object", default: { a: 1 } }),
    [
      `${FIELDS}.default: Invalid value: map[string]interface {}{"a":1}: must not have unknown fields`,
    ],
  ],
  [
    inSpec({ type: "string", default: 1 }),
    [
      `${FIELDS}.default: Invalid value: "integer": ${FIELDS}.default in body must be of type string: "integer"`,
    ],
  ],
  // x-kubernetes-validations
  [ruled({ rule: "" }), [`${RULE}.rule: Required value: rule is not specified`]],
  [
    ruled({ rule: "true", message: " " }),
    [`${RULE}.message: Invalid value: " ": message must be non-empty if specified`],
  ],
  [
    ruled({ rule: "true\n".concat("&& true"), message: "" }),
    [`${RULE}.message: Required value: message must be specified if rule contains line breaks`],
  ],
  [
    ruled({ rule: "true", reason: "Odd" }),
    [
      `${RULE}.reason: Unsupported value: "Odd": supported values: "FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"`,
    ],
  ],
  [
    ruled({ rule: "true", fieldPath: ".odd" }),
    [`${RULE}.fieldPath: Invalid value: ".odd": fieldPath must be a valid path`],
  ],
];
