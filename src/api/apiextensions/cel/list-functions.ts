/**
 * Functions of lists: isSorted, sum, min, max, indexOf, lastIndexOf, and those of sets.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/cel/library/lists.go; github.com/google/cel-go/ext/sets.go
 */
import { isDeepStrictEqual } from "node:util";
import { type Environment, EvaluationError } from "@marcbachmann/cel-js";

type Comparable = bigint | number | string | boolean | Date;
type List = unknown[];

/** What `sets` stands for: sets.contains(a, b). */
class Sets {}

export function registerLists(environment: Environment): void {
  environment
    .registerFunction("list<dyn>.isSorted(): bool", (list: Comparable[]) =>
      list.every((one, i) => i === 0 || list[i - 1]! <= one),
    )
    .registerFunction("list<dyn>.sum(): dyn", sum)
    .registerFunction("list<dyn>.min(): dyn", (list: Comparable[]) => extreme(list, "min"))
    .registerFunction("list<dyn>.max(): dyn", (list: Comparable[]) => extreme(list, "max"))
    .registerFunction("list<dyn>.indexOf(dyn): int", (list: List, value: unknown) =>
      BigInt(list.findIndex((one) => isDeepStrictEqual(one, value))),
    )
    .registerFunction("list<dyn>.lastIndexOf(dyn): int", (list: List, value: unknown) =>
      BigInt(list.findLastIndex((one) => isDeepStrictEqual(one, value))),
    )
    .registerType("kubernetes.Sets", Sets)
    .registerConstant("sets", "kubernetes.Sets", new Sets())
    .registerFunction(
      "kubernetes.Sets.contains(list<dyn>, list<dyn>): bool",
      (_: Sets, list: List, of: List) => of.every((one) => isIn(one, list)),
    )
    .registerFunction(
      "kubernetes.Sets.equivalent(list<dyn>, list<dyn>): bool",
      (_: Sets, a: List, b: List) =>
        a.every((one) => isIn(one, b)) && b.every((one) => isIn(one, a)),
    )
    .registerFunction(
      "kubernetes.Sets.intersects(list<dyn>, list<dyn>): bool",
      (_: Sets, a: List, b: List) => a.some((one) => isIn(one, b)),
    );
}

function isIn(value: unknown, list: List): boolean {
  return list.some((one) => isDeepStrictEqual(one, value));
}

function sum(list: List): unknown {
  if (typeof list[0] === "number") return (list as number[]).reduce((a, b) => a + b, 0);
  return (list as bigint[]).reduce((a, b) => a + b, 0n);
}

function extreme(list: Comparable[], which: "min" | "max"): Comparable {
  if (list.length === 0) throw new EvaluationError(`${which} called on empty list`);
  return list.reduce((a, b) => (which === "min" ? (b < a ? b : a) : b > a ? b : a));
}
