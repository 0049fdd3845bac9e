/**
 * How many pods a second the scheduler places: the workloads of Kubernetes' scheduler_perf, with the API server
 * in the same process, beside a loop that looks at nothing but resources and binds in the same way.
 *
 * In Kubernetes: test/integration/scheduler_perf/config/performance-config.yaml
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { PodSpec } from "kubernetes-types/core/v1.js";
import { Node } from "../../src/api/node.ts";
import { Pod } from "../../src/api/pod.ts";
import { PriorityClass } from "../../src/api/scheduling/priority-class.ts";
import { startApiServer } from "../../src/apiserver/apiserver.ts";
import { openMemoryStore } from "../../src/apiserver/storage/embedded-store.ts";
import { Client } from "../../src/client/client.ts";
import { createInformers, type Informers } from "../../src/client/informer.ts";
import { systemClock } from "../../src/component/clock.ts";
import { silentLog as log } from "../../src/component/log.ts";
import { systemRandom } from "../../src/component/random.ts";
import { NodeCache } from "../../src/scheduler/node-cache.ts";
import { NodeInfo } from "../../src/scheduler/node-info.ts";
import { lackingOn } from "../../src/scheduler/plugins/node-resources-fit.ts";
import { PodInfo } from "../../src/scheduler/pod-info.ts";
import { createProfile } from "../../src/scheduler/profile.ts";
import { startScheduler } from "../../src/scheduler/scheduler.ts";
import { SchedulingCycle } from "../../src/scheduler/scheduling-cycle.ts";
import type { Benchmark } from "../bench.ts";
import type { Figure } from "../report.ts";
import { medianOf } from "../rounds.ts";

interface Workload {
  name: string;
  nodes: number;
  /** Pods that are placed before the clock starts. */
  placed: number;
  measured: number;
  placedSpec?: Partial<PodSpec>;
  measuredSpec?: Partial<PodSpec>;
  labels?: Record<string, string>;
}

const LABELS = { color: "blue" };
const ZONE = "topology.kubernetes.io/zone";
const HOST = "kubernetes.io/hostname";
const term = (topologyKey: string) => ({
  requiredDuringSchedulingIgnoredDuringExecution: [
    { topologyKey, labelSelector: { matchLabels: LABELS } },
  ],
});
const away: Partial<PodSpec> = { affinity: { podAntiAffinity: term(HOST) } };
const near: Partial<PodSpec> = { affinity: { podAffinity: term(ZONE) } };
const spread: Partial<PodSpec> = {
  topologySpreadConstraints: [
    {
      maxSkew: 5,
      topologyKey: ZONE,
      whenUnsatisfiable: "DoNotSchedule",
      labelSelector: { matchLabels: LABELS },
    },
  ],
};

const BASIC: Workload = { name: "SchedulingBasic", nodes: 5_000, placed: 0, measured: 10_000 };
const OTHERS: Workload[] = [
  {
    name: "SchedulingPodAntiAffinity",
    ...{ nodes: 5_000, placed: 1_000, measured: 1_000, labels: LABELS },
    ...{ placedSpec: away, measuredSpec: away },
  },
  {
    name: "SchedulingPodAffinity",
    ...{ nodes: 5_000, placed: 5_000, measured: 1_000, labels: LABELS },
    ...{ placedSpec: near, measuredSpec: near },
  },
  {
    name: "TopologySpreading",
    ...{ nodes: 5_000, placed: 5_000, measured: 2_000, labels: LABELS },
    measuredSpec: spread,
  },
  {
    name: "PreemptionBasic",
    ...{ nodes: 500, placed: 2_000, measured: 500 },
    placedSpec: requesting("900m", "500Mi"),
    measuredSpec: { ...requesting("3", "500Mi"), priorityClassName: "high" },
  },
];

export const WORKLOADS: readonly Workload[] = [BASIC, ...OTHERS];

/** So much of each is enough to see whether something has become slow. */
const SHARE = 5;

/** With fewer pods, but on as many nodes: what a pod costs depends on these. */
function shortened(workload: Workload): Workload {
  return { ...workload, measured: workload.measured / SHARE };
}

