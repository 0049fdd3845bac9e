/**
 * The client that has gone before it had its whole answer. A signal costs more than a cached GET, so it
 * is made when somebody first asks for it.
 *
 * In Kubernetes: the context of a request, which net/http cancels.
 */
import type http from "node:http";
import type http2 from "node:http2";

export class Departure {
  #hasGone = false;
  #controller: AbortController | undefined;

  constructor(answer: http.ServerResponse | http2.ServerHttp2Stream) {
    answer.on("close", () => {
      this.#hasGone = !answer.writableFinished;
      if (this.#hasGone) this.#controller?.abort();
    });
  }

  get hasGone(): boolean {
    return this.#hasGone;
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#hasGone) this.#controller.abort();
    return this.#controller.signal;
  }
}
