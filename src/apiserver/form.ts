/**
 * Objects, lists and changes in the form the client asked for: as they are, as tables, or only their
 * metadata. As they are means the very bytes of the cache, put together and not encoded again.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/endpoints/handlers/response.go
 */
import { apiVersionOf, type Kind, type KubeObject } from "../api/kind.ts";
import type { ApiResponse } from "../client/transport.ts";
import type { Clock } from "../component/clock.ts";
import { json, jsonBytes, NEWLINE } from "./answer.ts";
import type { Page } from "./list.ts";
import { type Form, negotiate } from "./negotiate.ts";
import type { RequestInfo } from "./request-info.ts";
import type { Call } from "./resource-handler.ts";
import { CachedObject } from "./storage/cached-object.ts";
import { bytesOf } from "./stored-object.ts";
import {
  includeObjectOf,
  type ListMeta,
  listMetaOf,
  metadataOf,
  rowsOnly,
  type TableOptions,
  tableOf,
} from "./table.ts";
import type { LineOf } from "./watch.ts";

/** A form, and what making it needs to know. */
export interface AnswerForm extends Form {
  table: TableOptions;
  clock: Clock;
}

const NO_TABLE: TableOptions = { version: "", includeObject: "None", now: new Date(0) };
const OPENING = Buffer.from("{");
const NEXT_OPENING = Buffer.from(",{");
const LIST_END = Buffer.from("]}\n");
/** Small pieces are copied together up to so many bytes: a write for each object would cost more. */
const CHUNK_BYTES = 64 * 1024;

export function formOf({ request, info }: Call, clock: Clock): AnswerForm {
  // Not spread: this is done for every request.
  const { shape, version, encoding, isPretty } = negotiate(request, info);
  const table = shape === "table" ? tableOptionsOf(info, version, clock) : NO_TABLE;
  return { shape, version, encoding, isPretty, clock, table };
}

function tableOptionsOf({ query }: RequestInfo, version: string, clock: Clock): TableOptions {
  return { version, includeObject: includeObjectOf(query), now: clock.now() };
}

export function objectAnswer(
  kind: Kind,
  object: CachedObject | KubeObject,
  form: AnswerForm,
  status = 200,
): Promise<ApiResponse> | ApiResponse {
  const isPlain = form.shape === "object" && form.encoding === "json" && !form.isPretty;
  if (isPlain) {
    const bytes = object instanceof CachedObject ? object.bytes : bytesOf(object);
    if (bytes !== undefined) return jsonBytes([bytes, NEWLINE], status);
  }
  const obj = object instanceof CachedObject ? object.object : object;
  return valueAnswer(shaped(kind, obj, form), form, status);
}

export function listAnswer(kind: Kind, page: Page, form: AnswerForm) {
  const metadata: ListMeta = {
    resourceVersion: String(page.revision),
    ...(page.continue === "" ? {} : { continue: page.continue }),
    ...(page.remainingItemCount === undefined
      ? {}
      : { remainingItemCount: page.remainingItemCount }),
  };
  if (form.shape === "object" && form.encoding === "json" && !form.isPretty) {
    return jsonBytes(listChunks(kind, metadata, page.items));
  }
  const objects = page.items.map(({ object }) => object);
  return valueAnswer(shapedList(kind, objects, metadata, form), form, 200);
}

/** Undefined where the lines all watchers share will do. */
export function watchLineOf(kind: Kind, form: AnswerForm): LineOf | undefined {
  if (form.shape === "object") return undefined;
  let isFirst = true;
  return (type, object) => {
    const obj = object instanceof CachedObject ? object.object : (object as KubeObject);
    const options = { ...form.table, now: form.clock.now() };
    let value: unknown;
    if (form.shape === "metadata") value = metadataOf(obj, form.version);
    else if (type === "BOOKMARK") value = emptyTable(obj, options);
    else if (isFirst) value = tableOf(kind, [obj], listMetaOf(obj), options);
    else value = rowsOnly(kind, obj, options);
    if (type !== "BOOKMARK") isFirst = false;
    return Buffer.from(`${JSON.stringify({ type, object: value })}\n`);
  };
}

/** A bookmark has no cells, but a row is where its reader looks for the resourceVersion. */
function emptyTable(obj: KubeObject, { version }: TableOptions) {
  return {
    kind: "Table",
    apiVersion: `meta.k8s.io/${version}`,
    metadata: listMetaOf(obj),
    columnDefinitions: null,
    rows: [{ cells: null, object: metadataOf(obj, version) }],
  };
}

function shaped(kind: Kind, obj: KubeObject, form: AnswerForm): unknown {
  // A Status, the answer to a delete, has no other form.
  if (form.shape === "object" || obj.kind === "Status") return obj;
  if (form.shape === "metadata") return metadataOf(obj, form.version);
  return tableOf(kind, [obj], listMetaOf(obj), form.table);
}

function shapedList(kind: Kind, objects: KubeObject[], metadata: ListMeta, form: AnswerForm) {
  if (form.shape === "table") return tableOf(kind, objects, metadata, form.table);
  if (form.shape === "metadata") {
    const items = objects.map((obj) => metadataOf(obj, form.version));
    const apiVersion = `meta.k8s.io/${form.version}`;
    return { kind: "PartialObjectMetadataList", apiVersion, metadata, items };
  }
  const items = kind.isCustom
    ? objects
    : objects.map(({ kind: _, apiVersion: __, ...rest }) => rest);
  return { kind: listKindOf(kind), apiVersion: apiVersionOf(kind), metadata, items };
}

async function valueAnswer(value: unknown, form: AnswerForm, status: number) {
  if (form.encoding === "yaml") {
    // Loaded when first asked for: few ask, and it is not small.
    // In a bundle a CommonJS package that is loaded late has nothing but its default.
    const { default: yaml } = await import("yaml");
    const headers = { "content-type": "application/yaml" };
    const chunks = [Buffer.from(yaml.stringify(value))];
    return { status, headers, body: { type: "bytes" as const, chunks } };
  }
  if (!form.isPretty) return json(value, status);
  return jsonBytes([Buffer.from(`${JSON.stringify(value, null, 2)}\n`)], status);
}

function listChunks(kind: Kind, metadata: ListMeta, items: readonly CachedObject[]): Buffer[] {
  const head = JSON.stringify({
    kind: listKindOf(kind),
    apiVersion: apiVersionOf(kind),
    metadata,
  });
  const chunks: Buffer[] = [];
  let pieces: Buffer[] = [Buffer.from(`${head.slice(0, -1)},"items":[`)];
  let size = 0;
  const usual = Buffer.from(`{"kind":"${kind.kind}","apiVersion":"${apiVersionOf(kind)}",`);
  for (const [i, { bytes }] of items.entries()) {
    // Only the list says the kind; it comes first in the bytes of each item, and is left out.
    const saysKind = !kind.isCustom && startsWith(bytes, usual);
    pieces.push(i === 0 ? OPENING : NEXT_OPENING, bytes.subarray(saysKind ? usual.length : 1));
    size += bytes.length;
    if (size < CHUNK_BYTES) continue;
    chunks.push(Buffer.concat(pieces));
    pieces = [];
    size = 0;
  }
  pieces.push(LIST_END);
  chunks.push(Buffer.concat(pieces));
  return chunks;
}

function listKindOf(kind: Kind): string {
  return kind.listKind ?? `${kind.kind}List`;
}

function startsWith(bytes: Buffer, beginning: Buffer): boolean {
  const { length } = beginning;
  return bytes.length >= length && bytes.compare(beginning, 0, length, 0, length) === 0;
}
