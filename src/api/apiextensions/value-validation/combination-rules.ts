/**
 * allOf, anyOf, oneOf and not. Their own verdict is about the node as a whole; what the nearest alternative
 * lacks is told with it.
 *
 * In Kubernetes: kube-openapi/pkg/validation/validate/schema_props.go
 */
import { type FieldError, invalidValue } from "../../field-error.ts";
import type { CustomSchema } from "../custom-schema.ts";

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
      errors.push(...nearest(verdicts));
    }
  }
  if (oneOf.length > 0) {
    const verdicts = judged(oneOf);
    const count = verdicts.filter(isValid).length;
    if (count === 0) {
      refuse("must validate one and only one schema (oneOf). Found none valid");
      errors.push(...nearest(verdicts));
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

/** Of several that failed, the one with the fewest faults is likely to be meant. */
function nearest(verdicts: FieldError[][]): FieldError[] {
  return verdicts.toSorted((a, b) => a.length - b.length)[0] ?? [];
}
