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
const OPENING_BRACE = "{".charCodeAt(0);
const CLOSING_BRACE = "}".charCodeAt(0);
const QUOTE = '"'.charCodeAt(0);
const BACKSLASH = "\\".charCodeAt(0);

/** How this API server stores objects: kind, apiVersion and metadata first. */
const USUAL_BEGINNING = /^\{"kind":"[^"\\]*","apiVersion":"[^"\\]*","metadata":\{$/;

/** `value` with `revision` as its metadata.resourceVersion. Throws a SyntaxError where it is no JSON. */
export function withResourceVersion(value: Buffer, revision: number): Buffer {
  const start = value.indexOf(METADATA) + METADATA.length;
  const isUsual = USUAL_BEGINNING.test(value.toString("latin1", 0, start));
  if (!isUsual || hasVersion(value, start)) return reencoded(value, revision);
  const comma = value[start] === CLOSING_BRACE ? "" : ",";
  return withInserted(value, start, `"resourceVersion":"${revision}"${comma}`);
}

/** `value` with `text` before `at`, in memory of its own: a piece of Node's pool would keep all of that. */
function withInserted(value: Buffer, at: number, text: string): Buffer {
  const bytes = Buffer.allocUnsafeSlow(value.length + text.length);
  value.copy(bytes, 0, 0, at);
  bytes.write(text, at, "latin1");
  value.copy(bytes, at + text.length, at);
  return bytes;
}

/** Whether metadata has one already. That of another object, as events have it, does not matter. */
function hasVersion(value: Buffer, start: number): boolean {
  if (!value.includes(RESOURCE_VERSION)) return false;
  return value.subarray(start, endOfObject(value, start)).includes(RESOURCE_VERSION);
}

/** Where the object ends that has begun before `start`. */
function endOfObject(value: Buffer, start: number): number {
  let depth = 1;
  let isText = false;
  for (let at = start; at < value.length; at++) {
    const byte = value[at];
    if (byte === BACKSLASH) at++;
    else if (byte === QUOTE) isText = !isText;
    else if (isText) continue;
    else if (byte === OPENING_BRACE) depth++;
    else if (byte === CLOSING_BRACE && --depth === 0) return at;
  }
  return value.length;
}

function reencoded(value: Buffer, revision: number): Buffer {
  const object = JSON.parse(value.toString()) as { metadata?: Record<string, unknown> };
  const { resourceVersion: _, ...metadata } = object.metadata ?? {};
  const versioned = { ...object, metadata: { resourceVersion: String(revision), ...metadata } };
  return Buffer.from(JSON.stringify(versioned));
}