export const scheduling: Benchmark = {
  name: "scheduling",
  about: "pods a second that the scheduler places on 5,000 nodes, beside a loop of resources only",
  async run({ rounds, isFull }) {
    const figures: Figure[] = [];
    for (const workload of isFull ? WORKLOADS : WORKLOADS.map(shortened)) {
      const times = isFull && workload === BASIC ? rounds : 1;
      const baseline = await repeated(times, () => measure(workload, placeByResources));
      const value = await repeated(times, () => measure(workload, schedule));
      const name = `${workload.name}, ${workload.nodes} nodes, ${workload.measured} pods`;
      const unit = "pods/s";
      figures.push({ name, value, unit, baseline: { name: "resources only", value: baseline } });
    }
    return [await thinkingOnly(rounds), ...figures];
  },
};

/** The cycle by itself, without anybody to tell: what a decision costs, beside the first node that has room. */
async function thinkingOnly(rounds: number): Promise<Figure> {
  const { nodes, measured } = BASIC;
  const value = await repeated(rounds, async () => think(nodes, measured));
  const baseline = await repeated(rounds, async () => thinkOfResources(nodes, measured));
  const name = `deciding only, ${nodes} nodes, ${measured} pods`;
  return { name, value, unit: "pods/s", baseline: { name: "resources only", value: baseline } };
}

export function think(nodes: number, pods: number): number {
  const cache = new NodeCache();
  for (let i = 0; i < nodes; i++) cache.setNode(nodeNumber(i) as unknown as Node);
  const nothing = { get: () => undefined, list: () => [], by: () => [] };
  const plugins = createProfile({ of: () => nothing } as unknown as Informers, cache);
  const cycle = new SchedulingCycle({ plugins, random: systemRandom, percentageOfNodesToScore: 0 });
  return perSecond(pods, (pod) => {
    const { chosen } = cycle.run({ pod, nodes: cache.nodes(), census: cache.census });
    cache.assume(pod, chosen!.name);
  });
}

export function thinkOfResources(nodes: number, pods: number): number {
  const infos = Array.from({ length: nodes }, (_, i) => {
    const info = new NodeInfo(`node-${i}`);
    info.setNode(nodeNumber(i) as unknown as Node);
    return info;
  });
  let next = 0;
  return perSecond(pods, (pod) => {
    while (lackingOn(infos[next % nodes]!, pod).length > 0) next++;
    infos[next++ % nodes]!.addPod(pod);
  });
}

function perSecond(count: number, place: (pod: PodInfo) => void): number {
  const startMs = systemClock.monotonicMs();
  for (let i = 0; i < count; i++) {
    const metadata = { name: `pod-${i}`, namespace: "default", uid: `${i}` };
    const spec = requesting("100m", "500Mi") as PodSpec;
    place(new PodInfo({ apiVersion: "v1", kind: "Pod", metadata, spec } as Pod));
  }
  return count / ((systemClock.monotonicMs() - startMs) / 1_000);
}

async function repeated(times: number, work: () => Promise<number>): Promise<number> {
  const values: number[] = [];
  for (let i = 0; i < times; i++) values.push(await work());
  return medianOf(values);
}

interface Setting {
  client: Client;
  signal: AbortSignal;
}

/** Places what is without a node until the signal aborts. */
type Placer = (setting: Setting) => Promise<unknown>;

/** Pods a second, from the start of the placer until the last is bound. */
export async function measure(workload: Workload, placer: Placer): Promise<number> {
  const [clock, random] = [systemClock, systemRandom];
  const store = openMemoryStore({ log });
  const server = await startApiServer({ store, clock, random, log });
  const client = new Client(server.transport);
  const lifetime = new AbortController();
  // A pod that waits for its next attempt would not keep the process.
  const awake = setInterval(() => undefined, 60_000);
  try {
    await createNodes(client, workload.nodes);
    await client.create(PriorityClass, "", { metadata: { name: "high" }, value: 1_000 });
    const { placed, placedSpec, measured, measuredSpec, labels, nodes } = workload;
    await createPods(client, "placed", placed, placedSpec, labels, nodes);
    await createPods(client, "new", measured, measuredSpec, labels);
    const bound = countBound(server.transport, lifetime.signal, workload.measured);
    const startMs = clock.monotonicMs();
    void placer({ client, signal: lifetime.signal });
    await bound;
    return workload.measured / ((clock.monotonicMs() - startMs) / 1_000);
  } finally {
    clearInterval(awake);
    lifetime.abort();
    await server.stop();
    await store.close();
  }
}

