/**
 * Autoscalers that count the same pods: then none of them may trust what it counts.
 *
 * In Kubernetes: hpasControllingPodsUnderSelector in pkg/controller/podautoscaler/horizontal.go
 */
import { parseLabelSelector } from "../../api/labels.ts";
import { Pod } from "../../api/pod.ts";
import type { SyncContext } from "../../client/control-loop.ts";
import { splitKey } from "../../client/object-cache.ts";
import type { ScalingHistory } from "./history.ts";

/** By the key of the autoscaler. */
export type Histories = Map<string, ScalingHistory>;

/** The keys of all, this one included, that select a pod it selects. */
export function rivalsOf(key: string, histories: Histories, { cached }: SyncContext): string[] {
  const { namespace } = splitKey(key);
  const matches = parseLabelSelector(histories.get(key)?.selector ?? "");
  const pods = cached(Pod)
    .list(namespace)
    .filter(({ metadata }) => matches(metadata.labels));
  const others = [...histories].filter(([other, { selector }]) => {
    if (splitKey(other).namespace !== namespace || selector === "") return false;
    const isSelected = parseLabelSelector(selector);
    return pods.some(({ metadata }) => isSelected(metadata.labels));
  });
  return others.map(([other]) => other).toSorted();
}
