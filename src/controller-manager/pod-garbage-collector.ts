/**
 * The pod garbage collector: removes pods that nobody will remove.
 *
 *   pods of nodes that are gone         once the node has been gone for 40 s, and a last look
 *                                       at the API server says so too
 *   unscheduled pods that are deleted   no kubelet will ever confirm it
 *   pods that have ended                the oldest, when there are more than 12500
 *
 * In Kubernetes: pkg/controller/podgc/gc_controller.go.
 */
import { isNotFound } from "../api/errors.ts";
import type { KubeObject } from "../api/kind.ts";
import { Node } from "../api/node.ts";
import { Pod } from "../api/pod.ts";
import { hasEnded } from "../api/pod-status.ts";
import type { Client } from "../client/client.ts";
import type { ComponentContext, RunningController } from "../client/control-loop.ts";
import { Workers } from "../client/workers.ts";
import { toApiTime } from "../component/clock.ts";

export interface PodGarbageCollectorOptions {
  terminatedPodThreshold?: number;
  periodMs?: number;
  quarantineMs?: number;
}

const NAME = "pod-garbage-collector";
const EVERYTHING = "all pods";

export async function startPodGarbageCollector(
  context: ComponentContext,
  options: PodGarbageCollectorOptions = {},
): Promise<RunningController> {
  const collector = new PodGarbageCollector(context, options);
  const { informers } = context;
  const workers = new Workers({
    ...context,
    name: NAME,
    log: context.log.named(NAME),
    count: 1,
    informerOf: (kind) => informers.of(kind),
    sync: (_key, client) => collector.collect(client),
  });
  const { queue } = workers;
  queue.add(EVERYTHING);
  await workers.start([informers.of<KubeObject>(Pod), informers.of<KubeObject>(Node)]);
  return {
    name: NAME,
    queue,
    get idle() {
      return queue.idle;
    },
  };
}

class PodGarbageCollector {
  readonly #context: ComponentContext;
  readonly #threshold: number;
  readonly #periodMs: number;
  readonly #quarantineMs: number;
  /** Since when, by our clock, a node that pods name has not been there. */
  readonly #missingSinceMs = new Map<string, number>();

  constructor(context: ComponentContext, options: PodGarbageCollectorOptions) {
    this.#context = context;
    this.#threshold = options.terminatedPodThreshold ?? 12_500;
    this.#periodMs = options.periodMs ?? 20_000;
    this.#quarantineMs = options.quarantineMs ?? 40_000;
  }

  async collect(client: Client) {
    const pods = this.#context.informers.of(Pod).list();
    await this.#collectEnded(client, pods.filter(hasEnded));
    await this.#collectOrphaned(client, pods);
    for (const pod of pods) {
      if (pod.metadata.deletionTimestamp && !pod.spec.nodeName) await this.#fail(client, pod);
    }
    return { againInMs: this.#periodMs };
  }

  async #collectEnded(client: Client, ended: Pod[]): Promise<void> {
    if (this.#threshold <= 0) return;
    const surplus = ended.length - this.#threshold;
    if (surplus <= 0) return;
    const evictedFirst = (pod: Pod) => (pod.status?.reason === "Evicted" ? "0" : "1");
    const rank = (pod: Pod) => evictedFirst(pod) + (pod.metadata.creationTimestamp ?? "");
    const oldest = ended.toSorted((a, b) => rank(a).localeCompare(rank(b)));
    for (const pod of oldest.slice(0, surplus)) await remove(client, pod);
  }

  async #collectOrphaned(client: Client, pods: Pod[]): Promise<void> {
    const gone = await this.#nodesGone(
      client,
      new Set(pods.map(({ spec }) => spec.nodeName ?? "")),
    );
    for (const pod of pods) {
      if (!pod.spec.nodeName || !gone.has(pod.spec.nodeName)) continue;
      const condition = {
        type: "DisruptionTarget",
        status: "True",
        reason: "DeletionByPodGC",
        message: "PodGC: node no longer exists",
        lastTransitionTime: toApiTime(this.#context.clock.now()),
      };
      await this.#fail(client, pod, { conditions: [condition] });
    }
  }

  /** Of the nodes named, those that have been missing for long enough, and are on a last look. */
  async #nodesGone(client: Client, named: Set<string>): Promise<Set<string>> {
    const nodes = this.#context.informers.of(Node);
    const nowMs = this.#context.clock.monotonicMs();
    const gone = new Set<string>();
    for (const name of this.#missingSinceMs.keys()) {
      if (!named.has(name) || nodes.get("", name)) this.#missingSinceMs.delete(name);
    }
    for (const name of named) {
      if (name === "" || nodes.get("", name)) continue;
      const sinceMs = this.#missingSinceMs.get(name);
      if (sinceMs === undefined) this.#missingSinceMs.set(name, nowMs);
      else if (nowMs - sinceMs >= this.#quarantineMs && !(await exists(client, name)))
        gone.add(name);
    }
    return gone;
  }

  /** Says first that the pod has failed, and why, for those who watch it: a job counts none before. */
  async #fail(client: Client, pod: Pod, why: { conditions?: object[] } = {}): Promise<void> {
    if (!hasEnded(pod)) {
      const { namespace = "", name, uid } = pod.metadata;
      const patch = { metadata: { uid }, status: { phase: "Failed", ...why } };
      try {
        await client.patch(Pod, namespace, name, patch, { subresource: "status" });
      } catch (error) {
        if (isNotFound(error)) return;
        throw error;
      }
    }
    await remove(client, pod);
  }
}

/** At once: there is no kubelet to wait for. */
async function remove(client: Client, { metadata }: Pod): Promise<void> {
  const { namespace = "", name, uid } = metadata;
  const preconditions = uid === undefined ? {} : { preconditions: { uid } };
  try {
    await client.delete(Pod, namespace, name, { gracePeriodSeconds: 0, ...preconditions });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

async function exists(client: Client, nodeName: string): Promise<boolean> {
  try {
    await client.get(Node, "", nodeName);
    return true;
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}
