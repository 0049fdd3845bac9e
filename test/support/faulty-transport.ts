/** A network that fails when a test says so: watches are cut, writes meet conflicts or nobody at all. */
import { conflict } from "../../src/api/errors.ts";
import type { ApiRequest, ApiResponse, Sink, Transport } from "../../src/client/transport.ts";

export type Fault = (request: ApiRequest) => ApiResponse | Error | undefined;

export class FaultyTransport {
  /** Asked for each request before it is sent: what to answer in its place. */
  fault: Fault | undefined;
  readonly requests: ApiRequest[] = [];
  readonly #inner: Transport;
  readonly #watches = new Set<Sink>();

  constructor(inner: Transport) {
    this.#inner = inner;
  }

  readonly transport: Transport = async (request) => {
    this.requests.push(request);
    const fault = this.fault?.(request);
    if (fault instanceof Error) throw fault;
    if (fault !== undefined) return fault;
    const response = await this.#inner(request);
    if (response.body.type === "bytes") return response;
    const { body } = response;
    const start = (sink: Sink) => {
      this.#watches.add(sink);
      sink.closed.addEventListener("abort", () => this.#watches.delete(sink));
      body.start(sink);
    };
    return { ...response, body: { type: "stream", start } };
  };

  /** Breaks every watch there is. */
  cutWatches(): void {
    for (const sink of [...this.#watches]) {
      sink.fail(Object.assign(new Error("socket hang up"), { code: "ECONNRESET" }));
    }
  }
}

/** Every change to an object meets a conflict the first time it is tried. */
export function conflictOnEveryWrite(): Fault {
  const tried = new Set<string>();
  return ({ method, path }) => {
    if (method !== "PUT" && method !== "PATCH" && method !== "DELETE") return undefined;
    if (path.includes("/leases/") || path.includes("/events/")) return undefined;
    const id = `${method} ${path}`;
    if (tried.delete(id)) return undefined;
    tried.add(id);
    const { status } = conflict({ group: "", plural: "things" }, path.split("/").at(-1)!);
    const chunks = [Buffer.from(JSON.stringify(status))];
    return { status: 409, headers: {}, body: { type: "bytes", chunks } };
  };
}

/** The server can't be reached at all. */
export const unreachable: Fault = () =>
  Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:8080"), { code: "ECONNREFUSED" });
