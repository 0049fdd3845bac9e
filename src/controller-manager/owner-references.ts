/**
 * What the garbage collector does to single objects: read one as it is now, take owner references
 * or a finalizer away.
 *
 * Rule: every change holds for one uid only. An object made again under the same name is another.
 *
 * In Kubernetes: pkg/controller/garbagecollector/operations.go, patch.go.
 */
import type { OwnerReference } from "kubernetes-types/meta/v1.js";
import { hasReason, isNotFound } from "../api/errors.ts";
import type { KubeObject } from "../api/kind.ts";
import type { Client } from "../client/client.ts";
import type { Identity } from "./owner-graph.ts";

/** The object as the API server has it; undefined where it is gone, or another by the same name. */
export async function readLive(client: Client, of: Identity): Promise<KubeObject | undefined> {
  try {
    const live = await client.get(of.kind!, of.namespace, of.name);
    return live.metadata.uid === of.uid ? live : undefined;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

export async function dropOwners(
  client: Client,
  of: Identity,
  references: OwnerReference[],
): Promise<void> {
  if (of.kind?.custom !== undefined) {
    const dropped = new Set(references.map(({ uid }) => uid));
    return mergeOwners(client, of, (owners) => owners.filter(({ uid }) => !dropped.has(uid)));
  }
  const ownerReferences = references.map(({ uid }) => ({ $patch: "delete", uid }));
  await patchMetadata(client, of, { ownerReferences });
}

/** Makes this object hold up none of its owners. */
export async function unblockOwners(
  client: Client,
  of: Identity,
  references: OwnerReference[],
): Promise<void> {
  const unblocked = (one: OwnerReference) => ({ ...one, blockOwnerDeletion: false });
  if (of.kind?.custom !== undefined) {
    return mergeOwners(client, of, (owners) => owners.map(unblocked));
  }
  const ownerReferences = references.map(unblocked);
  await patchMetadata(client, of, { ownerReferences });
}

/** Objects of custom kinds take no strategic patch: the whole list is put in its place, of this version only. */
async function mergeOwners(
  client: Client,
  of: Identity,
  change: (owners: OwnerReference[]) => OwnerReference[],
): Promise<void> {
  const live = await readLive(client, of);
  if (live === undefined) return;
  const { resourceVersion, ownerReferences = [] } = live.metadata;
  const metadata = { uid: of.uid, resourceVersion, ownerReferences: change(ownerReferences) };
  try {
    await client.patch(of.kind!, of.namespace, of.name, { metadata }, { type: "merge" });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

/** The version in the patch keeps finalizers that were added meanwhile. */
export async function removeFinalizer(
  client: Client,
  of: Identity,
  finalizer: string,
): Promise<void> {
  const live = await readLive(client, of);
  if (!live?.metadata.finalizers?.includes(finalizer)) return;
  const { resourceVersion } = live.metadata;
  const finalizers = live.metadata.finalizers.filter((one) => one !== finalizer);
  const patch = { metadata: { uid: of.uid, resourceVersion, finalizers } };
  try {
    await client.patch(of.kind!, of.namespace, of.name, patch, { type: "merge" });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

async function patchMetadata(client: Client, of: Identity, change: object): Promise<void> {
  try {
    const patch = { metadata: { uid: of.uid, ...change } };
    await client.patch(of.kind!, of.namespace, of.name, patch);
  } catch (error) {
    // Invalid: another object of that name, or one without these references. Nothing is to be done.
    if (!isNotFound(error) && !hasReason(error, "Invalid")) throw error;
  }
}
