/**
 * Takes back a disruption that never came: a pod that was told it would go (condition DisruptionTarget)
 * and two minutes later is neither gone nor going was spared.
 *
 * In Kubernetes: syncStalePodDisruption in pkg/controller/disruption/disruption.go, where it is a part
 * of the disruption controller.
 */
import { isNotFound } from "../api/errors.ts";
import { Pod } from "../api/pod.ts";
import { conditionOf, hasEnded } from "../api/pod-status.ts";
import type { Controller } from "../client/control-loop.ts";
import { toApiTime } from "../component/clock.ts";

const SPARED_AFTER_MS = 2 * 60_000;

export const staleDisruptionController: Controller<Pod> = {
  name: "disruption-controller-stale",
  watches: Pod,
  workers: 1,
  async sync(pod, _key, { client, clock }) {
    if (pod === undefined || pod.metadata.deletionTimestamp !== undefined || hasEnded(pod)) return;
    const condition = conditionOf(pod, "DisruptionTarget");
    // What a kubelet ends may take as long as it takes.
    if (condition?.status !== "True" || condition.reason === "TerminationByKubelet") return;
    const now = clock.now();
    const leftMs = Date.parse(condition.lastTransitionTime ?? "") + SPARED_AFTER_MS - now.getTime();
    if (leftMs > 0) return { againInMs: leftMs };

    const { namespace = "", name, uid } = pod.metadata;
    const spared = {
      type: "DisruptionTarget",
      status: "False",
      reason: null,
      message: null,
      lastTransitionTime: toApiTime(now),
    };
    const patch = { metadata: { uid }, status: { conditions: [spared] } };
    try {
      await client.patch(Pod, namespace, name, patch, { subresource: "status" });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  },
};
