/**
 * What a LimitRange may say: each type once, resources that exist, and amounts in their order
 * (min, default request, default, max).
 *
 * In Kubernetes: ValidateLimitRange in pkg/apis/core/validation/validation.go
 */
import type { LimitRangeItem } from "kubernetes-types/core/v1.js";
import { duplicate, type FieldError, forbidden, invalidValue, required } from "./field-error.ts";
import { goQuantity } from "./go-quantity.ts";
import type { LimitRange } from "./limit-range.ts";
import { qualifiedNameErrors } from "./names.ts";
import {
  compareQuantities,
  formatQuantity,
  milliValue,
  quantityError,
  quantityOf,
} from "./quantity.ts";
import type { ResourceList } from "./resources.ts";
import {
  canBeOvercommitted,
  containerResourceErrors,
  resourceTypeErrors,
} from "./resources-validation.ts";

const TYPES = ["Pod", "Container", "PersistentVolumeClaim"];

type Field = "min" | "max" | "default" | "defaultRequest";

/** What must not be greater than what, where the error is told, and which of the two it shows. */
const ORDER: [lesser: Field, greater: Field, at: Field, shown: Field, words: [string, string]][] = [
  ["min", "max", "min", "min", ["min", "max"]],
  ["min", "defaultRequest", "defaultRequest", "defaultRequest", ["min", "default request"]],
  ["defaultRequest", "max", "defaultRequest", "defaultRequest", ["default request", "max"]],
  [
    "defaultRequest",
    "default",
    "defaultRequest",
    "defaultRequest",
    ["default request", "default limit"],
  ],
  ["min", "default", "default", "min", ["min", "default"]],
  ["default", "max", "default", "max", ["default", "max"]],
];

export function validateLimitRange({ spec }: LimitRange): FieldError[] {
  const seen = new Set<string>();
  return (spec.limits ?? []).flatMap((item, i) => {
    const path = `spec.limits[${i}]`;
    const errors = typeErrors(item.type ?? "", `${path}.type`);
    if (seen.has(item.type)) errors.push(duplicate(`${path}.type`, item.type));
    seen.add(item.type);
    return [...errors, ...fieldErrors(item, path), ...amountErrors(item, path)];
  });
}

function typeErrors(type: string, path: string): FieldError[] {
  const wrong = qualifiedNameErrors(type).map((error) => invalidValue(path, type, error));
  if (wrong.length > 0 || type.includes("/") || TYPES.includes(type)) return wrong;
  return [invalidValue(path, type, "must be a standard limit type or fully qualified")];
}

function fieldErrors(item: LimitRangeItem, path: string): FieldError[] {
  const isPod = item.type === "Pod";
  const errors = [...listErrors(item, "max", path), ...listErrors(item, "min", path)];
  for (const field of ["default", "defaultRequest"] as const) {
    const isThere = Object.keys(item[field] ?? {}).length > 0;
    if (!isPod) errors.push(...listErrors(item, field, path));
    else if (isThere) {
      errors.push(forbidden(`${path}.${field}`, "may not be specified when `type` is 'Pod'"));
    }
  }
  if (item.type === "PersistentVolumeClaim" && !item.min?.storage && !item.max?.storage) {
    const why = "either minimum or maximum storage value is required, but neither was provided";
    errors.push(required(`${path}.limits`, why));
  }
  return [...errors, ...listErrors(item, "maxLimitRequestRatio", path)];
}

function listErrors(
  item: LimitRangeItem,
  field: Field | "maxLimitRequestRatio",
  path: string,
): FieldError[] {
  const ofContainers = item.type === "Pod" || item.type === "Container";
  const nameErrors = ofContainers ? containerResourceErrors : resourceTypeErrors;
  return Object.entries(item[field] ?? {}).flatMap(([name, amount]) => {
    const at = `${path}.${field}[${name}]`;
    const wrong = quantityError(String(amount));
    return [...nameErrors(name, at), ...(wrong ? [invalidValue(at, String(amount), wrong)] : [])];
  });
}

function amountErrors(item: LimitRangeItem, path: string): FieldError[] {
  const lists = [item.max, item.min, item.default, item.defaultRequest, item.maxLimitRequestRatio];
  const names = new Set(lists.flatMap((list) => Object.keys(list ?? {})));
  const areReadable = (name: string) =>
    lists.every((list) => list?.[name] === undefined || !quantityError(String(list[name])));
  return [...names]
    .filter(areReadable)
    .flatMap((name) => [
      ...orderErrors(item, name, path),
      ...ratioErrors(item, name, path),
      ...overcommitErrors(item, name, path),
    ]);
}

function orderErrors(item: LimitRangeItem, name: string, path: string): FieldError[] {
  return ORDER.flatMap(([lesser, greater, at, shown, words]) => {
    const [a, b] = [item[lesser]?.[name], item[greater]?.[name]];
    if (a === undefined || b === undefined) return [];
    if (compareQuantities(quantityOf(a), quantityOf(b)) <= 0) return [];
    const why = `${words[0]} value ${text(a)} is greater than ${words[1]} value ${text(b)}`;
    return [invalidValue(`${path}.${at}[${name}]`, goQuantity(item[shown]![name]!), why)];
  });
}

function ratioErrors(item: LimitRangeItem, name: string, path: string): FieldError[] {
  const { min, max, maxLimitRequestRatio } = item;
  const ratio = maxLimitRequestRatio?.[name];
  if (ratio === undefined) return [];
  const at = `${path}.maxLimitRequestRatio[${name}]`;
  const errors: FieldError[] = [];
  if (compareQuantities(quantityOf(ratio), quantityOf("1")) < 0) {
    errors.push(invalidValue(at, goQuantity(ratio), `ratio ${text(ratio)} is less than 1`));
  }
  const most = quotient(max, min, name);
  if (most !== undefined && milliValue(quantityOf(ratio)) / 1000 > most) {
    const why = `ratio ${text(ratio)} is greater than max/min = ${most.toFixed(6)}`;
    errors.push(invalidValue(at, goQuantity(ratio), why));
  }
  return errors;
}

function overcommitErrors(item: LimitRangeItem, name: string, path: string): FieldError[] {
  const [limit, request] = [item.default?.[name], item.defaultRequest?.[name]];
  if (canBeOvercommitted(name) || limit === undefined || request === undefined) return [];
  if (compareQuantities(quantityOf(limit), quantityOf(request)) === 0) return [];
  const why = `default value ${text(limit)} must equal to defaultRequest value ${text(request)} in ${name}`;
  return [invalidValue(`${path}.defaultRequest[${name}]`, goQuantity(request), why)];
}

function quotient(max: ResourceList | undefined, min: ResourceList | undefined, name: string) {
  const [most, least] = [max?.[name], min?.[name]];
  if (most === undefined || least === undefined) return undefined;
  return milliValue(quantityOf(most)) / milliValue(quantityOf(least));
}

function text(amount: string): string {
  return formatQuantity(quantityOf(amount));
}
