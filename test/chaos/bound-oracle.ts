/** What must hold at rest of what looks at workloads: autoscalers, budgets, quotas; and of cron jobs. */
import type { HorizontalPodAutoscaler } from "../../src/api/autoscaling/horizontal-pod-autoscaler.ts";
import type { CronJob } from "../../src/api/batch/cron-job.ts";
import { endOfJob } from "../../src/api/batch/job-conditions.ts";
import { controllerOf } from "../../src/api/owner.ts";
import type { Pod } from "../../src/api/pod.ts";
import { hasEnded, isPodActive } from "../../src/api/pod-status.ts";
import { milliValue, parseQuantity } from "../../src/api/quantity.ts";
import type { ResourceQuota } from "../../src/api/resource-quota.ts";
import { CPU_ANNOTATION } from "../../src/simulator/cpu-meter.ts";
import { WANTED_PERCENT } from "./bound-wishes.ts";
import { SCHEDULES } from "./ending-wishes.ts";
import { differing } from "./oracle.ts";
import { REQUEST } from "./template-wishes.ts";
import { isSelected, naming, type View } from "./view.ts";

const MINUTE_MS = 60_000;
const TOLERANCE = 0.1;

export function boundComplaints(view: View, now: Date): string[] {
  return [
    ...view.budgets.flatMap((budget) => badBudget(view, budget)),
    ...view.autoscalers.flatMap((autoscaler) => badAutoscaler(view, autoscaler)),
    ...view.quotas.flatMap((quota) => badQuota(view, quota)),
    ...view.cronJobs.flatMap((cronJob) => badCronJob(view, cronJob, now)),
  ];
}

function badBudget({ pods }: View, budget: View["budgets"][number]): string[] {
  const { selector, minAvailable } = budget.spec ?? {};
  const selected = pods.filter(
    (pod) =>
      pod.metadata.namespace === budget.metadata.namespace &&
      isPodActive(pod) &&
      isSelected(pod.metadata.labels, selector?.matchLabels),
  );
  const { currentHealthy, disruptionsAllowed } = budget.status ?? {};
  // The other budgets need every pod to have a controller with a scale.
  if (minAvailable !== 1) return [];
  const name = naming(budget);
  const healthy = selected.filter((pod) => pod.status?.phase === "Running");
  const allowed = Math.max(0, healthy.length - 1);
  return [
    ...differing(`${name} counts`, [currentHealthy], [healthy.length]),
    ...differing(`${name} allows`, [disruptionsAllowed], [allowed]),
  ];
}

/** Its target has as many as its pods' use of the processor asks for, within its bounds. */
function badAutoscaler(view: View, autoscaler: HorizontalPodAutoscaler): string[] {
  const { scaleTargetRef, minReplicas = 1, maxReplicas } = autoscaler.spec;
  const { namespace } = autoscaler.metadata;
  const target = view.all.find(
    ({ kind, metadata }) =>
      kind === scaleTargetRef.kind &&
      metadata.name === scaleTargetRef.name &&
      metadata.namespace === namespace,
  ) as { spec: { replicas?: number } } | undefined;
  const { conditions = [], currentReplicas, desiredReplicas } = autoscaler.status ?? {};
  const said = (type: string) => conditions.find((one) => one.type === type);
  const name = naming(autoscaler);
  if (target === undefined) {
    return differing(`${name} is able`, [said("AbleToScale")?.reason], ["FailedGetScale"]);
  }
  const { replicas = 1 } = target.spec;
  if (replicas === 0) {
    return differing(`${name} is active`, [said("ScalingActive")?.reason], ["ScalingDisabled"]);
  }
  const app = scaleTargetRef.name;
  const pods = view.pods.filter(
    (pod) =>
      pod.metadata.namespace === namespace && pod.metadata.labels?.app === app && isPodActive(pod),
  );
  // A deployment that is paused before its first set has none.
  if (pods.length === 0) {
    const { reason } = said("ScalingActive") ?? {};
    return differing(`${name} is active`, [reason], ["FailedGetResourceMetric"]);
  }
  const wanted = Math.min(Math.max(proposed(pods, replicas), minReplicas), maxReplicas);
  return [
    ...differing(`${name} has made`, [replicas], [wanted]),
    ...differing(`${name} tells of`, [currentReplicas, desiredReplicas], [replicas, replicas]),
    ...differing(`${name} is active`, [said("ScalingActive")?.reason], ["ValidMetricFound"]),
  ];
}

