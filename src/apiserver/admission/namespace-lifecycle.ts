/**
 * NamespaceLifecycle: nothing is created in a namespace that is not there or is on its way out, and the
 * namespaces the cluster itself lives in cannot be deleted.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/admission/plugin/namespace/lifecycle/admission.go.
 * Differs: asks the store, not a cache that may be late.
 */
import { forbiddenRequest, notFound } from "../../api/errors.ts";
import { type KubeObject, storageKey } from "../../api/kind.ts";
import { Namespace } from "../../api/namespace.ts";
import type { Store } from "../storage/store.ts";
import type { AdmissionPlugin, AdmissionRequest } from "./admission.ts";

const IMMORTAL = new Set(["default", "kube-system", "kube-public"]);

export function namespaceLifecycle(store: Store): AdmissionPlugin {
  return {
    name: "NamespaceLifecycle",
    async admit(request) {
      const { verb, kind, namespace, name } = request;
      if (verb === "delete" && kind === Namespace && IMMORTAL.has(name)) {
        throw forbiddenRequest(Namespace, name, "this namespace may not be deleted");
      }
      if (verb !== "create" || !kind.namespaced) return;
      const found = await store.get(storageKey(Namespace, "", namespace));
      if (found === undefined) throw notFound(Namespace, namespace);
      const { metadata } = JSON.parse(found.value.toString()) as KubeObject;
      if (metadata.deletionTimestamp !== undefined) throw terminating(request);
    },
  };
}

function terminating({ kind, namespace, name }: AdmissionRequest) {
  const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
  const error = forbiddenRequest(kind, name, why);
  error.status.details!.causes = [
    {
      reason: "NamespaceTerminating",
      message: `namespace ${namespace} is being terminated`,
      field: "metadata.namespace",
    },
  ];
  return error;
}
