/**
 * The pods the kubelet knows, by uid and by name, and which of them stand for others: a static pod is
 * what runs; its mirror pod is what the API server shows of it.
 *
 * In Kubernetes: pkg/kubelet/pod/pod_manager.go
 */
import { isDeepStrictEqual } from "node:util";
import type { Pod } from "../../api/pod.ts";
import { isMirror, type MirrorPods } from "../pod-sources/mirror-pods.ts";
import type { StatusWriter } from "./status-writer.ts";
import type { PodWorkers } from "./workers.ts";

export class PodManager {
  readonly #workers: PodWorkers;
  readonly #mirrors: MirrorPods;
  readonly #statuses: StatusWriter;
  readonly #pods = new Map<string, Pod>();

  constructor(options: { workers: PodWorkers; mirrors: MirrorPods; statuses: StatusWriter }) {
    this.#workers = options.workers;
    this.#mirrors = options.mirrors;
    this.#statuses = options.statuses;
  }

  /** All pods that run or are to run here, static ones too. */
  list(): Pod[] {
    return [...this.#pods.values()];
  }

  /** With the status last found, which may be newer than what the API server has. */
  get(namespace: string, name: string): Pod | undefined {
    const pod = this.list().find((one) => {
      return one.metadata.name === name && one.metadata.namespace === namespace;
    });
    return pod && this.withStatus(pod);
  }

  withStatus(pod: Pod): Pod {
    const status = this.#statuses.statusOf(pod.metadata.uid ?? "") ?? pod.status;
    return status ? { ...pod, status } : pod;
  }

  set(pod: Pod, source: string): void {
    if (source === "api" && isMirror(pod)) {
      this.#mirrors.seen(pod);
      return;
    }
    const uid = pod.metadata.uid ?? "";
    const old = this.#pods.get(uid);
    this.#pods.set(uid, pod);
    if (source !== "api") this.#mirrors.add(pod);
    if (old && isOnlyStatus(old, pod)) {
      this.#workers.refresh(pod);
      this.#statuses.seen(pod);
    } else this.#workers.update(pod);
  }

  remove(pod: Pod, source: string): void {
    if (source === "api" && isMirror(pod)) {
      this.#mirrors.gone(pod);
      return;
    }
    const uid = pod.metadata.uid ?? "";
    this.#pods.delete(uid);
    if (source !== "api") this.#mirrors.remove(pod);
    this.#workers.remove(uid);
  }
}

/** The status is mostly our own, come back: nothing has to be done for it. */
function isOnlyStatus(a: Pod, b: Pod): boolean {
  const isGated = (b.spec.readinessGates ?? []).length > 0;
  return !isGated && isDeepStrictEqual(wishOf(a), wishOf(b));
}

function wishOf({ spec, metadata }: Pod) {
  const { labels, annotations, deletionTimestamp, deletionGracePeriodSeconds } = metadata;
  return { spec, labels, annotations, deletionTimestamp, deletionGracePeriodSeconds };
}
