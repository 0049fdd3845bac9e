/** How a table of refusals is written: what is changed in the kind's example, and what is then wrong with it. */
import { set, unset } from "lodash-es";
import { apiVersionOf, type Kind } from "../../../src/api/kind.ts";

/** By path ("spec.ports[0].port"); undefined takes the field away. */
export type Changes = Record<string, unknown>;

/** Every cause as Kubernetes words it: "spec.replicas: Invalid value: -1: must be greater than or equal to 0". */
export type Claim = [changes: Changes, causes: string[]];

export type ClaimsOfKind = [kind: string, claims: Claim[]];

/** The object of a claim. Its name is "bad", so that it meets nothing that is there. */
export function invalidObject(kind: Kind, changes: Changes): object {
  const { kind: name, example } = kind;
  const object = structuredClone({ ...example, apiVersion: apiVersionOf(kind), kind: name });
  if (example.metadata.name !== "") object.metadata = { ...object.metadata, name: "bad" };
  return changed(object, changes);
}

export function changed<T extends object>(object: T, changes: Changes): T {
  for (const [path, value] of Object.entries(changes)) {
    if (value === undefined) unset(object, path);
    else set(object, path, value);
  }
  return object;
}

/** The whole answer to who writes it. */
export function refusalOf(kind: Kind, name: string, causes: string[]): object {
  const { group, kind: kindName } = kind;
  const qualified = group === "" ? kindName : `${kindName}.${group}`;
  // A cause that is told twice is in the sentence once.
  const each = [...new Set(causes)];
  const all = each.length === 1 ? each[0] : `[${each.join(", ")}]`;
  return {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Failure",
    message: `${qualified} "${name}" is invalid: ${all}`,
    reason: "Invalid",
    details: {
      name,
      ...(group === "" ? {} : { group }),
      kind: kindName,
      causes: causes.map(causeOf),
    },
    code: 422,
  };
}

const REASONS: readonly [sentence: string, reason: string][] = [
  ["Invalid value", "FieldValueInvalid"],
  ["Required value", "FieldValueRequired"],
  ["Unsupported value", "FieldValueNotSupported"],
  ["Duplicate value", "FieldValueDuplicate"],
  ["Forbidden", "FieldValueForbidden"],
  ["Not found", "FieldValueNotFound"],
  ["Too long", "FieldValueTooLong"],
  ["Too many", "FieldValueTooMany"],
];

/** "a.b: Required value: why" -> field, reason and message, as details.causes has them. */
export function causeOf(wording: string) {
  const [, field = "", message = ""] =
    /^(.*?): ((?:[A-Z][a-z]+ ?[a-z]*)(?:[:].*)?)$/s.exec(wording) ?? [];
  const reason = REASONS.find(([sentence]) => message.startsWith(sentence))?.[1];
  if (reason === undefined) throw new Error(`no cause: ${wording}`);
  return { reason, message, field };
}
