/** A listener on the watch cache that writes down what it is told. */
import type { CachedEvent } from "../../../src/apiserver/storage/cached-object.ts";
import type { CacheListener } from "../../../src/apiserver/storage/resource-cache.ts";

export class RecordedListener implements CacheListener {
  readonly events: CachedEvent[] = [];
  readonly errors: Error[] = [];
  #checks: (() => void)[] = [];

  onEvents(events: readonly CachedEvent[]): void {
    this.events.push(...events);
    for (const check of this.#checks) check();
  }

  onError(error: Error): void {
    this.errors.push(error);
    for (const check of this.#checks) check();
  }

  /** "12 ADDED web" for each event. */
  get lines(): string[] {
    return this.events.map(
      ({ type, current, revision }) => `${revision} ${type} ${current.object.metadata.name}`,
    );
  }

  received(count: number): Promise<void> {
    return this.#until(() => this.events.length >= count);
  }

  ended(): Promise<void> {
    return this.#until(() => this.errors.length > 0);
  }

  #until(isReached: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = () => {
        if (isReached()) resolve();
      };
      this.#checks.push(check);
      check();
    });
  }
}
