/**
 * NamespaceExists: what is created, changed or deleted in a namespace needs that namespace to be there.
 * NamespaceLifecycle says the same and more; the course's configuration names both.
 *
 * In Kubernetes: plugin/pkg/admission/namespace/exists/admission.go
 */
import { notFound } from "../../api/errors.ts";
import { Namespace } from "../../api/namespace.ts";
import type { Store } from "../storage/store.ts";
import type { WatchCache } from "../storage/watch-cache.ts";
import type { AdmissionPlugin } from "./admission.ts";
import { findObject } from "./stored-object-lookup.ts";

export function namespaceExists(surroundings: {
  store: Store;
  cache: WatchCache;
}): AdmissionPlugin {
  return {
    name: "NamespaceExists",
    async admit({ kind, namespace }) {
      if (!kind.namespaced || namespace === "") return;
      const found = await findObject(Namespace, "", namespace, surroundings);
      if (found === undefined) throw notFound(Namespace, namespace);
    },
  };
}
