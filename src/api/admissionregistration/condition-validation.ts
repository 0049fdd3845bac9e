/**
 * Match conditions and other expressions of admission: that they have names, that they compile, and come to
 * what they should.
 *
 * In Kubernetes: pkg/apis/admissionregistration/validation/validation.go
 */
import type { MatchCondition } from "kubernetes-types/admissionregistration/v1.js";
import { duplicate, type FieldError, invalidValue, required, tooMany } from "../field-error.ts";
import { qualifiedNameErrors } from "../names.ts";
import { expressions, type Speaks } from "./expressions.ts";

const MOST_CONDITIONS = 64;
/** A webhook's condition speaks of the request and the object, and may ask what its user may do. */
const OF_REQUEST: Speaks = { hasAuthorizer: true };

export function validateMatchConditions(
  conditions: MatchCondition[] = [],
  path: string,
  speaks = OF_REQUEST,
): FieldError[] {
  const names = new Set<string>();
  const tooLong =
    conditions.length > MOST_CONDITIONS ? [tooMany(path, conditions.length, MOST_CONDITIONS)] : [];
  const wrong = conditions.flatMap(({ name = "", expression = "" }, i) => {
    const at = `${path}[${i}]`;
    const errors = expressionErrors(expression.trim(), ["bool"], `${at}.expression`, speaks);
    if (name === "") return [...errors, required(`${at}.name`)];
    errors.push(...qualifiedNameErrors(name).map((e) => invalidValue(`${at}.name`, name, e)));
    if (names.has(name)) errors.push(duplicate(`${at}.name`, name));
    names.add(name);
    return errors;
  });
  return [...tooLong, ...wrong];
}

/** `types`: what it may come to; none is anything. */
export function expressionErrors(
  expression: string,
  types: string[],
  path: string,
  speaks: Speaks,
  whyRequired = "",
): FieldError[] {
  if (expression.trim() === "") return [required(path, whyRequired)];
  const wrong = expressions().wrongWith(expression, types, speaks);
  return wrong === undefined ? [] : [invalidValue(path, expression, wrong)];
}
