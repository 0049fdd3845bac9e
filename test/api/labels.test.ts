import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseSelector } from "../../src/api/label-selector-parser.ts";
import {
  equalitySelector,
  formatSelector,
  labelMatcher,
  matchesSelector,
  parseLabelSelector,
  type Requirement,
} from "../../src/api/labels.ts";

const LABEL_RULE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const NAME_RULE =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

describe("a label selector", () => {
  test.each([
    ["a=b", { a: "b" }, true],
    ["a=b", { a: "c" }, false],
    ["a==b", { a: "b" }, true],
    ["a!=b", {}, true],
    ["a!=b", { a: "b" }, false],
    ["a=b,c!=d", { a: "b", c: "e" }, true],
    ["e in (x,y)", { e: "y" }, true],
    ["e in (x,y)", {}, false],
    ["e notin (x,y)", {}, true],
    ["e notin (x,y)", { e: "x" }, false],
    ["!f", {}, true],
    ["!f", { f: "" }, false],
    ["g", { g: "" }, true],
    ["g", {}, false],
    ["a=", { a: "" }, true],
    ["a=,b", { a: "", b: "1" }, true],
    ["e in (,x)", { e: "" }, true],
    ["e in ()", { e: "" }, true],
    ["n>3", { n: "4" }, true],
    ["n>3", { n: "3" }, false],
    ["n<3", { n: "two" }, false],
    ["in in (in)", { in: "in" }, true],
    ["a=b,c in (d,e),!f,g", { a: "b", c: "e", g: "1" }, true],
    ["", { a: "b" }, true],
    ["toString", {}, false],
  ])("%s of %j: %j", (selector, labels, isMatch) => {
    expect(parseLabelSelector(selector)(labels)).toBe(isMatch);
  });

  test.each([
    ["a=b,", "found '', expected: identifier after ','"],
    ["=b", "found '=', expected: !, identifier, or 'end of string'"],
    ["a b", "unable to parse requirement: found 'b', expected: '=', '!=', '==', 'in', notin'"],
    ["a=b c", "found 'c', expected: ',' or 'end of string'"],
    ["a in x", "unable to parse requirement: found 'x' expected: '('"],
    ["a in (x", "unable to parse requirement: found '', expected: ',' or ')'"],
    ["a in (", "unable to parse requirement: found '', expected: ',', ')' or identifier"],
    ["a=(", "unable to parse requirement: found '(', expected: identifier"],
    ["!=b", "found '!=', expected: !, identifier, or 'end of string'"],
    ["!!a", "unable to parse requirement: found '!', expected: identifier"],
    ["-a=b", `unable to parse requirement: <nil>: Invalid value: "-a": name part ${NAME_RULE}`],
    [
      "a/b/c",
      `unable to parse requirement: <nil>: Invalid value: "a/b/c": a qualified name ${NAME_RULE} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ],
    ["a=b$", `unable to parse requirement: values[0][a]: Invalid value: "b$": ${LABEL_RULE}`],
    [
      "a>b",
      "unable to parse requirement: values[0]: Invalid value: \"b\": for 'Gt', 'Lt' operators, the value must be an integer",
    ],
  ])("refuses %j", (selector, message) => {
    expect(() => parseLabelSelector(selector)).toThrow(new SyntaxError(message));
  });

  const word = fc.stringMatching(/^[a-z][a-z0-9]{0,5}$/);
  const list = fc.uniqueArray(word, { minLength: 1, maxLength: 3 }).map((all) => all.toSorted());
  const requirement: fc.Arbitrary<Requirement> = fc.oneof(
    fc.record({ key: word, operator: fc.constantFrom("=", "==", "!="), values: fc.tuple(word) }),
    fc.record({ key: word, operator: fc.constantFrom("in", "notin"), values: list }),
    fc.record({ key: word, operator: fc.constantFrom("exists", "!"), values: fc.constant([]) }),
  );
  const selector = fc.array(requirement, { maxLength: 4 });
  const labels = fc.dictionary(word, word, { maxKeys: 4 });

  test("means the same after it was printed and read again", () => {
    fc.assert(
      fc.property(selector, labels, (one, some) => {
        const again = parseSelector(formatSelector(one));
        expect(formatSelector(again)).toBe(formatSelector(one));
        expect(matchesSelector(again, some)).toBe(matchesSelector(one, some));
      }),
    );
  });

  test("holds for fewer objects the more it asks for", () => {
    fc.assert(
      fc.property(selector, requirement, labels, (one, more, some) => {
        if (matchesSelector([...one, more], some)) expect(matchesSelector(one, some)).toBe(true);
      }),
    );
  });

  test("with != holds exactly where = does not", () => {
    fc.assert(
      fc.property(word, word, labels, (key, value, some) => {
        const isEqual = parseLabelSelector(`${key}=${value}`)(some);
        expect(parseLabelSelector(`${key}!=${value}`)(some)).toBe(!isEqual);
        expect(parseLabelSelector(`${key} notin (${value})`)(some)).toBe(!isEqual);
      }),
    );
  });
});

describe("a LabelSelector object", () => {
  test("matches nothing where there is none, everything where it is empty", () => {
    expect(labelMatcher(undefined)({ a: "b" })).toBe(false);
    expect(labelMatcher({})({ a: "b" })).toBe(true);
  });

  test.each([
    [{ matchLabels: { a: "b" } }, { a: "b" }, true],
    [{ matchExpressions: [{ key: "a", operator: "In", values: ["b"] }] }, { a: "c" }, false],
    [{ matchExpressions: [{ key: "a", operator: "NotIn", values: ["b"] }] }, {}, true],
    [{ matchExpressions: [{ key: "a", operator: "Exists" }] }, { a: "" }, true],
    [{ matchExpressions: [{ key: "a", operator: "DoesNotExist" }] }, { a: "" }, false],
  ])("%j of %j: %j", (selector, labels, isMatch) => {
    expect(labelMatcher(selector)(labels)).toBe(isMatch);
  });

  test("refuses an operator that does not exist", () => {
    const selector = { matchExpressions: [{ key: "a", operator: "Like", values: ["b"] }] };
    expect(() => labelMatcher(selector)).toThrow('"Like" is not a valid label selector operator');
  });

  test("as a plain map asks for all its pairs", () => {
    expect(equalitySelector({ a: "b" })({ a: "b", c: "d" })).toBe(true);
    expect(equalitySelector({ a: "b" })()).toBe(false);
  });
});
