import { describe, expect, test } from "vitest";
import { ApiError } from "../../../src/api/errors.ts";
import type { DecodedKind, FieldValidation } from "../../../src/apiserver/decode.ts";
import {
  applyPatch,
  JSON_PATCH,
  MERGE_PATCH,
  STRATEGIC_MERGE_PATCH,
} from "../../../src/apiserver/patch/apply-patch.ts";

const kind: DecodedKind = {
  group: "",
  version: "v1",
  kind: "ReplicationController",
  schema: "io.k8s.api.core.v1.ReplicationController",
};
const current = () => ({
  apiVersion: "v1",
  kind: "ReplicationController",
  metadata: { name: "web", labels: { app: "web", "a/b": "c" } },
  spec: { replicas: 3, selector: { app: "web" } },
});

function apply(type: string | undefined, patch: unknown, mode?: FieldValidation, of = kind) {
  const text = typeof patch === "string" ? patch : JSON.stringify(patch);
  return applyPatch(type, Buffer.from(text), current(), of, mode);
}

function statusOf(type: string | undefined, patch: unknown, mode?: FieldValidation, of = kind) {
  try {
    apply(type, patch, mode, of);
  } catch (error) {
    if (error instanceof ApiError) return error.status;
    throw error;
  }
  throw new Error("it was accepted");
}

describe("a patch", () => {
  test.each([
    [JSON_PATCH, [{ op: "replace", path: "/spec/replicas", value: 5 }]],
    [MERGE_PATCH, { spec: { replicas: 5 } }],
    [STRATEGIC_MERGE_PATCH, { spec: { replicas: 5 } }],
    [`${STRATEGIC_MERGE_PATCH}; charset=utf-8`, { spec: { replicas: 5 } }],
  ])("as %s changes what it names and nothing else", (type, patch) => {
    const expected = { ...current(), spec: { replicas: 5, selector: { app: "web" } } };
    expect(apply(type, patch)).toEqual({ object: expected, warnings: [] });
  });

  test.each([undefined, "", "application/json", "application/yaml"])("as %s is refused", (type) => {
    expect(statusOf(type, {})).toMatchObject({
      code: 415,
      reason: "UnsupportedMediaType",
      message: "415: Unsupported Media Type",
    });
  });

  test("of an object without a Go type cannot be strategic", () => {
    const widget = { ...kind, schema: "" };
    expect(statusOf(STRATEGIC_MERGE_PATCH, {}, "Warn", widget).message).toMatch(
      /application\/json-patch\+json, application\/merge-patch\+json, application\/apply-patch\+yaml$/,
    );
    const { object } = apply(MERGE_PATCH, { spec: { any: { thing: 1 } } }, "Strict", widget);
    expect(object.spec).toMatchObject({ any: { thing: 1 } });
  });
});

describe("a patch that is malformed", () => {
  test.each([
    [JSON_PATCH, "[", "error decoding patch: unexpected end of JSON input"],
    [
      JSON_PATCH,
      {},
      "error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp",
    ],
    [
      JSON_PATCH,
      [{ op: 1 }],
      "error decoding patch: json: cannot unmarshal number into Go struct field jsonPatchOp.op of type string",
    ],
    [
      MERGE_PATCH,
      "{a}",
      "error decoding patch: invalid character 'a' looking for beginning of object key string",
    ],
    [
      MERGE_PATCH,
      [],
      "error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}",
    ],
    [STRATEGIC_MERGE_PATCH, "", "unexpected end of JSON input"],
  ])("as %s is refused: %j", (type, patch, message) => {
    expect(statusOf(type, patch)).toMatchObject({ code: 400, reason: "BadRequest", message });
  });
});

describe("a patch that breaks the object", () => {
  test("is refused in the words of the decoder, which quotes the object", () => {
    const status = statusOf(MERGE_PATCH, { metadata: null, spec: { replicas: "<many>" } });
    expect(status).toMatchObject({ code: 422, reason: "Invalid" });
    expect(status.message).toBe(
      ' "" is invalid: patch: Invalid value: ' +
        JSON.stringify(
          '{"apiVersion":"v1","kind":"ReplicationController",' +
            '"spec":{"replicas":"\\u003cmany\\u003e","selector":{"app":"web"}}}',
        ) +
        ": json: cannot unmarshal string into Go struct field ReplicationControllerSpec.spec.replicas of type int32",
    );
  });

  test("is refused in other words when it is strategic, and the patch is quoted", () => {
    expect(statusOf(STRATEGIC_MERGE_PATCH, { spec: { replicas: "many" } }).message).toBe(
      ' "" is invalid: patch: Invalid value: "map[spec:map[replicas:many]]": unrecognized type: int32',
    );
  });

  test.each([
    [{ metadata: { labels: { a: 1 } } }, "cannot convert int64 to string"],
    [{ metadata: { labels: { a: true } } }, "unrecognized type: string"],
    [{ metadata: { labels: "a" } }, "cannot restore map from string"],
    [{ metadata: "a" }, "cannot restore struct from: string"],
    [{ metadata: { finalizers: {} } }, "cannot restore slice from map"],
    [{ spec: { replicas: 1.5 } }, "cannot convert float64 to int32"],
    [
      { metadata: { creationTimestamp: 5 } },
      "json: cannot unmarshal number into Go value of type string",
    ],
  ])("is refused in the converter's words: %j", (patch, why) => {
    const { message } = statusOf(STRATEGIC_MERGE_PATCH, patch);
    expect(message.slice(-why.length - 2)).toBe(`: ${why}`);
  });

  test("is quoted without what its directives have used up", () => {
    const patch = {
      spec: {
        replicas: "many",
        template: { spec: { "$setElementOrder/containers": [], containers: [{ name: "a" }] } },
      },
    };
    expect(statusOf(STRATEGIC_MERGE_PATCH, patch).message).toContain(
      'Invalid value: "map[spec:map[replicas:many template:map[spec:map[]]]]": unrecognized',
    );
  });

  test("or makes another kind of it, is refused", () => {
    expect(statusOf(MERGE_PATCH, { kind: "Pod" }).message).toContain(
      "converting (v1.Pod) to (core.ReplicationController): unknown conversion",
    );
  });
});

