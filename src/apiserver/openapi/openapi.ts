/**
 * /openapi/v2 and /openapi/v3, written when they are first asked for and kept: they change only
 * when the kinds do, and then a new OpenApi takes the place of the old.
 *
 * In Kubernetes: kube-openapi/pkg/handler, handler3.
 */
import { createHash } from "node:crypto";
import type { Kind } from "../../api/kind.ts";
import type { Json } from "./definitions.ts";
import { documentV2, documentV3 } from "./document.ts";
import { encodeV2 } from "./gnostic.ts";
import { basePath } from "./operations.ts";
import { merged } from "./remote-document.ts";

export interface OpenApiV2 {
  json(): Buffer;
  protobuf(): Buffer;
  /** Without quotes. */
  readonly etag: string;
}

export interface OpenApiV3 {
  /** Which documents there are, each with its hash; and those of others. */
  index(others?: Readonly<Record<string, string>>): Buffer;
  /** "api/v1", "apis/apps/v1" -> the document. */
  document(groupVersion: string): { json: Buffer; etag: string } | undefined;
}

/** `remote`: what other servers say of what they serve. */
export function openApiV2(kinds: readonly Kind[], remote: readonly Json[] = []): OpenApiV2 {
  const document = () => merged(documentV2(kinds), remote);
  const json = once(() => Buffer.from(JSON.stringify(document())));
  const protobuf = once(() => encodeV2(document()));
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
  const own = once(() =>
    [...documents].map(([path, document]) => [path, `/openapi/v3/${path}?hash=${document().etag}`]),
  );
  const index = (others = {}) => {
    const urls: [string, string][] = Object.entries({ ...others, ...Object.fromEntries(own()) });
    const paths = urls.map(([path, serverRelativeURL]) => [path, { serverRelativeURL }]);
    return Buffer.from(JSON.stringify({ paths: Object.fromEntries(paths) }));
  };
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
