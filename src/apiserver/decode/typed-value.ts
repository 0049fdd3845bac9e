/**
 * Turns a value as JSON has it into a value of the API, by its schema: unknown fields are dropped
 * and reported, times and quantities brought into their canonical form, a value of the wrong type
 * refused in Go's words. The input is never changed and never shared.
 *
 * As in Go: null leaves a field unset (in a list it becomes the empty value of its type), an
 * optional list or map that is empty is left out, names of fields are case-sensitive.
 *
 * In Kubernetes: sigs.k8s.io/json, and apimachinery/pkg/runtime/converter.go for patches.
 */
import { canonical } from "../../api/quantity.ts";
import { fieldOf, type Schema, schemaOf } from "../../api/schema.ts";
import { goStruct } from "./go-types.ts";
import { canonicalMicroTime, canonicalTime, TimeError } from "./time-format.ts";
import {
  checkBase64,
  jsonMismatch,
  TypeMismatchError,
  unstructuredMismatch,
  type Wording,
} from "./type-mismatch.ts";

export interface TypedValue {
  value: unknown;
  /** `unknown field "spec.foo"`, `duplicate field "spec.replicas"`: at most a hundred, each once. */
  strictErrors: string[];
}

/** Throws a TypeMismatchError. */
export function toTypedValue(
  value: unknown,
  schema: Schema,
  duplicates?: WeakMap<object, Set<string>>,
  wording: Wording = "json",
): TypedValue {
  const conversion = new Conversion(duplicates, wording);
  return { value: conversion.run(value, schema), strictErrors: [...conversion.strictErrors] };
}

const STRICT_ERRORS_MAX = 100;
/** What is left out: not a value of JSON. */
const UNSET = undefined;

class Conversion {
  readonly strictErrors = new Set<string>();
  readonly #duplicates: WeakMap<object, Set<string>> | undefined;
  readonly #wording: Wording;
  /** The names of the fields down to here, and (for strict errors) keys and indices too. */
  readonly #fields: string[] = [];
  readonly #path: (string | number)[] = [];
  #struct = "";
  #mismatch: TypeMismatchError | undefined;

  constructor(duplicates: WeakMap<object, Set<string>> | undefined, wording: Wording) {
    this.#duplicates = duplicates;
    this.#wording = wording;
  }

  /** A type that does not fit is remembered while Go reads on: a bad quantity further on trumps it. */
  run(value: unknown, schema: Schema): unknown {
    const converted = this.#convert(value, schema);
    if (this.#mismatch) throw this.#mismatch;
    return converted;
  }

  #convert(value: unknown, schema: Schema): unknown {
    if (value === null || value === undefined) return UNSET;
    switch (schema.type) {
      case "any":
        return this.#copy(value);
      case "object":
        return isObject(value) ? this.#object(value, schema) : this.#refuse(value, schema);
      case "map":
        return isObject(value) ? this.#map(value, schema) : this.#refuse(value, schema);
      case "array":
        return Array.isArray(value) ? this.#list(value, schema) : this.#refuse(value, schema);
      case "boolean":
        return typeof value === "boolean" ? value : this.#refuse(value, schema);
      case "integer":
      case "number":
        return typeof value === "number"
          ? this.#number(value, schema)
          : this.#refuse(value, schema);
      case "string":
        return this.#string(value, schema);
    }
  }

  #object(value: Record<string, unknown>, schema: Schema): unknown {
    const type = schema.properties ? schema : schemaOf(schema.ref!);
    const result: Record<string, unknown> = {};
    const struct = this.#struct;
    for (const key of Object.keys(value)) {
      const field = fieldOf(type, key);
      this.#path.push(key);
      if (!field) this.#report("unknown");
      else {
        if (this.#duplicates?.get(value)?.has(key)) this.#report("duplicate");
        this.#fields.push(key);
        this.#struct = goStruct(type.ref!);
        const converted = this.#convert(value[key], field);
        if (converted !== UNSET && !isLeftOut(converted, field, type, key)) result[key] = converted;
        this.#fields.pop();
        this.#struct = struct;
      }
      this.#path.pop();
    }
    return result;
  }

