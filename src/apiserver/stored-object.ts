/**
 * An object as the store has it: JSON that begins with kind, apiVersion and metadata, without a
 * resourceVersion, for that is the revision the store gives it.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/storage/api_object_versioner.go
 */
import type { KubeObject } from "../api/kind.ts";
import type { KeyValue } from "./storage/store.ts";

export function encodeForStore(obj: KubeObject): Buffer {
  const { kind, apiVersion, metadata, ...rest } = obj;
  const { resourceVersion: _, managedFields: __, ...kept } = metadata;
  return Buffer.from(JSON.stringify({ kind, apiVersion, metadata: kept, ...rest }));
}

export function decodeStored({ value, modRevision }: Pick<KeyValue, "value" | "modRevision">) {
  const obj = JSON.parse(value.toString()) as KubeObject;
  return withRevision(obj, modRevision);
}

/** Sets the resourceVersion, on the object itself. */
export function withRevision<T extends KubeObject>(obj: T, revision: number): T {
  obj.metadata.resourceVersion = String(revision);
  return obj;
}
