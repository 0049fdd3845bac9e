/**
 * How many replicas it takes so that each is used as much as it should be: pure.
 *
 *   replicas = pods that count * (what is used / what should be), rounded up
 *
 * Rule: where it is not known what a pod uses, the doubt works against the change. Pods without figures
 * count as fully used when there would be fewer, and as idle when there would be more; pods that are not
 * ready yet count as idle when there would be more. A small change is none.
 *
 * In Kubernetes: pkg/controller/podautoscaler/replica_calculator.go
 */
import type { Pod } from "../../api/pod.ts";
import { conditionOf } from "../../api/pod-status.ts";
import { milliValue, quantityOf } from "../../api/quantity.ts";
import { sum } from "../deployment/versions.ts";
import type { AutoscalerOptions } from "./options.ts";
import type { PodUsage, Usages } from "./pod-usage.ts";

const ALL_PERCENT = 100;

/** What is asked for: a share of the pods' requests in percent, or an amount for each in thousandths. */
export type Target = { percent: number } | { milli: number };

export interface Question {
  currentReplicas: number;
  target: Target;
  resource: string;
  container?: string | undefined;
  pods: Pod[];
  usages: Usages;
  options: AutoscalerOptions;
  now: Date;
}

export interface Calculation {
  replicas: number;
  /** In percent of what is requested. */
  utilization: number | undefined;
  /** On average, in thousandths. */
  average: number;
}

export function calculateReplicas(question: Question): Calculation {
  const { pods, usages: all, currentReplicas, target, options } = question;
  if (pods.length === 0) {
    throw new Error("no pods returned by selector while calculating replica count");
  }
  const groups = groupPods(question);
  const measured = new Map(groups.ready.map((name) => [name, all.get(name)!.milli]));
  if (measured.size === 0) {
    throw new Error("did not receive metrics for targeted pods (pods might be unready)");
  }
  const requests = "percent" in target ? requestsOf(question) : new Map<string, number>();
  const first = ratioOf(measured, requests, target);
  const found = { utilization: first.utilization, average: first.average };
  const stay = { ...found, replicas: currentReplicas };
  const countsUnready = groups.unready.length > 0 && first.ratio > 1;
  if (!countsUnready && groups.missing.length === 0) {
    if (isWithinTolerance(first.ratio, options)) return stay;
    return { ...found, replicas: Math.ceil(first.ratio * groups.ready.length) };
  }
  for (const name of groups.missing)
    measured.set(name, assumed(name, first.ratio, requests, target));
  if (countsUnready) for (const name of groups.unready) measured.set(name, 0);

  const { ratio } = ratioOf(measured, requests, target);
  const hasTurned = (first.ratio < 1 && ratio > 1) || (first.ratio > 1 && ratio < 1);
  if (isWithinTolerance(ratio, options) || hasTurned) return stay;
  const replicas = Math.ceil(ratio * measured.size);
  const isContrary =
    (ratio < 1 && replicas > currentReplicas) || (ratio > 1 && replicas < currentReplicas);
  return isContrary ? stay : { ...found, replicas };
}

/** From a value of all pods together, as a share of what it should be. None that are there: none are counted. */
export function replicasByRatio(
  current: number,
  ratio: number,
  options: AutoscalerOptions,
  readyCount: () => number,
): number {
  if (current === 0) return Math.ceil(ratio);
  return isWithinTolerance(ratio, options) ? current : Math.ceil(ratio * readyCount());
}

/** From a value of all pods together, of which each should have a share. Both in thousandths. */
export function replicasPerPod(
  current: number,
  milli: number,
  milliPerPod: number,
  options: AutoscalerOptions,
) {
  const ratio = milli / (milliPerPod * current);
  return {
    replicas: isWithinTolerance(ratio, options) ? current : Math.ceil(milli / milliPerPod),
    average: current === 0 ? 0 : Math.ceil(milli / current),
  };
}

/** What a pod without figures is taken to use. */
function assumed(
  name: string,
  ratio: number,
  requests: Map<string, number>,
  target: Target,
): number {
  if (ratio >= 1) return 0;
  if ("milli" in target) return target.milli;
  return ((requests.get(name) ?? 0) * Math.max(ALL_PERCENT, target.percent)) / 100;
}

function ratioOf(measured: Map<string, number>, requests: Map<string, number>, target: Target) {
  const average = Math.trunc(sum([...measured.values()]) / measured.size);
  if ("milli" in target) return { ratio: average / target.milli, utilization: undefined, average };
  const known = [...measured].filter(([name]) => requests.has(name));
  const requested = sum(known.map(([name]) => requests.get(name)!));
  if (requested === 0) throw new Error("no metrics returned matched known pods");
  const used = sum(known.map(([, milli]) => milli));
  const utilization = Math.trunc((used * 100) / requested);
  return {
    ratio: utilization / target.percent,
    utilization,
    average: Math.trunc(used / known.length),
  };
}

function isWithinTolerance(ratio: number, { tolerance }: AutoscalerOptions): boolean {
  return Math.abs(1 - ratio) <= tolerance;
}

function requestsOf({ pods, resource, container }: Question): Map<string, number> {
  return new Map(
    pods.map(({ metadata, spec }) => {
      const counted = spec.containers.filter(({ name }) => !container || name === container);
      const amounts = counted.map(({ name, resources }) => {
        const request = resources?.requests?.[resource];
        if (request !== undefined) return milliValue(quantityOf(request));
        throw new Error(
          `missing request for ${resource} in container ${name} of Pod ${metadata.name}`,
        );
      });
      return [metadata.name, sum(amounts)];
    }),
  );
}

interface Groups {
  ready: string[];
  unready: string[];
  missing: string[];
}

function groupPods(question: Question): Groups {
  const { pods, usages, resource } = question;
  const groups: Groups = { ready: [], unready: [], missing: [] };
  for (const pod of pods) {
    const { metadata, status } = pod;
    if (metadata.deletionTimestamp !== undefined || status?.phase === "Failed") continue;
    const usage = usages.get(metadata.name);
    if (status?.phase === "Pending") groups.unready.push(metadata.name);
    else if (usage === undefined) groups.missing.push(metadata.name);
    else if (resource === "cpu" && isStillStarting(pod, usage, question))
      groups.unready.push(metadata.name);
    else groups.ready.push(metadata.name);
  }
  return groups;
}

/** A pod that starts uses more of the processor than it will, so its figures say nothing yet. */
function isStillStarting(pod: Pod, usage: PodUsage, { now, options }: Question): boolean {
  const ready = conditionOf(pod, "Ready");
  const startTime = pod.status?.startTime;
  if (ready === undefined || startTime === undefined) return true;
  const startMs = Date.parse(startTime);
  const changedMs = Date.parse(ready.lastTransitionTime ?? "");
  const isUnready = ready.status === "False";
  if (startMs + options.cpuInitializationMs > now.getTime()) {
    return isUnready || usage.atMs < changedMs + usage.windowMs;
  }
  return isUnready && startMs + options.initialReadinessMs > changedMs;
}
