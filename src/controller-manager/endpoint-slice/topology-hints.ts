/**
 * Hints for proxies: which zone each endpoint is meant for, so that traffic stays within its zone where
 * that overloads nobody. Pure.
 *
 * Rule: a zone is to have as many endpoints as its share of the processors. Each endpoint is first meant for
 * its own zone; zones with too many then give to those with too few. Where a share cannot be had without
 * a zone getting a fifth more than its part of the traffic, there are no hints at all.
 *
 * In Kubernetes: staging/src/k8s.io/endpointslice/topologycache/topologycache.go. Differs: worked out anew at
 * each sync over all endpoints, not kept up slice by slice.
 */
import type { Endpoint } from "kubernetes-types/discovery/v1.js";
import type { Node } from "../../api/node.ts";
import { milliValue, quantityOf } from "../../api/quantity.ts";
import type { EndpointGroup } from "./plan.ts";

export const ZONE_LABEL = "topology.kubernetes.io/zone";

const OVERLOAD = 0.2;
const CONTROL_PLANE = ["node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master"];
const TOO_LITTLE_KNOWN =
  "Insufficient Node information: allocatable CPU or zone not specified on one or more nodes";
const TOO_FEW = "Insufficient number of endpoints";
const TOO_UNEVEN =
  "Unable to allocate minimum required endpoints to each zone without exceeding overload threshold";
const NO_ZONE = "One or more endpoints do not have a zone specified";

/** The part of all processors that each zone has. */
export type ZoneShares = ReadonlyMap<string, number>;

/** All of a node that the shares depend on. */
export function partOf({ metadata, status }: Node): string {
  const { labels = {} } = metadata;
  const ready = status?.conditions?.find(({ type }) => type === "Ready")?.status;
  const isControlPlane = CONTROL_PLANE.some((label) => label in labels);
  return JSON.stringify([labels[ZONE_LABEL], status?.allocatable?.cpu, ready, isControlPlane]);
}

/** Undefined where a node does not say its zone, or there are not two zones. */
export function zoneShares(nodes: readonly Node[]): ZoneShares | undefined {
  const milli = new Map<string, number>();
  let total = 0;
  for (const { metadata, status } of nodes) {
    const { labels = {} } = metadata;
    const ready = status?.conditions?.find(({ type }) => type === "Ready");
    if (CONTROL_PLANE.some((label) => label in labels) || ready?.status !== "True") continue;
    const zone = labels[ZONE_LABEL];
    const cpu = milliValue(quantityOf(status?.allocatable?.cpu ?? "0"));
    if (!zone || cpu === 0) return undefined;
    milli.set(zone, (milli.get(zone) ?? 0) + cpu);
    total += cpu;
  }
  if (milli.size < 2) return undefined;
  return new Map([...milli].map(([zone, cpu]) => [zone, cpu / total]));
}

/** The groups with their hints; or why there can be none. */
export function withHints(
  groups: EndpointGroup[],
  shares: ZoneShares | undefined,
): { groups: EndpointGroup[] } | { why: string } {
  const ready = groups.flatMap(({ endpoints }) => endpoints.filter(isReady));
  const wanted = wantedPerZone(ready.length, shares);
  if (typeof wanted === "string") return { why: wanted };
  if (ready.some(({ zone }) => !zone)) return { why: NO_ZONE };
  const zoneOf = allot(ready, wanted);
  const hinted = (endpoint: Endpoint): Endpoint => {
    const zone = zoneOf.get(endpoint);
    return zone === undefined ? endpoint : { ...endpoint, hints: { forZones: [{ name: zone }] } };
  };
  return { groups: groups.map((one) => ({ ...one, endpoints: one.endpoints.map(hinted) })) };
}

function isReady({ conditions }: Endpoint): boolean {
  return conditions?.ready !== false;
}

/** How many endpoints each zone should have, a fraction perhaps; or why that can't be. */
function wantedPerZone(
  count: number,
  shares: ZoneShares | undefined,
): Map<string, number> | string {
  if (shares === undefined) return TOO_LITTLE_KNOWN;
  if (shares.size > count) return `${TOO_FEW} (${count} endpoints, ${shares.size} zones)`;
  const wanted = new Map<string, number>();
  let left = count;
  for (const [zone, share] of shares) {
    const least = Math.ceil((share * count) / (1 + OVERLOAD));
    left -= least;
    if (left < 0) return TOO_UNEVEN;
    wanted.set(zone, Math.max(share * count, least));
  }
  return wanted;
}

function allot(endpoints: Endpoint[], wanted: Map<string, number>): Map<Endpoint, string> {
  const inOrder = endpoints.toSorted((a, b) => (a.addresses[0]! < b.addresses[0]! ? -1 : 1));
  const zoneOf = new Map(inOrder.map((endpoint) => [endpoint, endpoint.zone!]));
  const { givers, takers } = exchange(countByZone(inOrder), wanted);
  for (const endpoint of inOrder) {
    const taker = [...takers].find(([, count]) => count > 0)?.[0];
    if (taker === undefined) break;
    const toGive = givers.get(endpoint.zone!) ?? 0;
    if (toGive === 0) continue;
    givers.set(endpoint.zone!, toGive - 1);
    takers.set(taker, takers.get(taker)! - 1);
    zoneOf.set(endpoint, taker);
  }
  return zoneOf;
}

function countByZone(endpoints: Endpoint[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { zone = "" } of endpoints) counts.set(zone, (counts.get(zone) ?? 0) + 1);
  return counts;
}

/** Whole endpoints, from who has the most too many to who has the most too few. */
function exchange(has: Map<string, number>, wanted: Map<string, number>) {
  const over = new Map<string, number>();
  for (const [zone, count] of wanted) over.set(zone, (has.get(zone) ?? 0) - count);
  const [givers, takers] = [new Map<string, number>(), new Map<string, number>()];
  for (;;) {
    const inOrder = [...over].toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
    const [most, least] = [inOrder[0]!, inOrder.at(-1)!];
    if (most[1] < 1 || least[1] > -1) return { givers, takers };
    over.set(most[0], most[1] - 1);
    over.set(least[0], least[1] + 1);
    givers.set(most[0], (givers.get(most[0]) ?? 0) + 1);
    takers.set(least[0], (takers.get(least[0]) ?? 0) + 1);
  }
}
