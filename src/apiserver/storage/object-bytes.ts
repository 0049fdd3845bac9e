/**
 * An object's JSON with its resourceVersion in it.
 *
 * What is stored does not know its own revision: the store gives it. So it is put in here, once for each
 * revision, and the bytes made here are what every GET, LIST and watch of that revision sends.
 *
 * In Kubernetes: storage.APIObjectVersioner.UpdateObject, and the encoding of every single response.
 */
const METADATA = Buffer.from('"metadata":{');
const RESOURCE_VERSION = Buffer.from('"resourceVersion":');
const CLOSING_BRACE = "}".charCodeAt(0);

/** How this API server stores objects: kind, apiVersion and metadata first. */
const USUAL_BEGINNING = /^\{"kind":"[^"\\]*","apiVersion":"[^"\\]*","metadata":\{$/;

/** `value` with `revision` as its metadata.resourceVersion. Throws a SyntaxError where it is no JSON. */
export function withResourceVersion(value: Buffer, revision: number): Buffer {
  const start = value.indexOf(METADATA) + METADATA.length;
  const isUsual = USUAL_BEGINNING.test(value.toString("latin1", 0, start));
  if (!isUsual || value.includes(RESOURCE_VERSION)) return reencoded(value, revision);
  const comma = value[start] === CLOSING_BRACE ? "" : ",";
  const inserted = Buffer.from(`"resourceVersion":"${revision}"${comma}`);
  return Buffer.concat([value.subarray(0, start), inserted, value.subarray(start)]);
}

function reencoded(value: Buffer, revision: number): Buffer {
  const object = JSON.parse(value.toString()) as { metadata?: Record<string, unknown> };
  const { resourceVersion: _, ...metadata } = object.metadata ?? {};
  const versioned = { ...object, metadata: { resourceVersion: String(revision), ...metadata } };
  return Buffer.from(JSON.stringify(versioned));
}
