import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  addQuantities,
  canonical,
  compareQuantities,
  formatQuantity,
  milliValue,
  parseQuantity,
  quantityError,
  subtractQuantities,
  wholeValue,
} from "../../src/api/quantity.ts";

const suffix = fc.constantFrom(..."n u m k M G T P E Ki Mi Gi Ti Pi Ei e3 E-2 e0".split(" "), "");
const number = fc.oneof(
  fc.integer({ min: 0, max: 9_999_999 }).map(String),
  fc.tuple(fc.nat(9999), fc.nat(999)).map(([whole, part]) => `${whole}.${part}`),
);
const text = fc.tuple(fc.constantFrom("", "-", "+"), number, suffix).map((parts) => parts.join(""));
const quantity = text.map(parseQuantity);

describe("a quantity", () => {
  test.each([
    ["0", "0"],
    ["0.1", "100m"],
    ["1.5", "1500m"],
    ["1000m", "1"],
    ["100m", "100m"],
    ["0.0001", "100u"],
    ["1024Ki", "1Mi"],
    ["1536Mi", "1536Mi"],
    ["1000Ki", "1000Ki"],
    ["1000k", "1M"],
    ["1.5Gi", "1536Mi"],
    ["512Ki", "512Ki"],
    ["0.5Ki", "512"],
    ["1023Ki", "1023Ki"],
    ["2e3", "2e3"],
    ["2000e0", "2e3"],
    ["1E", "1E"],
    ["+5", "5"],
    ["-5m", "-5m"],
    [".5", "500m"],
    ["5.", "5"],
    ["0.1n", "1n"],
    ["-0.1n", "-1n"],
    ["100Ei", "9223372036854775807"],
  ])("prints %s as %s", (from, to) => {
    expect(canonical(from)).toBe(to);
  });

  const WRONG_FORM =
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
  test.each([
    ["", WRONG_FORM],
    ["abc", WRONG_FORM],
    ["1 Gi", WRONG_FORM],
    ["1.2.3", WRONG_FORM],
    ["1Zi", WRONG_FORM],
    ["1ki", "unable to parse quantity's suffix"],
    ["1MM", "unable to parse quantity's suffix"],
    ["1Kim", "unable to parse quantity's suffix"],
  ])("refuses %j", (wrong, message) => {
    expect(quantityError(wrong)).toBe(message);
  });

  test("is worth the same after it was printed and read again", () => {
    fc.assert(
      fc.property(quantity, (one) => {
        expect(compareQuantities(parseQuantity(formatQuantity(one)), one)).toBe(0);
      }),
    );
  });

  test("has one canonical form", () => {
    fc.assert(
      fc.property(text, (one) => {
        expect(canonical(canonical(one))).toBe(canonical(one));
      }),
    );
  });

  test("is printed without a fraction, and shorter than the next smaller suffix would be", () => {
    fc.assert(
      fc.property(text, (one) => {
        expect(canonical(one)).toMatch(/^-?[0-9]+(|[numkMGTPE]|[KMGTPE]i|e-?[0-9]+)$/);
        expect(canonical(one)).not.toMatch(/[0-9]000([numkMGTP])?$/);
      }),
    );
  });

  test("is the same whatever the order of a sum", () => {
    fc.assert(
      fc.property(quantity, quantity, quantity, (a, b, c) => {
        const left = addQuantities(addQuantities(a, b), c);
        const right = addQuantities(a, addQuantities(c, b));
        expect(compareQuantities(left, right)).toBe(0);
      }),
    );
  });

  test("is what it was after something is added and taken away", () => {
    fc.assert(
      fc.property(quantity, quantity, (a, b) => {
        expect(subtractQuantities(addQuantities(a, b), b).nano).toBe(a.nano);
      }),
    );
  });

  test("compares by worth, in a total order", () => {
    fc.assert(
      fc.property(quantity, quantity, quantity, (a, b, c) => {
        expect(compareQuantities(a, b)).toBe(-compareQuantities(b, a) + 0);
        const [x, y, z] = [a, b, c].toSorted(compareQuantities);
        expect(compareQuantities(x!, z!)).toBeLessThanOrEqual(0);
        expect(compareQuantities(x!, y!)).toBeLessThanOrEqual(0);
      }),
    );
  });

  test.each([
    ["250m", 250, 1],
    ["1", 1000, 1],
    ["1.0001", 1001, 2],
    ["64Mi", 67_108_864_000, 67_108_864],
    ["0", 0, 0],
    ["-1500m", -1500, -2],
  ])("%s is %d thousandths and %d whole units", (from, milli, whole) => {
    expect(milliValue(parseQuantity(from))).toBe(milli);
    expect(wholeValue(parseQuantity(from))).toBe(whole);
  });

  test("takes the notation of what is added to nothing", () => {
    const sum = addQuantities(parseQuantity("0"), parseQuantity("1024Mi"));
    expect(formatQuantity(sum)).toBe("1Gi");
  });
});
