/**
 * What may be asked of pods/log, and how: the options are checked before the pod is looked for.
 *
 * In Kubernetes: PodLogOptions in pkg/apis/core, ValidatePodLogOptions in pkg/apis/core/validation/validation.go
 */
import { badRequest, invalid } from "../api/errors.ts";
import { type FieldError, forbidden, invalidValue } from "../api/field-error.ts";

const NAMES = [
  "follow",
  "previous",
  "sinceSeconds",
  "sinceTime",
  "timestamps",
  "tailLines",
  "limitBytes",
];
const WHOLE_NUMBER = /^[+-]?\d+$/;
const NOT_NEGATIVE = "must be greater than or equal to 0";
const POSITIVE = "must be greater than 0";

/** Of the query, what the kubelet understands too. Throws a 400 for what is no number, a 422 for what makes no sense. */
export function podLogOptionsOf(query: URLSearchParams, pod: string): URLSearchParams {
  const errors: FieldError[] = [];
  const check = (name: string, least: number, detail: string) => {
    const value = numberOf(query.get(name));
    if (value !== undefined && value < least) errors.push(invalidValue(name, value, detail));
  };
  check("tailLines", 0, NOT_NEGATIVE);
  check("limitBytes", 1, POSITIVE);
  if (query.has("sinceSeconds") && query.has("sinceTime")) {
    // The path is empty, and is shown so.
    errors.push(forbidden("[]", "at most one of `sinceTime` or `sinceSeconds` may be specified"));
  } else {
    check("sinceSeconds", 1, POSITIVE);
  }
  if (errors.length > 0) throw invalid({ group: "", kind: "PodLogOptions" }, pod, errors);
  return new URLSearchParams([...query].filter(([name]) => NAMES.includes(name)));
}

function numberOf(text: string | null): number | undefined {
  if (text === null) return undefined;
  if (WHOLE_NUMBER.test(text)) return Number(text);
  throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
}
