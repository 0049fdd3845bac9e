/**
 * PersistentVolumeClaimResize: a claim may ask for more only where its class says that its volumes can grow.
 *
 * In Kubernetes: plugin/pkg/admission/storage/persistentvolume/resize/admission.go
 */
import { PersistentVolumeClaim } from "../../api/persistent-volume-claim.ts";
import { compareQuantities, quantityError, quantityOf } from "../../api/quantity.ts";
import { StorageClass } from "../../api/storage/storage-class.ts";
import { classOfClaim } from "../../api/volume-matching.ts";
import type { AdmissionPlugin } from "./admission.ts";
import { type CacheSurroundings, NamespacedCache } from "./namespaced-cache.ts";
import { refusal } from "./refusal.ts";

const WHY_NOT =
  "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize";

export function persistentVolumeClaimResize(surroundings: CacheSurroundings): AdmissionPlugin {
  const known = new NamespacedCache(StorageClass, surroundings);
  return {
    name: "PersistentVolumeClaimResize",
    async admit(request) {
      known.note(request);
      const { verb, subresource, kind, object, oldObject } = request;
      if (verb !== "update" || subresource !== "" || kind !== PersistentVolumeClaim) return;
      const old = oldObject as PersistentVolumeClaim;
      if (!grows(object as PersistentVolumeClaim, old)) return;
      // What is not bound may not change at all: validation says so.
      if (old.status?.phase !== "Bound") return;
      const name = classOfClaim(old);
      const found = (await known.list("")).find(({ metadata }) => metadata.name === name);
      if (!found?.allowVolumeExpansion) throw refusal(request, WHY_NOT);
    },
  };
}

function grows(now: PersistentVolumeClaim, old: PersistentVolumeClaim): boolean {
  const [a, b] = [now, old].map(({ spec }) => spec?.resources?.requests?.storage ?? "0");
  if (quantityError(String(a)) !== undefined) return false;
  return compareQuantities(quantityOf(a), quantityOf(b)) > 0;
}
