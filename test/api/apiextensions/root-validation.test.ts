import { beforeAll, expect, test } from "vitest";
import { CustomResourceDefinition } from "../../../src/api/apiextensions/custom-resource-definition.ts";
import type { CustomSchema } from "../../../src/api/apiextensions/custom-schema.ts";
import { validateDefinition } from "../../../src/api/apiextensions/definition-validation.ts";
import { loadRules } from "../../../src/api/apiextensions/rules.ts";

beforeAll(loadRules);

const ROOT = "spec.validation.openAPIV3Schema";
const ALLOWED =
  "only [Description Type Format Title Maximum ExclusiveMaximum Minimum ExclusiveMinimum MaxLength MinLength Pattern MaxItems MinItems UniqueItems MultipleOf Required Items Properties ExternalDocs Example XPreserveUnknownFields XValidations] fields are allowed at the root of the schema if the status subresource is enabled";

function errorsOf(openAPIV3Schema: CustomSchema, hasStatus: boolean) {
  const definition = structuredClone(CustomResourceDefinition.example);
  const [version] = definition.spec.versions;
  Object.assign(version!, { schema: { openAPIV3Schema } });
  if (hasStatus) version!.subresources = { status: {} };
  definition.spec.conversion = { strategy: "None" };
  definition.status = { storedVersions: ["v1"] };
  return validateDefinition(definition).map(({ field, message }) => `${field}: ${message}`);
}

// validateCustomResourceDefinitionValidation
test("status as a subresource leaves only some fields at the root of a schema", () => {
  const properties: CustomSchema["properties"] = { a: { type: "string" } };
  const either: CustomSchema = { type: "object", properties, anyOf: [{ required: ["a"] }] };
  expect(errorsOf(either, false)).toEqual([]);
  const [error, ...others] = errorsOf(either, true);
  expect(error).toMatch(/^spec\.validation\.openAPIV3Schema: Invalid value: apiextensions\.JSON/);
  expect(error?.endsWith(`: ${ALLOWED}`)).toBe(true);
  expect(others).toEqual([]);
  expect(errorsOf({ type: "object", properties, minProperties: 0 }, true)).toHaveLength(1);
});

test("fields that say nothing may stand at the root", () => {
  const quiet: CustomSchema = { type: "object", nullable: false, description: "", title: "t" };
  expect(errorsOf(quiet, true)).toEqual([]);
  const open: CustomSchema = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
  expect(errorsOf(open, true)).toEqual([]);
});

test("the root of a kind with status is an object", () => {
  expect(errorsOf({ type: "string" }, true)).toEqual([
    `${ROOT}.type: Invalid value: "string": only "object" is allowed as the type at the root of the schema if the status subresource is enabled`,
    `${ROOT}.type: Invalid value: "string": must be object at the root`,
  ]);
});
