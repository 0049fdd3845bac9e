/**
 * The kubelet: sees to it that the pods bound to its node run, and tells how they are. Here its parts
 * are put together; each is in the file of its name.
 *
 *   pod sources -> pod workers -> pod lifecycle -> pod sync -> runtime
 *                      ^                                          |
 *                      +---------------- pleg <-------------------+
 *
 * In Kubernetes: pkg/kubelet/kubelet.go
 */
import { setMaxListeners } from "node:events";
import type { Pod } from "../api/pod.ts";
import { Service } from "../api/service.ts";
import type { ComponentContext } from "../client/control-loop.ts";
import { createEventRecorder, type RunningEventRecorder } from "../client/events.ts";
import { every } from "../component/clock.ts";
import { Hooks } from "./containers/hooks.ts";
import { ImagePuller } from "./containers/image-puller.ts";
import { ContainerKiller } from "./containers/killer.ts";
import { ContainerStarter } from "./containers/start.ts";
import { WaitReasons } from "./containers/wait-reasons.ts";
import { NodeLease } from "./node/lease.ts";
import { ReadyGate } from "./node/ready-gate.ts";
import { NodeStatus, nodeReference } from "./node/status.ts";
import { addressesOf, DEFAULTS, type KubeletOptions, labelsOf } from "./options.ts";
import { ApiSource } from "./pod-sources/api.ts";
import { MirrorPods } from "./pod-sources/mirror-pods.ts";
import { PodSources } from "./pod-sources/sources.ts";
import { ConfigObjects } from "./pods/config-objects.ts";
import { GarbageCollector } from "./pods/garbage-collector.ts";
import { PodLifecycle } from "./pods/lifecycle.ts";
import { PodManager } from "./pods/manager.ts";
import { Pleg } from "./pods/pleg.ts";
import { sandboxConfigOf } from "./pods/sandbox-config.ts";
import { readySandbox } from "./pods/state.ts";
import { StatusWriter } from "./pods/status-writer.ts";
import { PodSync } from "./pods/sync.ts";
import { PodWorkers } from "./pods/workers.ts";
import { Probes } from "./probes/probes.ts";
import { Volumes } from "./volumes/volumes.ts";

/** A kubelet at work, as its HTTP server and its tests see it. */
export interface Kubelet {
  readonly nodeName: string;
  readonly options: KubeletOptions;
  readonly context: ComponentContext;
  readonly startedAt: Date;
  readonly pods: PodManager;
  readonly pleg: Pleg;
  readonly workers: PodWorkers;
  readonly statuses: StatusWriter;
  readonly events: RunningEventRecorder;
}

export const HOUSEKEEPING_MS = 2_000;

/** Starts a kubelet; it runs until the context's signal aborts. */
export async function startKubelet(
  context: ComponentContext,
  options: KubeletOptions,
): Promise<Kubelet> {
  // Each part, each pod and each timer listens for the end.
  setMaxListeners(0, context.signal);
  const startedAt = context.clock.now();
  const parts = assemble(context, options, await options.runtime.version());
  const { pleg, sources, pods, nodeStatus, lease, gate, garbage, events, workers } = parts;
  events.event(nodeReference(options.nodeName), "Normal", "Starting", "Starting kubelet.");
  await gate.check();
  await pleg.relist();
  pleg.start();
  pleg.onChange((uid) => workers.stateChanged(uid));
  const services = context.informers.of(Service);
  if (options.registerNode ?? true) await nodeStatus.start();
  lease.start();
  await services.synced();
  sources.start({
    set: (pod, source) => pods.set(pod, source),
    remove: (pod, source) => pods.remove(pod, source),
  });
  every(context.clock, HOUSEKEEPING_MS, context.signal, () => void garbage.keepHouse());
  gate.start(() => void nodeStatus.update());
  return {
    nodeName: options.nodeName,
    options,
    context,
    startedAt,
    pods,
    pleg,
    workers,
    statuses: parts.statuses,
    events,
  };
}

