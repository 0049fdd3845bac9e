/**
 * The metadata of v1beta1 and v1beta2: flat, at the top of every object. A name is an `id`, a
 * resourceVersion a number, and labels are a field of the object.
 *
 * In Kubernetes: TypeMeta in pkg/api/v1beta1/types.go (v0.14)
 */
import type { KubeObject } from "../../api/kind.ts";
import { type Json, omitEmpty } from "./omit-empty.ts";

export type FlatVersion = "v1beta1" | "v1beta2";

/** Where an object is seen: in which version, and under which name of its resource. */
export interface Place {
  version: FlatVersion;
  /** "minions", "replicationControllers": as the path has it. */
  resource: string;
}

export function flatMeta({ kind, metadata }: KubeObject, { version, resource }: Place): Json {
  const { name, namespace = "", uid, resourceVersion, generateName, annotations } = metadata;
  const end = namespace === "" ? "" : `?namespace=${namespace}`;
  return {
    kind: kind === "Node" ? "Minion" : kind,
    ...omitEmpty({ id: name, uid }),
    creationTimestamp: metadata.creationTimestamp ?? null,
    ...omitEmpty({
      selfLink: `/api/${version}/${resource}/${name}${end}`,
      resourceVersion: Number(resourceVersion ?? 0),
      apiVersion: version,
      namespace,
      deletionTimestamp: metadata.deletionTimestamp,
      generateName,
      annotations,
    }),
  };
}

/** A list has metadata of the same shape; `namespace` is undefined for kinds without one. */
export function flatListMeta(
  kind: string,
  resourceVersion: string,
  namespace: string | undefined,
  { version, resource }: Place,
): Json {
  const end = namespace === undefined ? "" : `?namespace=${namespace}`;
  return {
    kind: `${kind === "Node" ? "Minion" : kind}List`,
    creationTimestamp: null,
    selfLink: `/api/${version}/${resource}${end}`,
    resourceVersion: Number(resourceVersion),
    apiVersion: version,
  };
}
