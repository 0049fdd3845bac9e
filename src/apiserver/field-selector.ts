/**
 * Field selectors: "spec.nodeName=node1,status.phase!=Running". Only the fields a kind declares can be
 * asked for; equality is all there is.
 *
 * In Kubernetes: staging/src/k8s.io/apimachinery/pkg/fields/selector.go, and the field label
 * conversions of pkg/apis/core/v1/conversion.go.
 */
import { badRequest } from "../api/errors.ts";
import type { Kind, KubeObject } from "../api/kind.ts";

interface Term {
  field: string;
  value: string;
  isNegated: boolean;
}

const META_FIELDS = ["metadata.name", "metadata.namespace"];

/** Throws a 400 for a selector that cannot be read, or a field that cannot be selected by. */
export function parseFieldSelector(selector: string, kind: Kind): (obj: KubeObject) => boolean {
  const terms = termsOf(selector).map((part) => parseTerm(part, selector));
  for (const { field } of terms) checkField(field, kind);
  return (obj) => {
    const fields = fieldsOf(obj, kind);
    return terms.every(({ field, value, isNegated }) => (fields[field] === value) !== isNegated);
  };
}

/** Shared by all who select the same object, which they may not change. */
const known = new WeakMap<KubeObject, Record<string, string>>();

function fieldsOf(obj: KubeObject, kind: Kind): Record<string, string> {
  let fields = known.get(obj);
  if (fields === undefined) {
    const { name, namespace = "" } = obj.metadata;
    fields = {
      ...kind.selectableFields?.(obj),
      "metadata.name": name,
      "metadata.namespace": namespace,
    };
    known.set(obj, fields);
  }
  return fields;
}

function checkField(field: string, kind: Kind): void {
  if (META_FIELDS.includes(field)) return;
  if (kind.selectableFields === undefined) {
    const names = META_FIELDS.map((one) => JSON.stringify(one)).join(", ");
    throw badRequest(`${JSON.stringify(field)} is not a known field selector: only ${names}`);
  }
  const fields = kind.selectableFields(kind.example);
  if (!Object.hasOwn(fields, field)) throw badRequest(`field label not supported: ${field}`);
}

/** Splits at commas, but for those behind a backslash. */
function termsOf(selector: string): string[] {
  return (selector.match(/(?:\\.|[^\\,])+/gs) ?? []).filter((part) => part !== "");
}

function parseTerm(part: string, selector: string): Term {
  const [, field, operator, value] = /^(.*?)(!=|==|=)(.*)$/s.exec(part) ?? [];
  if (field === undefined || operator === undefined) {
    throw badRequest(`invalid selector: '${selector}'; can't understand '${part}'`);
  }
  return { field, value: unescaped(value!), isNegated: operator === "!=" };
}

function unescaped(value: string): string {
  return value.replace(/\\([\\,=])/g, "$1");
}
