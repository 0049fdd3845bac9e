/**
 * What is left to do when all pods are new: take the notes off, delete the old controller, and where the
 * update had one name only, give that name to the new one.
 *
 * A controller cannot be renamed: its copy is created under the other name, and takes in the pods the
 * deleted one leaves behind.
 *
 * In Kubernetes: cleanupWithClients and Rename in pkg/kubectl/rolling_updater.go (up to 1.17). Differs: it
 * waits at the poll interval, not 5 s, and for the old controller to be gone as well.
 */
import { isNotFound } from "../../api/errors.ts";
import { ReplicationController } from "../../api/replication-controller.ts";
import { annotationOf, DESIRED_REPLICAS, SOURCE_ID } from "./annotations.ts";
import { RollingUpdateError, type Session } from "./session.ts";

export type CleanupPolicy = "delete" | "rename";

export async function cleanUp(
  session: Session,
  old: ReplicationController,
  next: ReplicationController,
  policy: CleanupPolicy,
): Promise<void> {
  const oldName = old.metadata.name;
  const { name } = next.metadata;
  await session.change(name, ({ metadata }) => {
    delete metadata.annotations?.[SOURCE_ID];
    delete metadata.annotations?.[DESIRED_REPLICAS];
  });
  const finished = await session.hasReplicas(name);
  const what = policy === "rename" ? `old controller: ${oldName}` : oldName;
  session.print(`Update succeeded. Deleting ${what}`);
  await session.client.delete(ReplicationController, session.namespace, oldName);
  if (policy !== "rename") return;
  session.print(`Renaming ${name} to ${oldName}`);
  await rename(session, finished, oldName);
}

export async function rename(
  session: Session,
  { metadata, ...rest }: ReplicationController,
  newName: string,
): Promise<void> {
  const { client, namespace } = session;
  const isGone = async (name: string) => (await session.find(name)) === undefined;
  const timedOut = "timed out waiting for the condition";
  try {
    const options = { propagationPolicy: "Orphan" as const };
    await client.delete(ReplicationController, namespace, metadata.name, options);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
  await session.until(timedOut, () => isGone(metadata.name));
  await session.until(timedOut, () => isGone(newName));
  const { labels, annotations } = metadata;
  const kept = { ...(labels && { labels }), ...(annotations && { annotations }) };
  const { spec } = rest;
  await client.create(ReplicationController, namespace, {
    metadata: { name: newName, ...kept },
    spec,
  });
}

/** The controller that was to get this name when the update was cut off. */
export async function findSuccessor(
  { client, namespace }: Session,
  name: string,
): Promise<ReplicationController> {
  const { items } = await client.list(ReplicationController, { namespace });
  const found = items.find((rc) => annotationOf(rc, SOURCE_ID)?.startsWith(name));
  if (found !== undefined) return found;
  throw new RollingUpdateError(
    `couldn't find a replication controller with source id == ${namespace}/${name}`,
  );
}
