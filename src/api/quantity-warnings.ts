/**
 * Amounts that are counted in bytes, of which there is no half.
 *
 * In Kubernetes: pkg/api/pod/warnings.go, GetWarningsForPersistentVolumeClaimSpec in
 * pkg/api/persistentvolumeclaim/util.go
 */
import type { PersistentVolumeClaimSpec } from "kubernetes-types/core/v1.js";
import { formatQuantity, milliValue, quantityError, quantityOf } from "./quantity.ts";
import type { ResourceList } from "./resources.ts";

export function fractionWarnings(
  amounts: ResourceList = {},
  path: string,
  names = ["memory", "ephemeral-storage"],
): string[] {
  return names.flatMap((name) => {
    const amount = amounts[name];
    if (amount === undefined || quantityError(String(amount)) !== undefined) return [];
    const quantity = quantityOf(amount);
    if (milliValue(quantity) % 1000 === 0) return [];
    const text = JSON.stringify(formatQuantity(quantity));
    return [`${path}[${name}]: fractional byte value ${text} is invalid, must be an integer`];
  });
}

export function claimSpecWarnings(
  { resources = {} }: PersistentVolumeClaimSpec,
  path: string,
): string[] {
  return [
    ...fractionWarnings(resources.requests, `${path}.resources.requests`, ["storage"]),
    ...fractionWarnings(resources.limits, `${path}.resources.limits`, ["storage"]),
  ];
}
