/**
 * Eviction: a deletion that asks the pod's disruption budget first. `kubectl drain` empties a node so.
 *
 * The budget's count of allowed disruptions is taken down by one in the same write that notes the pod
 * as about to go, so that two evictions never spend the same allowance. Pods that have ended or never
 * begun cost nothing.
 *
 * In Kubernetes: pkg/registry/core/pod/storage/eviction.go
 */
import { ApiError, badRequest, conflict, isConflict, notFound } from "../api/errors.ts";
import type { KubeObject } from "../api/kind.ts";
import { Pod } from "../api/pod.ts";
import { isPodReady, setCondition } from "../api/pod-status.ts";
import type { PodDisruptionBudget } from "../api/policy/pod-disruption-budget.ts";
import { toApiTime } from "../component/clock.ts";
import { json } from "./answer.ts";
import { decodeBody } from "./decode.ts";
import type { DeleteOptions } from "./deletion.ts";
import { budgetsOf, spendDisruption, violation } from "./eviction-budget.ts";
import type { SubresourceHandler } from "./handler.ts";
import type { WriteContext } from "./registry.ts";
import {
  bodyOf,
  type Call,
  type ResourceHandlerOptions,
  targetOf,
  writeContextOf,
} from "./resource-handler.ts";
import { fieldValidationOf } from "./write-options.ts";

interface Eviction extends KubeObject {
  deleteOptions?: DeleteOptions;
}

interface EvictionRequest {
  namespace: string;
  name: string;
  deleteOptions: DeleteOptions;
  context: WriteContext;
}

const SEVERAL =
  "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.";
const EVICTION = {
  group: "policy",
  version: "v1",
  kind: "Eviction",
  schema: "io.k8s.api.policy.v1.Eviction",
};
const EVICTED = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 };

/** POST .../pods/{name}/eviction */
export function evictPod(options: ResourceHandlerOptions): SubresourceHandler {
  return async (kind, call) => {
    const eviction = decodeEviction(call);
    const { name, namespace } = call.info;
    if (eviction.metadata.name !== name) {
      throw badRequest("name in URL does not match name in Eviction object");
    }
    const { deleteOptions = {} } = eviction;
    checkDryRun(call, deleteOptions.dryRun ?? []);
    const context = writeContextOf(call, deleteOptions.dryRun);
    // Admission is asked about the eviction, and not about the deletion it comes to.
    const request = { namespace, name, deleteOptions, context: { ...context, isAdmitted: true } };
    const asked = targetOf(kind, call.info);
    const { admission } = options.registry;
    await admission.creating(asked, EVICTION, eviction, context, async (judge) => {
      await judge();
      await evict(request, options);
    });
    return json(EVICTED, 201);
  };
}

function decodeEviction(call: Call): Eviction {
  const { request } = call;
  const body = bodyOf(request);
  const isBeta = /"?apiVersion"?\s*:\s*"?policy\/v1beta1/.test(body.toString());
  const kind = isBeta ? { ...EVICTION, version: "v1beta1" } : EVICTION;
  const type = request.headers["content-type"];
  const { object, warnings } = decodeBody<Eviction>(body, type, kind, fieldValidationOf(call));
  call.warnings.push(...warnings);
  object.metadata ??= { name: "" };
  object.apiVersion = "policy/v1";
  return object;
}

/** The query and the body may each ask for a dry run, but not for different ones. */
function checkDryRun(call: Call, inBody: string[]): void {
  const inQuery = call.info.query.getAll("dryRun");
  if (inQuery.length === 0 || inBody.length === 0 || inQuery.join() === inBody.join()) return;
  const lists = `[${inQuery.join(" ")}] and [${inBody.join(" ")}]`;
  throw new ApiError(500, "", `Non-matching dry-run options in request and content: ${lists}`);
}

