/**
 * NamespaceAutoProvision: a namespace comes into being with the first object that is created in it.
 *
 * In Kubernetes: plugin/pkg/admission/namespace/autoprovision/admission.go
 */
import { isAlreadyExists } from "../../api/errors.ts";
import { Namespace } from "../../api/namespace.ts";
import type { Registry } from "../registry.ts";
import type { Store } from "../storage/store.ts";
import type { WatchCache } from "../storage/watch-cache.ts";
import { type AdmissionPlugin, THE_SERVER_ITSELF } from "./admission.ts";
import { earlyRefusal } from "./refusal.ts";
import { findObject } from "./stored-object-lookup.ts";

export interface NamespaceAutoProvisionOptions {
  store: Store;
  cache: WatchCache;
  /** Asked for at the first request: the registry has the plug-ins before they have it. */
  registry: () => Registry;
}

export function namespaceAutoProvision(options: NamespaceAutoProvisionOptions): AdmissionPlugin {
  async function provide(name: string): Promise<void> {
    const draft = { apiVersion: "v1", kind: "Namespace", metadata: { name }, spec: {} };
    try {
      await options.registry().create(Namespace, "", draft, THE_SERVER_ITSELF);
    } catch (error) {
      // Two first objects at once: one of them was quicker.
      if (!isAlreadyExists(error)) throw error;
    }
  }

  return {
    name: "NamespaceAutoProvision",
    async admit(request) {
      const { verb, kind, namespace, isDryRun } = request;
      if (verb !== "create" || !kind.namespaced || isDryRun) return;
      if ((await findObject(Namespace, "", namespace, options)) !== undefined) return;
      await provide(namespace).catch((error: Error) => {
        throw earlyRefusal(request, error.message);
      });
    },
  };
}
