/** A watch that writes down what it is told, for tests to wait for and look at. */
import type { Store, StoreEvent } from "../../../src/apiserver/storage/store.ts";

export class RecordedWatch {
  readonly events: StoreEvent[] = [];
  /** What `revision` was in each call. */
  readonly revisions: number[] = [];
  error: Error | undefined;
  readonly stop: () => void;
  #checks: (() => void)[] = [];

  constructor(store: Store, prefix: string, fromRevision: number) {
    const watch = store.watch(prefix, fromRevision, {
      onEvents: (events, revision) => {
        this.events.push(...events);
        this.revisions.push(revision);
        for (const check of this.#checks) check();
      },
      onError: (error) => {
        this.error = error;
        for (const check of this.#checks) check();
      },
    });
    this.stop = () => watch.stop();
  }

  /** Resolves when that many events have come. */
  received(count: number): Promise<void> {
    return this.#until(() => this.events.length >= count);
  }

  /** Resolves when the watch has failed. */
  async failed(): Promise<Error> {
    await this.#until(() => this.error !== undefined, true);
    return this.error!;
  }

  /** One line for each event: what happened to which key at which revision. */
  get lines(): string[] {
    return this.events.map(lineOf);
  }

  #until(isReached: () => boolean, mayFail = false): Promise<void> {
    return new Promise((resolve, reject) => {
      const check = () => {
        if (isReached()) resolve();
        else if (this.error && !mayFail) reject(this.error);
      };
      this.#checks.push(check);
      check();
    });
  }
}

export function lineOf(event: StoreEvent): string {
  const { type, key, value, previous, createRevision, modRevision } = event;
  const before = previous === undefined ? "" : ` was ${previous}`;
  return `${modRevision} ${type} ${key} ${value}${before} since ${createRevision}`;
}
