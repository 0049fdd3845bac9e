/**
 * What is done to the pods of a stateful set, each with the event that tells of it: "create Pod web-0
 * in StatefulSet web successful".
 *
 * Rule: a pod is deleted by its uid, for the name will have another bearer soon.
 *
 * In Kubernetes: pkg/controller/statefulset/stateful_pod_control.go
 */
import type { StatefulSet } from "../../api/apps/stateful-set.ts";
import { isAlreadyExists, isNotFound } from "../../api/errors.ts";
import { Pod } from "../../api/pod.ts";
import type { PodTemplate } from "../../api/replication-controller.ts";
import type { SyncContext } from "../../client/control-loop.ts";
import { isNamespaceTerminating, messageOf } from "../pod-control.ts";
import { applyRetention, createClaims } from "./claims.ts";
import { identityLabels, podFor, podNameOf } from "./identity.ts";

export async function createMember(
  set: StatefulSet,
  ordinal: number,
  template: PodTemplate,
  revision: string,
  context: SyncContext,
): Promise<void> {
  await telling("create", set, podNameOf(set, ordinal), context, async () => {
    await createClaims(set, ordinal, context);
    await applyRetention(set, ordinal, undefined, context);
    const pod = podFor(set, ordinal, template, revision);
    await context.client.create(Pod, set.metadata.namespace ?? "", pod);
  });
}

export async function deleteMember(set: StatefulSet, pod: Pod, context: SyncContext) {
  const { namespace = "", name, uid } = pod.metadata;
  await telling("delete", set, name, context, async () => {
    const preconditions = uid === undefined ? {} : { uid };
    await context.client.delete(Pod, namespace, name, { preconditions }).catch((error: unknown) => {
      if (!isNotFound(error)) throw error;
    });
  });
}

/** Puts back the labels that say who the pod is, where they are missing. */
export async function identify(set: StatefulSet, ordinal: number, pod: Pod, context: SyncContext) {
  const labels = identityLabels(set, ordinal);
  const { namespace = "", name, uid } = pod.metadata;
  if (Object.entries(labels).every(([key, value]) => pod.metadata.labels?.[key] === value)) return;
  await telling("update", set, name, context, async () => {
    await context.client.patch(Pod, namespace, name, { metadata: { uid, labels } });
  });
}

async function telling(
  verb: "create" | "delete" | "update",
  set: StatefulSet,
  pod: string,
  { events }: SyncContext,
  act: () => Promise<void>,
): Promise<void> {
  const what = `${verb} Pod ${pod} in StatefulSet ${set.metadata.name}`;
  const title = verb.charAt(0).toUpperCase() + verb.slice(1);
  try {
    await act();
    events.event(set, "Normal", `Successful${title}`, `${what} successful`);
  } catch (error) {
    if (!isAlreadyExists(error) && !isNamespaceTerminating(error)) {
      const why = `${what} failed error: ${messageOf(error)}`;
      events.event(set, "Warning", `Failed${title}`, why);
    }
    throw error;
  }
}
