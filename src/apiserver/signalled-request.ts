/**
 * A request whose signal is made when somebody first asks for it, for a signal costs more than a cached GET.
 *
 * Its rule: all of them have one shape. An object written with a getter of its own would have a shape of its own, and
 * everything that reads a request would be slower for it.
 *
 * In Kubernetes: the context of a request, which is made with it
 */
import type { ApiRequest } from "../client/transport.ts";

type Parts = Pick<ApiRequest, "method" | "path" | "headers" | "body">;

/** The parts are its own; its signal is not: whoever copies a request and needs the signal names it. */
export class SignalledRequest implements ApiRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: Uint8Array;
  readonly #makeSignal: () => AbortSignal;

  constructor({ method, path, headers, body = NO_BODY }: Parts, makeSignal: () => AbortSignal) {
    this.method = method;
    this.path = path;
    this.headers = headers;
    this.body = body;
    this.#makeSignal = makeSignal;
  }

  get signal(): AbortSignal {
    return this.#makeSignal();
  }
}

const NO_BODY = new Uint8Array(0);
