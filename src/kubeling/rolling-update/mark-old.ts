/**
 * Marks the old controller and its pods with a label the new ones have another value of, so that the two
 * can tell their pods apart; and notes on it which controller comes next.
 *
 * The order keeps every pod in somebody's hands: first the template, so that pods made meanwhile have the
 * label; then the pods that are there; then the selector; and at last whatever slipped through is deleted.
 *
 * In Kubernetes: AddDeploymentKeyToReplicationController in pkg/kubectl/rolling_updater.go (up to 1.17)
 */
import { isNotFound } from "../../api/errors.ts";
import { Pod } from "../../api/pod.ts";
import type { ReplicationController } from "../../api/replication-controller.ts";
import { annotate, NEXT_CONTROLLER } from "./annotations.ts";
import type { Session } from "./session.ts";

export async function markOld(
  session: Session,
  old: ReplicationController,
  newName: string,
  mark: { key: string; value: string },
): Promise<ReplicationController> {
  const { name } = old.metadata;
  const { selector = {} } = old.spec;
  const note = { [NEXT_CONTROLLER]: newName };
  if (selector[mark.key] !== undefined) return session.change(name, (rc) => annotate(rc, note));

  const label = { [mark.key]: mark.value };
  await session.change(name, (rc) => {
    annotate(rc, note);
    const template = { ...rc.spec.template.metadata };
    template.labels = { ...template.labels, ...label };
    rc.spec.template.metadata = template;
  });
  for (const { metadata } of await podsOf(session, selector)) {
    await unlessGone(
      session.client.patch(Pod, session.namespace, metadata.name, { metadata: { labels: label } }),
    );
  }
  const marked = await session.change(name, (rc) => {
    rc.spec.selector = { ...rc.spec.selector, ...label };
  });
  for (const { metadata } of await podsOf(session, selector)) {
    if (metadata.labels?.[mark.key] === mark.value) continue;
    await unlessGone(session.client.delete(Pod, session.namespace, metadata.name));
  }
  return marked;
}

export async function podsOf(
  { client, namespace }: Session,
  selector: Record<string, string> = {},
): Promise<Pod[]> {
  const labelSelector = Object.entries(selector)
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
  return (await client.list(Pod, { namespace, labelSelector })).items;
}

async function unlessGone(writing: Promise<unknown>): Promise<void> {
  try {
    await writing;
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
