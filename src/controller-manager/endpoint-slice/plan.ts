/**
 * From the slices there are and the endpoints there should be to the writes that lead from one to the
 * other: pure.
 *
 * Its aim is few writes, since every write is sent to every node: an endpoint that is still right stays
 * where it is; new ones go first into slices that change anyway, then into the fullest one with room for
 * all of them, then into new slices. Slices are never balanced for its own sake.
 *
 * In Kubernetes: staging/src/k8s.io/endpointslice/reconciler.go (reconcileByPortMapping, finalize).
 */
import { isDeepStrictEqual } from "node:util";
import type { Endpoint, EndpointPort } from "kubernetes-types/discovery/v1.js";
import type { EndpointSlice } from "../../api/discovery/endpoint-slice.ts";

/** Endpoints that all have the same ports and the same type of addresses. */
export interface EndpointGroup {
  /** "IPv4", "IPv6", "FQDN" */
  addressType: string;
  ports: EndpointPort[];
  endpoints: Endpoint[];
}

/** What a slice has to hold. Without `slice` it is a new one. */
export interface SliceContent extends EndpointGroup {
  slice?: EndpointSlice;
}

export interface SlicePlan {
  writes: SliceContent[];
  deletes: EndpointSlice[];
  /** Those that hold what they should. */
  kept: EndpointSlice[];
}

/** `limit`: how many endpoints a slice may have. A group without any is one empty slice. */
export function planSlices(
  existing: readonly EndpointSlice[],
  groups: readonly EndpointGroup[],
  limit: number,
): SlicePlan {
  const plan: SlicePlan = { writes: [], deletes: [], kept: [] };
  const left = new Set(existing);
  for (const group of groups) {
    const same = [...left].filter((slice) => groupKey(slice) === groupKey(group));
    for (const slice of same) left.delete(slice);
    const of = planGroup(same, group, limit);
    plan.writes.push(...of.writes);
    plan.deletes.push(...of.deletes);
    plan.kept.push(...of.kept);
  }
  plan.deletes.push(...left);
  return reuseDeleted(plan);
}

/** What all endpoints of a slice have in common. */
export function groupKey({
  addressType,
  ports = [],
}: Pick<EndpointSlice, "addressType" | "ports">) {
  return `${addressType} ${portsKey(ports)}`;
}

/** Ports in any order are the same ports. */
function portsKey(ports: readonly EndpointPort[]): string {
  const texts = ports.map(({ name = "", port, protocol = "TCP", appProtocol }) =>
    JSON.stringify([name, port, protocol, appProtocol]),
  );
  return texts.toSorted().join();
}

function planGroup(existing: EndpointSlice[], group: EndpointGroup, limit: number): SlicePlan {
  const { endpoints } = group;
  const missing = new Map(endpoints.map((one) => [endpointKey(one), one]));
  const unchanged: EndpointSlice[] = [];
  const changed: SliceContent[] = [];
  for (const slice of existing) {
    const kept = takeFrom(missing, slice.endpoints ?? []);
    if (isDeepStrictEqual(kept, slice.endpoints ?? [])) unchanged.push(slice);
    else changed.push({ ...group, slice, endpoints: kept });
  }
  const left = [...missing.values()];
  for (const content of changed.toSorted(fullestFirst)) {
    content.endpoints.push(...left.splice(0, Math.max(0, limit - content.endpoints.length)));
  }
  while (left.length > 0) {
    const next = left.splice(0, limit);
    const roomy = next.length < limit ? fullestWithRoom(unchanged, next.length, limit) : undefined;
    if (roomy !== undefined) unchanged.splice(unchanged.indexOf(roomy), 1);
    const before = roomy?.endpoints ?? [];
    changed.push({ ...group, ...(roomy && { slice: roomy }), endpoints: [...before, ...next] });
  }
  return withoutEmpty(unchanged, changed, group);
}

/** Takes what of `missing` is in `endpoints`, as it should be now. */
function takeFrom(missing: Map<string, Endpoint>, endpoints: readonly Endpoint[]): Endpoint[] {
  return endpoints.flatMap((one) => {
    const key = endpointKey(one);
    const wanted = missing.get(key);
    missing.delete(key);
    if (wanted === undefined) return [];
    return isDeepStrictEqual(wanted, one) ? [one] : [wanted];
  });
}

/** Empty slices go, but for the one of a group without endpoints. */
function withoutEmpty(unchanged: EndpointSlice[], changed: SliceContent[], group: EndpointGroup) {
  const isFull = ({ endpoints }: { endpoints?: Endpoint[] }) => (endpoints?.length ?? 0) > 0;
  const kept = unchanged.filter(isFull);
  const writes = changed.filter(isFull);
  const emptied = changed.filter((one) => !isFull(one)).map(({ slice }) => slice!);
  const empty = [...unchanged.filter((one) => !isFull(one)), ...emptied];
  if (group.endpoints.length > 0) return { kept, writes, deletes: empty };
  const [first, ...rest] = empty;
  if (first === undefined) return { kept, writes: [group], deletes: [] };
  const isEmpty = !isFull(first);
  return {
    kept: isEmpty ? [first] : [],
    writes: isEmpty ? [] : [{ ...group, slice: first }],
    deletes: rest,
  };
}

/** One to be deleted becomes one that would be made: one write instead of two. */
function reuseDeleted({ writes, deletes, kept }: SlicePlan): SlicePlan {
  const free = [...deletes];
  const reused = writes.map((content) => {
    if (content.slice !== undefined) return content;
    const at = free.findIndex(({ addressType }) => addressType === content.addressType);
    return at === -1 ? content : { ...content, slice: free.splice(at, 1)[0]! };
  });
  return { writes: reused, deletes: free, kept };
}

function fullestFirst(a: SliceContent, b: SliceContent): number {
  return b.endpoints.length - a.endpoints.length;
}

function fullestWithRoom(slices: EndpointSlice[], count: number, limit: number) {
  const size = ({ endpoints }: EndpointSlice) => endpoints?.length ?? 0;
  const withRoom = slices.filter((slice) => size(slice) + count <= limit);
  return withRoom.toSorted((a, b) => size(b) - size(a))[0];
}

/** Which endpoint it is, whatever its condition. */
function endpointKey({ addresses, hostname, nodeName, targetRef, zone }: Endpoint): string {
  const { kind, namespace, name, uid } = targetRef ?? {};
  return JSON.stringify([addresses, hostname, nodeName, zone, kind, namespace, name, uid]);
}
