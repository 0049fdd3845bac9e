import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { kinds } from "../../../src/api/kinds.ts";
import { Pod } from "../../../src/api/pod.ts";
import { writeOf } from "../../../src/apiserver/apply/field-manager.ts";
import { fieldsOfNew, outlineOf } from "../../../src/apiserver/apply/fields-of-new.ts";
import { afterUpdate } from "../../../src/apiserver/apply/ownership.ts";
import { sorted } from "../../../src/apiserver/apply/step.ts";
import { zeroObjectOf } from "../../../src/apiserver/apply/zero-object.ts";

const author = { manager: "kubectl", now: "2024-01-01T00:00:00Z" };
const write = writeOf(Pod, "", author);

/** Without any memory of others. */
function compared(of: typeof write, obj: unknown) {
  const [owner] = afterUpdate([], of, zeroObjectOf(of.schema), obj);
  return owner && sorted(owner.fields);
}

const name = fc.constantFrom("a", "b", "1:a", "a,", "f:x");
const labels = fc.dictionary(fc.oneof(name, fc.string()), fc.constantFrom("", "x"), { maxKeys: 3 });
const maybe = <T>(value: fc.Arbitrary<T>) =>
  fc.oneof(value, fc.constantFrom(null, undefined) as fc.Arbitrary<null | undefined>);
const container = fc.record(
  {
    name,
    image: maybe(fc.constantFrom("x", "")),
    args: maybe(fc.array(name, { maxLength: 2 })),
    ports: maybe(fc.uniqueArray(fc.record({ containerPort: fc.integer({ min: 1, max: 4 }) }))),
    resources: maybe(fc.record({ requests: maybe(labels) }, { requiredKeys: [] })),
  },
  { requiredKeys: ["name"] },
);
const pod = fc.record({
  metadata: fc.record({ labels: maybe(labels), finalizers: maybe(fc.array(name)) }),
  spec: maybe(
    fc.record({
      containers: maybe(fc.array(container, { maxLength: 3 })),
      nodeSelector: maybe(labels),
    }),
  ),
});

describe("the fields of a new object", () => {
  test("are those a comparison with an empty one finds, however many were made before", () => {
    fc.assert(
      fc.property(pod, (obj) => {
        const expected = compared(write, obj);
        for (let time = 0; time < 2; time++) {
          expect(JSON.stringify(fieldsOfNew(write, obj))).toBe(JSON.stringify(expected));
        }
      }),
      { numRuns: 500 },
    );
  });

  test.each(kinds.map((kind) => [`${kind.plural}.${kind.group}`, kind] as const))(
    "of %s are the same the second time",
    (_, kind) => {
      const of = writeOf(kind, "", author);
      const expected = compared(of, kind.example);
      for (let time = 0; time < 2; time++) expect(fieldsOfNew(of, kind.example)).toEqual(expected);
    },
  );

  test("do not depend on what is in them", () => {
    const outline = (image: string, key: string) =>
      outlineOf(write.schema, {
        metadata: { labels: { [key]: "x" } },
        spec: { containers: [{ name: "main", image }] },
      });
    expect(outline("nginx", "app")).toBe(outline("redis", "app"));
    expect(outline("nginx", "app")).not.toBe(outline("nginx", "tier"));
  });
});
