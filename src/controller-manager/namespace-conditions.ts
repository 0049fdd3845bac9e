/**
 * What stands between a namespace and its end, as the conditions of its status tell it.
 *
 * In Kubernetes: pkg/controller/namespace/deletion/status_condition_utils.go.
 */
import { isDeepStrictEqual } from "node:util";
import type { NamespaceCondition } from "kubernetes-types/core/v1.js";
import type { Kind } from "../api/kind.ts";
import type { Namespace } from "../api/namespace.ts";
import { toApiTime } from "../component/clock.ts";

/** What is left after everything has been told to go. */
export interface Remains {
  counts: Map<Kind, number>;
  /** How many objects each finalizer holds. */
  finalizers: Map<string, number>;
  failures: Error[];
  /** How long the last of it may take. */
  waitSeconds: number;
}

/** When all is well: type, reason, message. */
const WELL: [string, string, string][] = [
  [
    "NamespaceDeletionDiscoveryFailure",
    "ResourcesDiscovered",
    "All resources successfully discovered",
  ],
  [
    "NamespaceDeletionGroupVersionParsingFailure",
    "ParsedGroupVersions",
    "All legacy kube types successfully parsed",
  ],
  [
    "NamespaceDeletionContentFailure",
    "ContentDeleted",
    "All content successfully deleted, may be waiting on finalization",
  ],
  ["NamespaceContentRemaining", "ContentRemoved", "All content successfully removed"],
  [
    "NamespaceFinalizersRemaining",
    "ContentHasNoFinalizers",
    "All content-preserving finalizers finished",
  ],
];

/** The namespace's new conditions, or undefined where nothing has changed. */
export function conditionsOf(
  { status }: Namespace,
  remains: Remains,
  now: Date,
): NamespaceCondition[] | undefined {
  const old = status?.conditions ?? [];
  const bad = new Map(troublesOf(remains).map((condition) => [condition[0], condition]));
  const conditions = WELL.map(([type, ...well]): NamespaceCondition => {
    const [, reason, message] = bad.get(type) ?? [type, ...well];
    const before = old.find((condition) => condition.type === type);
    const isTrue = bad.has(type) ? "True" : "False";
    const isSame = before?.status === isTrue && before.lastTransitionTime !== undefined;
    const lastTransitionTime = isSame ? before.lastTransitionTime! : toApiTime(now);
    return { type, status: isTrue, lastTransitionTime, reason, message };
  });
  return isDeepStrictEqual(conditions, old) ? undefined : conditions;
}

function troublesOf({ counts, finalizers, failures }: Remains): [string, string, string][] {
  const troubles: [string, string, string][] = [];
  if (failures.length > 0) {
    const why = failures.map(({ message }) => message).join(", ");
    const message = `Failed to delete all resource types, ${failures.length} remaining: ${why}`;
    troubles.push(["NamespaceDeletionContentFailure", "ContentDeletionFailed", message]);
  }
  if (counts.size > 0) {
    const list = [...counts].map(
      ([{ plural, group }, count]) => `${plural}.${group} has ${count} resource instances`,
    );
    const message = `Some resources are remaining: ${list.sort().join(", ")}`;
    troubles.push(["NamespaceContentRemaining", "SomeResourcesRemain", message]);
  }
  if (finalizers.size > 0) {
    const list = [...finalizers].map(([name, count]) => `${name} in ${count} resource instances`);
    const message = `Some content in the namespace has finalizers remaining: ${list.sort().join(", ")}`;
    troubles.push(["NamespaceFinalizersRemaining", "SomeFinalizersRemain", message]);
  }
  return troubles;
}
