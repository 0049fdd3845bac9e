import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mergePatch } from "../../../src/apiserver/patch/merge-patch.ts";

describe("a merge patch", () => {
  // The table of RFC 7386, appendix A.
  test.each([
    [{ a: "b" }, { a: "c" }, { a: "c" }],
    [{ a: "b" }, { b: "c" }, { a: "b", b: "c" }],
    [{ a: "b" }, { a: null }, {}],
    [{ a: "b", b: "c" }, { a: null }, { b: "c" }],
    [{ a: ["b"] }, { a: "c" }, { a: "c" }],
    [{ a: "c" }, { a: ["b"] }, { a: ["b"] }],
    [{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }],
    [{ a: [{ b: "c" }] }, { a: [1] }, { a: [1] }],
    [
      ["a", "b"],
      ["c", "d"],
      ["c", "d"],
    ],
    [{ a: "b" }, ["c"], ["c"]],
    [{ a: "foo" }, null, null],
    [{ a: "foo" }, "bar", "bar"],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: "b", c: null }, { a: "b" }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])("%j with %j gives %j", (target, patch, result) => {
    expect(mergePatch(target, patch)).toEqual(result);
  });

  test("turns one document into any other that has no nulls", () => {
    fc.assert(
      fc.property(document, document, (one, other) => {
        expect(mergePatch(one, difference(one, other))).toEqual(other);
      }),
    );
  });

  test("does no more the second time", () => {
    fc.assert(
      fc.property(document, fc.jsonValue(), (target, patch) => {
        const once = mergePatch(target, patch);
        expect(mergePatch(once, patch)).toEqual(once);
      }),
    );
  });

  test("changes neither the document nor itself", () => {
    fc.assert(
      fc.property(document, fc.jsonValue(), (target, patch) => {
        const before = structuredClone([target, patch]);
        mergePatch(target, patch);
        expect([target, patch]).toEqual(before);
      }),
    );
  });

  test("cannot reach what all objects share", () => {
    const result = mergePatch({ a: 1 }, JSON.parse('{"__proto__":{"polluted":true}}')) as object;
    expect(Object.keys(result)).toEqual(["a", "__proto__"]);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});

type Json = Record<string, unknown>;

const document: fc.Arbitrary<Json> = fc.letrec<{ value: unknown; object: Json }>((tie) => ({
  value: fc.oneof(fc.string(), fc.integer(), fc.array(fc.integer()), tie("object")),
  object: fc.dictionary(fc.constantFrom("a", "b", "c", "__proto__"), tie("value"), { maxKeys: 3 }),
})).object;

/** The patch that makes `other` of `one`. */
function difference(one: Json, other: Json): Json {
  const patch = Object.create(null) as Json;
  for (const key of Object.keys(one)) if (!Object.hasOwn(other, key)) patch[key] = null;
  for (const [key, value] of Object.entries(other)) {
    const old = Object.hasOwn(one, key) ? one[key] : undefined;
    patch[key] = isObject(old) && isObject(value) ? difference(old, value) : value;
  }
  return patch;
}

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);
