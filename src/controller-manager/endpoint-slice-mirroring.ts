/**
 * The EndpointSlice mirroring controller: what somebody wrote as Endpoints, for a service without a
 * selector, is there as slices too, so that proxies need look at slices alone.
 *
 * Endpoints labelled endpointslice.kubernetes.io/skip-mirror=true are left alone: who wrote them writes
 * the slices as well.
 *
 * In Kubernetes: pkg/controller/endpointslicemirroring
 */
import { isIP, isIPv6 } from "node:net";
import type { EndpointAddress, EndpointSubset } from "kubernetes-types/core/v1.js";
import type { Endpoint } from "kubernetes-types/discovery/v1.js";
import {
  EndpointSlice,
  MANAGED_BY_LABEL,
  SERVICE_NAME_LABEL,
} from "../api/discovery/endpoint-slice.ts";
import { Endpoints } from "../api/endpoints.ts";
import { Service } from "../api/service.ts";
import type { Controller, SyncContext } from "../client/control-loop.ts";
import { keyOf, splitKey } from "../client/object-cache.ts";
import {
  deleteSlices,
  keepSlices,
  servicesOfSlice,
  slicesOf,
  TRIGGER_TIME,
} from "./endpoint-slice/keep-slices.ts";
import { type EndpointGroup, groupKey } from "./endpoint-slice/plan.ts";

const MANAGER = "endpointslicemirroring-controller.k8s.io";
const SKIP_LABEL = "endpointslice.kubernetes.io/skip-mirror";
const LEADER_ANNOTATION = "control-plane.alpha.kubernetes.io/leader";
const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";
const SLICE_LIMIT = 1_000;

export interface MirroringOptions {
  workers?: number;
  /** --mirroring-max-endpoints-per-subset */
  maxEndpointsPerSubset?: number;
}

export function endpointSliceMirroringController(
  options: MirroringOptions = {},
): Controller<Endpoints> {
  const { workers = 5, maxEndpointsPerSubset: most = 1_000 } = options;
  return {
    name: "endpoint-slice-mirroring-controller",
    watches: Endpoints,
    follows: [
      { kind: Service, keysOf: ({ metadata }) => [keyOf(metadata)] },
      {
        kind: EndpointSlice,
        keysOf: (obj, old) =>
          servicesOfSlice(MANAGER, obj as EndpointSlice, old as EndpointSlice | undefined),
      },
    ],
    workers,

    async sync(endpoints, key, context) {
      const { namespace, name } = splitKey(key);
      if (endpoints === undefined || !isMirrored(endpoints, context)) {
        return deleteSlices(slicesOf(MANAGER, namespace, name, context), context);
      }
      await mirror(endpoints, most, context);
    },
  };
}

function isMirrored({ metadata }: Endpoints, { cached }: SyncContext): boolean {
  const { namespace, name, labels, annotations } = metadata;
  const service = cached(Service).get(namespace, name);
  return (
    labels?.[SKIP_LABEL] !== "true" &&
    annotations?.[LEADER_ANNOTATION] === undefined &&
    service !== undefined &&
    service.spec.selector === undefined
  );
}

async function mirror(endpoints: Endpoints, most: number, context: SyncContext): Promise<void> {
  const { namespace, name, labels, annotations } = endpoints.metadata;
  const groups = groupsOf(endpoints, most, context);
  const about = {
    labels: without(labels, SERVICE_NAME_LABEL, MANAGED_BY_LABEL),
    annotations: without(annotations, LAST_APPLIED, TRIGGER_TIME),
    changedAt: annotations?.[TRIGGER_TIME],
    limit: SLICE_LIMIT,
  };
  try {
    await keepSlices({ owner: endpoints, manager: MANAGER, groups, ...about }, context);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const what = `Error updating mirrored EndpointSlices for Endpoints ${namespace}/${name}: ${why}`;
    context.events.event(endpoints, "Warning", "FailedToUpdateEndpointSlices", what);
    throw error;
  }
}

/** A group for each set of ports: subsets may share one. Without addresses there is none, and no slice. */
function groupsOf(endpoints: Endpoints, most: number, { events }: SyncContext): EndpointGroup[] {
  const groups = new Map<string, EndpointGroup>();
  let [skipped, invalid] = [0, 0];
  for (const subset of endpoints.subsets ?? []) {
    const ports = (subset.ports ?? []).map((port) => ({ ...port, name: port.name ?? "" }));
    const all = addressesOf(subset);
    const valid = all.filter(({ addresses: [ip = ""] }) => isIP(ip) !== 0);
    invalid += all.length - valid.length;
    skipped += Math.max(0, valid.length - most);
    for (const endpoint of valid.slice(0, most)) {
      const addressType = isIPv6(endpoint.addresses[0]!) ? "IPv6" : "IPv4";
      const key = groupKey({ addressType, ports });
      const group = groups.get(key) ?? { addressType, ports, endpoints: [] };
      groups.set(key, group);
      group.endpoints.push(endpoint);
    }
  }
  if (invalid > 0) {
    const what = `Skipped ${invalid} invalid IP addresses when mirroring to EndpointSlices`;
    events.event(endpoints, "Warning", "InvalidIPAddress", what);
  }
  if (skipped > 0) {
    const what = `A max of ${most} addresses can be mirrored to EndpointSlices per Endpoints subset. ${skipped + invalid} addresses were skipped`;
    events.event(endpoints, "Warning", "TooManyAddressesToMirror", what);
  }
  return [...groups.values()];
}

function addressesOf({ addresses = [], notReadyAddresses = [] }: EndpointSubset): Endpoint[] {
  return [
    ...addresses.map((one) => endpointOf(one, true)),
    ...notReadyAddresses.map((one) => endpointOf(one, false)),
  ];
}

function endpointOf({ ip, hostname, nodeName, targetRef }: EndpointAddress, ready: boolean) {
  return {
    addresses: [ip],
    conditions: { ready },
    ...(hostname ? { hostname } : {}),
    ...(nodeName ? { nodeName } : {}),
    ...(targetRef && { targetRef }),
  };
}

function without(map: Record<string, string> = {}, ...keys: string[]): Record<string, string> {
  return Object.fromEntries(Object.entries(map).filter(([key]) => !keys.includes(key)));
}
