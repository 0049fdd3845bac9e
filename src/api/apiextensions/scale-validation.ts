/**
 * What stands where the scale subresource looks: numbers of replicas, and a selector that is text.
 *
 * In Kubernetes: ValidateScaleSpec and ValidateScaleStatus in
 * staging/src/k8s.io/apiextensions-apiserver/pkg/registry/customresource/validator.go
 */
import type { CustomResourceSubresourceScale as Scale } from "kubernetes-types/apiextensions/v1.js";
import { type FieldError, invalidValue } from "../field-error.ts";
import { type Fields, isFields } from "./custom-schema.ts";
import { goText, goType } from "./go-syntax.ts";

const MOST_REPLICAS = 2 ** 31 - 1;

export function scaleErrors(obj: object, scale: Scale | undefined): FieldError[] {
  if (scale === undefined) return [];
  return [...replicaErrors(obj, scale.specReplicasPath), ...scaleStatusErrors(obj, scale)];
}

export function scaleStatusErrors(obj: object, scale: Scale | undefined): FieldError[] {
  if (scale === undefined) return [];
  const { statusReplicasPath, labelSelectorPath } = scale;
  return [...replicaErrors(obj, statusReplicasPath), ...selectorErrors(obj, labelSelectorPath)];
}

function replicaErrors(obj: object, path: string): FieldError[] {
  const replicas = valueAt(obj, path);
  if (replicas === undefined) return [];
  if (!Number.isInteger(replicas)) return [invalidValue(path, 0, whyNot(path, replicas, "int64"))];
  const count = replicas as number;
  if (count < 0) return [invalidValue(path, count, "should be a non-negative integer")];
  if (count <= MOST_REPLICAS) return [];
  return [invalidValue(path, count, `should be less than or equal to ${MOST_REPLICAS}`)];
}

function selectorErrors(obj: object, path: string | undefined): FieldError[] {
  const selector = path === undefined ? undefined : valueAt(obj, path);
  if (selector === undefined || typeof selector === "string") return [];
  return [invalidValue(path!, "", whyNot(path!, selector, "string"))];
}

function valueAt(obj: object, path: string): unknown {
  let value: unknown = obj;
  for (const name of path.replace(/^\./, "").split(".")) {
    if (!isFields(value) || !Object.hasOwn(value, name)) return undefined;
    value = (value as Fields)[name];
  }
  return value;
}

function whyNot(path: string, value: unknown, wanted: string): string {
  return `${path} accessor error: ${goText(value)} is of the type ${goType(value)}, expected ${wanted}`;
}
