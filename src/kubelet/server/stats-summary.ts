/**
 * GET /stats/summary: what the node and its pods use.
 *
 * In Kubernetes: pkg/kubelet/server/stats, staging/src/k8s.io/kubelet/pkg/apis/stats/v1alpha1
 * Differs: the node's own figures are the sums of its pods'; a rate is the average since the reading
 * before (cpu-rates.ts).
 */
import { toApiTime } from "../../component/clock.ts";
import type { Kubelet } from "../kubelet.ts";
import type { ContainerStats } from "../runtime/runtime.ts";
import { CpuRates } from "./cpu-rates.ts";

/** From one reading to the next. */
const ratesOf = new WeakMap<Kubelet, CpuRates>();

export async function statsSummary(kubelet: Kubelet): Promise<object> {
  const stats = await kubelet.options.runtime.stats();
  const rates = ratesOf.get(kubelet) ?? new CpuRates();
  ratesOf.set(kubelet, rates);
  rates.read(stats, ({ pod }) => startOf(pod, kubelet));
  const usage = await kubelet.usage();
  const disk = usage["nodefs.available"];
  const now = kubelet.context.clock.now();
  const byPod = new Map<string, ContainerStats[]>();
  for (const one of stats) byPod.set(one.pod.uid, [...(byPod.get(one.pod.uid) ?? []), one]);
  const { nodeName } = kubelet;
  return {
    node: {
      nodeName,
      startTime: toApiTime(kubelet.startedAt),
      cpu: cpuOf(stats, now, rates),
      memory: {
        ...memoryOf(stats, now),
        availableBytes: usage["memory.available"].availableBytes,
      },
      fs: {
        time: toApiTime(now),
        availableBytes: disk.availableBytes,
        capacityBytes: disk.capacityBytes,
        usedBytes: disk.capacityBytes - disk.availableBytes,
      },
    },
    pods: [...byPod.values()].map((ofPod) => podStats(ofPod, kubelet, now, rates)),
  };
}

function podStats(stats: ContainerStats[], kubelet: Kubelet, now: Date, rates: CpuRates): object {
  const { name, namespace, uid } = stats[0]!.pod;
  const since = startOf({ name, namespace }, kubelet);
  const { network } = stats[0]!;
  return {
    podRef: { name, namespace, uid },
    startTime: toApiTime(since),
    containers: stats.map((one) => ({
      name: one.name,
      startTime: toApiTime(since),
      cpu: cpuOf([one], now, rates),
      memory: memoryOf([one], now),
      rootfs: { time: toApiTime(now), usedBytes: one.writableLayerBytes ?? 0 },
    })),
    cpu: cpuOf(stats, now, rates),
    memory: memoryOf(stats, now),
    ...(network ? { network: { time: toApiTime(now), name: "eth0", ...network } } : {}),
  };
}

function startOf({ namespace, name }: { namespace: string; name: string }, kubelet: Kubelet): Date {
  const started = kubelet.pods.get(namespace, name)?.status?.startTime;
  return started === undefined ? kubelet.startedAt : new Date(started);
}

function cpuOf(stats: ContainerStats[], now: Date, rates: CpuRates): object {
  return {
    time: toApiTime(now),
    usageNanoCores: Math.round(sum(stats, (one) => rates.of(one))),
    usageCoreNanoSeconds: sum(stats, ({ cpuNanoseconds }) => cpuNanoseconds),
  };
}

function memoryOf(stats: ContainerStats[], now: Date): object {
  return {
    time: toApiTime(now),
    usageBytes: sum(stats, ({ memoryUsageBytes }) => memoryUsageBytes),
    workingSetBytes: sum(stats, ({ memoryWorkingSetBytes }) => memoryWorkingSetBytes),
    rssBytes: sum(stats, ({ memoryRssBytes }) => memoryRssBytes),
  };
}

function sum(stats: ContainerStats[], of: (one: ContainerStats) => number): number {
  return stats.reduce((total, one) => total + of(one), 0);
}
