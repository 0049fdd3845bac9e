/**
 * Tables: objects as rows of cells, so that `kubectl get` need not know any kind. Ages are told as of now.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/endpoints/handlers/response.go,
 * pkg/printers/tablegenerator.go
 */

import { ageColumn, nameColumn } from "../api/columns.ts";
import { badRequest } from "../api/errors.ts";
import type { Column, Kind, KubeObject } from "../api/kind.ts";

/** What a row carries of its object. */
export type IncludeObject = "None" | "Metadata" | "Object";

export interface TableOptions {
  version: string;
  includeObject: IncludeObject;
  now: Date;
}

export interface ListMeta {
  resourceVersion?: string;
  continue?: string;
  remainingItemCount?: number;
}

const DEFAULT_COLUMNS: Column<KubeObject>[] = [nameColumn, ageColumn];
const CHOICES: IncludeObject[] = ["None", "Metadata", "Object"];

export function includeObjectOf(query: URLSearchParams): IncludeObject {
  const asked = query.get("includeObject") ?? "";
  if (asked === "") return "Metadata";
  const choice = CHOICES.find((one) => one === asked);
  if (choice === undefined) throw badRequest(`unrecognized includeObject value: "${asked}"`);
  return choice;
}

export function tableOf(
  kind: Kind,
  objects: readonly KubeObject[],
  metadata: ListMeta,
  options: TableOptions,
) {
  return {
    kind: "Table",
    apiVersion: `meta.k8s.io/${options.version}`,
    metadata,
    columnDefinitions: columnsOf(kind).map(definitionOf),
    rows: objects.map((obj) => rowOf(kind, obj, options)),
  };
}

/** A table whose reader knows the columns already: an event of a watch after its first. */
export function rowsOnly(kind: Kind, obj: KubeObject, options: TableOptions) {
  const metadata = listMetaOf(obj);
  return { ...tableOf(kind, [obj], metadata, options), columnDefinitions: null };
}

export function metadataOf(obj: KubeObject, version: string) {
  return {
    kind: "PartialObjectMetadata",
    apiVersion: `meta.k8s.io/${version}`,
    metadata: obj.metadata,
  };
}

/** The table of one object has its resourceVersion. */
export function listMetaOf({ metadata }: KubeObject): ListMeta {
  return metadata.resourceVersion === undefined
    ? {}
    : { resourceVersion: metadata.resourceVersion };
}

function columnsOf(kind: Kind): Column<KubeObject>[] {
  return kind.columns ?? DEFAULT_COLUMNS;
}

function definitionOf({ name, type, format = "", description, priority = 0 }: Column<KubeObject>) {
  return { name, type, format, description, priority };
}

function rowOf(kind: Kind, obj: KubeObject, { includeObject, version, now }: TableOptions) {
  const cells = columnsOf(kind).map((column) => column.value(obj, now));
  if (includeObject === "None") return { cells, object: null };
  return { cells, object: includeObject === "Object" ? obj : metadataOf(obj, version) };
}
