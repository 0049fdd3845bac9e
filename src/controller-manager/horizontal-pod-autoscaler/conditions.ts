/**
 * The conditions of an autoscaler: can it scale, do its metrics say anything, is it held by its bounds.
 *
 * In Kubernetes: pkg/controller/podautoscaler/horizontal.go (setConditionInList)
 */
import type { HorizontalPodAutoscalerCondition } from "kubernetes-types/autoscaling/v2.js";
import { toApiTime } from "../../component/clock.ts";

export class Conditions {
  readonly list: HorizontalPodAutoscalerCondition[];
  readonly #now: Date;

  constructor(before: readonly HorizontalPodAutoscalerCondition[], now: Date) {
    this.list = structuredClone([...before]);
    this.#now = now;
  }

  set(
    type: "AbleToScale" | "ScalingActive" | "ScalingLimited",
    isTrue: boolean,
    reason: string,
    message: string,
  ) {
    const status = isTrue ? "True" : "False";
    const old = this.list.find((one) => one.type === type);
    if (old === undefined) {
      const lastTransitionTime = toApiTime(this.#now);
      this.list.push({ type, status, lastTransitionTime, reason, message });
      return;
    }
    if (old.status !== status) old.lastTransitionTime = toApiTime(this.#now);
    Object.assign(old, { status, reason, message });
  }
}
