/**
 * The endpoints controller: keeps beside each service with a selector the list of addresses that
 * its pods answer on.
 *
 * Services without a selector are left alone, so that a person can write their Endpoints by hand.
 *
 * In Kubernetes: pkg/controller/endpoint/endpoints_controller.go. Differs: subsets and ports are in
 * the order of their text, not of a hash of Go's own notation.
 */
import { isDeepStrictEqual } from "node:util";
import { Endpoints } from "../api/endpoints.ts";
import { hasReason, isNotFound } from "../api/errors.ts";
import { matchesLabels } from "../api/labels.ts";
import { Pod } from "../api/pod.ts";
import { Service } from "../api/service.ts";
import {
  type ComponentContext,
  type Controller,
  type RunningController,
  runController,
  type SyncContext,
} from "../client/control-loop.ts";
import { keyOf } from "../client/object-cache.ts";
import { subsetsOf, truncateSubsets } from "./endpoint-subsets.ts";
import { servicesOfPod } from "./services-of-pod.ts";
import { TriggerTimes } from "./trigger-times.ts";

const TRIGGER_TIME = "endpoints.kubernetes.io/last-change-trigger-time";
const OVER_CAPACITY = "endpoints.kubernetes.io/over-capacity";
const HEADLESS_LABEL = "service.kubernetes.io/headless";
const LEADER_ANNOTATION = "control-plane.alpha.kubernetes.io/leader";

/** Runs the controller, which first looks after the Endpoints whose service went in its absence. */
export async function startEndpointsController(
  context: ComponentContext,
): Promise<RunningController> {
  const running = await runController(endpointsController(), context);
  const services = context.informers.of(Service);
  for (const { metadata } of context.informers.of(Endpoints).list()) {
    const isLock = metadata.annotations?.[LEADER_ANNOTATION] !== undefined;
    const hasService = services.get(metadata.namespace, metadata.name) !== undefined;
    if (!isLock && !hasService) running.queue.add(keyOf(metadata));
  }
  return running;
}

export function endpointsController(): Controller<Service> {
  const triggerTimes = new TriggerTimes();
  return {
    name: "endpoint-controller",
    watches: Service,
    follows: [
      { kind: Pod, keysOf: (obj, old, context) => servicesOfPod(obj as Pod, old as Pod, context) },
      {
        kind: Endpoints,
        keysOf: ({ metadata }, _old, context) => remakeDeleted(metadata, context),
      },
    ],

    async sync(service, key, context) {
      if (service === undefined) {
        triggerTimes.forget(key);
        return deleteEndpoints(key, context);
      }
      const { selector, type } = service.spec;
      if (type === "ExternalName" || selector === undefined) return;
      const pods = context
        .cached(Pod)
        .list(service.metadata.namespace)
        .filter((pod) => matchesLabels(selector, pod.metadata.labels));
      const changed = triggerTimes.observe(key, service, pods);
      await writeEndpoints(service, pods, changed, context);
    },
  };
}

/** Endpoints that somebody deleted are made again; other changes by hand stay until the next sync. */
function remakeDeleted(
  metadata: { namespace?: string; name: string },
  { cached }: SyncContext,
): string[] {
  const isThere = cached(Endpoints).get(metadata.namespace, metadata.name) !== undefined;
  return isThere ? [] : [keyOf(metadata)];
}

async function deleteEndpoints(key: string, { client, cached }: SyncContext): Promise<void> {
  const [namespace = "", name = ""] = key.split("/");
  if (cached(Endpoints).get(namespace, name) === undefined) return;
  try {
    await client.delete(Endpoints, namespace, name);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

async function writeEndpoints(
  service: Service,
  pods: Pod[],
  changedAt: string | undefined,
  context: SyncContext,
): Promise<void> {
  const { namespace = "", name } = service.metadata;
  const current = context.cached(Endpoints).get(namespace, name);
  const { subsets, isTruncated } = truncateSubsets(subsetsOf(service, pods));
  const labels = {
    ...service.metadata.labels,
    ...(isHeadless(service) && { [HEADLESS_LABEL]: "" }),
  };
  const annotations: Record<string, string> = {
    ...without(current?.metadata.annotations, TRIGGER_TIME, OVER_CAPACITY),
    ...(isTruncated && { [OVER_CAPACITY]: "truncated" }),
  };
  if (current !== undefined && isUpToDate(current, subsets, labels, annotations)) return;
  if (changedAt !== undefined) annotations[TRIGGER_TIME] = changedAt;
  const metadata = { ...current?.metadata, namespace, name, labels, annotations };
  await save(service, { ...current, metadata, subsets } as Endpoints, context);
}

function isUpToDate(
  current: Endpoints,
  subsets: Endpoints["subsets"],
  labels: object,
  annotations: object,
): boolean {
  return (
    isDeepStrictEqual(current.subsets ?? [], subsets) &&
    isDeepStrictEqual(current.metadata.labels ?? {}, labels) &&
    isDeepStrictEqual(without(current.metadata.annotations, TRIGGER_TIME), annotations)
  );
}

async function save(service: Service, endpoints: Endpoints, { client, events }: SyncContext) {
  const { namespace = "", name, resourceVersion } = endpoints.metadata;
  const isNew = resourceVersion === undefined;
  try {
    if (isNew) await client.create(Endpoints, namespace, endpoints);
    else await client.update(Endpoints, endpoints);
  } catch (error) {
    // Nothing can be made in a namespace that is going; its end will come by itself.
    if (isNew && hasReason(error, "Forbidden")) return;
    const why = error instanceof Error ? error.message : String(error);
    const [reason, words] = isNew
      ? ["FailedToCreateEndpoint", "Failed to create endpoint for service"]
      : ["FailedToUpdateEndpoint", "Failed to update endpoint"];
    events.event(service, "Warning", reason, `${words} ${namespace}/${name}: ${why}`);
    throw error;
  }
}

function isHeadless({ spec }: Service): boolean {
  return !spec.clusterIP || spec.clusterIP === "None";
}

function without(map: Record<string, string> = {}, ...keys: string[]): Record<string, string> {
  return Object.fromEntries(Object.entries(map).filter(([key]) => !keys.includes(key)));
}
