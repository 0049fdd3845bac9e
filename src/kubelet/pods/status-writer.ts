/**
 * Writes the status of pods to the API server: the latest one, only when something has changed, one
 * write per pod at a time; and deletes a pod for good once nothing of it runs.
 *
 * In Kubernetes: pkg/kubelet/status/status_manager.go
 */
import type { PodCondition, PodStatus } from "kubernetes-types/core/v1.js";
import { isConflict, isNotFound } from "../../api/errors.ts";
import { Pod } from "../../api/pod.ts";
import type { Client } from "../../client/client.ts";
import type { Clock, Timer } from "../../component/clock.ts";
import type { Log } from "../../component/log.ts";

const RETRY_MS = 1_000;
const RETRY_MAX_MS = 10_000;
const CONFLICTS_MAX = 5;

interface Entry {
  /** As the API server has it; undefined for a static pod that has no mirror yet. */
  pod: Pod | undefined;
  wanted: PodStatus;
  mayDelete: boolean;
  isBusy: boolean;
  isDirty: boolean;
  failures: number;
  timer: Timer | undefined;
}

export class StatusWriter {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #signal: AbortSignal;
  readonly #publishedOf: (pod: Pod) => Pod | undefined;
  readonly #entries = new Map<string, Entry>();

  constructor(options: {
    client: Client;
    clock: Clock;
    log: Log;
    signal: AbortSignal;
    /** What stands for a pod in the API: itself, or a static pod's mirror. */
    publishedOf(pod: Pod): Pod | undefined;
  }) {
    this.#publishedOf = options.publishedOf;
    this.#client = options.client;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#signal = options.signal;
    options.signal.addEventListener("abort", () => this.#stop(), { once: true });
  }

  get isIdle(): boolean {
    return [...this.#entries.values()].every(({ isBusy, isDirty }) => !isBusy && !isDirty);
  }

  /** The status last asked for: newer than what the cache of the API server's pods shows. */
  statusOf(uid: string): PodStatus | undefined {
    return this.#entries.get(uid)?.wanted;
  }

  /** `pod` as last seen from the API server. */
  set(pod: Pod, status: PodStatus): void {
    const entry = this.#of(pod, status);
    entry.wanted = status;
    if (entry.pod && !isSameStatus(status, entry.pod.status)) this.#wake(entry);
  }

  /** The API server shows this pod: what others have made of its status is set right. */
  seen(pod: Pod): void {
    const entry = this.#entries.get(pod.metadata.uid ?? "");
    if (entry && isNewer(pod, entry.pod)) this.set(pod, entry.wanted);
  }

  /** Nothing of the pod runs any more: if it is being deleted, it may go. */
  allowDeletion(pod: Pod): void {
    const entry = this.#of(pod, pod.status ?? {});
    entry.mayDelete = true;
    if (entry.pod?.metadata.deletionTimestamp) this.#wake(entry);
  }

  forget(uid: string): void {
    this.#entries.get(uid)?.timer?.cancel();
    this.#entries.delete(uid);
  }

  #of(pod: Pod, status: PodStatus): Entry {
    const uid = pod.metadata.uid ?? "";
    const published = this.#publishedOf(pod);
    const known = this.#entries.get(uid);
    if (known) {
      if (published && isNewer(published, known.pod)) known.pod = published;
      return known;
    }
    const entry: Entry = {
      pod: published,
      wanted: status,
      mayDelete: false,
      isBusy: false,
      isDirty: false,
      failures: 0,
      timer: undefined,
    };
    this.#entries.set(uid, entry);
    return entry;
  }

  #wake(entry: Entry): void {
    entry.isDirty = true;
    if (!entry.isBusy) void this.#work(entry);
  }

  async #work(entry: Entry): Promise<void> {
    entry.isBusy = true;
    entry.timer?.cancel();
    while (entry.isDirty && !this.#signal.aborted) {
      entry.isDirty = false;
      try {
        await this.#write(entry);
        entry.failures = 0;
      } catch (error) {
        if (this.#signal.aborted || isNotFound(error)) break;
        this.#retryLater(entry, error);
        break;
      }
    }
    entry.isBusy = false;
  }

  async #write(entry: Entry): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        const { pod } = entry;
        if (pod === undefined) return;
        if (!isSameStatus(entry.wanted, pod.status)) {
          const status = merged(entry.wanted, pod.status);
          entry.pod = await this.#client.updateStatus(Pod, { ...pod, status });
        }
        break;
      } catch (error) {
        if (!isConflict(error) || tries === CONFLICTS_MAX) throw error;
        if (!(await this.#refresh(entry, entry.pod!))) return;
      }
    }
    const { metadata } = entry.pod!;
    if (!entry.mayDelete || !metadata.deletionTimestamp) return;
    try {
      await this.#client.delete(Pod, metadata.namespace ?? "default", metadata.name, {
        gracePeriodSeconds: 0,
        preconditions: { uid: metadata.uid ?? "" },
      });
    } catch (error) {
      // Gone already, where another has its name.
      if (!isConflict(error) || (await this.#refresh(entry, entry.pod!))) throw error;
    }
  }

  /** False when another pod has taken the name. */
  async #refresh(entry: Entry, { metadata }: Pod): Promise<boolean> {
    const { namespace = "default", name, uid } = metadata;
    const fresh = await this.#client.get(Pod, namespace, name);
    if (fresh.metadata.uid !== uid) return false;
    entry.pod = fresh;
    return true;
  }

  #retryLater(entry: Entry, error: unknown): void {
    const { namespace, name } = entry.pod!.metadata;
    this.#log.error("Failed to update status for pod", error, { pod: `${namespace}/${name}` });
    const delayMs = Math.min(RETRY_MS * 2 ** entry.failures++, RETRY_MAX_MS);
    entry.timer = this.#clock.setTimeout(() => this.#wake(entry), delayMs);
  }

  #stop(): void {
    for (const entry of this.#entries.values()) entry.timer?.cancel();
  }
}

/** Conditions that others have set since stay. */
function merged(wanted: PodStatus, current: PodStatus = {}): PodStatus {
  const own = wanted.conditions ?? [];
  const others = (current.conditions ?? []).filter(({ type }) => !own.some((c) => c.type === type));
  const conditions: PodCondition[] = [...own, ...others];
  return { ...wanted, conditions };
}

function isSameStatus(wanted: PodStatus, current: PodStatus | undefined): boolean {
  return isSame(merged(wanted, current), current ?? {});
}

/** Deeply equal, where what is empty is as good as what is absent: a server may leave it out. */
function isSame(a: unknown, b: unknown): boolean {
  if (a === b || (isEmpty(a) && isEmpty(b))) return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((one, i) => isSame(one, b[i]));
  }
  if (!isObject(a) || !isObject(b)) return false;
  return Object.keys({ ...a, ...b }).every((key) => isSame(a[key], b[key]));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === "") return true;
  if (Array.isArray(value)) return value.length === 0;
  return isObject(value) && Object.values(value).every(isEmpty);
}

function isNewer(a: Pod, b: Pod | undefined): boolean {
  if (b === undefined || a.metadata.uid !== b.metadata.uid) return true;
  return Number(a.metadata.resourceVersion) > Number(b.metadata.resourceVersion);
}
