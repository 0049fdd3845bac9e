/**
 * When the change happened that a write of Endpoints answers: the earliest of what is new since
 * the last look. Written into an annotation, it lets one measure how long the network took to learn.
 *
 * In Kubernetes: staging/src/k8s.io/endpointslice/util/trigger_time_tracker.go.
 */
import type { Pod } from "../api/pod.ts";
import { conditionOf } from "../api/pod-status.ts";
import type { Service } from "../api/service.ts";
import { keyOf } from "../client/object-cache.ts";

interface Observed {
  service: string;
  pods: Map<string, string>;
}

export class TriggerTimes {
  readonly #observed = new Map<string, Observed>();

  /** The earliest time among the changes since this was called last; undefined where none has one. */
  observe(key: string, service: Service, pods: Pod[]): string | undefined {
    const last = this.#observed.get(key);
    const now: Observed = {
      service: service.metadata.creationTimestamp ?? "",
      pods: new Map(pods.map((pod) => [keyOf(pod.metadata), timeOf(pod)])),
    };
    this.#observed.set(key, now);
    const changed = [...now.pods]
      .filter(([pod, time]) => time > (last?.pods.get(pod) ?? ""))
      .map(([, time]) => time);
    if (now.service > (last?.service ?? "")) changed.push(now.service);
    return changed.sort()[0];
  }

  forget(key: string): void {
    this.#observed.delete(key);
  }
}

/** API times compare as text. */
function timeOf(pod: Pod): string {
  return conditionOf(pod, "Ready")?.lastTransitionTime ?? "";
}
