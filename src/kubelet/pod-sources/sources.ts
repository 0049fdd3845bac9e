/**
 * Where pods come from: the API server, a directory of manifests, a URL. Only when each source has
 * spoken once does the kubelet know which of the containers it finds belong to nobody.
 *
 * In Kubernetes: pkg/kubelet/config/config.go
 */
import type { Pod } from "../../api/pod.ts";

export interface PodSourceListener {
  /** There is such a pod, or it has changed. */
  set(pod: Pod): void;
  /** It is gone. */
  remove(pod: Pod): void;
  /** The source has told of all there is for the first time. */
  seen(): void;
}

export interface PodSource {
  /** "api", "file", "http": the annotation kubernetes.io/config.source. */
  readonly name: string;
  start(listener: PodSourceListener): void;
}

export interface PodSourcesListener {
  set(pod: Pod, source: string): void;
  remove(pod: Pod, source: string): void;
}

export class PodSources {
  readonly #api: PodSource;
  readonly #static: PodSource[];
  readonly #seen = new Set<PodSource>();

  constructor(api: PodSource, staticSources: PodSource[]) {
    this.#api = api;
    this.#static = staticSources;
  }

  get areAllSeen(): boolean {
    return [this.#api, ...this.#static].every((source) => this.#seen.has(source));
  }

  /** Those that need no API server. */
  startStatic(listener: PodSourcesListener): void {
    for (const source of this.#static) this.#start(source, listener);
  }

  startApi(listener: PodSourcesListener): void {
    this.#start(this.#api, listener);
  }

  #start(source: PodSource, listener: PodSourcesListener): void {
    source.start({
      set: (pod) => listener.set(pod, source.name),
      remove: (pod) => listener.remove(pod, source.name),
      seen: () => this.#seen.add(source),
    });
  }
}
