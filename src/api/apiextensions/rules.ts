/**
 * The way to the rules in CEL. Their library is not small and few processes need it, so it is loaded when
 * first something is written that may hold rules: `loadRules` before, `rulesOf` then.
 */
import type { FieldError } from "../field-error.ts";
import type { CustomSchema } from "./custom-schema.ts";

export interface Rules {
  /** What is wrong with the rules themselves. */
  validate(schema: CustomSchema, path: string): FieldError[];
  /** What the rules say of an object. */
  judge(obj: object, schema: CustomSchema, old?: object): FieldError[];
}

let rules: Rules | undefined;

export async function loadRules(): Promise<void> {
  if (rules !== undefined) return;
  const [{ validateRules }, { judgeByRules }] = await Promise.all([
    import("./cel/rule-validation.ts"),
    import("./cel/rule-evaluation.ts"),
  ]);
  rules = { validate: validateRules, judge: judgeByRules };
}

export function rulesOf(): Rules {
  if (rules === undefined) throw new Error("the rules have not been loaded");
  return rules;
}

/** Whether any node of it has rules. */
export function hasRules(schema: CustomSchema): boolean {
  if (schema["x-kubernetes-validations"]?.length) return true;
  const { items, additionalProperties, properties = {} } = schema;
  const below = [items, additionalProperties, ...Object.values(properties)];
  return below.some((one) => typeof one === "object" && !Array.isArray(one) && hasRules(one));
}
