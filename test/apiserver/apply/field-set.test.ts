/** The algebra of sets of fields, held against plain sets of paths. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  difference,
  type FieldSet,
  intersection,
  isEmpty,
  isSameSet,
  LEAF,
  NO_FIELDS,
  nodeOf,
  pathsOf,
  recursiveDifference,
  union,
} from "../../../src/apiserver/apply/field-set.ts";
import { pathText, sorted } from "../../../src/apiserver/apply/step.ts";

const step = fc.constantFrom("f:a", "f:b", "f:c", 'k:{"name":"x"}', 'v:"y"', "v:3");
const path = fc.array(step, { minLength: 1, maxLength: 4 });
const set = fc.array(path, { maxLength: 12 }).map(setOf);

function setOf(paths: readonly string[][]): FieldSet {
  return paths.reduce((all, one) => union(all, single(one)), NO_FIELDS);
}

function single([first, ...rest]: readonly string[]): FieldSet {
  return { [first!]: rest.length === 0 ? LEAF : nodeOf(single(rest), false)! };
}

/** The paths as texts: what the tree stands for. */
function plain(fields: FieldSet): Set<string> {
  return new Set([...pathsOf(fields)].map((steps) => steps.join("|")));
}

const sameAs = (fields: FieldSet, expected: Iterable<string>) =>
  expect([...plain(fields)].toSorted()).toEqual([...expected].toSorted());

describe("sets of fields", () => {
  test("have the paths they were made of", () => {
    fc.assert(
      fc.property(fc.array(path), (paths) => {
        sameAs(setOf(paths), new Set(paths.map((steps) => steps.join("|"))));
      }),
    );
  });

  test("are united, cut and subtracted as sets are", () => {
    fc.assert(
      fc.property(set, set, (a, b) => {
        const [mine, other] = [plain(a), plain(b)];
        sameAs(union(a, b), new Set([...mine, ...other]));
        sameAs(
          intersection(a, b),
          [...mine].filter((one) => other.has(one)),
        );
        sameAs(
          difference(a, b),
          [...mine].filter((one) => !other.has(one)),
        );
      }),
    );
  });

  test("lose what is below a field too, where that is asked for", () => {
    fc.assert(
      fc.property(set, set, (a, b) => {
        const gone = [...plain(b)];
        const isGone = (one: string) =>
          gone.some((other) => one === other || one.startsWith(`${other}|`));
        sameAs(
          recursiveDifference(a, b),
          [...plain(a)].filter((one) => !isGone(one)),
        );
      }),
    );
  });

  test("are not changed by what is made of them", () => {
    fc.assert(
      fc.property(set, set, (a, b) => {
        const before = JSON.stringify([a, b]);
        for (const make of [union, intersection, difference, recursiveDifference]) make(a, b);
        expect(JSON.stringify([a, b])).toBe(before);
      }),
    );
  });

  test("return their operand itself where nothing changes", () => {
    fc.assert(
      fc.property(set, set, (a, b) => {
        expect(union(union(a, b), b)).toEqual(union(a, b));
        const rest = difference(a, b);
        expect(difference(rest, b)).toBe(rest);
        if (!isEmpty(a)) expect(union(a, a)).toBe(a);
      }),
    );
  });

  test("survive being written and read", () => {
    fc.assert(
      fc.property(set, (a) => {
        const read = JSON.parse(JSON.stringify(sorted(a))) as FieldSet;
        expect(isSameSet(read, a)).toBe(true);
        sameAs(read, plain(a));
      }),
    );
  });

  test("are the same bytes, however they came about", () => {
    fc.assert(
      fc.property(fc.array(path), (paths) => {
        const [one, other] = [setOf(paths), setOf(paths.toReversed())];
        expect(JSON.stringify(sorted(one))).toBe(JSON.stringify(sorted(other)));
      }),
    );
  });

  test("are written fields first, then keys and values; numbers as numbers", () => {
    const fields = setOf([
      ["v:10"],
      ["v:9"],
      ['k:{"port":443}'],
      ['k:{"port":80}'],
      ["f:b"],
      ["f:a", "f:c"],
      ["f:a"],
    ]);
    expect(JSON.stringify(sorted(fields))).toBe(
      '{"f:a":{".":{},"f:c":{}},"f:b":{},"k:{\\"port\\":80}":{},"k:{\\"port\\":443}":{},"v:9":{},"v:10":{}}',
    );
  });

  test("show their paths as messages have them", () => {
    expect(pathText(["f:spec", "f:ports", 'k:{"port":80,"protocol":"TCP"}', "f:name"])).toBe(
      '.spec.ports[port=80,protocol="TCP"].name',
    );
    expect(pathText(["f:metadata", "f:finalizers", 'v:"orphan"'])).toBe(
      '.metadata.finalizers[="orphan"]',
    );
  });
});
