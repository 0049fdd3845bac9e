import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { JsonError, readJson } from "../../../src/apiserver/decode/json-reader.ts";

const read = (text: string) => readJson(Buffer.from(text), true);

describe("the JSON reader", () => {
  test("reads what JSON.parse reads", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(read(text)).toEqual({ value: JSON.parse(text), duplicates: undefined });
      }),
    );
  });

  test("reads the same when it reads for itself, because a key is there twice", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string(), (value, text) => {
        const json = `{"twice":1,"value":${JSON.stringify(value)},"twice":${JSON.stringify(text)}}`;
        const { value: got, duplicates } = read(json);
        expect(got).toEqual(JSON.parse(json));
        expect([...duplicates!.get(got as object)!]).toEqual(["twice"]);
      }),
    );
  });

  test("refuses what JSON.parse refuses, and says where in one of Go's sentences", () => {
    const goWords =
      /^(invalid character '.+' (after|in|looking for) [\w :\\-]+(\(expecting '\w'\))?|unexpected end of JSON input|exceeded max depth)$/su;
    fc.assert(
      fc.property(
        fc.json(),
        fc.nat(),
        fc.constantFrom("", "x", "]", "}", ",", '"', "\\", "-", ".", "e"),
        (text, at, other) => {
          const place = at % (text.length + 1);
          const broken = text.slice(0, place) + other + text.slice(place + 1);
          const isValid = accepts(() => JSON.parse(broken));
          expect(accepts(() => read(broken))).toBe(isValid);
          if (!isValid) expect(() => read(broken)).toThrow(goWords);
        },
      ),
    );
  });

  test("finds a key that is there twice, however it is written and wherever it is", () => {
    const { value, duplicates } = read(String.raw`{"a":[{"b":{"c:":1,"\u0063:":2}}]}`);
    const inner = (value as { a: [{ b: object }] }).a[0].b;
    expect(inner).toEqual({ "c:": 2 });
    expect([...duplicates!.get(inner)!]).toEqual(["c:"]);
  });

  test("keeps a key called __proto__ a key", () => {
    const { value } = read('{"__proto__":{"a":1},"__proto__":{"a":2}}');
    expect(Object.keys(value as object)).toEqual(["__proto__"]);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });

  test("does not look for twice-named keys where nobody asks", () => {
    expect(readJson(Buffer.from('{"a":1,"a":2}'), false)).toEqual({
      value: { a: 2 },
      duplicates: undefined,
    });
  });
});

function accepts(run: () => unknown): boolean {
  try {
    run();
    return true;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof JsonError) return false;
    throw error;
  }
}

test.each([
  [String.raw`["\ud800"]`, "\ufffd"],
  [String.raw`["\udc00x"]`, "\ufffdx"],
  [String.raw`["\ud83d\ude00"]`, "\u{1f600}"],
  [String.raw`["\ud800\ud83d\ude00"]`, "\ufffd\u{1f600}"],
  [String.raw`["\\ud800"]`, String.raw`\ud800`],
])("half a character in %s is replaced, as Go does", (text, expected) => {
  expect(readJson(Buffer.from(text), true).value).toEqual([expected]);
});
