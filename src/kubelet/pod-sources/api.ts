/**
 * Pods from the API server: those bound to this node. They are not looked at before the services are
 * known, whose addresses are part of their environment.
 *
 * In Kubernetes: pkg/kubelet/config/apiserver.go
 */
import { Pod } from "../../api/pod.ts";
import type { Informers } from "../../client/informer.ts";
import type { PodSource, PodSourceListener } from "./sources.ts";

export class ApiSource implements PodSource {
  readonly name = "api";
  readonly #informers: Informers;
  readonly #nodeName: string;
  readonly #servicesKnown: () => Promise<void>;

  constructor(informers: Informers, nodeName: string, servicesKnown: () => Promise<void>) {
    this.#informers = informers;
    this.#nodeName = nodeName;
    this.#servicesKnown = servicesKnown;
  }

  start(listener: PodSourceListener): void {
    void this.#servicesKnown().then(() => this.#follow(listener));
  }

  #follow(listener: PodSourceListener): void {
    const selection = { fieldSelector: `spec.nodeName=${this.#nodeName}` };
    const informer = this.#informers.of(Pod, selection);
    informer.onChange((pod, old) => {
      // A pod of the same name may have taken the place of one whose end we did not see.
      if (old && old.metadata.uid !== pod?.metadata.uid) listener.remove(old);
      if (pod) listener.set(pod);
    });
    void informer.synced().then(() => listener.seen());
  }
}
