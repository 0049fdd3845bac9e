/**
 * The autoscaler: every 15 seconds it looks how much the pods of something are used, and gives it more
 * or fewer of them.
 *
 *   what do the metrics propose     horizontal-pod-autoscaler/proposals.ts, replica-calculator.ts
 *   what of it is done, and when    horizontal-pod-autoscaler/limits.ts
 *
 * It knows nothing of what it scales but the scale subresource.
 *
 * In Kubernetes: pkg/controller/podautoscaler/horizontal.go. Differs: a changed spec is looked at at
 * once, not at the next turn.
 */
import { isDeepStrictEqual } from "node:util";
import type {
  HorizontalPodAutoscalerStatus,
  MetricStatus,
} from "kubernetes-types/autoscaling/v2.js";
import { HorizontalPodAutoscaler } from "../api/autoscaling/horizontal-pod-autoscaler.ts";
import { Pod } from "../api/pod.ts";
import type { Again, Controller, SyncContext } from "../client/control-loop.ts";
import { toApiTime } from "../component/clock.ts";
import { Conditions } from "./horizontal-pod-autoscaler/conditions.ts";
import { ScalingHistory } from "./horizontal-pod-autoscaler/history.ts";
import { limitedReplicas } from "./horizontal-pod-autoscaler/limits.ts";
import {
  AUTOSCALER_DEFAULTS,
  type AutoscalerOptions,
} from "./horizontal-pod-autoscaler/options.ts";
import { proposalOf } from "./horizontal-pod-autoscaler/proposals.ts";
import type { Histories } from "./horizontal-pod-autoscaler/rivals.ts";
import {
  readScale,
  type ScaleTarget,
  writeScale,
} from "./horizontal-pod-autoscaler/scale-target.ts";

/** One look at one autoscaler. */
interface Look {
  autoscaler: HorizontalPodAutoscaler;
  history: ScalingHistory;
  /** Of all autoscalers. */
  histories: Histories;
  conditions: Conditions;
  options: AutoscalerOptions;
}

/** What is to be, why, and what was measured. */
interface Decision {
  replicas: number;
  reason: string;
  statuses: MetricStatus[];
}

export function horizontalPodAutoscalerController(
  given: Partial<AutoscalerOptions> = {},
): Controller<HorizontalPodAutoscaler> {
  const options = { ...AUTOSCALER_DEFAULTS, ...given };
  const { workers, periodMs } = options;
  const histories: Histories = new Map();
  return {
    name: "horizontal-pod-autoscaler",
    watches: HorizontalPodAutoscaler,
    reads: [Pod],
    workers,

    async sync(autoscaler, key, context): Promise<Again | undefined> {
      if (autoscaler === undefined) {
        histories.delete(key);
        return undefined;
      }
      const id = autoscaler.metadata.uid ?? "";
      const history = histories.get(key)?.uid === id ? histories.get(key)! : new ScalingHistory(id);
      histories.set(key, history);
      const nowMs = context.clock.now().getTime();
      const spec = JSON.stringify(autoscaler.spec);
      const nextMs = (history.lookedAtMs ?? Number.NEGATIVE_INFINITY) + periodMs;
      if (spec === history.spec && nowMs < nextMs) return { againInMs: nextMs - nowMs };

      const conditions = new Conditions(autoscaler.status?.conditions ?? [], context.clock.now());
      Object.assign(history, { lookedAtMs: nowMs, spec });
      await look({ autoscaler, history, histories, conditions, options }, context);
      return { againInMs: periodMs };
    },
  };
}

async function look(one: Look, context: SyncContext): Promise<void> {
  const { conditions, history } = one;
  const target = await targetOf(one, context);
  if (target === undefined) return saveStatus(one, {}, context);
  const current = target.scale.spec.replicas ?? 0;
  history.selector = target.scale.status.selector ?? "";
  history.begin(current, context.clock.now().getTime());
  const decision = await decide(one, target, context);
  if (decision === undefined) {
    return saveStatus(one, { currentReplicas: current, currentMetrics: [] }, context);
  }
  const isDone = decision.replicas !== current && (await rescale(one, target, decision, context));
  const { reason } = conditions.list.find(({ type }) => type === "AbleToScale") ?? {};
  await saveStatus(
    one,
    {
      currentReplicas: current,
      desiredReplicas: reason === "FailedUpdateScale" ? current : decision.replicas,
      currentMetrics: decision.statuses,
      ...(isDone ? { lastScaleTime: toApiTime(context.clock.now()) } : {}),
    },
    context,
  );
}

