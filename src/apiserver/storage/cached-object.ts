/**
 * One object at one revision, and one change of an object, as the watch cache holds and shares them.
 *
 * Every reader gets the same instance. So each is encoded and parsed once, however many ask; and nobody
 * may change one.
 *
 * In Kubernetes: apiserver's storage/cacher (watchCacheEvent, caching_object.go).
 */
import type { KubeObject } from "../../api/kind.ts";
import { withResourceVersion } from "./object-bytes.ts";
import { type StoreEvent, UnreadableError } from "./store.ts";

export class CachedObject {
  readonly key: string;
  readonly createRevision: number;
  readonly modRevision: number;
  /** The object's JSON, its resourceVersion in it. */
  readonly bytes: Buffer;
  #object: KubeObject | undefined;

  /** `fault`: why the value cannot be read; whoever tries will be told. */
  constructor(
    key: string,
    createRevision: number,
    modRevision: number,
    value: Buffer,
    fault?: string,
  ) {
    this.key = key;
    this.createRevision = createRevision;
    this.modRevision = modRevision;
    this.bytes = fault === undefined ? withResourceVersion(value, modRevision) : value;
    if (fault === undefined) return;
    const get = () => {
      throw new UnreadableError(fault);
    };
    Object.defineProperty(this, "bytes", { get });
  }

  /** Parsed when first asked for. Shared: not to be changed. */
  get object(): KubeObject {
    this.#object ??= JSON.parse(this.bytes.toString()) as KubeObject;
    return this.#object;
  }
}

export class CachedEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  /** The object now; of a DELETED one, as it was last, at the revision of the delete. */
  readonly current: CachedObject;
  /** The object before; absent when it is ADDED. */
  readonly previous: CachedObject | undefined;
  #line: Buffer | undefined;
  #departed: CachedObject | undefined;

  constructor(event: StoreEvent, previous: CachedObject | undefined) {
    const { key, value, createRevision, modRevision, fault } = event;
    this.type = event.type === "delete" ? "DELETED" : previous ? "MODIFIED" : "ADDED";
    this.current = new CachedObject(key, createRevision, modRevision, value, fault);
    this.previous = previous;
  }

  get revision(): number {
    return this.current.modRevision;
  }

  /** The change as a line of a watch response, encoded for the first watcher that wants it. */
  get line(): Buffer {
    this.#line ??= watchLine(this.type, this.current);
    return this.#line;
  }

  /**
   * The object as it was before, at the revision of this change: what a watcher is told to have been
   * DELETED when the change takes it out of the watcher's selection.
   */
  get departed(): CachedObject {
    if (this.type === "DELETED" || this.previous === undefined) return this.current;
    const { key, createRevision, bytes } = this.previous;
    this.#departed ??= new CachedObject(key, createRevision, this.revision, bytes);
    return this.#departed;
  }
}

/** `{"type":"ADDED","object":{...}}` and a newline. */
export function watchLine(type: CachedEvent["type"], object: CachedObject): Buffer {
  return Buffer.concat([Buffer.from(`{"type":"${type}","object":`), object.bytes, LINE_END]);
}

const LINE_END = Buffer.from("}\n");
