/**
 * Why containers do not run, remembered until they do: "ErrImagePull", "CrashLoopBackOff".
 *
 * In Kubernetes: pkg/kubelet/reason_cache.go
 */
import type { WaitReason } from "./statuses.ts";

export class WaitReasons {
  readonly #byPod = new Map<string, Map<string, WaitReason>>();

  set(podUid: string, container: string, reason: WaitReason): void {
    const ofPod = this.#byPod.get(podUid) ?? new Map<string, WaitReason>();
    this.#byPod.set(podUid, ofPod.set(container, reason));
  }

  get(podUid: string, container: string): WaitReason | undefined {
    return this.#byPod.get(podUid)?.get(container);
  }

  clear(podUid: string, container: string): void {
    this.#byPod.get(podUid)?.delete(container);
  }

  forget(podUid: string): void {
    this.#byPod.delete(podUid);
  }
}
