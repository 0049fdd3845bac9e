/**
 * The OpenAPI documents: the paths of some kinds and the definitions of the types they lead to, in
 * the form of v2 (one document for all) or v3 (one for each group and version).
 *
 * In Kubernetes: kube-openapi/pkg/builder, builder3.
 */
import type { Kind } from "../../api/kind.ts";
import { CUSTOM_ROOTS, customDefinitions } from "./custom-definitions.ts";
import { type Dialect, definitionsOf, type Json, V2, V3 } from "./definitions.ts";
import {
  type GroupVersionKind,
  type Operation,
  operationsOf,
  type Parameter,
  PRETTY,
  STATUS,
  typeOf,
} from "./operations.ts";

const INFO = { title: "Kubernetes", version: "v1.30.0" };
const ANSWERS = ["application/json", "application/yaml", "application/json;stream=watch"];
/** Types that clients look for though no operation leads to them. */
const EXTRA = ["io.k8s.apimachinery.pkg.apis.meta.v1.WatchEvent"];

export function documentV2(kinds: readonly Kind[]): Json {
  return {
    swagger: "2.0",
    info: INFO,
    paths: pathsOf(kinds, operationV2, parameterV2),
    definitions: definitionsFor(kinds, V2),
  };
}

export function documentV3(kinds: readonly Kind[]): Json {
  return {
    openapi: "3.0.0",
    info: INFO,
    paths: pathsOf(kinds, operationV3, parameterV3),
    components: { schemas: definitionsFor(kinds, V3) },
  };
}

function definitionsFor(kinds: readonly Kind[], dialect: Dialect): Json {
  const roots = new Set([STATUS, ...EXTRA]);
  const withoutSchema = new Map<string, GroupVersionKind>();
  const custom = kinds.filter((kind) => kind.custom !== undefined);
  if (custom.length > 0) for (const name of CUSTOM_ROOTS) roots.add(name);
  for (const kind of kinds) {
    for (const { body, response } of operationsOf(kind)) {
      if (body !== undefined) roots.add(body);
      if (response !== undefined) roots.add(response);
    }
    const { group, version } = kind;
    const type = typeOf(kind);
    withoutSchema.set(type, { group, kind: kind.kind, version });
    withoutSchema.set(`${type}List`, { group, kind: `${kind.kind}List`, version });
  }
  const definitions = definitionsOf(roots, withoutSchema, dialect);
  for (const kind of custom) Object.assign(definitions, customDefinitions(kind, dialect));
  return definitions;
}

function pathsOf(
  kinds: readonly Kind[],
  operation: (operation: Operation) => Json,
  parameter: (name: string) => Json,
): Json {
  const paths: Record<string, Json> = {};
  for (const one of kinds.flatMap(operationsOf)) {
    const names = [...one.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!);
    paths[one.path] ??= { parameters: [...names, PRETTY.name].map(parameter) };
    paths[one.path]![one.method] = operation(one);
  }
  return Object.fromEntries(Object.entries(paths).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function common(operation: Operation): Json {
  const { group, kind, version } = operation.gvk;
  const where = operation.path.replace(/[{}]/g, "");
  return {
    description: `${operation.action} ${kind}`,
    operationId: operation.method + where.replace(/\W+(\w)/g, (_, first) => first.toUpperCase()),
    "x-kubernetes-action": operation.action,
    "x-kubernetes-group-version-kind": { group, kind, version },
  };
}

function operationV2(operation: Operation): Json {
  const schema = (type: string) => ({ $ref: V2.references + type });
  const body = operation.body && { name: "body", in: "body", schema: schema(operation.body) };
  const isRequired = operation.method !== "delete";
  return {
    ...common(operation),
    consumes: operation.consumes,
    produces: ANSWERS,
    parameters: [
      ...(body ? [isRequired ? { ...body, required: true } : body] : []),
      ...operation.query.map(queryV2),
    ],
    responses: {
      200: { description: "OK", schema: operation.response ? schema(operation.response) : STRING },
      401: { description: "Unauthorized" },
    },
  };
}

const STRING = { type: "string" };

function queryV2({ name, type, description }: Parameter): Json {
  return { name, in: "query", description, type, uniqueItems: true };
}

function parameterV2(name: string): Json {
  if (name === PRETTY.name) return queryV2(PRETTY);
  return { ...pathParameter(name), type: "string", uniqueItems: true };
}

function pathParameter(name: string): Json {
  const description = name === "name" ? "name of the object" : "object name and auth scope";
  return { name, in: "path", description, required: true };
}

function operationV3(operation: Operation): Json {
  const content = (types: readonly string[], name: string | undefined) => {
    const schema = name === undefined ? STRING : { $ref: V3.references + name };
    return Object.fromEntries(types.map((type) => [type, { schema }]));
  };
  return {
    ...common(operation),
    parameters: operation.query.map(queryV3),
    ...(operation.body && {
      requestBody: {
        content: content(operation.consumes, operation.body),
        ...(operation.method !== "delete" && { required: true }),
      },
    }),
    responses: {
      200: { description: "OK", content: content(ANSWERS, operation.response) },
      401: { description: "Unauthorized" },
    },
  };
}

function queryV3({ name, type, description }: Parameter): Json {
  return { name, in: "query", description, schema: { type, uniqueItems: true } };
}

function parameterV3(name: string): Json {
  if (name === PRETTY.name) return queryV3(PRETTY);
  return { ...pathParameter(name), schema: { type: "string", uniqueItems: true } };
}
