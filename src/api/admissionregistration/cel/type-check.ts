/**
 * What is wrong with an expression of a policy for the objects of one kind: fields they do not have, values of other types.
 * It is no condition for the policy, for that may be about kinds there are not yet, so it is told in its status.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/admission/plugin/policy/validating/typechecking.go. Differs: params,
 * request and variables have any type.
 */
import type { Environment, ParseError } from "@marcbachmann/cel-js";
import type { Variable } from "kubernetes-types/admissionregistration/v1.js";
import { compileErrorText } from "../../apiextensions/cel/compile-error.ts";
import { declareType } from "../../apiextensions/cel/declarations.ts";
import { newEnvironment } from "../../apiextensions/cel/environment.ts";
import type { CustomSchema } from "../../apiextensions/custom-schema.ts";
import type { Kind } from "../../kind.ts";
import { resolve, type Schema, schemaOf } from "../../schema.ts";
import { registerAuthorizer } from "./authorizer.ts";
import { registerVariables } from "./expression.ts";

const META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";
const TEXT: CustomSchema = { type: "string" };
const ANYTHING: CustomSchema = {};

/** In CEL's words; undefined: nothing. */
export function typeFault(
  expression: string,
  kind: Kind,
  variables: readonly Pick<Variable, "name">[],
): string | undefined {
  const environment = environmentOf(kind).clone();
  registerVariables(
    environment,
    variables.map(({ name }) => name),
  );
  const { valid, error } = environment.check(expression);
  if (valid) return undefined;
  return compileErrorText(error as ParseError, expression).replace(/^compilation failed: /, "");
}

const known = new WeakMap<Kind, Environment>();

function environmentOf(kind: Kind): Environment {
  let environment = known.get(kind);
  if (environment === undefined) {
    environment = newEnvironment();
    registerAuthorizer(environment);
    const type = declareType(environment, schemaFor(kind));
    for (const name of ["object", "oldObject"]) environment.registerVariable(name, type);
    for (const name of ["request", "namespaceObject", "params"]) {
      environment.registerVariable(name, "dyn");
    }
    environment.registerVariable("authorizer", "kubernetes.authorization.Authorizer");
    known.set(kind, environment);
  }
  return environment;
}

function schemaFor(kind: Kind): CustomSchema {
  if (kind.custom === undefined) return inCustomForm(schemaOf(kind.schema));
  const { properties, ...rest } = kind.custom.schema() as CustomSchema;
  const metadata = inCustomForm(schemaOf(META));
  return { ...rest, properties: { ...properties, apiVersion: TEXT, kind: TEXT, metadata } };
}

const converted = new Map<string, CustomSchema>();

/** A type of Kubernetes' own, as a definition would say it. One that contains itself is anything, inside. */
function inCustomForm(schema: Schema): CustomSchema {
  const { ref, format } = schema;
  if (format === "int-or-string") return ANYTHING;
  switch (schema.type) {
    case "any":
      return ANYTHING;
    case "array":
      return { type: "array", items: inCustomForm(schema.items ?? { type: "any" }) };
    case "map":
      return {
        type: "object",
        additionalProperties: inCustomForm(schema.items ?? { type: "any" }),
      };
    case "object":
      return objectForm(schema);
    case "string":
      return stringForm(format ?? ref ?? "");
    default:
      return { type: schema.type };
  }
}

function objectForm(schema: Schema): CustomSchema {
  const { ref = "" } = schema;
  const found = converted.get(ref);
  if (found !== undefined) return found;
  if (ref !== "") converted.set(ref, ANYTHING);
  const fields = Object.entries(resolve(schema).properties ?? {});
  const properties = Object.fromEntries(fields.map(([name, one]) => [name, inCustomForm(one)]));
  const made: CustomSchema = { type: "object", properties };
  if (ref !== "") converted.set(ref, made);
  return made;
}

function stringForm(format: string): CustomSchema {
  if (format === "byte") return { ...TEXT, format };
  const isTime = format === "date-time" || format === "micro-time";
  return isTime ? { ...TEXT, format: "date-time" } : TEXT;
}
