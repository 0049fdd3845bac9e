/**
 * Registers the node and keeps its status: looked at every 10 s, written when something has changed,
 * and every 5 minutes anyway.
 *
 * In Kubernetes: pkg/kubelet/kubelet_node_status.go
 */
import { isDeepStrictEqual } from "node:util";
import type {
  NodeStatus as ApiNodeStatus,
  NodeAddress,
  NodeSpec,
} from "kubernetes-types/core/v1.js";
import { isAlreadyExists } from "../../api/errors.ts";
import { Node } from "../../api/node.ts";
import { canonicalResources } from "../../api/resources.ts";
import type { Client } from "../../client/client.ts";
import type { EventRecorder } from "../../client/events.ts";
import { type Clock, every, toApiTime } from "../../component/clock.ts";
import type { Log } from "../../component/log.ts";
import { KUBERNETES_VERSION } from "../../component/version.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { CONDITION_EVENTS, type NodeHealth, nodeConditionsOf } from "./conditions.ts";
import type { Machine } from "./machine.ts";

const IMAGES_MAX = 50;

export interface NodeStatusOptions {
  client: Client;
  runtime: Runtime;
  events: EventRecorder;
  clock: Clock;
  log: Log;
  signal: AbortSignal;
  nodeName: string;
  machine: Machine;
  addresses: NodeAddress[];
  labels: Record<string, string>;
  spec: NodeSpec;
  maxPods: number;
  allocatable: Record<string, string>;
  kubeletPort: number;
  health(): Promise<NodeHealth>;
  updateMs: number;
  reportMs: number;
}

export class NodeStatus {
  readonly #options: NodeStatusOptions;
  #node: Node | undefined;
  #writtenMs = 0;
  #isBusy = false;
  #isAsked = false;

  constructor(options: NodeStatusOptions) {
    this.#options = options;
  }

  /** As last seen; undefined until it is registered. */
  get node(): Node | undefined {
    return this.#node;
  }

  /** Registers the node, trying until it succeeds, and goes on from there. */
  async start(): Promise<void> {
    const { clock, signal, updateMs } = this.#options;
    await this.update();
    every(clock, updateMs, signal, () => void this.update());
  }

  /** Brings the API's node up to date. What fails is tried again with the next round. */
  async update(): Promise<void> {
    if (this.#isBusy) {
      this.#isAsked = true;
      return;
    }
    this.#isBusy = true;
    try {
      do {
        this.#isAsked = false;
        if (this.#node === undefined) await this.#register();
        else await this.#refresh();
      } while (this.#isAsked);
    } catch (error) {
      const { log, signal } = this.#options;
      if (!signal.aborted) log.error("Error updating node status, will retry", error);
    } finally {
      this.#isBusy = false;
    }
  }

  async #register(): Promise<void> {
    const { client, nodeName, labels, spec, log } = this.#options;
    const status = await this.#status(undefined);
    try {
      const metadata = {
        name: nodeName,
        labels,
        annotations: { "volumes.kubernetes.io/controller-managed-attach-detach": "true" },
      };
      this.#node = await client.create(Node, "", { metadata, spec, status });
      log.info("Successfully registered node", { node: nodeName });
      if (!isDeepStrictEqual(this.#node.status?.conditions, status.conditions)) {
        this.#node = await client.updateStatus(Node, { ...this.#node, status });
      }
      this.#written(undefined, status);
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      log.info("Node was previously registered", { node: nodeName });
      await this.#takeOver(status);
    }
  }

  /** The node is there, from a kubelet before us: its labels are set right, its status is ours. */
  async #takeOver(status: ApiNodeStatus): Promise<void> {
    const { client, nodeName, labels } = this.#options;
    let node = await client.get(Node, "", nodeName);
    const isLabelled = Object.entries(labels).every(
      ([key, value]) => node.metadata.labels?.[key] === value,
    );
    if (!isLabelled) {
      node = await client.patch(Node, "", nodeName, { metadata: { labels } }, { type: "merge" });
    }
    this.#node = node;
    await this.#write(status);
  }

  async #refresh(): Promise<void> {
    const { client, nodeName, clock, reportMs } = this.#options;
    this.#node = await client.get(Node, "", nodeName);
    const status = await this.#status(this.#node.status);
    const isDue = clock.monotonicMs() - this.#writtenMs >= reportMs;
    if (isDue || !isSame(status, this.#node.status)) await this.#write(status);
  }

  async #write(status: ApiNodeStatus): Promise<void> {
    const before = this.#node?.status;
    const merged = { ...before, ...status };
    this.#node = await this.#options.client.updateStatus(Node, { ...this.#node!, status: merged });
    this.#written(before, status);
  }

  /** Tells of each condition that has changed. */
  #written(before: ApiNodeStatus | undefined, after: ApiNodeStatus): void {
    const { clock, events, nodeName } = this.#options;
    this.#writtenMs = clock.monotonicMs();
    for (const { type, status } of after.conditions ?? []) {
      const old = before?.conditions?.find((condition) => condition.type === type);
      const reason = CONDITION_EVENTS[type]?.[status];
      if (old?.status === status || reason === undefined) continue;
      const message = `Node ${nodeName} status is now: ${reason}`;
      events.event(nodeReference(nodeName), "Normal", reason, message);
    }
  }

  async #status(before: ApiNodeStatus | undefined): Promise<ApiNodeStatus> {
    const { runtime, clock, machine, addresses, maxPods, kubeletPort, health } = this.#options;
    const capacity = canonicalResources({
      cpu: `${machine.cpuCount}`,
      "ephemeral-storage": `${Math.floor(machine.diskBytes / 1024)}Ki`,
      memory: `${Math.floor(machine.memoryBytes / 1024)}Ki`,
      pods: `${maxPods}`,
    });
    const { name, version } = await runtime.version();
    const now = toApiTime(clock.now());
    return {
      addresses,
      allocatable: canonicalResources({ ...capacity, ...this.#options.allocatable }),
      capacity,
      conditions: nodeConditionsOf(await health(), before?.conditions ?? [], now),
      daemonEndpoints: { kubeletEndpoint: { Port: kubeletPort } },
      images: await this.#images(),
      nodeInfo: {
        ...machine.info,
        containerRuntimeVersion: `${name}://${version}`,
        kubeletVersion: KUBERNETES_VERSION,
        kubeProxyVersion: KUBERNETES_VERSION,
      },
    };
  }

  /** The greatest first. */
  async #images(): Promise<NonNullable<ApiNodeStatus["images"]>> {
    const images = await this.#options.runtime.listImages();
    return images
      .toSorted((a, b) => b.sizeBytes - a.sizeBytes)
      .slice(0, IMAGES_MAX)
      .map(({ tags, digests, sizeBytes }) => ({ names: [...digests, ...tags], sizeBytes }));
  }
}

/** Events name a node by its name for its uid. */
export function nodeReference(name: string): Node {
  return { apiVersion: "v1", kind: "Node", metadata: { name, uid: name }, spec: {} };
}

/** But for heartbeats, and for what others write. */
function isSame(own: ApiNodeStatus, written: ApiNodeStatus = {}): boolean {
  const keys = Object.keys(own) as (keyof ApiNodeStatus)[];
  const comparable = (status: ApiNodeStatus) =>
    keys.map((key) => {
      if (key !== "conditions") return status[key] ?? [];
      return (status.conditions ?? []).map(({ lastHeartbeatTime: _, ...rest }) => rest);
    });
  return isDeepStrictEqual(comparable(own), comparable(written));
}
