/**
 * Makes the slices of one owner what they should be, with as few writes as it takes.
 *
 * In Kubernetes: staging/src/k8s.io/endpointslice/reconciler.go (finalize), utils.go (newEndpointSlice,
 * setEndpointSliceLabels)
 */
import { isDeepStrictEqual } from "node:util";
import {
  EndpointSlice,
  MANAGED_BY_LABEL,
  SERVICE_NAME_LABEL,
} from "../../api/discovery/endpoint-slice.ts";
import { hasReason, isNotFound } from "../../api/errors.ts";
import type { KubeObject } from "../../api/kind.ts";
import { nameIsDns1123Subdomain } from "../../api/names.ts";
import { controllerRef, isControlledBy } from "../../api/owner.ts";
import type { SyncContext } from "../../client/control-loop.ts";
import { keyOf } from "../../client/object-cache.ts";
import { type EndpointGroup, planSlices, type SliceContent } from "./plan.ts";

export const TRIGGER_TIME = "endpoints.kubernetes.io/last-change-trigger-time";
export const HEADLESS_LABEL = "service.kubernetes.io/headless";

export interface WantedSlices {
  owner: KubeObject;
  /** Who we are: the value of the label managed-by. */
  manager: string;
  groups: EndpointGroup[];
  labels: Record<string, string>;
  annotations: Record<string, string>;
  /** The time of the change that led here, if one is known. */
  changedAt?: string | undefined;
  /** How many endpoints a slice may have. */
  limit: number;
}

/** The slices that `manager` keeps for the service `namespace`/`name`. */
export function slicesOf(
  manager: string,
  namespace: string,
  name: string,
  { cached }: SyncContext,
): EndpointSlice[] {
  return cached(EndpointSlice)
    .list(namespace)
    .filter(({ metadata: { labels = {} } }) => labels[SERVICE_NAME_LABEL] === name)
    .filter(({ metadata }) => isManagedBy(manager, metadata.labels))
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined);
}

/** The keys of the services that a slice of `manager` belongs, and belonged, to. */
export function servicesOfSlice(
  manager: string,
  slice: EndpointSlice,
  old: EndpointSlice | undefined,
): string[] {
  return [slice, old].flatMap((one) => {
    const { namespace = "", labels } = one?.metadata ?? {};
    const name = labels?.[SERVICE_NAME_LABEL];
    return name && isManagedBy(manager, labels) ? [keyOf({ namespace, name })] : [];
  });
}

export async function keepSlices(wanted: WantedSlices, context: SyncContext): Promise<void> {
  const { owner, manager, groups, limit } = wanted;
  const { namespace = "", name } = owner.metadata;
  const existing = slicesOf(manager, namespace, name, context);
  const plan = planSlices(existing, groups, limit);
  for (const content of plan.writes) await write(content, wanted, context);
  for (const slice of plan.kept) {
    if (hasRightMetadata(slice, wanted)) continue;
    await write({ ...slice, ports: slice.ports ?? [], slice }, wanted, context);
  }
  await deleteSlices(plan.deletes, context);
}

export async function deleteSlices(slices: EndpointSlice[], { client }: SyncContext) {
  for (const { metadata } of slices) {
    try {
      await client.delete(EndpointSlice, metadata.namespace ?? "", metadata.name);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}

async function write(
  { slice, addressType, ports, endpoints }: SliceContent,
  wanted: WantedSlices,
  { client }: SyncContext,
): Promise<void> {
  const { owner, changedAt } = wanted;
  const { namespace = "", name } = owner.metadata;
  const annotations = { ...wanted.annotations, ...(changedAt && { [TRIGGER_TIME]: changedAt }) };
  const about = { labels: labelsOf(wanted), annotations, ownerReferences: [controllerRef(owner)] };
  if (slice !== undefined) {
    const metadata = { ...slice.metadata, ...about };
    await client.update(EndpointSlice, { ...slice, metadata, ports, endpoints });
    return;
  }
  const prefix = `${name}-`;
  const generateName = nameIsDns1123Subdomain(prefix, true).length > 0 ? name : prefix;
  const metadata = { ...about, namespace, generateName };
  try {
    await client.create(EndpointSlice, namespace, { metadata, addressType, ports, endpoints });
  } catch (error) {
    // Nothing can be made in a namespace that is going; its end will come by itself.
    if (!hasReason(error, "Forbidden")) throw error;
  }
}

function hasRightMetadata({ metadata }: EndpointSlice, wanted: WantedSlices): boolean {
  const { [TRIGGER_TIME]: _, ...annotations } = metadata.annotations ?? {};
  return (
    isDeepStrictEqual({ ...metadata.labels }, labelsOf(wanted)) &&
    isDeepStrictEqual(annotations, wanted.annotations) &&
    isControlledBy({ metadata } as KubeObject, wanted.owner)
  );
}

function labelsOf({ owner, manager, labels }: WantedSlices): Record<string, string> {
  return { ...labels, [SERVICE_NAME_LABEL]: owner.metadata.name, [MANAGED_BY_LABEL]: manager };
}

function isManagedBy(manager: string, labels: Record<string, string> = {}): boolean {
  return labels[MANAGED_BY_LABEL] === manager;
}
