/**
 * The claims and volumes of the cluster, as the scheduler asks about them, and what it writes there before a
 * pod is bound: which volume a claim gets, or on which node one is to be made for it.
 *
 * In Kubernetes: pkg/scheduler/framework/plugins/volumebinding/binder.go. Differs: no cache of what is
 * assumed; of two pods that chose the same volume, the write of the second fails, and it is tried again.
 */
import { matchesNodeSelector } from "../api/node-selector.ts";
import { PersistentVolume } from "../api/persistent-volume.ts";
import { PersistentVolumeClaim } from "../api/persistent-volume-claim.ts";
import { CSINode } from "../api/storage/csi-node.ts";
import { StorageClass } from "../api/storage/storage-class.ts";
import { bestVolumeFor, classOfClaim, isBound, SELECTED_NODE } from "../api/volume-matching.ts";
import type { ComponentContext } from "../client/control-loop.ts";
import { pause } from "../component/clock.ts";
import type { NodeInfo } from "./node-info.ts";

type Surroundings = Pick<ComponentContext, "client" | "informers" | "clock" | "signal">;

const BIND_TIMEOUT_MS = 600_000;
const CLAIM = "PersistentVolumeClaim";

export class PodVolumes {
  readonly #context: Surroundings;
  readonly #waiting = new Set<() => void>();

  constructor(context: Surroundings) {
    this.#context = context;
    context.informers.of(PersistentVolumeClaim).onChange(() => {
      for (const look of this.#waiting) look();
    });
  }

  claim(namespace: string, name: string): PersistentVolumeClaim | undefined {
    return this.#context.informers.of(PersistentVolumeClaim).get(namespace, name);
  }

  volume(name: string): PersistentVolume | undefined {
    return this.#context.informers.of(PersistentVolume).get("", name);
  }

  classOf(claim: PersistentVolumeClaim): StorageClass | undefined {
    return this.#context.informers.of(StorageClass).get("", classOfClaim(claim));
  }

  /** What the storage drivers of the node say of themselves. */
  csiNode(nodeName: string): CSINode | undefined {
    return this.#context.informers.of(CSINode).get("", nodeName);
  }

  /** Whether it is for the scheduler to say where the claim's volume is to be. */
  isDelayed(claim: PersistentVolumeClaim): boolean {
    return this.classOf(claim)?.volumeBindingMode === "WaitForFirstConsumer";
  }

  /** A volume that is there already and can be reached from the node. */
  volumeFor(claim: PersistentVolumeClaim, node: NodeInfo): PersistentVolume | undefined {
    const volumes = this.#context.informers.of(PersistentVolume).list();
    return bestVolumeFor(claim, volumes, { isReachable: (volume) => isReachable(volume, node) });
  }

  /** Gives each claim its volume or its node, and waits until all of them are bound. */
  async bind(claims: readonly PersistentVolumeClaim[], node: NodeInfo): Promise<void> {
    for (const claim of claims) {
      const volume = this.volumeFor(claim, node);
      if (volume === undefined) await this.#selectNode(claim, node.name);
      else await this.#promise(volume, claim);
    }
    await this.#untilBound(claims);
  }

  async #promise(volume: PersistentVolume, { metadata }: PersistentVolumeClaim): Promise<void> {
    const { namespace = "", name, uid = "" } = metadata;
    if (volume.spec.claimRef?.uid === uid) return;
    const claimRef = { apiVersion: "v1", kind: CLAIM, namespace, name, uid };
    const annotations = {
      ...volume.metadata.annotations,
      "pv.kubernetes.io/bound-by-controller": "yes",
    };
    await this.#context.client.update(PersistentVolume, {
      ...volume,
      metadata: { ...volume.metadata, annotations },
      spec: { ...volume.spec, claimRef },
    });
  }

  async #selectNode(claim: PersistentVolumeClaim, node: string): Promise<void> {
    const { metadata } = claim;
    if (metadata.annotations?.[SELECTED_NODE] === node) return;
    const annotations = { ...metadata.annotations, [SELECTED_NODE]: node };
    await this.#context.client.update(PersistentVolumeClaim, {
      ...claim,
      metadata: { ...metadata, annotations },
    });
  }

  async #untilBound(claims: readonly PersistentVolumeClaim[]): Promise<void> {
    const { clock, signal } = this.#context;
    const done = new AbortController();
    const areBound = () =>
      claims.every(({ metadata }) => {
        const now = this.claim(metadata.namespace ?? "", metadata.name);
        return now !== undefined && isBound(now);
      });
    const bound = new Promise<void>((resolve) => {
      const look = () => {
        if (!areBound()) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
      done.signal.addEventListener("abort", () => this.#waiting.delete(look), { once: true });
      look();
    });
    const late = pause(clock, BIND_TIMEOUT_MS, AbortSignal.any([done.signal, signal])).then(() => {
      if (!done.signal.aborted) throw new Error("binding volumes: context deadline exceeded");
    });
    try {
      await Promise.race([bound, late]);
    } finally {
      done.abort();
    }
  }
}

/** Whether pods on the node can use the volume. */
export function isReachable({ spec }: PersistentVolume, { node }: NodeInfo): boolean {
  const required = spec.nodeAffinity?.required;
  return required === undefined || (node !== undefined && matchesNodeSelector(required, node));
}
