/**
 * Quantities in rules: quantity("500m").isLessThan(quantity("1")).
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/cel/library/quantity.go
 */
import { type Environment, EvaluationError } from "@marcbachmann/cel-js";
import {
  addQuantities,
  compareQuantities,
  parseQuantity,
  type Quantity,
  quantityError,
  subtractQuantities,
} from "../../quantity.ts";

const TYPE = "kubernetes.Quantity";
const NANO = 1_000_000_000n;

/** The library tells types by their class. */
class Amount {
  readonly of: Quantity;

  constructor(of: Quantity) {
    this.of = of;
  }
}

export function registerQuantities(environment: Environment): void {
  environment
    .registerType(TYPE, Amount)
    .registerFunction(`quantity(string): ${TYPE}`, parsed)
    .registerFunction(
      "isQuantity(string): bool",
      (text: string) => quantityError(text) === undefined,
    )
    .registerFunction(`${TYPE}.sign(): int`, ({ of: { nano } }: Amount) =>
      nano === 0n ? 0n : nano > 0n ? 1n : -1n,
    )
    .registerFunction(`${TYPE}.isInteger(): bool`, ({ of }: Amount) => of.nano % NANO === 0n)
    .registerFunction(`${TYPE}.asInteger(): int`, asInteger)
    .registerFunction(
      `${TYPE}.asApproximateFloat(): double`,
      ({ of }: Amount) => Number(of.nano) / 1e9,
    )
    .registerFunction(
      `${TYPE}.isGreaterThan(${TYPE}): bool`,
      (a: Amount, b: Amount) => compareQuantities(a.of, b.of) > 0,
    )
    .registerFunction(
      `${TYPE}.isLessThan(${TYPE}): bool`,
      (a: Amount, b: Amount) => compareQuantities(a.of, b.of) < 0,
    )
    .registerFunction(`${TYPE}.compareTo(${TYPE}): int`, (a: Amount, b: Amount) =>
      BigInt(compareQuantities(a.of, b.of)),
    )
    .registerFunction(
      `${TYPE}.add(${TYPE}): ${TYPE}`,
      (a: Amount, b: Amount) => new Amount(addQuantities(a.of, b.of)),
    )
    .registerFunction(
      `${TYPE}.add(int): ${TYPE}`,
      (a: Amount, b: bigint) => new Amount(addQuantities(a.of, whole(b))),
    )
    .registerFunction(
      `${TYPE}.sub(${TYPE}): ${TYPE}`,
      (a: Amount, b: Amount) => new Amount(subtractQuantities(a.of, b.of)),
    )
    .registerFunction(
      `${TYPE}.sub(int): ${TYPE}`,
      (a: Amount, b: bigint) => new Amount(subtractQuantities(a.of, whole(b))),
    )
    .registerOperator(
      `${TYPE} == ${TYPE}`,
      (a: Amount, b: Amount) => compareQuantities(a.of, b.of) === 0,
    );
}

function parsed(text: string): Amount {
  const error = quantityError(text);
  if (error !== undefined) throw new EvaluationError(error);
  return new Amount(parseQuantity(text));
}

function asInteger({ of: { nano } }: Amount): bigint {
  if (nano % NANO === 0n) return nano / NANO;
  throw new EvaluationError("cannot convert value to integer");
}

function whole(amount: bigint): Quantity {
  return { nano: amount * NANO, notation: "decimal" };
}
