/**
 * The only way in. Scheduler, controllers, kubelets and proxies hold a Client and nothing else of
 * the cluster; they could run on another machine.
 *
 * Every failure is an ApiError. Nothing is retried here: the control loop does that.
 */
import { ApiError, type Status } from "../api/errors.ts";
import { apiVersionOf, type Kind, type KubeObject, type ObjectMeta } from "../api/kind.ts";
import type { ApiResponse, Transport } from "./transport.ts";

/** An object about to be created: the server fills in what is missing. */
export type Draft<T extends KubeObject> = Omit<T, "apiVersion" | "kind" | "metadata"> & {
  metadata: Partial<ObjectMeta>;
};

export interface Selection {
  /** All namespaces when absent. */
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
}

export interface ListOptions extends Selection {
  limit?: number;
  continue?: string;
  /** "0": whatever the server has at hand. Absent: the newest. */
  resourceVersion?: string;
}

export interface List<T extends KubeObject> {
  metadata: { resourceVersion: string; continue?: string; remainingItemCount?: number };
  items: T[];
}

export interface DeleteOptions {
  gracePeriodSeconds?: number;
  propagationPolicy?: "Orphan" | "Background" | "Foreground";
  preconditions?: { uid?: string; resourceVersion?: string };
}

export interface PatchOptions {
  type?: "json" | "merge" | "strategic";
  subresource?: string;
}

const PATCH_TYPES = {
  json: "application/json-patch+json",
  merge: "application/merge-patch+json",
  strategic: "application/strategic-merge-patch+json",
};

/**
 * Told of every write that succeeded, so that a loop can wait until its caches show it. A deletion
 * may be told with no more of the object than its name and uid.
 */
export type WriteObserver = (kind: Kind, obj: KubeObject, verb: "saved" | "deleted") => void;

export class Client {
  readonly #transport: Transport;
  readonly #headers: Record<string, string>;
  readonly #onWrite: WriteObserver | undefined;

  /** `headers` go with every request: who we are (authorization, user-agent). */
  constructor(transport: Transport, headers: Record<string, string> = {}, onWrite?: WriteObserver) {
    this.#transport = transport;
    this.#headers = headers;
    this.#onWrite = onWrite;
  }

