/**
 * An object as the store has it: JSON that begins with kind, apiVersion and metadata, without a
 * resourceVersion, for that is the revision the store gives it.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/storage/api_object_versioner.go
 */
import type { Kind, KubeObject } from "../api/kind.ts";
import { withResourceVersion } from "./storage/object-bytes.ts";
import type { KeyValue } from "./storage/store.ts";

export function encodeForStore(obj: KubeObject): Buffer {
  const { kind, apiVersion, metadata, ...rest } = obj;
  const { resourceVersion: _, managedFields, ...kept } = metadata;
  const all = managedFields === undefined ? kept : { ...kept, managedFields };
  return Buffer.from(JSON.stringify({ kind, apiVersion, metadata: all, ...rest }));
}

export function decodeStored({ value, modRevision }: Pick<KeyValue, "value" | "modRevision">) {
  const obj = JSON.parse(value.toString()) as KubeObject;
  return withRevision(obj, modRevision);
}

/** What is stored of an object: of a custom kind, the object in the version that is stored. */
export async function storedForm({ custom }: Kind, obj: KubeObject): Promise<Buffer> {
  return encodeForStore(custom === undefined ? obj : await custom.toStored(copyOf(obj)));
}

/** The other way: what is stored, as an object of this version. */
export async function objectOf({ custom }: Kind, stored: Pick<KeyValue, "value" | "modRevision">) {
  const obj = decodeStored(stored);
  if (custom === undefined) return obj;
  const [shown] = await custom.fromStored([obj]);
  return withRevision(shown!, stored.modRevision);
}

/** Sets the resourceVersion, on the object itself. */
export function withRevision<T extends KubeObject>(obj: T, revision: number): T {
  obj.metadata.resourceVersion = String(revision);
  return obj;
}

/** The bytes of objects that have just been written: their answer need not encode them once more. */
const written = new WeakMap<KubeObject, { bytes: Buffer; revision: number }>();

/** The object with the revision it got. From here on it is not to be changed. */
export function asWritten(kind: Kind, obj: KubeObject, bytes: Buffer, revision: number) {
  // What is stored of a custom kind may be of another version.
  if (kind.custom === undefined) written.set(obj, { bytes, revision });
  return withRevision(obj, revision);
}

/** The object's JSON, if it is at hand. */
export function bytesOf(obj: KubeObject): Buffer | undefined {
  const found = written.get(obj);
  return found && withResourceVersion(found.bytes, found.revision);
}

/** A copy that may be changed: several times quicker than structuredClone, for JSON needs no more. */
export function copyOf<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(copyOf) as T;
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value)) copy[key] = copyOf((value as Record<string, unknown>)[key]);
  return copy as T;
}
