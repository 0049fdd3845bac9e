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
import { Service } from "../api/service.ts";
import type { ComponentContext } from "../client/control-loop.ts";
import type { RunningEventRecorder } from "../client/events.ts";
import { layFoundation } from "./foundation.ts";
import { assembleHousekeeping } from "./housekeeping.ts";
import { assembleNode } from "./node/node.ts";
import { nodeReference } from "./node/status.ts";
import type { NodeUsage } from "./node/usage.ts";
import type { KubeletOptions } from "./options.ts";
import { ApiSource } from "./pod-sources/api.ts";
import { PodSources } from "./pod-sources/sources.ts";
import type { PodManager } from "./pods/manager.ts";
import type { Pleg } from "./pods/pleg.ts";
import { assemblePods } from "./pods/pods.ts";
import type { StatusWriter } from "./pods/status-writer.ts";
import type { PodWorkers } from "./pods/workers.ts";

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
  /** What memory and disk the node has left. */
  usage(): Promise<NodeUsage>;
}

/**
 * Starts a kubelet; it runs until the context's signal aborts. Static pods start whether there is an
 * API server or not; those of the API server wait until the node and the services are known.
 */
export async function startKubelet(
  context: ComponentContext,
  options: KubeletOptions,
): Promise<Kubelet> {
  const { clock, informers, signal } = context;
  // Each part, each pod and each timer listens for the end.
  setMaxListeners(0, signal);
  const startedAt = clock.now();
  const foundation = await layFoundation(context, options);
  const { nodeName, pleg, events } = foundation;
  const node = assembleNode(foundation, (what) => housekeeping.isShortOf(what));
  const parts = assemblePods(foundation, node);
  const { manager: pods, workers, statuses } = parts;
  const services = informers.of(Service);
  const api = new ApiSource(informers, nodeName, () => services.synced());
  const sources = new PodSources(api, options.staticSources ?? []);
  const housekeeping = assembleHousekeeping(foundation, parts, sources, node);

  events.event(nodeReference(nodeName), "Normal", "Starting", "Starting kubelet.");
  await node.gate.check();
  await pleg.relist();
  pleg.start();
  pleg.onChange((uid) => workers.stateChanged(uid));
  sources.startStatic(pods);
  if (options.registerNode ?? true) await node.status.start();
  node.lease.start();
  sources.startApi(pods);
  housekeeping.start();
  node.gate.start(() => void node.status.update());
  const { usage } = foundation;
  return { nodeName, options, context, startedAt, pods, pleg, workers, statuses, events, usage };
}
