/** Hands for tests of workload controllers: what kubelets and people do to pods and nodes. */
import { isNotFound } from "../../src/api/errors.ts";
import { Event } from "../../src/api/event.ts";
import { Node } from "../../src/api/node.ts";
import { controllerOf } from "../../src/api/owner.ts";
import { Pod } from "../../src/api/pod.ts";
import { isPodReady } from "../../src/api/pod-status.ts";
import { toApiTime } from "../../src/component/clock.ts";
import type { Cluster } from "../support/cluster.ts";

export class WorkloadLab {
  readonly #cluster: Cluster;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  async addNode(name: string, labels: Record<string, string> = {}, spec: Node["spec"] = {}) {
    return this.#cluster.client.create(Node, "", { metadata: { name, labels }, spec });
  }

  /** In the order of their names. */
  async pods(): Promise<Pod[]> {
    const { items } = await this.#cluster.client.list(Pod, { namespace: "default" });
    return items.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  }

  async podsOf(owner: string): Promise<Pod[]> {
    return (await this.pods()).filter((pod) => controllerOf(pod)?.name === owner);
  }

  /** Its controller may have deleted the very pod meanwhile. */
  async makeReady(pod: Pod) {
    if (isPodReady(pod)) return;
    await unlessGone(
      this.setStatus(pod, {
        phase: "Running",
        conditions: [
          {
            type: "Ready",
            status: "True",
            lastTransitionTime: toApiTime(this.#cluster.clock.now()),
          },
        ],
      }),
    );
  }

  async makeUnready(pod: Pod) {
    await this.setStatus(pod, {
      phase: "Running",
      conditions: [{ type: "Ready", status: "False" }],
    });
  }

  async end(pod: Pod, phase: "Failed" | "Succeeded") {
    await this.setStatus(pod, { phase });
  }

  async setStatus({ metadata }: Pod, status: object) {
    const { namespace = "", name } = metadata;
    const patch = [{ op: "add", path: "/status", value: status }];
    await this.#cluster.client.patch(Pod, namespace, name, patch, {
      type: "json",
      subresource: "status",
    });
  }

  /** What was told, as "Reason message", each kind of it once, in order. */
  async told(kind: string): Promise<string[]> {
    const { items } = await this.#cluster.client.list(Event, { namespace: "default" });
    const lines = items
      .filter(({ involvedObject }) => involvedObject.kind === kind)
      .map(({ reason, message }) => `${reason} ${message}`);
    return [...new Set(lines)];
  }
}

export async function unlessGone(action: Promise<unknown>): Promise<void> {
  try {
    await action;
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
