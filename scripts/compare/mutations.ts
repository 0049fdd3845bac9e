/**
 * What one may do to an object: for each field that the original's OpenAPI knows, a few values that are right and
 * wrong, one at a time, with everything above it made where it is missing.
 */
import type { Json } from "./server.ts";

export interface Mutation {
  path: (string | number)[];
  value: Json;
}

const LONG = "x".repeat(300);
const STRINGS = ["", "Bad_Name!", "valid", LONG];
const INTEGERS = [-1, 0, 70_000];
const QUANTITIES = ["-1", "1Gi", "100m"];
const INT_OR_STRINGS = ["abc", -1, "150%", 70_000, "10%"];
const DEEPEST = 9;

/** What some fields are called says more than their type. */
const BY_NAME: Record<string, Json[]> = {
  apiVersion: ["v1", "a/b/c", ""],
  cidr: ["10.0.0.0/8", "10.0.0.0", "x"],
  effect: ["NoSchedule", "NoExecute", "Odd"],
  fieldPath: ["metadata.name", "spec.x", "metadata.labels['x']"],
  host: ["a.b", "*.a.b", "A_B", "1.2.3.4"],
  imagePullPolicy: ["Always", "Sometimes"],
  ip: ["10.1.1.1", "127.0.0.1", "1.2"],
  key: ["", "a b", "valid", "../x"],
  kind: ["Pod", ""],
  mountPath: ["/x", "x:y", ""],
  name: ["", "Bad_Name!", "valid", LONG, "a.b"],
  operator: ["In", "Exists", "DoesNotExist", "Gt", "Equal", "NotIn", "Odd"],
  path: ["/x", "x", "../x", "/a/../b", ""],
  protocol: ["UDP", "tcp", "SCTP"],
  restartPolicy: ["Always", "OnFailure", "Never", "Sometimes"],
  schedule: ["* * * * *", "bad"],
  scheme: ["HTTPS", "ftp"],
  type: ["ClusterIP", "NodePort", "RollingUpdate", "OnDelete", "RuntimeDefault", "Odd"],
  url: ["https://a.b/c", "http://a.b", "a b"],
};
const MAPS_OF_QUANTITIES = [{ cpu: "-1" }, { memory: "1Gi" }, { "bad key!": "1" }, { foo: "1" }];
const MAPS_OF_STRINGS = [{ a: "b" }, { "bad key!": "b" }, { a: "bad value!" }, { "a/b/c": "x" }];
/** The system's own, and what has a form of its own. */
const LEFT_ALONE = /^(status|managedFields|selfLink|uid|resourceVersion|generation|.*Timestamp)$/;

export class Mutations {
  readonly #definitions: Record<string, Json>;

  /** `definitions` of an OpenAPI v2 document. */
  constructor(definitions: Record<string, Json>) {
    this.#definitions = definitions;
  }

  of(object: Json): Mutation[] {
    const [version, group = ""] = object.apiVersion.split("/").reverse();
    const isIt = (one: Json) =>
      one.group === group && one.version === version && one.kind === object.kind;
    const definition = Object.values(this.#definitions).find((one) =>
      one["x-kubernetes-group-version-kind"]?.some(isIt),
    );
    return definition === undefined ? [] : [...this.#fieldsOf(definition, [])];
  }

  *#fieldsOf(definition: Json, path: Mutation["path"]): Generator<Mutation> {
    for (const [name, field] of Object.entries<Json>(definition.properties ?? {})) {
      const isOuter = path.length === 0 && (name === "apiVersion" || name === "kind");
      if (!isOuter && !LEFT_ALONE.test(name)) yield* this.#valuesOf(name, field, [...path, name]);
    }
  }

  *#valuesOf(name: string, field: Json, path: Mutation["path"]): Generator<Mutation> {
    if (path.length > DEEPEST) return;
    const type = (field.$ref as string | undefined)?.slice("#/definitions/".length) ?? "";
    const all = (values: Json[]) => values.map((value) => ({ path, value }));
    if (type.endsWith("Quantity")) yield* all(QUANTITIES);
    else if (type.endsWith("IntOrString")) yield* all(INT_OR_STRINGS);
    else if (/\.(Time|MicroTime|RawExtension|JSON|JSONSchemaProps\w*)$/.test(type)) return;
    else if (type !== "") {
      yield* all([{}, null]);
      // A type that holds itself would go on for ever.
      if (path.filter((part) => part === name).length > 1) return;
      yield* this.#fieldsOf(this.#definitions[type], path);
    } else if (field.type === "array") yield* this.#listsOf(name, field.items, path);
    else if (field.type === "object") {
      const isOfQuantities = field.additionalProperties?.$ref?.endsWith("Quantity");
      yield* all([{}, ...(isOfQuantities ? MAPS_OF_QUANTITIES : MAPS_OF_STRINGS)]);
    } else if (Object.hasOwn(BY_NAME, name)) yield* all(BY_NAME[name]!);
    else if (field.type === "string") yield* all(STRINGS);
    else if (field.type === "integer") yield* all(INTEGERS);
    else if (field.type === "boolean") yield* all([true, false]);
  }

  *#listsOf(name: string, items: Json, path: Mutation["path"]): Generator<Mutation> {
    yield { path, value: [] };
    if (items.$ref !== undefined) {
      yield { path, value: [{}] };
      yield* this.#valuesOf(name, items, [...path, 0]);
    } else if (items.type === "string") {
      for (const value of [["valid", "valid"], [""], ["Bad_Name!"]]) yield { path, value };
    }
  }
}

/** The object with one value changed; undefined where something that is no object is in the way. */
export function mutated(object: Json, { path, value }: Mutation): Json {
  const result = structuredClone(object);
  let at = result;
  for (const [i, part] of path.slice(0, -1).entries()) {
    at[part] ??= typeof path[i + 1] === "number" ? [] : {};
    at = at[part];
    if (typeof at !== "object") return undefined;
  }
  at[path.at(-1)!] = value;
  return result;
}
