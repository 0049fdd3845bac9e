/**
 * The fieldPath of a rule: ".spec.replicas", ".labels['a.b']". It leads to a field of the schema, and says
 * which field an error is about.
 *
 * In Kubernetes: ValidFieldPath in
 * staging/src/k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel/validation.go
 */
import { type CustomSchema, propertyOf, valuesOf } from "../custom-schema.ts";

const STEP = /^(?:\.([^.[\]]+)|\['((?:[^'\\]|\\.)*)'\])/;

export function isFieldPath(text: string, schema: CustomSchema): boolean {
  return pathOf(text, schema) !== undefined;
}

/** As errors write it, to be put behind the path of the rule: ".spec.replicas", ".labels[a.b]". */
export function pathOf(text: string, schema: CustomSchema): string | undefined {
  let path = "";
  let at: CustomSchema | undefined = schema;
  for (let rest = text; rest !== ""; ) {
    const step = STEP.exec(rest);
    if (step === null) return undefined;
    const name: string = step[1] ?? step[2]!.replace(/\\(.)/g, "$1");
    const property: CustomSchema | undefined = propertyOf(at, name);
    path += property ? `.${name}` : `[${name}]`;
    at = property ?? valuesOf(at);
    if (at === undefined) return undefined;
    rest = rest.slice(step[0].length);
  }
  return path;
}
