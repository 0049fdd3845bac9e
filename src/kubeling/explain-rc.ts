/**
 * `kubeling explain rc NAME`: why a replication controller made or removed which pods, and whom it would remove
 * next.
 *
 * What it did is in its events; whom it takes first is a rule (deletion-order.ts), asked here as the controller
 * asks it.
 *
 * In Kubernetes: nowhere; pkg/controller/controller_utils.go has the rule.
 */
import { Event } from "../api/event.ts";
import { isControlledBy } from "../api/owner.ts";
import { Pod } from "../api/pod.ts";
import { isPodActive } from "../api/pod-status.ts";
import { ReplicationController } from "../api/replication-controller.ts";
import type { Client } from "../client/client.ts";
import { inOrderOfDeletion, whyBefore } from "../controller-manager/deletion-order.ts";
import { textTable } from "./text-table.ts";

export interface ExplainRcOptions {
  client: Client;
  namespace: string;
  name: string;
  now: Date;
}

export async function explainRc({
  client,
  namespace,
  name,
  now,
}: ExplainRcOptions): Promise<string> {
  const rc = await client.get(ReplicationController, namespace, name);
  const [pods, events] = await Promise.all([
    client.list(Pod, { namespace }),
    client.list(Event, {
      namespace,
      fieldSelector: `involvedObject.kind=ReplicationController,involvedObject.name=${name}`,
    }),
  ]);
  const own = pods.items.filter((pod) => isControlledBy(pod, rc));
  const about = events.items.filter(({ involvedObject }) => involvedObject.uid === rc.metadata.uid);
  return rcInWords(rc, own, about, now);
}

export function rcInWords(
  rc: ReplicationController,
  own: Pod[],
  events: Event[],
  now: Date,
): string {
  const active = own.filter(isPodActive);
  const sections = [heading(rc, own, active), whatItDid(events)];
  if (active.length > 0) sections.push(whoGoesFirst(active, now));
  return `${sections.join("\n\n")}\n`;
}

function heading({ metadata, spec }: ReplicationController, own: Pod[], active: Pod[]): string {
  const wanted = spec.replicas ?? 1;
  const selector = Object.entries(spec.selector ?? {}).map(([key, value]) => `${key}=${value}`);
  const lines = [
    `ReplicationController ${metadata.namespace}/${metadata.name} wants ${wanted} pods with ${selector.join(",")}; it has ${active.length}`,
  ];
  if (active.length < wanted) lines.push(`It makes ${wanted - active.length} more.`);
  if (active.length > wanted) lines.push(`It removes ${active.length - wanted}.`);
  if (active.length === wanted) lines.push("So it does nothing.");
  const uncounted = own.filter((pod) => !isPodActive(pod));
  for (const pod of uncounted) {
    const why = pod.metadata.deletionTimestamp
      ? "is being deleted"
      : `has ended (${pod.status?.phase})`;
    lines.push(`${pod.metadata.name} is not counted: it ${why}.`);
  }
  return lines.join("\n");
}

const DEEDS: Readonly<Record<string, string>> = {
  SuccessfulCreate: "there were too few",
  SuccessfulDelete: "there were too many",
  FailedCreate: "there were too few, but it could not",
  FailedDelete: "there were too many, but it could not",
};

/** Events are kept for an hour; what is older is forgotten. */
function whatItDid(events: Event[]): string {
  const rows = events
    .filter(({ reason = "" }) => reason in DEEDS)
    .toSorted((a, b) => timeOf(a).localeCompare(timeOf(b)))
    .map((event) => [timeOf(event), event.message ?? "", DEEDS[event.reason!]!]);
  if (rows.length === 0) return "What it did: nothing that is still remembered.";
  return `What it did:\n${textTable([["TIME", "DID", "BECAUSE"], ...rows])}`;
}

function timeOf({ lastTimestamp, eventTime, metadata }: Event): string {
  return lastTimestamp ?? eventTime ?? metadata.creationTimestamp ?? "";
}

function whoGoesFirst(active: Pod[], now: Date): string {
  const order = inOrderOfDeletion(active, active, now);
  const rows = order.map((pod, i) => {
    const next = order[i + 1];
    const why = next ? whyBefore(pod, next, active, now) : "";
    return [String(i + 1), pod.metadata.name, pod.spec.nodeName ?? "<none>", why];
  });
  return `If there were too many, they would go in this order:\n${textTable([["", "POD", "NODE", "BEFORE THE NEXT BECAUSE"], ...rows])}`;
}
