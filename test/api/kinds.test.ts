import { describe, expect, test } from "vitest";
import { apiVersionOf, storageKey } from "../../src/api/kind.ts";
import { kinds } from "../../src/api/kinds.ts";
import { wordingsOf } from "./judge.ts";

describe.each(kinds.map((kind) => [kind.kind, kind] as const))("the kind %s", (_, kind) => {
  test("has an example that is valid as it stands", async () => {
    await kind.prepare?.();
    expect(kind.example).toMatchObject({ apiVersion: apiVersionOf(kind), kind: kind.kind });
    expect(wordingsOf(kind, { ...kind.example })).toEqual([]);
  });

  test("fills in its defaults once and for all", () => {
    const once = structuredClone(kind.example);
    kind.setDefaults?.(once);
    const twice = structuredClone(once);
    kind.setDefaults?.(twice);
    expect(twice).toEqual(once);
  });

  test("has a cell for every column, of an object that has only just been created", () => {
    const obj = structuredClone(kind.example);
    kind.setDefaults?.(obj);
    kind.prepareForCreate?.(obj);
    for (const column of kind.columns ?? []) {
      expect(["string", "number", "boolean"]).toContain(
        typeof column.value(obj, new Date("2026-01-01T00:00:00Z")),
      );
      expect(column.description).not.toBe("");
    }
  });

  test("has only texts for selectable fields", () => {
    for (const value of Object.values(kind.selectableFields?.(kind.example) ?? {})) {
      expect(typeof value).toBe("string");
    }
  });
});

test("no two kinds share a name, a path or a place in the store", () => {
  const names = kinds.flatMap(({ plural, singular, kind, shortNames = [] }) => [
    ...new Set([plural, singular ?? kind.toLowerCase(), ...shortNames]),
  ]);
  expect(new Set(names).size).toBe(names.length);
  const places = kinds.map((kind) => kind.storagePrefix);
  expect(new Set(places).size).toBe(places.length);
});

test("the store's keys are those of Kubernetes", () => {
  const keys = Object.fromEntries(
    kinds.map((kind) => [kind.plural, storageKey(kind, kind.namespaced ? "ns" : "", "x")]),
  );
  expect(keys).toMatchObject({
    pods: "/registry/pods/ns/x",
    replicationcontrollers: "/registry/controllers/ns/x",
    services: "/registry/services/specs/ns/x",
    endpoints: "/registry/services/endpoints/ns/x",
    nodes: "/registry/minions/x",
    namespaces: "/registry/namespaces/x",
    leases: "/registry/leases/ns/x",
  });
});
