/**
 * The directives of a strategic merge patch, and what Kubernetes says where one is wrong.
 *
 * In Kubernetes: apimachinery/pkg/util/strategicpatch, apimachinery/pkg/util/mergepatch/errors.go;
 * which error becomes which code: apiserver/pkg/endpoints/handlers/patch.go.
 */
import { ApiError, badRequest } from "../../api/errors.ts";
import { isObject } from "../decode/typed-value.ts";
import { printed, typeName } from "./go-print.ts";

/** `$patch: replace`, `delete` or `merge` on an object. */
export const PATCH = "$patch";
/** Which fields of an object stay. */
export const RETAIN_KEYS = "$retainKeys";
/** `$deleteFromPrimitiveList/finalizers: [a]` */
export const DELETE_FROM = "$deleteFromPrimitiveList";
/** `$setElementOrder/containers: [{name: a}, {name: b}]` */
export const ORDER = "$setElementOrder";

export const badRetainKeys = () => badRequest("invalid patch format of retainKeys");
export const badPrimitiveList = () => badRequest("invalid patch format of primitive list");
export const badElementOrder = () => badRequest("invalid patch format of setElementOrder list");
export const listOfLists = () =>
  new ApiError(
    422,
    "Invalid",
    "the server rejected our request due to an error in our request",
    {},
  );

/** Errors that Kubernetes gives no code of their own, and so answers with a 500. */
const unforeseen = (message: string) => new ApiError(500, "", message);

export const noMergeKey = (element: unknown, key: string) =>
  unforeseen(`map: ${printed(element)} does not contain declared merge key: ${key}`);

export const badPatchType = (directive: unknown, element: unknown) =>
  unforeseen(`unknown patch type: ${printed(directive)} in map: ${printed(element)}`);

export const notAList = (value: unknown) =>
  unforeseen(`expected a []interface {}, but received a ${typeName(value)}`);

export const notAMap = (value: unknown) =>
  unforeseen(`expected a map[string]interface {}, but received a ${typeName(value)}`);

export const mixedElements = (list: unknown[]) =>
  unforeseen(`list element types are not identical: ${printed(list)}`);

export const mergingNotSpecifiable = () =>
  unforeseen("merging lists cannot yet be specified in the patch");

export const wrongOrder = (patch: unknown[], order: unknown[]) =>
  unforeseen(
    `The order in patch list:\n${printed(patch)}\n doesn't match ${ORDER} list:\n${printed(order)}\n`,
  );

export const noSuchField = (type: string, field: string) =>
  unforeseen(
    `unable to find api field in struct ${type} for the json field ${JSON.stringify(field)}`,
  );

/** `prefix/field` -> `field`. */
export function fieldNamedBy(key: string, prefix: string, otherwise: () => Error): string {
  if (!key.startsWith(`${prefix}/`)) throw otherwise();
  return key.slice(prefix.length + 1);
}

/**
 * A patch as it looks when Kubernetes has applied it, which uses up some directives and the lists
 * they are about: its errors print what is left.
 */
export function leftOver(patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const keys = Object.keys(patch);
  const orders = keys.filter((key) => key.startsWith(`${ORDER}/`));
  const used = new Set([
    RETAIN_KEYS,
    ...orders,
    ...orders.map((key) => key.slice(ORDER.length + 1)),
  ]);
  const rest = keys.filter((key) => !used.has(key));
  return Object.fromEntries(rest.map((key) => [key, leftOver(patch[key])]));
}

/** A part of a patch that becomes part of the object: without its directives and its nulls. */
export function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.filter((one) => !hasDirective(one)).map(withoutDirectives);
  }
  if (!isObject(value)) return value;
  const kept = Object.entries(value).filter(([, one]) => one !== null && !hasDirective(one));
  return Object.fromEntries(kept.map(([key, one]) => [key, withoutDirectives(one)]));
}

export function hasDirective(value: unknown): boolean {
  return isObject(value) && Object.hasOwn(value, PATCH);
}
