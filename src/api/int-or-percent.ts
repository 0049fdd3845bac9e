/**
 * Amounts that are a number or a share of a whole: 3, or "25%".
 *
 * In Kubernetes: staging/src/k8s.io/apimachinery/pkg/util/intstr/intstr.go,
 * ValidatePositiveIntOrPercent and IsNotMoreThan100Percent in pkg/apis/apps/validation/validation.go
 */
import { type FieldError, GoStruct, invalidValue } from "./field-error.ts";

export type IntOrPercent = number | string;

const NOT_A_PERCENTAGE =
  "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";

/** The amount itself, or that share of `total`. What is no percentage is nothing. */
export function scaledAmount(
  amount: IntOrPercent,
  total: number,
  rounding: "up" | "down" = "up",
): number {
  if (typeof amount === "number") return amount;
  const share = ((percentOf(amount) ?? 0) * total) / 100;
  return rounding === "up" ? Math.ceil(share) : Math.floor(share);
}

/** The number before the "%"; undefined where it is no percentage. */
export function percentOf(amount: IntOrPercent): number | undefined {
  return typeof amount === "string" && /^[0-9]+%$/.test(amount)
    ? Number(amount.slice(0, -1))
    : undefined;
}

/** Whether it asks for nothing: 0 or "0%". */
export function isZeroAmount(amount: IntOrPercent | undefined): boolean {
  return amount === undefined || (percentOf(amount) ?? Number(amount)) === 0;
}

export function validateIntOrPercent(amount: IntOrPercent, path: string): FieldError[] {
  if (typeof amount === "string") {
    if (percentOf(amount) !== undefined) return [];
    return [invalidValue(path, goIntOrString(amount), NOT_A_PERCENTAGE)];
  }
  return amount < 0 ? [invalidValue(path, amount, "must be greater than or equal to 0")] : [];
}

export function validateAtMostAll(amount: IntOrPercent, path: string): FieldError[] {
  if ((percentOf(amount) ?? 0) <= 100) return [];
  return [invalidValue(path, goIntOrString(amount), "must not be greater than 100%")];
}

/** As Go prints it: intstr.IntOrString{Type:1, IntVal:0, StrVal:"25%"}. */
export function goIntOrString(amount: IntOrPercent): GoStruct {
  const isText = typeof amount === "string";
  return new GoStruct("intstr.IntOrString", {
    Type: isText ? 1 : 0,
    IntVal: isText ? 0 : amount,
    StrVal: isText ? amount : "",
  });
}
