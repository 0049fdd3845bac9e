/** Objects and texts, each with something wrong in some place. */
import type { Dice } from "./dice.ts";
import { ODD_KEYS, ODD_STRINGS, oddValue, setOwn } from "./odd-values.ts";

type Container = Record<string, unknown> | unknown[];

/** A copy of `value` with `count` changes, each in a place of its own. */
export function mutated<T>(value: T, dice: Dice, count: number): T {
  const copy = structuredClone(value);
  for (let i = 0; i < count; i++) mutateOnce(copy as Container, dice);
  return copy;
}

function mutateOnce(root: Container, dice: Dice): void {
  let container = root;
  for (;;) {
    const key = dice.pick(Object.keys(container));
    const inside = key === undefined ? undefined : Reflect.get(container, key);
    const goesOn = typeof inside === "object" && inside !== null && !dice.oneIn(4);
    if (!goesOn) break;
    container = inside as Container;
  }
  change(container, dice);
}

function change(container: Container, dice: Dice): void {
  if (Array.isArray(container)) {
    changeList(container, dice);
    return;
  }
  const key = dice.pick(Object.keys(container)) ?? "a";
  const change = dice.pick(["drop", "new", "odd", "odd", "other"]);
  if (change === "drop") delete container[key];
  else if (change === "new") setOwn(container, dice.pick(ODD_KEYS), oddValue(dice));
  else if (change === "odd") setOwn(container, key, oddValue(dice));
  else setOwn(container, key, sameType(container[key], dice));
}

function changeList(list: unknown[], dice: Dice): void {
  const at = dice.below(list.length + 1);
  const change = dice.pick(["replace", "drop", "twice", "odd"]);
  if (change === "replace") list[at] = oddValue(dice);
  else if (change === "drop") list.splice(at, 1);
  else list.push(change === "twice" ? structuredClone(list[at] ?? null) : oddValue(dice));
}

/** Passes decoding and comes as far as validation. */
function sameType(value: unknown, dice: Dice): unknown {
  if (typeof value === "string") return dice.pick(ODD_STRINGS);
  if (typeof value === "number") return dice.pick([0, -1, 1, 65_536, 2_147_483_647, 1_000_000]);
  if (typeof value === "boolean") return !value;
  return Array.isArray(value) ? [] : {};
}

/** A text that was JSON, or nearly still is. */
export function mutatedText(text: string, dice: Dice): string {
  const at = dice.below(text.length + 1);
  switch (dice.below(9)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return text.slice(0, at) + dice.pick(ODD_STRINGS) + text.slice(at);
    case 2:
      return text.replace("{", `{${JSON.stringify(dice.pick(ODD_KEYS))}:1,"kind":"Pod","kind":2,`);
    case 3:
      return text.replaceAll(/\d+/g, () =>
        dice.pick(["1e999", "-0", "01", "1e5", "9".repeat(400)]),
      );
    case 4:
      return text.replace(/"[^"]*"/, () => dice.pick(['"\\ud800"', '"\\x"', '"\u0001"', "NaN"]));
    case 5:
      return `${text}${text}`;
    case 6:
      return dice.pick(["[", '{"a":'].map((open) => open.repeat(dice.pick([50, 9_000, 20_000]))));
    case 7:
      return text.replace("{", '{"__proto__":{"polluted":true},"constructor":{"prototype":{}},');
    default:
      return text.slice(0, at) + text.slice(at + 1 + dice.below(5));
  }
}

/** Bytes with some of them turned over. */
export function mutatedBytes(bytes: Buffer, dice: Dice): Buffer {
  const copy = Buffer.from(bytes);
  for (let i = 1 + dice.below(4); i > 0 && copy.length > 0; i--) {
    copy[dice.below(copy.length)] = dice.below(256);
  }
  return dice.oneIn(3) ? copy.subarray(0, dice.below(copy.length + 1)) : copy;
}
