/**
 * What waits for a watcher that does not take it as quickly as it comes: first the objects there were when it
 * began, which become lines when their turn has come, then the lines of what has changed since.
 *
 * Its rule: changes wait in a limited number. That there is much to begin with is not the watcher's fault.
 *
 * In Kubernetes: the channels of staging/src/k8s.io/apiserver/pkg/storage/cacher/cache_watcher.go
 */
import type { Sink } from "../client/transport.ts";
import type { CachedObject } from "./storage/cached-object.ts";

const CHANGES_MAX = 10_000;

type LineOf = (object: CachedObject) => Buffer;

export class Backlog {
  readonly #sink: Sink;
  #waiting: (CachedObject | Buffer)[] = [];
  #next = 0;
  #max = CHANGES_MAX;
  #lineOf: LineOf | undefined;
  #isBehind = false;
  #isStopped = false;

  constructor(sink: Sink) {
    this.#sink = sink;
  }

  /** The receiver has no room: what is to be sent has to be added here. */
  get isBehind(): boolean {
    return this.#isBehind;
  }

  /** Sends what there is, as fast as it is taken. */
  begin(objects: CachedObject[], lineOf: LineOf): void {
    this.#waiting = objects;
    this.#max += objects.length;
    this.#lineOf = lineOf;
    if (!this.#sendWhatFits()) this.wait();
  }

  /** Whether there was room for it. */
  add(line: Buffer): boolean {
    if (this.#waiting.length - this.#next >= this.#max) return false;
    this.#waiting.push(line);
    return true;
  }

  /** Until the receiver has taken all that it has been sent. */
  wait(): void {
    this.#isBehind = true;
    this.#drain().catch((error: Error) => this.#sink.fail(error));
  }

  stop(): void {
    this.#isStopped = true;
    this.#waiting = [];
  }

  async #drain(): Promise<void> {
    do await this.#sink.drained();
    while (!this.#isStopped && !this.#sendWhatFits());
    this.#isBehind = false;
  }

  /** Whether that was all, and there is room for more. */
  #sendWhatFits(): boolean {
    let hasRoom = true;
    while (hasRoom && this.#next < this.#waiting.length) {
      const one = this.#waiting[this.#next++]!;
      hasRoom = this.#sink.write(Buffer.isBuffer(one) ? one : this.#lineOf!(one));
    }
    if (this.#next < this.#waiting.length) return false;
    this.#waiting = [];
    this.#next = 0;
    return hasRoom;
  }
}
