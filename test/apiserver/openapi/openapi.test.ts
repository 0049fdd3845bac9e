import protobuf from "protobufjs/light.js";
import { describe, expect, test } from "vitest";
import type { Kind } from "../../../src/api/kind.ts";
import { kinds } from "../../../src/api/kinds.ts";
import type { Json } from "../../../src/apiserver/openapi/definitions.ts";
import { gnosticDescriptor } from "../../../src/apiserver/openapi/gnostic-messages.ts";
import { openApiV2, openApiV3 } from "../../../src/apiserver/openapi/openapi.ts";

interface Operation {
  "x-kubernetes-action": string;
  "x-kubernetes-group-version-kind": { group: string; version: string; kind: string };
  operationId: string;
  parameters: { name: string; in: string }[];
}
interface Document {
  paths: Record<string, Record<string, Operation>>;
  definitions: Record<string, { properties: Record<string, Json> } & Json>;
  components: { schemas: Document["definitions"] };
}

const parse = (bytes: Buffer | undefined) => JSON.parse(bytes!.toString()) as Document;
const v2 = openApiV2(kinds);
const v3 = openApiV3(kinds);
const documents: [string, Document, Document["definitions"]][] = [
  ["v2", parse(v2.json()), parse(v2.json()).definitions],
  ...Object.keys(parse(v3.index()).paths).map(
    (path): [string, Document, Document["definitions"]] => {
      const document = parse(v3.document(path)?.json);
      return [`v3 of ${path}`, document, document.components.schemas];
    },
  ),
];

function operationsOf(document: Document): [string, string, Operation][] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([method]) => method !== "parameters")
      .map(([method, operation]): [string, string, Operation] => [path, method, operation]),
  );
}

describe.each(documents)("OpenAPI %s", (_, document, definitions) => {
  test("refers to nothing that it does not define", () => {
    const references = JSON.stringify(document).matchAll(/"\$ref":"#\/[\w/]+\/([^"/]+)"/g);
    const names = [...references].map((match) => match[1]!);
    expect(names.length).toBeGreaterThan(10);
    for (const name of names) expect(Object.keys(definitions)).toContain(name);
  });

  test("names every operation once", () => {
    const ids = operationsOf(document).map(([, , { operationId }]) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test("tells kubectl that patches can be dry and validated", () => {
    const patches = operationsOf(document).filter(
      ([, method, operation]) => method === "patch" && operation["x-kubernetes-action"] === "patch",
    );
    // A group of reviews has nothing that could be patched.
    const isOfReviews = !operationsOf(document).some(([, method]) => method === "put");
    expect(patches.length > 0).toBe(!isOfReviews);
    for (const [path, , operation] of patches) {
      const names = operation.parameters.map(({ name }) => name);
      expect(names, path).toEqual(
        expect.arrayContaining(["dryRun", "fieldManager", "fieldValidation", "force"]),
      );
    }
  });
});

describe("OpenAPI v2", () => {
  const { paths, definitions } = parse(v2.json());

  test.each(kinds.map((kind): [string, Kind] => [kind.kind, kind]))(
    "has the paths of a %s",
    (_, kind) => {
      const own = operationsOf({ paths } as Document).filter(
        ([, , operation]) => operation["x-kubernetes-group-version-kind"].kind === kind.kind,
      );
      const actions = new Set(own.map(([, , operation]) => operation["x-kubernetes-action"]));
      const names: Record<string, string> = { create: "post", update: "put" };
      for (const verb of kind.verbs ?? ["create", "get", "list", "update", "patch", "delete"]) {
        if (verb === "watch") continue;
        expect([...actions], `${kind.kind} ${verb}`).toContain(names[verb] ?? verb);
      }
    },
  );

  test("knows a kind by its group, version and name", () => {
    expect(definitions["io.k8s.api.core.v1.Pod"]).toMatchObject({
      type: "object",
      "x-kubernetes-group-version-kind": [{ group: "", kind: "Pod", version: "v1" }],
    });
  });

  test("tells how lists are merged", () => {
    const { containers } = definitions["io.k8s.api.core.v1.PodSpec"]!.properties;
    expect(containers).toMatchObject({
      type: "array",
      items: { $ref: "#/definitions/io.k8s.api.core.v1.Container" },
      "x-kubernetes-patch-strategy": "merge",
      "x-kubernetes-patch-merge-key": "name",
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": ["name"],
    });
  });

  test("is the same document in protobuf", () => {
    const type = protobuf.Root.fromJSON(gnosticDescriptor()).lookupType("openapi.v2.Document");
    const decoded = type.toObject(type.decode(v2.protobuf())) as {
      swagger: string;
      paths: { path: { name: string; value: { patch?: { vendor_extension: Json[] } } }[] };
      definitions: { additional_properties: { name: string; value: Json }[] };
    };
    expect(decoded.swagger).toBe("2.0");
    expect(decoded.paths.path.map(({ name }) => name)).toEqual(Object.keys(paths));
    expect(decoded.definitions.additional_properties.map(({ name }) => name)).toEqual(
      Object.keys(definitions),
    );
    const pod = decoded.paths.path.find(
      ({ name }) => name === "/api/v1/namespaces/{namespace}/pods/{name}",
    );
    expect(pod?.value.patch?.vendor_extension).toContainEqual({
      name: "x-kubernetes-group-version-kind",
      value: { yaml: '{"group":"","kind":"Pod","version":"v1"}\n' },
    });
  });
});

describe("OpenAPI v3", () => {
  test("says what can be one thing or another", () => {
    const { schemas } = parse(v3.document("api/v1")?.json).components;
    expect(schemas["io.k8s.apimachinery.pkg.util.intstr.IntOrString"]).toMatchObject({
      oneOf: [{ type: "integer" }, { type: "string" }],
    });
  });

  test("has no document of a group that there is not", () => {
    expect(v3.document("apis/nothing/v1")).toBeUndefined();
  });
});

describe("a kind without a schema", () => {
  const Widget = {
    ...kinds[0]!,
    group: "example.com",
    kind: "Widget",
    plural: "widgets",
    schema: "",
  };

  test("may have any fields", () => {
    const { schemas } = parse(openApiV3([Widget]).document("apis/example.com/v1")?.json).components;
    expect(schemas["com.example.v1.Widget"]).toEqual({
      type: "object",
      "x-kubernetes-group-version-kind": [{ group: "example.com", kind: "Widget", version: "v1" }],
    });
  });
});
