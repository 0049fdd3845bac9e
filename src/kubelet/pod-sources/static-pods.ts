/** Tells a listener what has changed between two sets of static pods. */
import type { Pod } from "../../api/pod.ts";
import type { PodSourceListener } from "./sources.ts";

export class StaticPods {
  #pods = new Map<string, Pod>();

  /** A changed manifest makes another uid: the old pod goes, a new one comes. */
  replace(pods: Pod[], listener: PodSourceListener): void {
    const next = new Map(pods.map((pod) => [pod.metadata.uid ?? "", pod]));
    for (const [uid, pod] of this.#pods) if (!next.has(uid)) listener.remove(pod);
    for (const [uid, pod] of next) if (!this.#pods.has(uid)) listener.set(pod);
    this.#pods = next;
  }
}
