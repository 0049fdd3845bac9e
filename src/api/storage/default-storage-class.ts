/**
 * The class of claims that name none: of several that say they are the default, the newest, and of those
 * made in the same second the first by name.
 *
 * In Kubernetes: GetDefaultClass in pkg/volume/util/storageclass.go
 */
import type { KubeObject } from "../kind.ts";
import { isDefaultClass, type StorageClass } from "./storage-class.ts";

export function defaultStorageClass(classes: readonly StorageClass[]): StorageClass | undefined {
  return classes.filter(isDefaultClass).toSorted(newestFirst)[0];
}

export function newestFirst({ metadata: a }: KubeObject, { metadata: b }: KubeObject): number {
  const [x = "", y = ""] = [a.creationTimestamp, b.creationTimestamp];
  if (x !== y) return x < y ? 1 : -1;
  return a.name < b.name ? -1 : 1;
}