  #map(value: Record<string, unknown>, schema: Schema): unknown {
    const result: Record<string, unknown> = {};
    for (const key of Object.keys(value)) {
      this.#path.push(key);
      if (this.#duplicates?.get(value)?.has(key)) this.#report("duplicate");
      const converted = this.#convert(value[key], schema.items!) ?? zeroOf(schema.items!);
      setKey(result, key, converted);
      this.#path.pop();
    }
    return result;
  }

  #list(value: unknown[], schema: Schema): unknown {
    return value.map((one, index) => {
      this.#path.push(index);
      const converted = this.#convert(one, schema.items!) ?? zeroOf(schema.items!);
      this.#path.pop();
      return converted;
    });
  }

  /** What has no schema: copied as it is, nulls and all. */
  #copy(value: unknown): unknown {
    if (Array.isArray(value)) {
      return value.map((one, index) => {
        this.#path.push(index);
        const copied = this.#copy(one);
        this.#path.pop();
        return copied;
      });
    }
    if (!isObject(value)) return value;
    const result: Record<string, unknown> = {};
    for (const key of Object.keys(value)) {
      this.#path.push(key);
      if (this.#duplicates?.get(value)?.has(key)) this.#report("duplicate");
      setKey(result, key, this.#copy(value[key]));
      this.#path.pop();
    }
    return result;
  }

  #number(value: number, schema: Schema): unknown {
    if (schema.type === "number") return value;
    const fits = schema.format === "int32" ? isInt32(value) : Number.isInteger(value);
    return fits ? value : this.#refuse(value, schema);
  }

  #string(value: unknown, schema: Schema): unknown {
    switch (schema.format) {
      case "quantity":
        return this.#canonical(typeof value === "string" ? value : JSON.stringify(value), (text) =>
          canonical(text.trim()),
        );
      case "date-time":
        if (typeof value === "string") return this.#canonical(value, canonicalTime);
        break;
      case "micro-time":
        if (typeof value === "string") return this.#canonical(value, canonicalMicroTime);
        break;
      case "int-or-string":
        if (typeof value === "number") return this.#number(value, INT32);
        break;
      case "byte":
        if (typeof value === "string") checkBase64(value);
        break;
    }
    return typeof value === "string" ? value : this.#refuse(value, schema);
  }

  /** What has its own way of reading JSON in Go: its error ends the decoding. */
  #canonical(value: string, toCanonical: (text: string) => string): unknown {
    try {
      return toCanonical(value);
    } catch (error) {
      if (error instanceof RangeError || error instanceof TimeError) {
        throw new TypeMismatchError(error.message);
      }
      throw error;
    }
  }

  #refuse(value: unknown, schema: Schema): undefined {
    const words = this.#wording === "json" ? jsonMismatch : unstructuredMismatch;
    this.#mismatch ??= new TypeMismatchError(words(value, schema, this.#struct, this.#fields));
    return UNSET;
  }

  #report(what: "unknown" | "duplicate"): void {
    if (this.strictErrors.size >= STRICT_ERRORS_MAX) return;
    this.strictErrors.add(`${what} field "${pathText(this.#path)}"`);
  }
}

const INT32: Schema = { type: "integer", format: "int32" };

/** `omitempty` of Go: an optional list or map without an element is not written. */
function isLeftOut(value: unknown, field: Schema, type: Schema, key: string): boolean {
  if (field.type !== "array" && field.type !== "map") return false;
  // Empty, it wishes that nobody owned anything (apply/field-manager.ts).
  if (key === "managedFields") return false;
  return Object.keys(value as object).length === 0 && !type.required?.includes(key);
}

function zeroOf(schema: Schema): unknown {
  switch (schema.type) {
    case "object":
    case "map":
      return {};
    case "array":
      return [];
    case "boolean":
      return false;
    case "integer":
    case "number":
      return 0;
    case "string":
      return schema.format === "quantity" ? "0" : "";
    case "any":
      return null;
  }
}

function pathText(path: (string | number)[]): string {
  let text = "";
  for (const part of path) {
    if (typeof part === "number") text += `[${part}]`;
    else text += text === "" ? part : `.${part}`;
  }
  return text;
}

function isInt32(value: number): boolean {
  return Number.isInteger(value) && value >= -(2 ** 31) && value < 2 ** 31;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An assignment, but for the one key that would be more than that. */
export function setKey(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== "__proto__") target[key] = value;
  else {
    Object.defineProperty(target, key, {
      value,
      writable: true,
      enumerable: true,
      configurable: true,
    });
  }
}
