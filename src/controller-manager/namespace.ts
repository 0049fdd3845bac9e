/**
 * The namespace controller: empties a namespace that is being deleted, and then lets it go.
 *
 * Rule: the finalizer "kubernetes" is taken away only after a list of every kind has come back
 * empty. Until then its conditions say what is in the way.
 *
 * In Kubernetes: pkg/controller/namespace/deletion/namespaced_resources_deleter.go. Differs: it
 * looks again as soon as the last pod has gone, not only when the estimate says so.
 */

import { CustomResourceDefinition } from "../api/apiextensions/custom-resource-definition.ts";
import { isNotFound } from "../api/errors.ts";
import type { Kind } from "../api/kind.ts";
import { kinds } from "../api/kinds.ts";
import { Namespace } from "../api/namespace.ts";
import { Pod } from "../api/pod.ts";
import { pathOf } from "../client/client.ts";
import type { Again, Controller, SyncContext } from "../client/control-loop.ts";
import { customKindsIn } from "./known-kinds.ts";
import { conditionsOf, type Remains } from "./namespace-conditions.ts";

const FINALIZER = "kubernetes";
/** How long an object held by a finalizer is guessed to stay. */
const HELD_SECONDS = 15;

export const namespaceController: Controller<Namespace> = {
  name: "namespace-controller",
  watches: Namespace,
  follows: [{ kind: Pod, keysOf: ({ metadata }, _old, context) => emptiedOf(metadata, context) }],
  reads: [CustomResourceDefinition as unknown as Kind],
  workers: 10,

  async sync(namespace, name, context) {
    if (namespace?.metadata.deletionTimestamp === undefined) return;
    if (!namespace.spec.finalizers?.includes(FINALIZER)) return;
    const remains = await deleteContent(name, context);
    const isEmpty = remains.counts.size === 0 && remains.failures.length === 0;
    await reportConditions(namespace, remains, context);
    if (isEmpty) return finalize(namespace, context);
    if (remains.failures.length > 0) throw remains.failures[0];
    return again(remains);
  },
};

/** Wakes a namespace that is going when its last pod has gone. */
function emptiedOf({ namespace = "" }: { namespace?: string }, { cached }: SyncContext): string[] {
  const isGoing = cached(Namespace).get("", namespace)?.metadata.deletionTimestamp !== undefined;
  return isGoing && cached(Pod).list(namespace).length === 0 ? [namespace] : [];
}

async function deleteContent(name: string, context: SyncContext): Promise<Remains> {
  const remains: Remains = {
    counts: new Map(),
    finalizers: new Map(),
    failures: [],
    waitSeconds: 0,
  };
  const custom = customKindsIn(context.cached(CustomResourceDefinition));
  for (const kind of [...kinds, ...custom].filter(hasContent)) {
    try {
      await deleteAll(kind, name, remains, context);
    } catch (error) {
      if (!isNotFound(error)) remains.failures.push(error as Error);
    }
  }
  return remains;
}

function hasContent({ namespaced, verbs }: Kind): boolean {
  return namespaced && (verbs?.includes("deletecollection") ?? true);
}

async function deleteAll(
  kind: Kind,
  namespace: string,
  remains: Remains,
  { client }: SyncContext,
): Promise<void> {
  await client.deleteCollection(kind, { namespace }, { propagationPolicy: "Background" });
  const { items } = await client.list(kind, { namespace });
  if (items.length === 0) return;
  remains.counts.set(kind, items.length);
  for (const { metadata, spec } of items) {
    for (const finalizer of metadata.finalizers ?? []) {
      remains.finalizers.set(finalizer, (remains.finalizers.get(finalizer) ?? 0) + 1);
    }
    const grace = (spec as { terminationGracePeriodSeconds?: number } | undefined)
      ?.terminationGracePeriodSeconds;
    const held = metadata.finalizers?.length ? HELD_SECONDS : 0;
    remains.waitSeconds = Math.max(remains.waitSeconds, grace ?? 0, held);
  }
}

function again({ waitSeconds }: Remains): Again {
  return { againInMs: (Math.floor(waitSeconds / 2) + 1) * 1000 };
}

async function reportConditions(
  namespace: Namespace,
  remains: Remains,
  { client, clock }: SyncContext,
): Promise<void> {
  const conditions = conditionsOf(namespace, remains, clock.now());
  if (conditions === undefined) return;
  const status = { ...namespace.status, phase: "Terminating" as const, conditions };
  try {
    await client.updateStatus(Namespace, { ...namespace, status });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

/** Read afresh: the report above has made a new version. Without finalizers the server deletes it. */
async function finalize({ metadata }: Namespace, { client }: SyncContext): Promise<void> {
  const path = `${pathOf(Namespace, "", metadata.name)}/finalize`;
  try {
    const fresh = await client.get(Namespace, "", metadata.name);
    if (fresh.metadata.uid !== metadata.uid) return;
    const finalizers = fresh.spec.finalizers?.filter((finalizer) => finalizer !== FINALIZER) ?? [];
    await client.raw("PUT", path, { ...fresh, spec: { ...fresh.spec, finalizers } });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
