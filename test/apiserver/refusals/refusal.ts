/** The whole Status that refuses an object. */
import type { Kind } from "../../../src/api/kind.ts";
import { causeOf } from "../invalid-objects/claim.ts";

/** Each wording is said once, though it may have several causes. */
export function refusalOf(kind: Pick<Kind, "group" | "kind">, name: string, causes: string[]) {
  const said = [...new Set(causes)];
  const all = said.length === 1 ? said[0] : `[${said.join(", ")}]`;
  return {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Failure",
    message: `${kind.kind}.${kind.group} "${name}" is invalid: ${all}`,
    reason: "Invalid",
    details: { name, group: kind.group, kind: kind.kind, causes: causes.map(causeWithType) },
    code: 422,
  };
}

/** A wrong type has a reason of its own. */
function causeWithType(wording: string) {
  const cause = causeOf(wording);
  const isType = / in body must be of type /.test(wording);
  return isType ? { ...cause, reason: "FieldValueTypeInvalid" } : cause;
}
