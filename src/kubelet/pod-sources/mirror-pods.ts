/**
 * Mirror pods: the API server's picture of pods that come from elsewhere. Deleting a mirror deletes
 * nothing but the picture, which is drawn anew.
 *
 * In Kubernetes: pkg/kubelet/pod/mirror_client.go
 */
import { isAlreadyExists, isNotFound } from "../../api/errors.ts";
import { Pod } from "../../api/pod.ts";
import type { Client } from "../../client/client.ts";
import type { Clock } from "../../component/clock.ts";
import type { Log } from "../../component/log.ts";

export const CONFIG_HASH = "kubernetes.io/config.hash";
export const CONFIG_MIRROR = "kubernetes.io/config.mirror";
export const CONFIG_SOURCE = "kubernetes.io/config.source";

const RETRY_MS = 10_000;

export function isMirror(pod: Pod): boolean {
  return pod.metadata.annotations?.[CONFIG_MIRROR] !== undefined;
}

export function isStatic(pod: Pod): boolean {
  return (pod.metadata.annotations?.[CONFIG_SOURCE] ?? "api") !== "api";
}

export interface MirrorPodsOptions {
  client: Client;
  clock: Clock;
  log: Log;
  signal: AbortSignal;
  /** Called when a static pod has got its mirror: its status can be written now. */
  onMirror(staticUid: string): void;
}

export class MirrorPods {
  readonly #options: MirrorPodsOptions;
  readonly #static = new Map<string, Pod>();
  readonly #mirrors = new Map<string, Pod>();
  readonly #retrying = new Set<string>();

  constructor(options: MirrorPodsOptions) {
    this.#options = options;
  }

  /** What the API server has for `pod`: itself, its mirror, or nothing yet. */
  publishedOf(pod: Pod): Pod | undefined {
    return isStatic(pod) ? this.#mirrors.get(keyOf(pod)) : pod;
  }

  /** There is such a static pod. */
  add(pod: Pod): void {
    this.#static.set(keyOf(pod), pod);
    void this.#reconcile(keyOf(pod));
  }

  /** The static pod is gone: its mirror goes too. */
  remove(pod: Pod): void {
    this.#static.delete(keyOf(pod));
    void this.#reconcile(keyOf(pod));
  }

  seen(mirror: Pod): void {
    const key = keyOf(mirror);
    this.#mirrors.set(key, mirror);
    void this.#reconcile(key);
    const uid = this.#static.get(key)?.metadata.uid;
    if (uid !== undefined) this.#options.onMirror(uid);
  }

  gone(mirror: Pod): void {
    this.#mirrors.delete(keyOf(mirror));
    void this.#reconcile(keyOf(mirror));
  }

  /** One step: deletes a mirror that is wrong, or makes one that is missing. */
  async #reconcile(key: string): Promise<void> {
    if (this.#options.signal.aborted) return;
    const pod = this.#static.get(key);
    const mirror = this.#mirrors.get(key);
    try {
      if (mirror && !isMirrorOf(mirror, pod)) await this.#delete(mirror);
      else if (pod && mirror === undefined) await this.#create(pod);
    } catch (error) {
      this.#retryLater(key, error);
    }
  }

  /** The API server may be away, and static pods run all the same. */
  #retryLater(key: string, error: unknown): void {
    const { clock, log, signal } = this.#options;
    if (signal.aborted) return;
    log.error("Failed to reconcile mirror pod", error, { pod: key });
    if (this.#retrying.has(key)) return;
    this.#retrying.add(key);
    const timer = clock.setTimeout(() => {
      signal.removeEventListener("abort", timer.cancel);
      this.#retrying.delete(key);
      void this.#reconcile(key);
    }, RETRY_MS);
    signal.addEventListener("abort", timer.cancel, { once: true });
  }

  async #delete(mirror: Pod): Promise<void> {
    const { name, namespace = "default", uid = "" } = mirror.metadata;
    try {
      const options = { gracePeriodSeconds: 0, preconditions: { uid } };
      await this.#options.client.delete(Pod, namespace, name, options);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  async #create(pod: Pod): Promise<void> {
    const { uid: _uid, namespace = "default", ...metadata } = pod.metadata;
    const hash = metadata.annotations?.[CONFIG_HASH] ?? "";
    const annotations = { ...metadata.annotations, [CONFIG_MIRROR]: hash };
    try {
      const draft = { metadata: { ...metadata, annotations }, spec: pod.spec };
      await this.#options.client.create(Pod, namespace, draft);
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
    }
  }
}

function isMirrorOf(mirror: Pod, pod: Pod | undefined): boolean {
  if (pod === undefined || mirror.metadata.deletionTimestamp) return false;
  return mirror.metadata.annotations?.[CONFIG_MIRROR] === pod.metadata.annotations?.[CONFIG_HASH];
}

function keyOf({ metadata }: Pod): string {
  return `${metadata.namespace ?? "default"}/${metadata.name}`;
}