function proposed(pods: Pod[], replicas: number): number {
  const used = pods.reduce(
    (sum, { metadata }) => sum + milli(metadata.annotations?.[CPU_ANNOTATION]),
    0,
  );
  const utilization = Math.trunc((used * 100) / (pods.length * milli(REQUEST)));
  const ratio = utilization / WANTED_PERCENT;
  return Math.abs(1 - ratio) <= TOLERANCE ? replicas : Math.ceil(ratio * pods.length);
}

function milli(amount = "0"): number {
  return milliValue(parseQuantity(amount));
}

/** What is used is what is there. */
function badQuota(view: View, quota: ResourceQuota): string[] {
  const { namespace } = quota.metadata;
  const own = <T extends { metadata: { namespace?: string } }>(list: T[]) =>
    list.filter(({ metadata }) => metadata.namespace === namespace);
  const pods = own(view.pods).filter((pod) => !hasEnded(pod));
  const claims = own(view.claims);
  const storage = claims.map(({ spec }) => milli(spec.resources?.requests?.storage));
  const used: Record<string, number> = {
    pods: pods.length * 1000,
    "requests.cpu": pods.length * milli(REQUEST),
    services: own(view.services).length * 1000,
    "services.loadbalancers":
      own(view.services).filter(({ spec }) => spec.type === "LoadBalancer").length * 1000,
    persistentvolumeclaims: claims.length * 1000,
    "requests.storage": storage.reduce((sum, one) => sum + one, 0),
    "count/jobs.batch": own(view.jobs).length * 1000,
    "count/deployments.apps": own(view.deployments).length * 1000,
  };
  const { hard = {} } = quota.spec ?? {};
  return [
    ...differing(`${naming(quota)} tells of`, entriesOf(quota.status?.hard), entriesOf(hard)),
    ...Object.keys(hard).flatMap((name) =>
      differing(
        `${naming(quota)} counts ${name}`,
        [milli(quota.status?.used?.[name])],
        [used[name]],
      ),
    ),
  ];
}

function entriesOf(amounts: Record<string, string> = {}): string[] {
  return Object.entries(amounts).map(([name, amount]) => `${name} ${amount}`);
}

/** The last time has had its job, nothing that runs is forgotten, and no more is kept than it says. */
function badCronJob(view: View, cronJob: CronJob, now: Date): string[] {
  const { spec, status = {}, metadata } = cronJob;
  const name = naming(cronJob);
  const own = view.jobs.filter((job) => controllerOf(job)?.uid === metadata.uid);
  const kept = (type: string) => own.filter((job) => endOfJob(job)?.type === type).length;
  const running = own.filter((job) => endOfJob(job) === undefined);
  const { successfulJobsHistoryLimit: successes = 3, failedJobsHistoryLimit: failures = 1 } = spec;
  const complaints = [
    ...differing(
      `${name} tells of active ones`,
      (status.active ?? []).map(({ uid }) => uid),
      running.map((job) => job.metadata.uid),
    ),
    ...(kept("Complete") > successes ? [`${name} keeps ${kept("Complete")} successes`] : []),
    ...(kept("Failed") > failures ? [`${name} keeps ${kept("Failed")} failures`] : []),
  ];
  const isHindered = spec.concurrencyPolicy === "Forbid" && running.length > 0;
  if (spec.suspend || isHindered || spec.startingDeadlineSeconds !== undefined) return complaints;
  const everyMs = SCHEDULES[spec.schedule]! * MINUTE_MS;
  const lastMs = Math.floor(now.getTime() / everyMs) * everyMs;
  if (Date.parse(metadata.creationTimestamp ?? "") >= lastMs) return complaints;
  const last = status.lastScheduleTime;
  return [
    ...complaints,
    ...differing(`${name} was last on time at`, [last && Date.parse(last)], [lastMs]),
  ];
}
