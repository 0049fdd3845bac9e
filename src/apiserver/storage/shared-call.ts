/**
 * One question asked for many: whoever comes while an answer is on its way waits for the next one.
 *
 * It may not share the one on its way, which may have been given before the caller came: what the caller
 * knows to have happened could be missing in it.
 *
 * In Kubernetes: how etcd answers linearizable reads (ReadIndex, server/v3_server.go).
 */
export class SharedCall<T> {
  readonly #ask: () => Promise<T>;
  #running: Promise<T> | undefined;
  #next: Promise<T> | undefined;

  constructor(ask: () => Promise<T>) {
    this.#ask = ask;
  }

  call(): Promise<T> {
    if (this.#running === undefined) return this.#start();
    this.#next ??= this.#running.then(
      () => this.#startNext(),
      () => this.#startNext(),
    );
    return this.#next;
  }

  #startNext(): Promise<T> {
    this.#next = undefined;
    return this.#start();
  }

  #start(): Promise<T> {
    const running = this.#ask().finally(() => {
      if (this.#running === running) this.#running = undefined;
    });
    this.#running = running;
    return running;
  }
}
