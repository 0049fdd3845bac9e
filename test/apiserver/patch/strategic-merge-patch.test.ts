import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ApiError } from "../../../src/api/errors.ts";
import { schemaOf } from "../../../src/api/schema.ts";
import { strategicMergePatch } from "../../../src/apiserver/patch/strategic-merge-patch.ts";

const podSpec = schemaOf("io.k8s.api.core.v1.PodSpec");
const patchSpec = (original: object, patch: object) =>
  strategicMergePatch(original as Fields, patch as Fields, podSpec);
const patchMeta = (original: object, patch: object) =>
  strategicMergePatch(
    original as Fields,
    patch as Fields,
    schemaOf("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"),
  );
type Fields = Record<string, unknown>;

const named = (...names: string[]) => names.map((name) => ({ name }));

describe("a strategic merge patch", () => {
  test("finds a container again by its name", () => {
    const original = {
      containers: [
        { name: "a", image: "1" },
        { name: "b", image: "1" },
      ],
    };
    expect(patchSpec(original, { containers: [{ name: "b", image: "2" }] })).toEqual({
      containers: [
        { name: "a", image: "1" },
        { name: "b", image: "2" },
      ],
    });
  });

  test("puts new elements before those it does not name, as Kubernetes does", () => {
    expect(patchSpec({ containers: named("a") }, { containers: named("b") })).toEqual({
      containers: named("b", "a"),
    });
  });

  test("replaces a list that has no merge key", () => {
    const original = { tolerations: [{ key: "a" }], containers: [{ name: "a", args: ["1", "2"] }] };
    const patch = { tolerations: [{ key: "b" }], containers: [{ name: "a", args: ["3"] }] };
    expect(patchSpec(original, patch)).toEqual(patch);
  });

  test("takes away what is null, in maps too, and keeps no null", () => {
    const original = { nodeName: "n", nodeSelector: { a: "1", b: "2" } };
    const patch = { nodeName: null, nodeSelector: { a: null }, hostname: null, os: { name: null } };
    expect(patchSpec(original, patch)).toEqual({ nodeSelector: { b: "2" }, os: {} });
  });

  test("adds plain values to a merged list once", () => {
    expect(patchMeta({ finalizers: ["a", "b"] }, { finalizers: ["b", "c"] })).toEqual({
      finalizers: ["a", "b", "c"],
    });
  });

  test("deletes an element, all elements, or an object", () => {
    const original = { containers: named("a", "b", "c"), securityContext: { runAsUser: 1 } };
    expect(patchSpec(original, { containers: [{ name: "b", $patch: "delete" }] })).toMatchObject({
      containers: named("a", "c"),
    });
    const replace = { containers: [{ $patch: "replace" }, { name: "d" }] };
    expect(patchSpec(original, replace)).toMatchObject({ containers: named("d") });
    expect(patchSpec(original, { securityContext: { $patch: "delete" } }).securityContext).toEqual(
      {},
    );
    expect(
      patchSpec(original, { securityContext: { $patch: "replace", fsGroup: 2 } }).securityContext,
    ).toEqual({ fsGroup: 2 });
  });

  test("leaves no directive behind where there was nothing to apply it to", () => {
    const patch = {
      containers: [{ name: "a" }, { name: "b", $patch: "delete" }],
      securityContext: { $patch: "delete" },
    };
    expect(patchSpec({}, patch)).toEqual({ containers: named("a") });
  });

  test("deletes plain values by a parallel list", () => {
    const patch = { "$deleteFromPrimitiveList/finalizers": ["a"], finalizers: ["c"] };
    expect(patchMeta({ finalizers: ["a", "b"] }, patch)).toEqual({ finalizers: ["c", "b"] });
  });

  test("keeps only the fields that $retainKeys names", () => {
    const strategy = (patch: object) =>
      strategicMergePatch(
        { strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1 } } },
        { strategy: patch } as Fields,
        schemaOf("io.k8s.api.apps.v1.DeploymentSpec"),
      );
    expect(strategy({ $retainKeys: ["type"], type: "Recreate" })).toEqual({
      strategy: { type: "Recreate" },
    });
    const volume = { volumes: [{ name: "a", $retainKeys: ["name", "emptyDir"], emptyDir: {} }] };
    expect(patchSpec({ volumes: [{ name: "a", hostPath: { path: "/" } }] }, volume)).toEqual({
      volumes: [{ name: "a", emptyDir: {} }],
    });
  });

  test("orders a list as $setElementOrder says, the rest woven in by its old place", () => {
    const original = { containers: named("a", "x", "b", "c") };
    const patch = {
      "$setElementOrder/containers": named("c", "a", "b"),
      containers: [{ name: "b", image: "2" }],
    };
    expect(patchSpec(original, patch)).toEqual({
      containers: [{ name: "x" }, { name: "c" }, { name: "a" }, { name: "b", image: "2" }],
    });
    const reordered = { "$setElementOrder/finalizers": ["b", "a"] };
    expect(patchMeta({ finalizers: ["a", "b"] }, reordered)).toEqual({ finalizers: ["b", "a"] });
  });

  test("tells a list of ports by the port only", () => {
    const service = schemaOf("io.k8s.api.core.v1.ServiceSpec");
    const original = { ports: [{ port: 80, name: "a" }] };
    const patch = { ports: [{ port: 80, nodePort: 30_000 }] };
    expect(strategicMergePatch(original, patch, service)).toEqual({
      ports: [{ port: 80, name: "a", nodePort: 30_000 }],
    });
  });
});

