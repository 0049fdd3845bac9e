/**
 * NamespaceLifecycle: nothing is created in a namespace that is not there or is on its way out, and the
 * namespaces the cluster itself lives in cannot be deleted.
 *
 * The cache is asked first, and only its "yes" is believed. Where it may be late, the store decides: when
 * it does not know the namespace (it may be new), and for a while after somebody here deleted it.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/admission/plugin/namespace/lifecycle/admission.go
 */
import { forbiddenRequest, notFound } from "../../api/errors.ts";
import { type Kind, type KubeObject, storageKey } from "../../api/kind.ts";
import { Namespace } from "../../api/namespace.ts";
import type { Clock } from "../../component/clock.ts";
import type { Store } from "../storage/store.ts";
import type { WatchCache } from "../storage/watch-cache.ts";
import type { AdmissionPlugin, AdmissionRequest } from "./admission.ts";

export interface NamespaceLifecycleOptions {
  store: Store;
  cache: WatchCache;
  clock: Clock;
}

const IMMORTAL = new Set(["default", "kube-system", "kube-public"]);
/** Longer than a cache is late. */
const DOUBT_MS = 30_000;

export function namespaceLifecycle({
  store,
  cache,
  clock,
}: NamespaceLifecycleOptions): AdmissionPlugin {
  const namespaces = cache.resource(storageKey(Namespace));
  /** When each was last asked to be deleted. */
  const deletedAtMs = new Map<string, number>();

  function noteDeletion(name: string): void {
    const nowMs = clock.monotonicMs();
    for (const [old, atMs] of deletedAtMs) if (atMs + DOUBT_MS < nowMs) deletedAtMs.delete(old);
    deletedAtMs.set(name, nowMs);
  }

  async function read(name: string): Promise<KubeObject | undefined> {
    const key = storageKey(Namespace, "", name);
    const isDoubtful = (deletedAtMs.get(name) ?? -Infinity) + DOUBT_MS >= clock.monotonicMs();
    const cached = isDoubtful ? undefined : namespaces.get(key);
    if (cached !== undefined) return cached.object;
    const stored = await store.get(key);
    return stored && (JSON.parse(stored.value.toString()) as KubeObject);
  }

  return {
    name: "NamespaceLifecycle",
    async admit(request) {
      const { verb, kind, namespace, name } = request;
      if (verb === "delete" && kind === Namespace) {
        if (IMMORTAL.has(name)) {
          throw forbiddenRequest(Namespace, name, "this namespace may not be deleted");
        }
        noteDeletion(name);
      }
      if (verb !== "create" || !kind.namespaced || isAccessReview(kind)) return;
      const found = await read(namespace);
      if (found === undefined) throw notFound(Namespace, namespace);
      if (found.metadata.deletionTimestamp !== undefined) throw terminating(request);
    },
  };
}

/** Whether a namespace has to be there before one may ask is for the authorizer to say. */
function isAccessReview({ group, plural }: Kind): boolean {
  return group === "authorization.k8s.io" && plural === "localsubjectaccessreviews";
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
