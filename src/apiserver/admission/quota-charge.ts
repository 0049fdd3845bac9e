/**
 * One request against one quota: what would be used then, or why it cannot be. Pure.
 *
 * In Kubernetes: CheckRequest in staging/src/k8s.io/apiserver/pkg/admission/plugin/resourcequota/controller.go
 */
import type { KubeObject } from "../../api/kind.ts";
import { Pod } from "../../api/pod.ts";
import { addQuantities, subtractQuantities } from "../../api/quantity.ts";
import { matchesScopes } from "../../api/quota-scopes.ts";
import { namesUsedBy, printAmounts, unstatedIn, usageOf } from "../../api/quota-usage.ts";
import type { ResourceQuota } from "../../api/resource-quota.ts";
import { type Amounts, readResources, writeResources } from "../../api/resources.ts";
import type { AdmissionRequest } from "./admission.ts";

export type Charged = { used: Record<string, string> } | { why: string };

export type Chargeable = Pick<AdmissionRequest, "verb" | "kind" | "object" | "oldObject">;

export function charged(quota: ResourceQuota, request: Chargeable, now: Date): Charged {
  const { kind } = request;
  const object = request.object as KubeObject;
  const { hard = {}, used = {} } = quota.status ?? {};
  const unchanged = { used };
  const names = namesUsedBy(kind, Object.keys(hard));
  const isConcerned = namesUsedBy(kind, Object.keys(quota.spec.hard ?? {})).length > 0;
  if (!isConcerned || !matchesScopes(quota.spec, kind, object)) return unchanged;
  const { name } = quota.metadata;

  const unstated = kind === Pod ? unstatedIn(object as Pod, names) : undefined;
  if (unstated !== undefined) return { why: `failed quota: ${name}: ${unstated}` };
  // Just made: its controller has not yet counted what is there.
  if (quota.status?.hard === undefined || names.some((one) => used[one] === undefined)) {
    const unknown = Object.keys(quota.spec.hard ?? {});
    const resources = namesUsedBy(kind, names.length > 0 ? names : unknown).toSorted();
    return { why: `status unknown for quota: ${name}, resources: ${resources.join(",")}` };
  }

  const wanted = increase(request, object, now);
  const requested = Object.fromEntries(
    names.flatMap((one) => (wanted[one] ? [[one, wanted[one]]] : [])),
  ) as Amounts;
  const before = readResources(used);
  const limits = readResources(hard);
  const after: Amounts = { ...before };
  for (const [one, amount] of Object.entries(requested)) {
    after[one] = addQuantities(before[one]!, amount);
  }
  const exceeded = Object.keys(requested).filter((one) => after[one]!.nano > limits[one]!.nano);
  if (exceeded.length === 0) return { used: writeResources(after) };
  const shown = (amounts: Amounts) =>
    printAmounts(writeResources(Object.fromEntries(exceeded.map((one) => [one, amounts[one]!]))));
  return {
    why: `exceeded quota: ${name}, requested: ${shown(requested)}, used: ${shown(before)}, limited: ${shown(limits)}`,
  };
}

/** What is used more than before; less is seen when the quota is counted again. */
function increase({ kind, oldObject }: Chargeable, object: KubeObject, now: Date): Amounts {
  const usage = usageOf(kind, object, now);
  const before = oldObject === undefined ? {} : usageOf(kind, oldObject, now);
  const differences = Object.entries(usage).map(([name, amount]) => {
    const old = before[name];
    return [name, old === undefined ? amount : subtractQuantities(amount, old)] as const;
  });
  return Object.fromEntries(differences.filter(([, { nano }]) => nano > 0n));
}