describe("a strategic merge patch that makes no sense", () => {
  test.each([
    [
      { containers: [{ image: "nginx", args: ["a", "b"] }] },
      500,
      "map: map[args:[a b] image:nginx] does not contain declared merge key: name",
    ],
    [
      { containers: [{ name: "a", $patch: "no" }] },
      500,
      "unknown patch type: no in map: map[$patch:no name:a]",
    ],
    [
      { containers: [{ name: "a", $patch: "merge" }] },
      500,
      "merging lists cannot yet be specified in the patch",
    ],
    [{ $patch: "x" }, 500, "unknown patch type: x in map: map[$patch:x]"],
    [{ $retainKeys: "name" }, 400, "invalid patch format of retainKeys"],
    [{ $retainKeys: ["a"], nodeName: "b" }, 400, "invalid patch format of retainKeys"],
    [{ $deleteFromPrimitiveList: [] }, 400, "invalid patch format of primitive list"],
    [{ $setElementOrder: [] }, 400, "invalid patch format of setElementOrder list"],
    [
      { "$setElementOrder/containers": "a" },
      500,
      "expected a []interface {}, but received a string",
    ],
    [
      { "$setElementOrder/containers": named("b"), containers: named("c") },
      500,
      "The order in patch list:\n[map[name:c]]\n doesn't match $setElementOrder list:\n[map[name:b]]\n",
    ],
    [{ containers: ["a"] }, 500, "list element types are not identical: [map[name:a] a]"],
  ])("is refused: %j", (patch, code, message) => {
    const original = { containers: named("a") };
    const error = thrownBy(() => patchSpec(original, patch));
    expect(error.status).toMatchObject({ code, message });
  });
});

describe("every strategic merge patch", () => {
  test("does no more the second time", () => {
    fc.assert(
      fc.property(spec, patch, (original, change) => {
        const once = patchSpec(original, change);
        expect(patchSpec(once, change)).toEqual(once);
      }),
    );
  });

  test("changes neither the object nor itself", () => {
    fc.assert(
      fc.property(spec, patch, (original, change) => {
        const before = structuredClone([original, change]);
        patchSpec(original, change);
        expect([original, change]).toEqual(before);
      }),
    );
  });

  test("keeps the elements it does not name and takes away the ones it deletes", () => {
    fc.assert(
      fc.property(spec, patch, (original, change) => {
        const names = namesIn(patchSpec(original, change).containers);
        const deleted = namesIn(change.containers?.filter((one) => "$patch" in one));
        const added = namesIn(change.containers).filter((name) => !deleted.includes(name));
        const kept = namesIn(original.containers).filter((name) => !deleted.includes(name));
        expect(names.toSorted()).toEqual([...new Set([...kept, ...added])].toSorted());
      }),
    );
  });

  test("with an order puts the elements that it names into that order", () => {
    fc.assert(
      fc.property(spec, fc.shuffledSubarray(NAMES), (original, order) => {
        const change = { "$setElementOrder/containers": named(...order) };
        const names = namesIn(patchSpec(original, change).containers);
        const expected = order.filter((name) => names.includes(name));
        expect(names.filter((name) => order.includes(name))).toEqual(expected);
        const rest = (list: string[]) => list.filter((name) => !order.includes(name));
        expect(rest(names)).toEqual(rest(namesIn(original.containers)));
      }),
    );
  });
});

const NAMES = ["a", "b", "c", "d", "e"];
const image = fc.constantFrom("nginx", "redis");
const container = fc.record({ name: fc.constantFrom(...NAMES), image }, { requiredKeys: ["name"] });
const unique = <T extends { name: string }>(one: fc.Arbitrary<T>) =>
  fc.uniqueArray(one, { selector: ({ name }) => name });
const maybe = <T>(value: fc.Arbitrary<T>) => fc.oneof(value, fc.constant(null));

const spec = fc.record(
  {
    containers: unique(container),
    nodeName: fc.string(),
    nodeSelector: fc.dictionary(fc.constantFrom("x", "y"), fc.string()),
  },
  { requiredKeys: [] },
);
const patch = fc.record(
  {
    containers: unique(
      fc.record(
        { name: fc.constantFrom(...NAMES), image: maybe(image), $patch: fc.constant("delete") },
        { requiredKeys: ["name"] },
      ),
    ),
    nodeName: maybe(fc.string()),
    nodeSelector: fc.dictionary(fc.constantFrom("x", "y"), maybe(fc.string())),
  },
  { requiredKeys: [] },
);

function namesIn(list: unknown): string[] {
  return ((list ?? []) as { name: string }[]).map(({ name }) => name);
}

function thrownBy(run: () => unknown): ApiError {
  try {
    run();
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
  throw new Error("it was accepted");
}
