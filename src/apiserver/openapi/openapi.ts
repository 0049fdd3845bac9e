/**
 * /openapi/v2 and /openapi/v3, written when they are first asked for and kept: they change only
 * when the kinds do, and then a new OpenApi takes the place of the old.
 *
 * In Kubernetes: kube-openapi/pkg/handler, handler3.
 */
import { createHash } from "node:crypto";
import type { Kind } from "../../api/kind.ts";
import { documentV2, documentV3 } from "./document.ts";
import { encodeV2 } from "./gnostic.ts";
import { basePath } from "./operations.ts";

export interface OpenApiV2 {
  json(): Buffer;
  protobuf(): Buffer;
  /** Without quotes. */
  readonly etag: string;
}

export interface OpenApiV3 {
  /** Which documents there are, each with its hash. */
  index(): Buffer;
  /** "api/v1", "apis/apps/v1" -> the document. */
  document(groupVersion: string): { json: Buffer; etag: string } | undefined;
}

export function openApiV2(kinds: readonly Kind[]): OpenApiV2 {
  const json = once(() => Buffer.from(JSON.stringify(documentV2(kinds))));
  const protobuf = once(() => encodeV2(documentV2(kinds)));
  const etag = once(() => hashOf(json()));
  return {
    json,
    protobuf,
    get etag() {
      return etag();
    },
  };
}

export function openApiV3(kinds: readonly Kind[]): OpenApiV3 {
  const byGroupVersion = new Map<string, Kind[]>();
  for (const kind of kinds) {
    const path = basePath(kind).slice(1);
    byGroupVersion.set(path, [...(byGroupVersion.get(path) ?? []), kind]);
  }
  const documents = new Map(
    [...byGroupVersion].map(([path, members]) => [path, once(() => hashed(members))] as const),
  );
  const index = once(() => {
    const paths = [...documents].map(([path, document]) => [
      path,
      { serverRelativeURL: `/openapi/v3/${path}?hash=${document().etag}` },
    ]);
    return Buffer.from(JSON.stringify({ paths: Object.fromEntries(paths) }));
  });
  return { index, document: (groupVersion) => documents.get(groupVersion)?.() };
}

function hashed(kinds: readonly Kind[]): { json: Buffer; etag: string } {
  const json = Buffer.from(JSON.stringify(documentV3(kinds)));
  return { json, etag: hashOf(json) };
}

function hashOf(bytes: Buffer): string {
  return createHash("sha512").update(bytes).digest("hex").toUpperCase();
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