export async function schedule({ client, signal }: Setting): Promise<void> {
  const context = { client, signal, clock: systemClock, random: systemRandom, log };
  await startScheduler({ ...context, informers: createInformers(context) });
}

/** The least a scheduler has to do: the next node in turn that has enough left. */
export async function placeByResources({ client, signal }: Setting): Promise<void> {
  const { items: nodes } = await client.list(Node);
  const { items: pods } = await client.list(Pod, { namespace: "default" });
  const infos = nodes.map((node) => {
    const info = new NodeInfo(node.metadata.name);
    info.setNode(node);
    return info;
  });
  const byName = new Map(infos.map((info) => [info.name, info]));
  for (const pod of pods) byName.get(pod.spec.nodeName ?? "")?.addPod(new PodInfo(pod));
  const inFlight = new Set<Promise<unknown>>();
  let next = 0;
  for (const pod of pods) {
    if (pod.spec.nodeName || signal.aborted) continue;
    const info = new PodInfo(pod);
    for (let tried = 0; tried < infos.length; tried++, next++) {
      const node = infos[next % infos.length]!;
      // One that makes room for the important would have to think; this one just overbooks.
      if (lackingOn(node, info).length > 0 && pod.spec.priority === 0) continue;
      node.addPod(info);
      const { name, uid } = pod.metadata;
      const request = client.createSubresource(Pod, "default", name, "binding", {
        ...{ apiVersion: "v1", kind: "Binding", metadata: { name, uid } },
        target: { kind: "Node", name: node.name },
      });
      inFlight.add(request);
      void request.finally(() => inFlight.delete(request));
      next++;
      break;
    }
    if (inFlight.size >= 100) await Promise.race(inFlight);
  }
}

/** Resolves when so many of the new pods have a node. */
async function countBound(
  transport: ConstructorParameters<typeof Client>[0],
  signal: AbortSignal,
  count: number,
): Promise<void> {
  const context = { client: new Client(transport), signal, clock: systemClock };
  const informers = createInformers({ ...context, random: systemRandom, log });
  const pods = informers.of(Pod, { labelSelector: "measured=yes" });
  await pods.synced();
  return new Promise((resolve) => {
    const bound = new Set<string>();
    pods.onChange((pod) => {
      if (pod?.spec.nodeName) bound.add(pod.metadata.name);
      if (bound.size === count) resolve();
    });
  });
}

async function createNodes(client: Client, count: number): Promise<void> {
  await inBatches(count, async (i) => void (await client.create(Node, "", nodeNumber(i))));
}

function nodeNumber(i: number) {
  const name = `node-${i}`;
  const allocatable = { cpu: "4", memory: "32Gi", pods: "110" };
  const labels = { [HOST]: name, [ZONE]: `zone-${i % 3}` };
  return { metadata: { name, labels }, spec: {}, status: { allocatable, capacity: allocatable } };
}

async function createPods(
  client: Client,
  prefix: string,
  count: number,
  spec: Partial<PodSpec> = requesting("100m", "500Mi"),
  labels: Record<string, string> = {},
  onNodes = 0,
): Promise<void> {
  await inBatches(count, async (i) => {
    const containers = requesting("100m", "500Mi").containers!;
    await client.create(Pod, "default", {
      metadata: {
        name: `${prefix}-${i}`,
        labels: onNodes > 0 ? labels : { ...labels, measured: "yes" },
      },
      spec: {
        containers,
        terminationGracePeriodSeconds: 0,
        ...spec,
        ...(onNodes > 0 ? { nodeName: `node-${i % onNodes}` } : {}),
      },
    });
  });
}

async function inBatches(count: number, create: (i: number) => Promise<void>): Promise<void> {
  const BATCH = 200;
  for (let from = 0; from < count; from += BATCH) {
    const size = Math.min(BATCH, count - from);
    await Promise.all(Array.from({ length: size }, (_, i) => create(from + i)));
    await nextTurn();
  }
}

function requesting(cpu: string, memory: string): Partial<PodSpec> {
  const resources = { requests: { cpu, memory } };
  return { containers: [{ name: "main", image: "registry.k8s.io/pause:3.9", resources }] };
}
