/**
 * ResourceQuota: charges what is created to the quotas of its namespace, and refuses what no longer fits.
 * It comes last of all plug-ins, so that nothing is charged that another refuses.
 *
 * What is charged and then not written after all (a name that is taken) stays charged until the
 * quota's controller counts again.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/admission/plugin/resourcequota
 */

import { PersistentVolumeClaim } from "../../api/persistent-volume-claim.ts";
import { canBeCounted } from "../../api/quota-usage.ts";
import { ResourceQuota } from "../../api/resource-quota.ts";
import { Service } from "../../api/service.ts";
import type { AdmissionPlugin, AdmissionRequest } from "./admission.ts";
import { NamespacedCache } from "./namespaced-cache.ts";
import { QuotaLedger, type QuotaLedgerOptions } from "./quota-ledger.ts";

export function resourceQuota(
  options: QuotaLedgerOptions & ConstructorParameters<typeof NamespacedCache>[1],
): AdmissionPlugin {
  const known = new NamespacedCache(ResourceQuota, options);
  const ledger = new QuotaLedger(options);
  return {
    name: "ResourceQuota",
    async admit(request) {
      known.note(request);
      if (!changesUsage(request)) return;
      const names = (await known.list(request.namespace)).map(({ metadata }) => metadata.name);
      if (names.length > 0) await ledger.charge(request, names);
    },
  };
}

/** A service may change its type, and a claim may grow; whatever else is created uses the same until it goes. */
function changesUsage({ verb, kind, subresource }: AdmissionRequest): boolean {
  if (subresource !== "" || !canBeCounted(kind)) return false;
  const mayChange = kind === Service || kind === PersistentVolumeClaim;
  return verb === "create" || (verb === "update" && mayChange);
}
