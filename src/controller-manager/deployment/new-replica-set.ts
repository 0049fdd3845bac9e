/**
 * The ReplicaSet of a deployment's template of today: found and noted with its revision, or made.
 *
 * Its name is the deployment's and the hash of the template. That name can be taken by a ReplicaSet
 * with another template: then a count of collisions goes into the hash, and the next look tries again.
 *
 * In Kubernetes: pkg/controller/deployment/sync.go (getNewReplicaSet)
 */
import { isDeepStrictEqual } from "node:util";
import type { LabelSelector } from "kubernetes-types/meta/v1.js";
import { ReplicaSet } from "../../api/apps/replica-set.ts";
import { isAlreadyExists } from "../../api/errors.ts";
import { controllerRef, isControlledBy } from "../../api/owner.ts";
import type { Draft } from "../../client/client.ts";
import type { SyncContext } from "../../client/control-loop.ts";
import { isNamespaceTerminating } from "../pod-control.ts";
import { isSameTemplate, TEMPLATE_HASH_LABEL, templateHash } from "../template-hash.ts";
import { nextRevision, notesForNew, notesOfScale, REVISION } from "./annotations.ts";
import { conditionOf, withCondition } from "./conditions.ts";
import { sizeOfNew } from "./rolling.ts";
import { deadlineOf, type Rollout } from "./rollout.ts";
import { saveStatus, statusOf } from "./status.ts";
import { sizeOf } from "./versions.ts";

/** Notes on the new ReplicaSet, where there is one, what has changed of the deployment. */
export async function noteNewReplicaSet(rollout: Rollout, context: SyncContext): Promise<void> {
  const { deployment, versions } = rollout;
  const found = versions.new;
  if (found === undefined) return;
  const { metadata, spec } = found;
  const current = metadata.annotations ?? {};
  const annotations = notesForNew(deployment, current, nextRevision(versions.old));
  const { minReadySeconds = 0 } = deployment.spec;
  if (!isDeepStrictEqual(annotations, current) || (spec.minReadySeconds ?? 0) !== minReadySeconds) {
    versions.new = await context.client.update(ReplicaSet, {
      ...found,
      metadata: { ...metadata, annotations },
      spec: { ...spec, minReadySeconds },
    });
  }
  rollout.revision = annotations[REVISION];
  if (deadlineOf(rollout) !== undefined && !conditionOf(rollout.conditions, "Progressing")) {
    const message = `Found new replica set ${JSON.stringify(metadata.name)}`;
    progress(rollout, "True", "FoundNewReplicaSet", message, context);
  }
}

/** The new ReplicaSet, made if there is none. */
export async function ensureNewReplicaSet(
  rollout: Rollout,
  context: SyncContext,
): Promise<ReplicaSet> {
  const { versions } = rollout;
  if (versions.new !== undefined) return versions.new;
  const draft = draftOf(rollout);
  const name = draft.metadata.name ?? "";
  try {
    versions.new = await context.client.create(
      ReplicaSet,
      rollout.deployment.metadata.namespace ?? "",
      draft,
    );
    tellOfCreation(rollout, versions.new, context);
  } catch (error) {
    if (isAlreadyExists(error))
      versions.new = await takenOrCollision(name, error, rollout, context);
    else await reportFailure(name, error, rollout, context);
  }
  rollout.revision = draft.metadata.annotations?.[REVISION];
  return versions.new!;
}

function tellOfCreation(rollout: Rollout, created: ReplicaSet, context: SyncContext): void {
  const { name } = created.metadata;
  if (sizeOf(created) > 0) {
    const sentence = `Scaled up replica set ${name} to ${sizeOf(created)}`;
    context.events.event(rollout.deployment, "Normal", "ScalingReplicaSet", sentence);
  }
  if (deadlineOf(rollout) === undefined) return;
  const message = `Created new replica set ${JSON.stringify(name)}`;
  progress(rollout, "True", "NewReplicaSetCreated", message, context);
}

function draftOf({ deployment, versions, limits, collisionCount }: Rollout): Draft<ReplicaSet> {
  const { metadata, spec } = deployment;
  const hash = templateHash(spec.template, collisionCount);
  const labels = { ...spec.template.metadata?.labels, [TEMPLATE_HASH_LABEL]: hash };
  const replicas = sizeOfNew(deployment, limits, versions.old, 0);
  const notes = notesForNew(deployment, {}, nextRevision(versions.old));
  return {
    metadata: {
      name: `${metadata.name}-${hash}`,
      labels,
      annotations: { ...notes, ...notesOfScale(limits) },
      ownerReferences: [controllerRef(deployment)],
    },
    spec: {
      replicas,
      ...(spec.minReadySeconds ? { minReadySeconds: spec.minReadySeconds } : {}),
      selector: withLabel(spec.selector, hash),
      template: { ...spec.template, metadata: { ...spec.template.metadata, labels } },
    },
  };
}

function withLabel(selector: LabelSelector, hash: string): LabelSelector {
  return { ...selector, matchLabels: { ...selector.matchLabels, [TEMPLATE_HASH_LABEL]: hash } };
}

/** The name is taken: by what we made ourselves a moment ago, or by something else of the same hash. */
async function takenOrCollision(
  name: string,
  error: unknown,
  rollout: Rollout,
  context: SyncContext,
): Promise<ReplicaSet> {
  const { deployment } = rollout;
  const { namespace = "" } = deployment.metadata;
  const taken = await context.client.get(ReplicaSet, namespace, name);
  const isSame = isSameTemplate(taken.spec.template, deployment.spec.template);
  if (isSame && isControlledBy(taken, deployment)) return taken;
  rollout.collisionCount = (rollout.collisionCount ?? 0) + 1;
  await saveStatus(
    rollout,
    { ...deployment.status, collisionCount: rollout.collisionCount },
    context,
  );
  throw error;
}

async function reportFailure(
  name: string,
  error: unknown,
  rollout: Rollout,
  context: SyncContext,
): Promise<never> {
  if (isNamespaceTerminating(error)) throw error;
  const why = error instanceof Error ? error.message : String(error);
  const message = `Failed to create new replica set ${JSON.stringify(name)}: ${why}`;
  context.events.event(rollout.deployment, "Warning", "ReplicaSetCreateError", message);
  if (deadlineOf(rollout) !== undefined) {
    progress(rollout, "False", "ReplicaSetCreateError", message, context);
    await saveStatus(rollout, statusOf(rollout, context.clock.now()), context);
  }
  throw error;
}

function progress(
  rollout: Rollout,
  status: string,
  reason: string,
  message: string,
  { clock }: SyncContext,
): void {
  const verdict = { type: "Progressing", status, reason, message };
  rollout.conditions = withCondition(rollout.conditions, verdict, clock.now());
}
