import { describe, expect, test } from "vitest";
import { atomicTypes, mergeRules } from "../../src/api/merge-keys.ts";
import {
  descriptionOf,
  fieldOf,
  kindOfSchema,
  resolve,
  type Schema,
  schemaNames,
  schemaOf,
  shortNameOf,
} from "../../src/api/schema.ts";

const pod = schemaOf("io.k8s.api.core.v1.Pod");

describe("a field schema", () => {
  test("knows the fields of a Pod, down to its containers", () => {
    expect(Object.keys(pod.properties!)).toEqual([
      "apiVersion",
      "kind",
      "metadata",
      "spec",
      "status",
    ]);
    const spec = resolve(fieldOf(pod, "spec")!);
    expect(spec.required).toEqual(["containers"]);
    expect(fieldOf(spec, "containers")).toEqual({
      type: "array",
      items: { type: "object", ref: "io.k8s.api.core.v1.Container" },
      patchStrategy: ["merge"],
      patchMergeKey: "name",
      listType: "map",
      listMapKeys: ["name"],
    });
  });

  test.each([
    ["io.k8s.api.core.v1.PodSpec", "terminationGracePeriodSeconds", "integer", "int64"],
    ["io.k8s.api.core.v1.ContainerPort", "containerPort", "integer", "int32"],
    [
      "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps",
      "maximum",
      "number",
      "double",
    ],
    ["io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta", "creationTimestamp", "string", "date-time"],
    ["io.k8s.api.coordination.v1.LeaseSpec", "renewTime", "string", "micro-time"],
    ["io.k8s.api.core.v1.ServicePort", "targetPort", "string", "int-or-string"],
    ["io.k8s.api.core.v1.EmptyDirVolumeSource", "sizeLimit", "string", "quantity"],
    ["io.k8s.api.certificates.v1.CertificateSigningRequestSpec", "request", "string", "byte"],
  ])("tells that %s.%s is a %s in the form %s", (type, field, expected, format) => {
    expect(fieldOf(schemaOf(type), field)).toMatchObject({ type: expected, format });
  });

  test("tells maps from objects", () => {
    const secret = schemaOf("io.k8s.api.core.v1.Secret");
    expect(fieldOf(secret, "data")).toEqual({
      type: "map",
      items: { type: "string", format: "byte" },
    });
  });

  test("does not take the names of Object's own methods for fields", () => {
    expect(fieldOf(pod, "constructor")).toBeUndefined();
    expect(fieldOf(pod, "__proto__")).toBeUndefined();
    expect(() => schemaOf("constructor")).toThrow("there is no schema constructor");
  });

  test("names the kind that a type is", () => {
    expect(kindOfSchema("io.k8s.api.apps.v1.Deployment")).toEqual({
      apiVersion: "apps/v1",
      kind: "Deployment",
    });
    expect(kindOfSchema("io.k8s.api.core.v1.PodSpec")).toBeUndefined();
  });

  test("has the documentation at hand", () => {
    const { description, properties } = descriptionOf("io.k8s.api.core.v1.Container");
    expect(description).toMatch(/^A single application container/);
    expect(properties.image).toMatch(/^Container image name/);
  });

  test("can be made of every type, every reference leading somewhere", () => {
    const follow = (schema: Schema) => {
      if (schema.items) follow(schema.items);
      if (schema.ref !== undefined) expect(schemaOf(schema.ref).type).toBe(schema.type);
    };
    expect(schemaNames().length).toBeGreaterThan(600);
    for (const name of schemaNames()) {
      for (const field of Object.values(schemaOf(name).properties ?? {})) follow(field);
    }
  });
});

describe("the merge keys", () => {
  const byShortName = new Map(schemaNames().map((name) => [shortNameOf(name), schemaOf(name)]));

  test("are of lists that exist, by fields that their elements have", () => {
    for (const [type, field, rule] of mergeRules()) {
      const schema = fieldOf(byShortName.get(type) ?? pod, field);
      expect(schema, `${type}.${field}`).toBeDefined();
      for (const key of [rule.patchMergeKey, ...(rule.listMapKeys ?? [])]) {
        if (key === undefined) continue;
        expect(fieldOf(schema!.items!, key), `${type}.${field} by ${key}`).toBeDefined();
      }
    }
  });

  test("name only types that exist", () => {
    for (const type of atomicTypes()) expect(byShortName.get(type), type).toBeDefined();
  });
});
