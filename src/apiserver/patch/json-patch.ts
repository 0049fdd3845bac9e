/**
 * JSON patch (RFC 6902): a list of operations, all of which succeed or none.
 *
 * An operation that fails is answered with one and the same sentence, whatever it was, as in
 * Kubernetes. Paths lead through a document's own keys only, so that no patch reaches what all
 * objects share; and copies may not add up to more than a body may have.
 *
 * In Kubernetes: gopkg.in/evanphx/json-patch; apiserver/pkg/endpoints/handlers/patch.go.
 */
import fastJsonPatch, { type Operation } from "fast-json-patch";
import { ApiError, badRequest, requestTooLarge } from "../../api/errors.ts";
import type { Schema } from "../../api/schema.ts";
import { TypeMismatchError } from "../decode/type-mismatch.ts";
import { isObject, toTypedValue } from "../decode/typed-value.ts";

const OPERATIONS_MAX = 10_000;
/** As much as a request's body. */
const COPIED_BYTES_MAX = 3 * 1024 * 1024;

const text: Schema = { type: "string" };
const OPERATIONS: Schema = {
  type: "array",
  items: {
    type: "object",
    ref: "handlers.jsonPatchOp",
    properties: { op: text, path: text, from: text, value: { type: "any" } },
  },
};

/** Checks the form of the patch; returns what strictness has to say of it. */
export function checkOperations(
  patch: unknown,
  duplicates: WeakMap<object, Set<string>> | undefined,
): string[] {
  try {
    const { strictErrors } = toTypedValue(patch, OPERATIONS, duplicates);
    return strictErrors.map((error) => `json patch ${error}`);
  } catch (error) {
    if (!(error instanceof TypeMismatchError)) throw error;
    throw badRequest(`error decoding patch: ${error.message}`);
  }
}

/** `document` is changed; on an error it is good for nothing any more. */
export function jsonPatch(document: unknown, operations: readonly Operation[]): unknown {
  if (operations.length > OPERATIONS_MAX) {
    throw requestTooLarge(
      "Request entity is too large: The allowed maximum operations in a JSON patch is " +
        `${OPERATIONS_MAX}, got ${operations.length}`,
    );
  }
  let result = document;
  let copiedBytes = 0;
  for (const [index, operation] of operations.entries()) {
    if (!leadsThroughOwnKeys(result, operation)) throw failed();
    if (operation.op === "copy") {
      copiedBytes += sizeOf(result, operation.from);
      if (copiedBytes > COPIED_BYTES_MAX) throw failed();
    }
    result = applyOne(result, operation, index);
  }
  return result;
}

function applyOne(document: unknown, operation: Operation, index: number): unknown {
  try {
    return fastJsonPatch.applyOperation(document, operation, true, true, true, index).newDocument;
  } catch (error) {
    // A TypeError: the place is banned, or is no more after what was moved out of it.
    if (error instanceof fastJsonPatch.JsonPatchError || error instanceof TypeError) throw failed();
    throw error;
  }
}

/** What Kubernetes says of every operation that cannot be done. */
function failed(): ApiError {
  return new ApiError(
    422,
    "Invalid",
    "the server rejected our request due to an error in our request",
    {},
  );
}

/**
 * All but the last step of `path`, and all of `from`, must be there; of an object, its own keys. Neither is the whole
 * document, and nothing is moved into itself.
 */
function leadsThroughOwnKeys(document: unknown, operation: Operation): boolean {
  if (!isObject(operation) || typeof operation.path !== "string") return false;
  const path = stepsOf(operation.path);
  if (path.length === 0) return false;
  if (operation.op === "copy" || operation.op === "move") {
    const from = stepsOf(operation.from);
    const isAbove = path.length > from.length && from.every((step, i) => step === path[i]);
    if (from.length === 0 || (operation.op === "move" && isAbove)) return false;
  }
  if (operation.op !== "add" && operation.op !== "copy" && operation.op !== "move") {
    return isThere(document, path);
  }
  if (!isThere(document, path.slice(0, -1))) return false;
  return operation.op === "add" || isThere(document, stepsOf(operation.from));
}

function isThere(document: unknown, steps: readonly string[]): boolean {
  return valueAt(document, steps) !== NOTHING;
}

const NOTHING = Symbol("nothing there");

function valueAt(document: unknown, steps: readonly string[]): unknown {
  let value = document;
  for (const step of steps) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return NOTHING;
    if (Array.isArray(value) && !/^(0|[1-9]\d*)$/.test(step)) return NOTHING;
    value = (value as Record<string, unknown>)[step];
  }
  return value;
}

function sizeOf(document: unknown, from: string): number {
  return JSON.stringify(valueAt(document, stepsOf(from))).length;
}

function stepsOf(pointer: unknown): string[] {
  if (typeof pointer !== "string" || pointer === "") return [];
  const steps = pointer.split("/").slice(1);
  return steps.map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
}