function assemble(
  context: ComponentContext,
  options: KubeletOptions,
  { name: runtimeName }: { name: string },
) {
  const { clock, random, signal, client, informers } = context;
  const { runtime, nodeName, connect, files } = options;
  const log = context.log.named("kubelet");
  const events = createEventRecorder({
    client,
    component: "kubelet",
    host: nodeName,
    clock,
    random,
    log,
    signal,
  });
  const pleg = new Pleg({
    runtime,
    clock,
    log,
    signal,
    periodMs: options.relistMs ?? DEFAULTS.relistMs,
  });
  const gate = new ReadyGate({ runtime, pleg, clock, signal });
  const nodeStatus = new NodeStatus({
    ...{ client, runtime, events, clock, log, signal, nodeName, machine: options.machine },
    addresses: addressesOf(options),
    labels: labelsOf(options),
    spec: {
      ...(options.podCIDR ? { podCIDR: options.podCIDR, podCIDRs: [options.podCIDR] } : {}),
      ...(options.taints?.length ? { taints: options.taints } : {}),
      ...(options.isSchedulable === false ? { unschedulable: true } : {}),
    },
    maxPods: options.maxPods ?? DEFAULTS.maxPods,
    allocatable: options.allocatable ?? {},
    kubeletPort: options.port ?? DEFAULTS.port,
    health: async () => ({
      notReady: await gate.check(),
      isMemoryShort: false,
      isDiskShort: false,
      arePidsShort: false,
    }),
    updateMs: options.nodeStatusUpdateMs ?? DEFAULTS.nodeStatusUpdateMs,
    reportMs: options.nodeStatusReportMs ?? DEFAULTS.nodeStatusReportMs,
  });
  const lease = new NodeLease({
    client,
    clock,
    log,
    nodeName,
    signal,
    node: () => nodeStatus.node,
  });

  const objects = new ConfigObjects(client);
  const allocatable = () => nodeStatus.node?.status?.allocatable ?? allocatableOf(options);
  const podIP = (pod: Pod) => {
    const state = pleg.get(pod.metadata.uid ?? "");
    const sandbox = state && readySandbox(state);
    return sandbox?.hostNetwork ? options.nodeIP : (sandbox?.ip ?? "");
  };
  const network = {
    sandboxImage: options.sandboxImage ?? DEFAULTS.sandboxImage,
    clusterDns: options.clusterDns ?? [],
    clusterDomain: options.clusterDomain ?? DEFAULTS.clusterDomain,
    hostDns: options.hostDns ?? { servers: [], searches: [], options: [] },
  };
  const volumes = new Volumes({
    files,
    rootDir: options.rootDir ?? DEFAULTS.rootDir,
    payload: (pod) => ({
      objects,
      allocatable: allocatable(),
      podIP: podIP(pod),
      hostIP: options.nodeIP,
    }),
  });
  const probes = new Probes({
    ...{ runtime, clock, connect, events, random },
    onChange: (uid) => workers.wake(uid),
  });
  const hooks = new Hooks({ runtime, events, clock, connect, podIP });
  const killer = new ContainerKiller({ runtime, events, clock, hooks });
  const puller = new ImagePuller({ runtime, events, clock });
  const starter = new ContainerStarter({
    ...{ runtime, events, puller, hooks, killer, volumes, objects },
    environment: (pod, ip) => ({
      objects,
      services: informers.of(Service).list(),
      podIP: pod.spec.hostNetwork ? options.nodeIP : ip,
      hostIP: options.nodeIP,
      allocatable: allocatable(),
    }),
  });
  const mirrors = new MirrorPods({ client, log, onMirror: (uid) => workers.wake(uid) });
  const publishedOf = (pod: Pod) => mirrors.publishedOf(pod);
  const statuses = new StatusWriter({ client, clock, log, signal, publishedOf });
  const reasons = new WaitReasons();
  const lifecycle = new PodLifecycle({
    ...{
      runtime,
      runtimeName,
      pleg,
      events,
      clock,
      log,
      probes,
      volumes,
      killer,
      reasons,
      statuses,
    },
    hostIP: options.nodeIP,
    notReady: () => gate.notReady,
    room: () => ({
      node: nodeStatus.node,
      allocatable: allocatable(),
      others: workers.activePods(),
    }),
  });
  lifecycle.use(
    new PodSync({
      ...{ runtime, pleg, events, clock, volumes, starter, killer, reasons, verdicts: probes },
      sandboxConfig: (pod, attempt) => sandboxConfigOf(pod, attempt, network),
      report: (pod) => lifecycle.report(pod),
    }),
  );
  const workers = new PodWorkers({ tasks: lifecycle, clock, random, log, signal });
  const pods = new PodManager({ workers, mirrors, statuses });
  const sources = new PodSources([
    new ApiSource(informers, nodeName),
    ...(options.staticSources ?? []),
  ]);
  const garbage = new GarbageCollector({ runtime, pleg, workers, sources, volumes, clock, log });
  return { events, pleg, gate, nodeStatus, lease, statuses, workers, pods, sources, garbage };
}

function allocatableOf({ machine, maxPods, allocatable }: KubeletOptions): Record<string, string> {
  return {
    cpu: `${machine.cpuCount}`,
    memory: `${machine.memoryBytes}`,
    pods: `${maxPods ?? DEFAULTS.maxPods}`,
    ...allocatable,
  };
}
