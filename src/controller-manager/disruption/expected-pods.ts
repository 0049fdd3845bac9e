/**
 * How many pods there ought to be behind a budget: not those that are there, but those their
 * controllers were asked for, each controller counted once.
 *
 * In Kubernetes: getExpectedPodCount, getExpectedScale and the finders of
 * pkg/controller/disruption/disruption.go
 */
import type { OwnerReference } from "kubernetes-types/meta/v1.js";
import { Deployment } from "../../api/apps/deployment.ts";
import { ReplicaSet } from "../../api/apps/replica-set.ts";
import { StatefulSet } from "../../api/apps/stateful-set.ts";
import { isNotFound } from "../../api/errors.ts";
import { scaledAmount } from "../../api/int-or-percent.ts";
import type { Kind, KubeObject } from "../../api/kind.ts";
import { controllerOf } from "../../api/owner.ts";
import type { Pod } from "../../api/pod.ts";
import type { PodDisruptionBudget } from "../../api/policy/pod-disruption-budget.ts";
import { ReplicationController } from "../../api/replication-controller.ts";
import type { SyncContext } from "../../client/control-loop.ts";

export interface Expectation {
  expectedPods: number;
  desiredHealthy: number;
  /** Pods without a controller, of which nobody can say how many there ought to be. */
  unmanaged: Pod[];
}

interface Scale {
  uid: string;
  replicas: number;
}

interface Scalable extends KubeObject {
  spec: { replicas?: number };
}

export async function expectationOf(
  { spec }: PodDisruptionBudget,
  pods: Pod[],
  context: SyncContext,
): Promise<Expectation> {
  const { maxUnavailable, minAvailable } = spec;
  if (maxUnavailable !== undefined) {
    const { expectedPods, unmanaged } = await sumOfScales(pods, context);
    const desiredHealthy = Math.max(expectedPods - scaledAmount(maxUnavailable, expectedPods), 0);
    return { expectedPods, desiredHealthy, unmanaged };
  }
  if (typeof minAvailable === "number") {
    return { expectedPods: pods.length, desiredHealthy: minAvailable, unmanaged: [] };
  }
  if (minAvailable === undefined) return { expectedPods: 0, desiredHealthy: 0, unmanaged: [] };
  const { expectedPods, unmanaged } = await sumOfScales(pods, context);
  return { expectedPods, desiredHealthy: scaledAmount(minAvailable, expectedPods), unmanaged };
}

async function sumOfScales(pods: Pod[], context: SyncContext) {
  const owners = new Map<string, { owner: OwnerReference; pod: Pod }>();
  const unmanaged: Pod[] = [];
  for (const pod of pods) {
    const owner = controllerOf(pod);
    if (owner === undefined) unmanaged.push(pod);
    else if (!owners.has(owner.uid)) owners.set(owner.uid, { owner, pod });
  }
  const scales = new Map<string, number>();
  for (const { owner, pod } of owners.values()) {
    const scale = await scaleOf(owner, pod.metadata.namespace ?? "", context);
    if (scale === undefined)
      throw new UnknownScaleError(`found no controllers for pod "${pod.metadata.name}"`);
    scales.set(scale.uid, scale.replicas);
  }
  return { expectedPods: [...scales.values()].reduce((sum, one) => sum + one, 0), unmanaged };
}

/** The versions of one Deployment are one: what counts is what the Deployment was asked for. */
async function scaleOf(
  owner: OwnerReference,
  namespace: string,
  context: SyncContext,
): Promise<Scale | undefined> {
  const known = KNOWN.find((kind) => kind.kind === owner.kind && groupOf(owner) === kind.group);
  if (known === undefined) return scaleElsewhere(owner, namespace, context);
  const found = context.cached(known).get(namespace, owner.name);
  if (found === undefined || found.metadata.uid !== owner.uid) return undefined;
  const above = known.kind === "ReplicaSet" ? controllerOf(found) : undefined;
  if (above?.kind === "Deployment") return scaleOf(above, namespace, context);
  return { uid: owner.uid, replicas: found.spec.replicas ?? 1 };
}

const KNOWN = [
  Deployment,
  ReplicaSet,
  ReplicationController,
  StatefulSet,
] as unknown as Kind<Scalable>[];

/** The kinds whose changes concern budgets. */
export const scaledKinds = KNOWN as unknown as Kind[];

/** A kind this program does not know is asked for its scale through the API. */
async function scaleElsewhere(
  owner: OwnerReference,
  namespace: string,
  { client }: SyncContext,
): Promise<Scale | undefined> {
  const root = owner.apiVersion.includes("/")
    ? `/apis/${owner.apiVersion}`
    : `/api/${owner.apiVersion}`;
  const { resources } = await client.raw<{ resources: { name: string; kind: string }[] }>(
    "GET",
    root,
  );
  const resource = resources.find(({ name, kind }) => kind === owner.kind && !name.includes("/"));
  if (resource === undefined) return undefined;
  if (!resources.some(({ name }) => name === `${resource.name}/scale`)) {
    const group = groupOf(owner);
    const qualified = group === "" ? resource.name : `${resource.name}.${group}`;
    throw new UnknownScaleError(`${qualified} does not implement the scale subresource`);
  }
  const path = `${root}/namespaces/${namespace}/${resource.name}/${owner.name}/scale`;
  try {
    const { metadata, spec } = await client.raw<Scalable>("GET", path);
    if (metadata.uid !== owner.uid) return undefined;
    return { uid: owner.uid, replicas: spec.replicas ?? 0 };
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

function groupOf({ apiVersion }: OwnerReference): string {
  return apiVersion.includes("/") ? apiVersion.split("/")[0]! : "";
}

/** Expected now and then, so it carries a code and is logged in a line (see component/log.ts). */
export class UnknownScaleError extends Error {
  override readonly name = "UnknownScaleError";
  readonly code = "UNKNOWN_SCALE";
}
