/**
 * A node as the scheduler sees it: the Node object, the pods on it, and sums over those pods, kept
 * up to date pod by pod so that asking "does it fit?" costs the same for 1 pod and for 100.
 *
 * Its rule: what a pod added to the sums when it came is what it takes away when it goes, whatever
 * has become of the object in between.
 *
 * In Kubernetes: pkg/scheduler/framework/types.go (NodeInfo)
 */
import type { Taint } from "kubernetes-types/core/v1.js";
import type { Node } from "../api/node.ts";
import { wholeValue } from "../api/quantity.ts";
import { readResources } from "../api/resources.ts";
import { UsedPorts } from "./host-ports.ts";
import type { PodInfo } from "./pod-info.ts";
import { add, noResources, type ResourceSums, subtract, sumsOf } from "./resource-sums.ts";

const NO_LABELS: Record<string, string> = {};
const NO_TAINTS: readonly Taint[] = [];

/**
 * Where in `room` which number is. They lie side by side, since a cycle reads them of hundreds of nodes, and what
 * is scattered over memory takes ten times as long to read.
 */
export const ROOM = {
  cpu: 0,
  memory: 1,
  requestedCpu: 2,
  requestedMemory: 3,
  nonZeroCpu: 4,
  nonZeroMemory: 5,
  pods: 6,
  maxPods: 7,
} as const;

export class NodeInfo {
  readonly name: string;
  /** The numbers that are asked for most often, once more. */
  readonly room = new Float64Array(8);
  labels: Record<string, string> = NO_LABELS;
  taints: readonly Taint[] = NO_TAINTS;
  isCordoned = false;
  readonly pods = new Map<string, PodInfo>();
  readonly requested: ResourceSums = noResources();
  /** The same, with a small amount taken for containers that ask for nothing. */
  readonly nonZeroRequested: ResourceSums = noResources();
  readonly usedPorts = new UsedPorts();
  #node: Node | undefined;
  #allocatable: ResourceSums = noResources();
  #maxPods = 0;
  #imageSizes = new Map<string, number>();

  constructor(name: string) {
    this.name = name;
  }

  /** Undefined when pods say they are on a node that is not there. */
  get node(): Node | undefined {
    return this.#node;
  }

  get allocatable(): ResourceSums {
    return this.#allocatable;
  }

  get maxPods(): number {
    return this.#maxPods;
  }

  /** Image name -> bytes, under each name the node knows it by. */
  get imageSizes(): ReadonlyMap<string, number> {
    return this.#imageSizes;
  }

  setNode(node: Node | undefined): void {
    const old = this.#node;
    this.#node = node;
    this.labels = node?.metadata.labels ?? NO_LABELS;
    this.taints = node?.spec.taints ?? NO_TAINTS;
    this.isCordoned = node?.spec.unschedulable ?? false;
    const { allocatable, images } = node?.status ?? {};
    if (!old || old.status?.allocatable !== allocatable) {
      const { pods, ...resources } = readResources(allocatable);
      this.#allocatable = sumsOf(resources);
      this.#maxPods = pods ? wholeValue(pods) : 0;
      this.#noteRoom();
    }
    if (!old || old.status?.images !== images) {
      const named = (images ?? []).flatMap(({ names = [], sizeBytes = 0 }) =>
        names.map((name) => [name, sizeBytes] as const),
      );
      this.#imageSizes = new Map(named);
    }
  }

  /** A copy to try things out on. */
  clone(): NodeInfo {
    const copy = new NodeInfo(this.name);
    copy.#node = this.#node;
    copy.#allocatable = this.#allocatable;
    copy.#maxPods = this.#maxPods;
    copy.#imageSizes = this.#imageSizes;
    copy.labels = this.labels;
    copy.taints = this.taints;
    copy.isCordoned = this.isCordoned;
    for (const [key, pod] of this.pods) copy.pods.set(key, pod);
    add(copy.requested, this.requested);
    add(copy.nonZeroRequested, this.nonZeroRequested);
    copy.usedPorts.copyFrom(this.usedPorts);
    copy.room.set(this.room);
    return copy;
  }

  addPod(pod: PodInfo): void {
    this.removePod(pod.key);
    this.pods.set(pod.key, pod);
    add(this.requested, pod.requests);
    add(this.nonZeroRequested, pod.nonZeroRequests);
    this.usedPorts.add(pod.hostPorts);
    this.#noteRoom();
  }

  /** A newer version of a pod that is counted already; what it asks for has not changed. */
  confirmPod(pod: PodInfo): void {
    this.pods.set(pod.key, pod);
  }

  removePod(key: string): void {
    const pod = this.pods.get(key);
    if (!pod) return;
    this.pods.delete(key);
    subtract(this.requested, pod.requests);
    subtract(this.nonZeroRequested, pod.nonZeroRequests);
    this.usedPorts.remove(pod.hostPorts);
    this.#noteRoom();
  }

  #noteRoom(): void {
    const { room, requested, nonZeroRequested } = this;
    room[ROOM.cpu] = this.#allocatable.milliCpu;
    room[ROOM.memory] = this.#allocatable.memory;
    room[ROOM.requestedCpu] = requested.milliCpu;
    room[ROOM.requestedMemory] = requested.memory;
    room[ROOM.nonZeroCpu] = nonZeroRequested.milliCpu;
    room[ROOM.nonZeroMemory] = nonZeroRequested.memory;
    room[ROOM.pods] = this.pods.size;
    room[ROOM.maxPods] = this.#maxPods;
  }
}
