/**
 * DefaultStorageClass and DefaultIngressClass: a claim or an ingress that names no class gets the one that
 * is marked as the default, if there is one.
 *
 * In Kubernetes: plugin/pkg/admission/storage/storageclass/setdefault/admission.go,
 * plugin/pkg/admission/network/defaultingressclass/admission.go
 */

import { CLASS_ANNOTATION } from "../../api/class-annotation.ts";
import { Ingress } from "../../api/networking/ingress.ts";
import { DEFAULT_INGRESS_CLASS, IngressClass } from "../../api/networking/ingress-class.ts";
import { CLASS_ANNOTATION as INGRESS_ANNOTATION } from "../../api/networking/ingress-validation.ts";
import { PersistentVolumeClaim } from "../../api/persistent-volume-claim.ts";
import { defaultStorageClass, newestFirst } from "../../api/storage/default-storage-class.ts";
import { StorageClass } from "../../api/storage/storage-class.ts";
import type { AdmissionPlugin, AdmissionRequest } from "./admission.ts";
import { type CacheSurroundings, NamespacedCache } from "./namespaced-cache.ts";

export function defaultStorageClassPlugin(surroundings: CacheSurroundings): AdmissionPlugin {
  const known = new NamespacedCache(StorageClass, surroundings);
  return {
    name: "DefaultStorageClass",
    async admit(request) {
      known.note(request);
      if (!isCreation(request) || request.kind !== PersistentVolumeClaim) return;
      const { metadata, spec } = request.object as PersistentVolumeClaim;
      if (spec === undefined || spec.storageClassName !== undefined) return;
      if (metadata.annotations?.[CLASS_ANNOTATION] !== undefined) return;
      const found = defaultStorageClass(await known.list(""));
      if (found !== undefined) spec.storageClassName = found.metadata.name;
    },
  };
}

export function defaultIngressClassPlugin(surroundings: CacheSurroundings): AdmissionPlugin {
  const known = new NamespacedCache(IngressClass, surroundings);
  return {
    name: "DefaultIngressClass",
    async admit(request) {
      known.note(request);
      if (!isCreation(request) || request.kind !== Ingress) return;
      const { metadata, spec } = request.object as Ingress;
      if (spec.ingressClassName !== undefined) return;
      if (metadata.annotations?.[INGRESS_ANNOTATION] !== undefined) return;
      const defaults = (await known.list("")).filter(
        (one) => one.metadata.annotations?.[DEFAULT_INGRESS_CLASS] === "true",
      );
      const [found] = defaults.toSorted(newestFirst);
      if (found !== undefined) spec.ingressClassName = found.metadata.name;
    },
  };
}

function isCreation({ verb, subresource, object }: AdmissionRequest): boolean {
  return verb === "create" && subresource === "" && object !== undefined;
}
