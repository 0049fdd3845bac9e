/**
 * The cells of `kubectl get` for a custom kind: its name, and what its definition adds; where it adds nothing,
 * its age.
 *
 * In Kubernetes: staging/src/k8s.io/apiextensions-apiserver/pkg/registry/customresource/tableconvertor
 */
import type { CustomResourceColumnDefinition } from "kubernetes-types/apiextensions/v1.js";
import { ageColumn, nameColumn } from "../columns.ts";
import { humanDuration } from "../human-duration.ts";
import type { Column, KubeObject } from "../kind.ts";
import { jsonPath } from "./json-path.ts";

type Cell = ReturnType<Column<KubeObject>["value"]>;

/** A cell with nothing in it. kubectl prints it as `<none>` or leaves it empty. */
const NOTHING = null as unknown as Cell;

const DEFAULT: CustomResourceColumnDefinition = {
  name: "Age",
  type: "date",
  description: ageColumn.description,
  jsonPath: ".metadata.creationTimestamp",
};

export function customColumns(
  definitions: CustomResourceColumnDefinition[] = [],
): Column<KubeObject>[] {
  const added = definitions.length > 0 ? definitions : [DEFAULT];
  return [nameColumn, ...added.map(columnOf)];
}

function columnOf(definition: CustomResourceColumnDefinition): Column<KubeObject> {
  const { name, type, format, description, priority = 0 } = definition;
  const find = jsonPath(definition.jsonPath);
  return {
    name,
    type: type as Column<KubeObject>["type"],
    ...(format === undefined ? {} : { format }),
    description:
      description ||
      `Custom resource definition column (in JSONPath format): ${definition.jsonPath}`,
    priority: priority as 0 | 1,
    value(obj, now) {
      const found = find(obj);
      return found.length === 0 ? NOTHING : cellOf(found[0], type, now);
    },
  };
}

function cellOf(value: unknown, type: string, now: Date): Cell {
  switch (type) {
    case "string":
      return textOf(value);
    case "integer":
      return typeof value === "number" ? Math.trunc(value) : NOTHING;
    case "number":
      return typeof value === "number" ? value : NOTHING;
    case "boolean":
      return typeof value === "boolean" ? value : NOTHING;
    case "date":
      return typeof value === "string" ? ageOf(value, now) : NOTHING;
  }
  return NOTHING;
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return "<nil>";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function ageOf(time: string, now: Date): string {
  const ms = Date.parse(time);
  return Number.isNaN(ms) ? "<invalid>" : humanDuration(now.getTime() - ms);
}
