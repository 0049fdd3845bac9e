/**
 * A quantity in a message, as Go prints its struct: where Kubernetes hands a quantity to an error without
 * turning it into a string first, this is what the user reads.
 *
 * In Kubernetes: the fields of Quantity in staging/src/k8s.io/apimachinery/pkg/api/resource/quantity.go
 */
import { GoStruct } from "./field-error.ts";
import { formatQuantity, type Notation, quantityOf } from "./quantity.ts";

const FORMATS: Record<Notation, string> = {
  decimal: "DecimalSI",
  binary: "BinarySI",
  exponent: "DecimalExponent",
};

/** Powers of ten as text: "3" for "k". */
const SCALES = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];

export function goQuantity(amount: string): GoStruct {
  const quantity = quantityOf(amount);
  const text = formatQuantity(quantity);
  const [, digits = "0", suffix = ""] = /^(-?\d+)([a-zA-Z]?)$/.exec(text) ?? [];
  const scale = (SCALES.indexOf(suffix) - 3) * 3;
  const whole = quantity.nano / 1_000_000_000n;
  const [value, power] = quantity.notation === "decimal" ? [digits, scale] : [whole, 0];
  const parts = [
    `i:resource.int64Amount{value:${value}, scale:${power}}`,
    "d:resource.infDecAmount{Dec:(*inf.Dec)(nil)}",
    `s:${JSON.stringify(text)}`,
    `Format:"${FORMATS[quantity.notation]}"`,
  ];
  return new GoStruct("resource.Quantity", {}, `{${parts.join(", ")}}`);
}