  /** The same client, telling `observer` of each of its writes. */
  observing(observer: WriteObserver): Client {
    return new Client(this.#transport, this.#headers, observer);
  }

  get<T extends KubeObject>(kind: Kind<T>, namespace: string, name: string): Promise<T> {
    return this.#json("GET", pathOf(kind, namespace, name));
  }

  /** The items say their kind here, though on the wire only the list says it. */
  async list<T extends KubeObject>(kind: Kind<T>, options: ListOptions = {}): Promise<List<T>> {
    const { namespace, ...query } = options;
    const path = pathOf(kind, namespace) + queryOf(query);
    const { metadata, items } = await this.#json<Partial<List<T>>>("GET", path);
    const said = { kind: kind.kind, apiVersion: apiVersionOf(kind) };
    return { metadata: metadata!, items: (items ?? []).map((item) => ({ ...said, ...item })) };
  }

  async create<T extends KubeObject>(
    kind: Kind<T>,
    namespace: string,
    draft: Draft<T>,
  ): Promise<T> {
    const body = { kind: kind.kind, apiVersion: apiVersionOf(kind), ...draft };
    return this.#wrote(kind, await this.#json<T>("POST", pathOf(kind, namespace), body));
  }

  /** Creates what hangs below an object: a pod's "binding", a pod's "eviction". */
  createSubresource(kind: Kind, namespace: string, name: string, sub: string, body: object) {
    return this.#json<unknown>("POST", `${pathOf(kind, namespace, name)}/${sub}`, body);
  }

  async update<T extends KubeObject>(
    kind: Kind<T>,
    obj: T,
    subresource?: "status" | "approval",
  ): Promise<T> {
    const { namespace, name } = obj.metadata;
    const path = pathOf(kind, namespace, name) + (subresource ? `/${subresource}` : "");
    return this.#wrote(kind, await this.#json<T>("PUT", path, obj));
  }

  updateStatus<T extends KubeObject>(kind: Kind<T>, obj: T): Promise<T> {
    return this.update(kind, obj, "status");
  }

  async patch<T extends KubeObject>(
    kind: Kind<T>,
    namespace: string,
    name: string,
    patch: object,
    options: PatchOptions = {},
  ): Promise<T> {
    const { type = "strategic", subresource } = options;
    const path = pathOf(kind, namespace, name) + (subresource ? `/${subresource}` : "");
    return this.#wrote(kind, await this.#json<T>("PATCH", path, patch, PATCH_TYPES[type]));
  }

  async delete(
    kind: Kind,
    namespace: string,
    name: string,
    options?: DeleteOptions,
  ): Promise<void> {
    const path = pathOf(kind, namespace, name);
    const body = options && { kind: "DeleteOptions", apiVersion: "v1", ...options };
    const answer = await this.#json<KubeObject & Partial<Status>>("DELETE", path, body);
    // Deleted gracefully or held by a finalizer, the answer is the object; else a Status.
    const uid = answer.details?.uid;
    const named = {
      ...answer,
      metadata: { namespace, name, ...(uid === undefined ? {} : { uid }) },
    };
    this.#onWrite?.(kind, answer.kind === kind.kind ? answer : named, "deleted");
  }

  async deleteCollection(kind: Kind, selection: Selection, options?: DeleteOptions): Promise<void> {
    const { namespace, ...query } = selection;
    const body = options && { kind: "DeleteOptions", apiVersion: "v1", ...options };
    await this.#json("DELETE", pathOf(kind, namespace) + queryOf(query), body);
  }

  /** Any path at all, as JSON: discovery, metrics of another component, raw paths. */
  raw<R>(method: string, path: string, body?: unknown): Promise<R> {
    return this.#json(method, path, body);
  }

  /** Sends a request and gives back the answer as it comes: for streams. Failures are ApiErrors. */
  async send(
    method: string,
    path: string,
    body?: unknown,
    options: { contentType?: string; signal?: AbortSignal } = {},
  ): Promise<ApiResponse> {
    const response = await this.#transport({
      method,
      path,
      headers: {
        accept: "application/json",
        ...this.#headers,
        ...(body === undefined
          ? {}
          : { "content-type": options.contentType ?? "application/json" }),
      },
      ...(body === undefined ? {} : { body: Buffer.from(JSON.stringify(body)) }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    if (response.status < 400) return response;
    throw errorOf(response);
  }

  async #json<R>(method: string, path: string, body?: unknown, contentType?: string): Promise<R> {
    const options = contentType === undefined ? {} : { contentType };
    return JSON.parse(textOf(await this.send(method, path, body, options))) as R;
  }

  #wrote<T extends KubeObject>(kind: Kind<T>, obj: T): T {
    this.#onWrite?.(kind, obj, "saved");
    return obj;
  }
}

/** The path of an object, or of a collection when `name` is absent. */
export function pathOf(kind: Kind, namespace?: string, name?: string): string {
  const group = kind.group === "" ? "/api" : `/apis/${kind.group}`;
  const space = kind.namespaced && namespace ? `/namespaces/${encodeURIComponent(namespace)}` : "";
  const end = name === undefined ? "" : `/${encodeURIComponent(name)}`;
  return `${group}/${kind.version}${space}/${kind.plural}${end}`;
}

/** "?limit=5&labelSelector=app%3Dweb", or "" when nothing is asked. */
export function queryOf(options: object): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(options)) {
    if (value !== undefined) query.set(key, String(value));
  }
  return query.size === 0 ? "" : `?${query}`;
}

function textOf({ body }: ApiResponse): string {
  if (body.type === "stream") throw new Error("an answer of known length was expected");
  return Buffer.concat(body.chunks).toString();
}

function errorOf(response: ApiResponse): ApiError {
  const text = textOf(response);
  if (!text.startsWith("{")) return ApiError.fromStatus(response.status, { message: text.trim() });
  return ApiError.fromStatus(response.status, JSON.parse(text) as Partial<Status>);
}
