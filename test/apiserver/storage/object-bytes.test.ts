import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { withResourceVersion } from "../../../src/apiserver/storage/object-bytes.ts";

describe("an object's bytes", () => {
  test.each([
    [
      "begin as they are stored, the revision in between",
      '{"kind":"Pod","apiVersion":"v1","metadata":{"name":"web"},"spec":{}}',
      '{"kind":"Pod","apiVersion":"v1","metadata":{"resourceVersion":"42","name":"web"},"spec":{}}',
    ],
    [
      "may have no metadata to speak of",
      '{"kind":"Pod","apiVersion":"v1","metadata":{}}',
      '{"kind":"Pod","apiVersion":"v1","metadata":{"resourceVersion":"42"}}',
    ],
    [
      "or none at all",
      '{"kind":"Pod","apiVersion":"v1"}',
      '{"kind":"Pod","apiVersion":"v1","metadata":{"resourceVersion":"42"}}',
    ],
    [
      "may be in another order, with another metadata before",
      '{"spec":{"template":{"metadata":{"name":"a"}}},"metadata":{"name":"b"},"kind":"Job"}',
      '{"spec":{"template":{"metadata":{"name":"a"}}},"metadata":{"resourceVersion":"42","name":"b"},"kind":"Job"}',
    ],
    [
      "may have an old revision",
      '{"kind":"Pod","apiVersion":"v1","metadata":{"name":"web","resourceVersion":"7"}}',
      '{"kind":"Pod","apiVersion":"v1","metadata":{"resourceVersion":"42","name":"web"}}',
    ],
    [
      "may speak of another object's revision",
      '{"kind":"Event","apiVersion":"v1","metadata":{"name":"e"},"involvedObject":{"resourceVersion":"7"}}',
      '{"kind":"Event","apiVersion":"v1","metadata":{"resourceVersion":"42","name":"e"},"involvedObject":{"resourceVersion":"7"}}',
    ],
    [
      "may have white space",
      '{ "kind": "Pod", "apiVersion": "v1", "metadata": { "name": "web" } }',
      '{"kind":"Pod","apiVersion":"v1","metadata":{"resourceVersion":"42","name":"web"}}',
    ],
    [
      "may have a key that is called __proto__",
      '{"kind":"Pod","apiVersion":"v1","metadata":{"name":"web","labels":{"__proto__":"x"},"resourceVersion":"7"}}',
      '{"kind":"Pod","apiVersion":"v1","metadata":{"resourceVersion":"42","name":"web","labels":{"__proto__":"x"}}}',
    ],
  ])("%s", (_, stored, expected) => {
    expect(withResourceVersion(Buffer.from(stored), 42).toString()).toBe(expected);
  });

  test.each(["", "k8s\0", '{"kind":"Pod"', "not json"])(
    "that are no JSON are refused: %j",
    (stored) => {
      expect(() => withResourceVersion(Buffer.from(stored), 42)).toThrow(SyntaxError);
    },
  );

  test("carry any object unchanged but for its revision", () => {
    const metadata = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }));
    fc.assert(
      fc.property(fc.string(), metadata, fc.jsonValue(), fc.nat(), (kind, meta, spec, revision) => {
        const stored = JSON.stringify({ kind, apiVersion: "v1", metadata: meta, spec });
        const expected = JSON.parse(stored);
        expected.metadata.resourceVersion = String(revision);
        expect(JSON.parse(withResourceVersion(Buffer.from(stored), revision).toString())).toEqual(
          expected,
        );
      }),
    );
  });
});
