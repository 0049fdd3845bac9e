/**
 * allOf, anyOf, oneOf and not. Their own verdict is about the node as a whole; what the nearest alternative
 * lacks is told with it.
 *
 * In Kubernetes: kube-openapi/pkg/validation/validate/schema_props.go
 */
import { type FieldError, invalidValue } from "../../field-error.ts";
import { type CustomSchema, isFields, itemsOf, propertyOf, valuesOf } from "../custom-schema.ts";

type Judge = (value: unknown, schema: CustomSchema, path: string) => FieldError[];

export function combinationErrors(
  value: unknown,
  schema: CustomSchema,
  path: string,
  judge: Judge,
): FieldError[] {
  const { allOf = [], anyOf = [], oneOf = [], not } = schema;
  const errors: FieldError[] = [];
  const refuse = (why: string) =>
    errors.push(invalidValue("<nil>", "", `${JSON.stringify(path)} ${why}`));
  const judged = (choices: CustomSchema[]) => choices.map((one) => judge(value, one, path));
  if (anyOf.length > 0) {
    const verdicts = judged(anyOf);
    if (!verdicts.some(isValid)) {
      refuse("must validate at least one schema (anyOf)");
      errors.push(...nearest(value, anyOf, verdicts));
    }
  }
  if (oneOf.length > 0) {
    const verdicts = judged(oneOf);
    const count = verdicts.filter(isValid).length;
    if (count === 0) {
      refuse("must validate one and only one schema (oneOf). Found none valid");
      errors.push(...nearest(value, oneOf, verdicts));
    } else if (count > 1) {
      refuse(`must validate one and only one schema (oneOf). Found ${count} valid alternatives`);
    }
  }
  if (allOf.length > 0) {
    const verdicts = judged(allOf);
    const failed = verdicts.filter((verdict) => !isValid(verdict));
    errors.push(...failed.flat());
    if (failed.length > 0) {
      const none = failed.length === allOf.length ? ". None validated" : "";
      refuse(`must validate all the schemas (allOf)${none}`);
    }
  }
  if (not !== undefined && isValid(judge(value, not, path))) {
    refuse("must not validate the schema (not)");
  }
  return errors;
}

function isValid(errors: FieldError[]): boolean {
  return errors.length === 0;
}

/** Of several that failed, the one that says most about the value is likely to be meant; else the first. */
function nearest(value: unknown, choices: CustomSchema[], verdicts: FieldError[][]): FieldError[] {
  const weights = choices.map((choice) => weightOf(value, choice));
  return verdicts[weights.indexOf(Math.max(...weights))] ?? [];
}

/** How much of the value the schema speaks of. */
function weightOf(value: unknown, schema: CustomSchema): number {
  const { type, format, allOf = [] } = schema;
  const own = (type ? 2 : 0) + (format && typeof value === "string" ? 1 : 0) + 1;
  const whole = allOf.reduce((sum, one) => sum + weightOf(value, one), own);
  if (Array.isArray(value)) {
    const items = itemsOf(schema);
    return items ? value.reduce((sum, one) => sum + weightOf(one, items), whole) : whole;
  }
  if (!isFields(value)) return whole;
  return Object.entries(value).reduce((sum, [name, one]) => {
    const below = propertyOf(schema, name) ?? valuesOf(schema);
    return below ? sum + weightOf(one, below) : sum;
  }, whole);
}
