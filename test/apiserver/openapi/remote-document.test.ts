import { describe, expect, test } from "vitest";
import type { Json } from "../../../src/apiserver/openapi/definitions.ts";
import { encodeV2 } from "../../../src/apiserver/openapi/gnostic.ts";
import { merged, partOf } from "../../../src/apiserver/openapi/remote-document.ts";

const GVK = "x-kubernetes-group-version-kind";
const to = (name: string) => ({ $ref: `#/definitions/${name}` });
const answering = (name: string) => ({ get: { responses: { 200: { schema: to(name) } } } });

/** As a server with a generated document of its own writes it. */
const theirs: Json = {
  swagger: "2.0",
  parameters: { "pretty-1": { name: "pretty", in: "query", type: "string", uniqueItems: true } },
  paths: {
    "/apis/wardle/": answering("Group"),
    "/apis/wardle/v1/": answering("Resources"),
    "/apis/wardle/v1/fish": {
      parameters: [{ $ref: "#/parameters/pretty-1" }],
      ...answering("Fish"),
    },
    "/apis/wardle/v11/fish": answering("Other"),
    "/apis/apps/v1/deployments": answering("Other"),
  },
  definitions: {
    Fish: { type: "object", properties: { metadata: to("Meta"), bones: { items: to("Bone") } } },
    Meta: { description: "theirs", type: "object" },
    Bone: { type: "string" },
    Options: { type: "object", [GVK]: [{ group: "wardle", kind: "Options", version: "v1" }] },
    Resources: { properties: { options: to("Options") } },
    Other: { type: "object" },
    Group: { type: "object" },
  },
};

const ours: Json = {
  swagger: "2.0",
  paths: { "/api/v1/pods": answering("Pod"), "/apis/wardle/v1/": answering("Pod") },
  definitions: {
    Pod: { properties: { metadata: to("Meta") } },
    Meta: { description: "ours", type: "object" },
    Bone: { type: "string" },
    Options: { type: "object", [GVK]: [{ group: "", kind: "Options", version: "v1" }] },
  },
};

describe("the part of a document that is about one group and version", () => {
  const part = partOf(theirs, "wardle/v1") as Record<string, Json>;

  test("has its paths and what they lead to", () => {
    expect(Object.keys(part.paths!)).toEqual(["/apis/wardle/v1/", "/apis/wardle/v1/fish"]);
    expect(Object.keys(part.definitions!).sort()).toEqual([
      "Bone",
      "Fish",
      "Meta",
      "Options",
      "Resources",
    ]);
  });

  test("has parameters that were written apart where they are used", () => {
    const { parameters } = part.paths!["/apis/wardle/v1/fish"] as Json;
    expect(parameters).toEqual([
      { name: "pretty", in: "query", type: "string", uniqueItems: true },
    ]);
  });

  test.each([{}, { paths: [] }, { paths: {}, definitions: null }])(
    "is not had of %j",
    (document) => {
      expect(() => partOf(document as Json, "wardle/v1")).toThrow("it has no paths");
    },
  );
});

describe("our document with theirs", () => {
  const both = merged(ours, [partOf(theirs, "wardle/v1")]) as Record<string, Record<string, Json>>;

  test("keeps our paths and adds theirs", () => {
    expect(both.paths!["/apis/wardle/v1/"]).toEqual(answering("Pod"));
    expect(both.paths).toHaveProperty(["/apis/wardle/v1/fish"]);
  });

  test("gives a definition that is not the same another name", () => {
    expect(both.definitions).toMatchObject({
      Meta: { description: "ours" },
      Meta_v2: { description: "theirs" },
      Fish: { properties: { metadata: to("Meta_v2"), bones: { items: to("Bone") } } },
      Pod: { properties: { metadata: to("Meta") } },
    });
    expect(both.definitions).not.toHaveProperty("Bone_v2");
    expect(both.definitions).not.toHaveProperty("Options_v2");
  });

  test("can be written as protobuf", () => {
    expect(encodeV2(both).includes("Meta_v2")).toBe(true);
  });

  test("leaves ours as it was", () => {
    expect(ours.definitions).not.toHaveProperty("Fish");
  });
});