async function targetOf(
  { autoscaler, conditions }: Look,
  { client, events }: SyncContext,
): Promise<ScaleTarget | undefined> {
  try {
    const target = await readScale(autoscaler, client);
    const message = "the HPA controller was able to get the target's current scale";
    conditions.set("AbleToScale", true, "SucceededGetScale", message);
    return target;
  } catch (error) {
    const { message } = error as Error;
    events.event(autoscaler, "Warning", "FailedGetScale", message);
    const sentence = `the HPA controller was unable to get the target's current scale: ${message}`;
    conditions.set("AbleToScale", false, "FailedGetScale", sentence);
    return undefined;
  }
}

async function decide(
  one: Look,
  { scale }: ScaleTarget,
  context: SyncContext,
): Promise<Decision | undefined> {
  const { autoscaler, conditions } = one;
  const { minReplicas = 1, maxReplicas } = autoscaler.spec;
  const current = scale.spec.replicas ?? 0;
  if (current === 0 && minReplicas !== 0) {
    const message = "scaling is disabled since the replica count of the target is zero";
    conditions.set("ScalingActive", false, "ScalingDisabled", message);
    return { replicas: 0, reason: "", statuses: [] };
  }
  if (current > maxReplicas) {
    const reason = "Current number of replicas above Spec.MaxReplicas";
    return { replicas: maxReplicas, reason, statuses: [] };
  }
  if (current < minReplicas) {
    const reason = "Current number of replicas below Spec.MinReplicas";
    return { replicas: minReplicas, reason, statuses: [] };
  }
  const proposal = await proposalOf(autoscaler, scale, one, context);
  if (proposal === undefined) return undefined;
  const { replicas: proposed, metric, statuses } = proposal;
  const reason = proposed > current ? `${metric} above target` : "All metrics below target";
  const nowMs = context.clock.now().getTime();
  const replicas = limitedReplicas({ ...one, current, proposed, nowMs });
  return { replicas, reason, statuses };
}

/** True if it has the new size. */
async function rescale(
  { autoscaler, conditions, history }: Look,
  target: ScaleTarget,
  { replicas, reason }: Decision,
  { client, clock, events }: SyncContext,
): Promise<boolean> {
  try {
    await writeScale(target, replicas, client);
  } catch (error) {
    const { message } = error as Error;
    const told = `New size: ${replicas}; reason: ${reason}; error: ${message}`;
    events.event(autoscaler, "Warning", "FailedRescale", told);
    const sentence = `the HPA controller was unable to update the target scale: ${message}`;
    conditions.set("AbleToScale", false, "FailedUpdateScale", sentence);
    return false;
  }
  const sentence = `the HPA controller was able to update the target scale to ${replicas}`;
  conditions.set("AbleToScale", true, "SucceededRescale", sentence);
  const told = `New size: ${replicas}; reason: ${reason}`;
  events.event(autoscaler, "Normal", "SuccessfulRescale", told);
  history.scaled(target.scale.spec.replicas ?? 0, replicas, clock.now().getTime());
  return true;
}

async function saveStatus(
  { autoscaler, conditions }: Look,
  news: Partial<HorizontalPodAutoscalerStatus>,
  { client }: SyncContext,
): Promise<void> {
  const before = autoscaler.status ?? { desiredReplicas: 0 };
  const { currentMetrics = [], ...status } = { ...before, ...news, conditions: conditions.list };
  const next = { ...status, ...(currentMetrics.length > 0 ? { currentMetrics } : {}) };
  if (isDeepStrictEqual(before, next)) return;
  await client.updateStatus(HorizontalPodAutoscaler, { ...autoscaler, status: next });
}
