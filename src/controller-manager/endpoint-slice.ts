/**
 * The EndpointSlice controller: keeps for each service with a selector the slices that list its pods.
 *
 * When the service goes, the garbage collector takes its slices.
 *
 * In Kubernetes: pkg/controller/endpointslice/endpointslice_controller.go. Differs: one family of
 * addresses per service.
 */
import {
  EndpointSlice,
  MANAGED_BY_LABEL,
  SERVICE_NAME_LABEL,
} from "../api/discovery/endpoint-slice.ts";
import { matchesLabels } from "../api/labels.ts";
import { Node } from "../api/node.ts";
import { Pod } from "../api/pod.ts";
import { Service } from "../api/service.ts";
import { followsZones } from "../api/topology-mode.ts";
import type { Controller, SyncContext } from "../client/control-loop.ts";
import { keyOf } from "../client/object-cache.ts";
import { TopologyHints } from "./endpoint-slice/hint-events.ts";
import { HEADLESS_LABEL, keepSlices, servicesOfSlice } from "./endpoint-slice/keep-slices.ts";
import { endpointGroups } from "./endpoint-slice/pod-endpoints.ts";
import { partOf } from "./endpoint-slice/topology-hints.ts";
import { servicesOfPod } from "./services-of-pod.ts";
import { TriggerTimes } from "./trigger-times.ts";

const MANAGER = "endpointslice-controller.k8s.io";
const RESERVED_LABELS = [SERVICE_NAME_LABEL, MANAGED_BY_LABEL, HEADLESS_LABEL];

export interface EndpointSliceOptions {
  workers?: number;
  /** --max-endpoints-per-slice */
  maxEndpointsPerSlice?: number;
}

export function endpointSliceController(options: EndpointSliceOptions = {}): Controller<Service> {
  const { workers = 5, maxEndpointsPerSlice: limit = 100 } = options;
  const triggerTimes = new TriggerTimes();
  const hints = new TopologyHints();
  return {
    name: "endpoint-slice-controller",
    watches: Service,
    follows: [
      { kind: Pod, keysOf: (obj, old, context) => servicesOfPod(obj as Pod, old as Pod, context) },
      {
        kind: Node,
        keysOf: (obj, old, context) => hintedServices(obj as Node, old as Node, context),
      },
      {
        kind: EndpointSlice,
        keysOf: (obj, old) =>
          servicesOfSlice(MANAGER, obj as EndpointSlice, old as EndpointSlice | undefined),
      },
    ],
    workers,

    async sync(service, key, context) {
      if (service === undefined) {
        hints.forget(key);
        return triggerTimes.forget(key);
      }
      const { selector, type } = service.spec;
      if (type === "ExternalName" || selector === undefined) return;
      const { namespace } = service.metadata;
      const selected = context.cached(Pod).list(namespace);
      const pods = selected.filter((pod) => matchesLabels(selector, pod.metadata.labels));
      const changedAt = triggerTimes.observe(key, service, pods);
      const nodes = context.cached(Node);
      const plain = endpointGroups(service, pods, (name) => nodes.get("", name));
      const groups = hints.added(service, key, plain, context);
      const labels = labelsOf(service);
      const about = { owner: service, manager: MANAGER, groups, labels, annotations: {} };
      await telling(service, context, keepSlices({ ...about, changedAt, limit }, context));
    },
  };
}

/** Those that follow the zones, where the node may have changed what its zone has. */
function hintedServices(node: Node, old: Node | undefined, { cached }: SyncContext): string[] {
  if (old !== undefined && partOf(old) === partOf(node)) return [];
  return cached(Service)
    .list()
    .filter(followsZones)
    .map(({ metadata }) => keyOf(metadata));
}

async function telling(service: Service, { events }: SyncContext, work: Promise<void>) {
  try {
    await work;
  } catch (error) {
    const { namespace, name } = service.metadata;
    const why = error instanceof Error ? error.message : String(error);
    const what = `Error updating Endpoint Slices for Service ${namespace}/${name}: ${why}`;
    events.event(service, "Warning", "FailedToUpdateEndpointSlices", what);
    throw error;
  }
}

/** The service's own, but for those that say what a slice is. */
function labelsOf({ metadata, spec }: Service): Record<string, string> {
  const own = Object.entries(metadata.labels ?? {});
  const isHeadless = !spec.clusterIP || spec.clusterIP === "None";
  return {
    ...Object.fromEntries(own.filter(([key]) => !RESERVED_LABELS.includes(key))),
    ...(isHeadless && { [HEADLESS_LABEL]: "" }),
  };
}