describe("an unknown field in a patch", () => {
  test.each([
    [JSON_PATCH, [{ op: "add", path: "/spec/foo", value: 1 }]],
    [MERGE_PATCH, { spec: { foo: 1 } }],
    [STRATEGIC_MERGE_PATCH, { spec: { foo: 1 } }],
  ])("of %s is left out with a warning, or refused", (type, patch) => {
    expect(apply(type, patch)).toEqual({
      object: current(),
      warnings: ['unknown field "spec.foo"'],
    });
    expect(apply(type, patch, "Ignore").warnings).toEqual([]);
    expect(statusOf(type, patch, "Strict")).toMatchObject({ code: 422, reason: "Invalid" });
    expect(statusOf(type, patch, "Strict").message).toMatch(
      /: strict decoding error: unknown field "spec.foo"$/,
    );
  });

  test("is noticed in the patch's own form, as are fields that are there twice", () => {
    const operations =
      '[{"op":"test","path":"/kind","value":"ReplicationController","foo":1,"op":"test"}]';
    expect(apply(JSON_PATCH, operations).warnings).toEqual([
      'json patch duplicate field "[0].op"',
      'json patch unknown field "[0].foo"',
    ]);
    const twice = '{"spec":{"replicas":1,"replicas":2}}';
    for (const type of [MERGE_PATCH, STRATEGIC_MERGE_PATCH]) {
      expect(apply(type, twice).warnings).toEqual(['duplicate field "spec.replicas"']);
    }
  });
});

describe("a JSON patch", () => {
  test("can do all that RFC 6902 can", () => {
    const patch = [
      { op: "test", path: "/metadata/labels/a~1b", value: "c" },
      { op: "move", from: "/metadata/labels/a~1b", path: "/metadata/labels/d" },
      { op: "copy", from: "/metadata/labels/d", path: "/metadata/labels/e" },
      { op: "remove", path: "/spec/selector" },
      { op: "add", path: "/metadata/finalizers", value: ["b.c/d"] },
      { op: "add", path: "/metadata/finalizers/-", value: "e.f/g" },
      { op: "add", path: "/metadata/finalizers/0", value: "a.b/c" },
    ];
    expect(apply(JSON_PATCH, patch, "Strict").object).toEqual({
      ...current(),
      metadata: {
        name: "web",
        labels: { app: "web", d: "c", e: "c" },
        finalizers: ["a.b/c", "b.c/d", "e.f/g"],
      },
      spec: { replicas: 3 },
    });
  });

  test.each([
    [{ op: "test", path: "/spec/replicas", value: 4 }],
    [{ op: "remove", path: "/spec/foo" }],
    [{ op: "replace", path: "/spec/foo", value: 1 }],
    [{ op: "add", path: "/spec/foo/bar", value: 1 }],
    [{ op: "add", path: "/metadata/labels" }],
    [{ op: "move", from: "/nothing", path: "/spec/foo" }],
    [{ op: "move", from: "", path: "/spec/foo" }],
    [{ op: "move", from: "/spec", path: "/spec/foo" }],
    [{ op: "copy", from: "", path: "/spec/foo" }],
    [{ op: "replace", path: "", value: {} }],
    [{ op: "invent", path: "/spec" }],
    [{ path: "/spec" }],
    [{ op: "add" }],
    [null],
    [{ op: "add", path: "/__proto__/polluted", value: true }],
    [{ op: "add", path: "/constructor/prototype/polluted", value: true }],
    [{ op: "add", path: "/constructor/polluted", value: true }],
    [{ op: "add", path: "/toString/polluted", value: true }],
    [{ op: "copy", from: "/constructor", path: "/spec/foo" }],
  ])("that cannot be done is refused in one sentence, whatever it is: %j", (operation) => {
    expect(statusOf(JSON_PATCH, [operation])).toMatchObject({
      code: 422,
      reason: "Invalid",
      message: "the server rejected our request due to an error in our request",
    });
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    expect((Object as { polluted?: boolean }).polluted).toBeUndefined();
  });

  test("has no more than 10,000 operations", () => {
    const operation = { op: "test", path: "/kind", value: "ReplicationController" };
    expect(
      statusOf(
        JSON_PATCH,
        Array.from({ length: 10_001 }, () => operation),
      ),
    ).toMatchObject({
      code: 413,
      reason: "RequestEntityTooLarge",
      message:
        "Request entity is too large: The allowed maximum operations in a JSON patch is 10000, got 10001",
    });
    const most = Array.from({ length: 10_000 }, () => operation);
    expect(apply(JSON_PATCH, most).object).toEqual(current());
  });

  test("cannot grow by copying itself", () => {
    const doubling = Array.from({ length: 64 }, (_, index) => ({
      op: "copy",
      from: "/metadata/labels",
      path: `/metadata/labels/x${index}`,
    }));
    expect(statusOf(JSON_PATCH, doubling).code).toBe(422);
  });
});
