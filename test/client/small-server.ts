/**
 * The smallest server a client can talk to: objects in a map, a revision that counts, a history to
 * watch. It speaks bytes through a Transport, and can be told to misbehave: to cut its watches in
 * the middle of a line, to forget its history, to fail.
 */
import type { KubeObject } from "../../src/api/kind.ts";
import type { ApiRequest, ApiResponse, Sink, Transport } from "../../src/client/transport.ts";

interface Change {
  type: string;
  object: KubeObject;
}

interface Watcher {
  path: string;
  sink: Sink;
}

export class SmallServer {
  revision = 100;
  /** Watches from a revision before this one are answered with 410. */
  oldest = 0;
  requests: string[] = [];
  /** Asked for each request before it is served: an answer, or an error, to give in its place. */
  fault: ((request: ApiRequest) => ApiResponse | Error | undefined) | undefined;
  /** While true, watchers are told nothing. */
  isSilent = false;
  readonly #objects = new Map<string, KubeObject>();
  readonly #history: (Change & { path: string; revision: number })[] = [];
  readonly #watchers = new Set<Watcher>();
  #successor: SmallServer | undefined;

  readonly transport: Transport = async (request) => {
    await new Promise((resolve) => setImmediate(resolve));
    this.requests.push(`${request.method} ${request.path}`);
    const fault = this.fault?.(request);
    if (fault instanceof Error) throw fault;
    return fault ?? (this.#successor ?? this).#serve(request);
  };

  /** Cuts all watches, with half a line sent before. */
  cut(): void {
    for (const { sink } of this.#watchers) {
      sink.write(Buffer.from('{"type":"ADD'));
      sink.fail(Object.assign(new Error("socket hang up"), { code: "ECONNRESET" }));
    }
    this.#watchers.clear();
  }

  /** Ends all watches as a server does whose timeout is over. */
  endWatches(): void {
    for (const { sink } of this.#watchers) sink.end();
    this.#watchers.clear();
  }

  /** Another server answers from now on, with data of its own. */
  becomes(other: SmallServer): void {
    this.#successor = other;
    this.cut();
  }

  get watchers(): number {
    return this.#watchers.size;
  }

  bookmark(): void {
    const metadata = { resourceVersion: String(this.revision) };
    for (const { sink } of this.#watchers) send(sink, { type: "BOOKMARK", object: { metadata } });
  }

  put(path: string, draft: object): KubeObject {
    const old = this.#objects.get(path) as KubeObject | undefined;
    const object = structuredClone(draft) as KubeObject;
    this.revision++;
    object.metadata = {
      uid: old?.metadata.uid ?? `uid-${this.revision}`,
      ...object.metadata,
      name: path.split("/").at(-1)!,
      resourceVersion: String(this.revision),
    };
    if (path.includes("/namespaces/")) object.metadata.namespace = path.split("/").at(-3)!;
    this.#objects.set(path, object);
    this.#tell(path, { type: old ? "MODIFIED" : "ADDED", object });
    return object;
  }

  delete(path: string): KubeObject | undefined {
    const old = this.#objects.get(path);
    if (old === undefined) return undefined;
    this.#objects.delete(path);
    this.revision++;
    const metadata = { ...old.metadata, resourceVersion: String(this.revision) };
    this.#tell(path, { type: "DELETED", object: { ...old, metadata } });
    return old;
  }

  objects(): KubeObject[] {
    return [...this.#objects.values()];
  }

  #tell(path: string, change: Change): void {
    this.#history.push({ ...change, path, revision: this.revision });
    if (this.isSilent) return;
    for (const watcher of this.#watchers) {
      if (isBelow(path, watcher.path)) send(watcher.sink, change);
    }
  }

  #serve({ method, path: url, body }: ApiRequest): ApiResponse {
    const { pathname: path, searchParams: query } = new URL(url, "http://small");
    const sent = JSON.parse(body ? Buffer.from(body).toString() : "{}") as KubeObject;
    if (query.get("watch")) return this.#watch(path, Number(query.get("resourceVersion")));
    if (method === "POST") {
      const { name, generateName } = sent.metadata as { name?: string; generateName?: string };
      return answer(201, this.put(`${path}/${name ?? `${generateName}${this.revision}`}`, sent));
    }
    if (method === "DELETE") {
      const old = this.delete(path);
      if (old === undefined) return failure(404, "NotFound");
      return answer(200, { kind: "Status", status: "Success", details: { uid: old.metadata.uid } });
    }
    const found = this.#objects.get(path);
    if (method === "PUT") return answer(200, this.put(path, sent));
    if (method === "PATCH" && found)
      return answer(200, this.put(path, { ...found, ...sent, metadata: found.metadata }));
    if (found !== undefined) return answer(200, found);
    if (path.split("/").at(-2) === "pods") return failure(404, "NotFound");
    const items = [...this.#objects].filter(([key]) => isBelow(key, path)).map(([, obj]) => obj);
    return answer(200, { metadata: { resourceVersion: String(this.revision) }, items });
  }

  #watch(path: string, from: number): ApiResponse {
    if (from < this.oldest) return failure(410, "Expired");
    const start = (sink: Sink) => {
      const watcher = { path, sink };
      this.#watchers.add(watcher);
      sink.closed.addEventListener("abort", () => this.#watchers.delete(watcher));
      for (const change of this.#history) {
        if (change.revision > from && isBelow(change.path, path)) send(sink, change);
      }
    };
    return { status: 200, headers: {}, body: { type: "stream", start } };
  }
}

export function failure(code: number, reason: string, message = reason): ApiResponse {
  return answer(code, { kind: "Status", code, reason, message });
}

function answer(status: number, body: unknown): ApiResponse {
  const chunks = [Buffer.from(JSON.stringify(body))];
  return { status, headers: {}, body: { type: "bytes", chunks } };
}

/** In two chunks, as a network may deliver it. */
function send(sink: Sink, { type, object }: { type: string; object: unknown }): void {
  const bytes = Buffer.from(`${JSON.stringify({ type, object })}\n`);
  sink.write(bytes.subarray(0, 20));
  sink.write(bytes.subarray(20));
}

function isBelow(path: string, collection: string): boolean {
  const [, base, rest] = /^(\/api\/v1|\/apis\/[^/]+\/v1)\/(.*)$/.exec(collection)!;
  if (path.startsWith(`${collection}/`)) return true;
  return path.startsWith(`${base}/namespaces/`) && path.split("/").at(-2) === rest;
}