async function evict(request: EvictionRequest, options: ResourceHandlerOptions): Promise<void> {
  const { namespace, name, context } = request;
  const pod = (await options.registry.get(Pod, namespace, name)) as Pod;
  if (isOver(pod)) return remove(request, options);
  if (pod.status?.phase === "Pending") return removeUnbegun(request, options, pod);

  const budgets = await budgetsOf(pod, options);
  if (budgets.length > 1) throw new ApiError(500, "", SEVERAL);
  const [budget] = budgets;
  if (budget === undefined) return remove(request, options);
  if (!isPodReady(pod) && mayGoUnhealthy(budget)) {
    // It must still be unhealthy when it is deleted: that is, unchanged.
    return remove(request, options, pod).catch((error: unknown) => {
      throw hasChanged(error, request) ? violation(budget) : error;
    });
  }
  await spendDisruption(budget, name, options, context.isDryRun);
  await remove(request, options);
}

/** It has ended or is going anyway: no service is the less for it. */
function isOver({ metadata, status }: Pod): boolean {
  const { deletionTimestamp } = metadata;
  return deletionTimestamp !== undefined || ["Succeeded", "Failed"].includes(status?.phase ?? "");
}

/** A pod that has not begun is missed by nobody; one that begins meanwhile is looked at anew. */
async function removeUnbegun(
  request: EvictionRequest,
  options: ResourceHandlerOptions,
  pod: Pod,
): Promise<void> {
  try {
    await remove(request, options, pod);
  } catch (error) {
    if (!hasChanged(error, request)) throw error;
    await evict(request, options);
  }
}

/** Whether the pod has changed since we looked; a client who named its version wants to know. */
function hasChanged(error: unknown, { deleteOptions }: EvictionRequest): boolean {
  const { uid, resourceVersion } = deleteOptions.preconditions ?? {};
  return isConflict(error) && resourceVersion === undefined && uid === undefined;
}

/** A pod that does not work counts for nothing, unless the budget is short already. */
function mayGoUnhealthy({ spec, status }: PodDisruptionBudget): boolean {
  if (spec.unhealthyPodEvictionPolicy === "AlwaysAllow") return true;
  const { currentHealthy = 0, desiredHealthy = 0 } = status ?? {};
  return desiredHealthy > 0 && currentHealthy >= desiredHealthy;
}

/** Notes on the pod why it goes, then deletes it. `unchanged`: only if it is still the pod it was. */
async function remove(
  { namespace, name, deleteOptions, context }: EvictionRequest,
  { registry, clock }: ResourceHandlerOptions,
  unchanged?: Pod,
): Promise<void> {
  const preconditions = { ...deleteOptions.preconditions };
  if (unchanged !== undefined) {
    preconditions.resourceVersion ??= unchanged.metadata.resourceVersion ?? "";
  }
  const target = { kind: Pod, namespace, name, subresource: "status" };
  if (!context.isDryRun) {
    const note = (pod: KubeObject | undefined) =>
      noted(pod as Pod | undefined, name, preconditions, toApiTime(clock.now()));
    const { object } = await registry.update(target, note, context);
    if (preconditions.resourceVersion !== undefined) {
      preconditions.resourceVersion = object.metadata.resourceVersion ?? "";
    }
  }
  const wishes = { ...deleteOptions, preconditions };
  await registry.delete({ ...target, subresource: "" }, wishes, context);
}

function noted(
  pod: Pod | undefined,
  name: string,
  { uid, resourceVersion }: NonNullable<DeleteOptions["preconditions"]>,
  now: string,
): Pod {
  if (pod === undefined) throw notFound(Pod, name);
  const { metadata } = pod;
  if (uid !== undefined && uid !== metadata.uid) {
    const why = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${metadata.uid}`;
    throw conflict(Pod, name, why);
  }
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) {
    throw conflict(Pod, name);
  }
  pod.status ??= {};
  setCondition(pod.status, {
    type: "DisruptionTarget",
    status: "True",
    reason: "EvictionByEvictionAPI",
    message: "Eviction API: evicting",
    lastTransitionTime: now,
  });
  return pod;
}
