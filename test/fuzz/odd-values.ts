/** What a careless or a hostile client puts where something else belongs. */
import type { Dice } from "./dice.ts";

export const ODD_STRINGS: readonly string[] = [
  "",
  " ",
  ".",
  "..",
  "../../etc/passwd",
  "%",
  "%2e%2e%2f",
  "%00",
  "\u0000",
  "\u202eevil",
  "\ud800",
  "💥".repeat(8),
  "ä",
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "hasOwnProperty",
  "$ref",
  "null",
  "true",
  "NaN",
  "-1",
  "0x10",
  "1e400",
  "9223372036854775808",
  "99999999999999999999999999",
  "1.5Gi",
  "-100m",
  "2014-06-06T00:00:00Z",
  "0000-99-99T99:99:99Z",
  "1.2.3.4",
  "::ffff:1.2.3.4",
  "10.0.0.0/33",
  "example.com/Name",
  "a/b/c",
  "/absolute",
  "*",
  "(a+)+$",
  "[",
  "\\",
  '"',
  "'; --",
  "a=b,c!=d",
  "x in (a,b),!y",
  "{.spec.a}",
  "A".repeat(64),
  "a".repeat(254),
  "x".repeat(5_000),
  "line\nbreak",
  "tab\t",
  "&a *a",
  "!!js/function 'x'",
];

export const ODD_NUMBERS: readonly number[] = [
  0, -0, 1, -1, 2, 0.5, -0.5, 63, 65_535, 65_536, 2_147_483_647, 2_147_483_648, -2_147_483_649,
  9_007_199_254_740_992, 1e21, -1e21, 1e308, 5e-324,
];

export const ODD_KEYS: readonly string[] = [
  ...ODD_STRINGS,
  "$patch",
  "$retainKeys",
  "$setElementOrder/containers",
  "$deleteFromPrimitiveList/finalizers",
  "apiVersion",
  "kind",
  "metadata",
  "spec",
  "status",
  "managedFields",
  "f:metadata",
];

export function oddValue(dice: Dice, depth = 0): unknown {
  switch (dice.below(depth > 2 ? 4 : 8)) {
    case 0:
      return dice.pick(ODD_STRINGS);
    case 1:
      return dice.pick(ODD_NUMBERS);
    case 2:
      return dice.pick([true, false, null]);
    case 3:
      return dice.pick([[], {}, [null], [[]], [{}], { "": "" }]);
    case 4:
      return Array.from({ length: dice.below(4) }, () => oddValue(dice, depth + 1));
    case 5:
      return nested(dice.pick([2, 10, 200]), dice.oneIn(2));
    default:
      return oddObject(dice, depth + 1);
  }
}

function oddObject(dice: Dice, depth: number): object {
  const object = {};
  for (let i = dice.below(4); i > 0; i--)
    setOwn(object, dice.pick(ODD_KEYS), oddValue(dice, depth));
  return object;
}

function nested(depth: number, isList: boolean): unknown {
  let value: unknown = "deep";
  for (let i = 0; i < depth; i++) value = isList ? [value] : { a: value };
  return value;
}

/** Percent-encoded, half letters made whole. */
export function encoded(text: string): string {
  return encodeURIComponent(Buffer.from(text).toString());
}

/** Also where the key is `__proto__`, which an assignment would take for something else. */
export function setOwn(object: object, key: string, value: unknown): void {
  const flags = { value, writable: true, enumerable: true, configurable: true };
  Object.defineProperty(object, key, flags);
}
