/**
 * The Store on an etcd cluster (3.4, 3.5), for a control plane of several processes or machines.
 *
 * Keys and values go in as they are, so that `etcdctl get` shows what Kubernetes would have written. Each
 * write is one transaction: compare the key's mod_revision; then put or delete; else read what is there.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/storage/etcd3/store.go.
 */
import type { Clock } from "../../component/clock.ts";
import { EtcdConnection, type EtcdTls } from "../../component/etcd/etcd-connection.ts";
import { EtcdKv } from "../../component/etcd/etcd-kv.ts";
import {
  EQUAL,
  type EtcdKeyValue,
  MOD,
  type RangeRequest,
  type RangeResponse,
  type RequestOp,
  type TxnResponse,
} from "../../component/etcd/etcd-messages.ts";
import { rangeOf } from "../../component/etcd/etcd-range.ts";
import type { Log } from "../../component/log.ts";
import { storeErrorOf } from "./etcd-errors.ts";
import { watchEtcd } from "./etcd-watch.ts";
import {
  FutureRevisionError,
  type KeyValue,
  type ListOptions,
  type ListResult,
  type Store,
  type StoreWatch,
  type WatchHandler,
  type WriteResult,
} from "./store.ts";

export interface EtcdStoreOptions {
  /** As in `--etcd-servers`: "http://10.0.0.1:2379". One after another is tried. */
  endpoints: readonly string[];
  tls?: EtcdTls;
  clock: Clock;
  log: Log;
}

/** Connects, and learns that etcd answers; rejects with an UnavailableError where it does not. */
export async function openEtcdStore(options: EtcdStoreOptions): Promise<Store> {
  const store = new EtcdStore(options);
  try {
    await store.revision();
  } catch (error) {
    await store.close();
    throw error;
  }
  return store;
}

class EtcdStore implements Store {
  readonly #kv: EtcdKv;
  /** For watches. */
  readonly #connection: EtcdConnection;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #watches = new Set<StoreWatch>();

  constructor({ endpoints, tls, clock, log }: EtcdStoreOptions) {
    this.#kv = new EtcdKv(endpoints, { tls, errorOf: storeErrorOf });
    this.#connection = new EtcdConnection(endpoints, { tls, errorOf: storeErrorOf });
    this.#clock = clock;
    this.#log = log;
  }

  async get(key: string, revision = 0): Promise<KeyValue | undefined> {
    const { kvs } = await this.#range({ key: Buffer.from(key), revision });
    return kvs[0] && keyValueOf(kvs[0]);
  }

  async list(prefix: string, options: ListOptions = {}): Promise<ListResult> {
    const { limit = 0, from, revision = 0 } = options;
    const { kvs, count, header } = await this.#range({ ...rangeOf(prefix, from), limit, revision });
    return {
      items: kvs.map(keyValueOf),
      revision: revision || Number(header.revision),
      remaining: Number(count) - kvs.length,
    };
  }

  create(key: string, value: Buffer): Promise<WriteResult> {
    return this.update(key, value, 0);
  }

  async update(key: string, value: Buffer, expectedRevision: number): Promise<WriteResult> {
    const put = { request_put: { key: Buffer.from(key), value } };
    return resultOf(await this.#swap(key, expectedRevision, put));
  }

  async delete(key: string, expectedRevision: number): Promise<WriteResult> {
    const remove = { request_delete_range: { key: Buffer.from(key) } };
    const response = await this.#swap(key, expectedRevision, remove);
    const isMissing = response.succeeded && expectedRevision === 0;
    return isMissing ? { succeeded: false, current: undefined } : resultOf(response);
  }

  watch(prefix: string, fromRevision: number, handler: WatchHandler): StoreWatch {
    const watch = watchEtcd({
      connection: this.#connection,
      prefix,
      fromRevision,
      handler,
      clock: this.#clock,
      log: this.#log,
    });
    this.#watches.add(watch);
    const stop = () => {
      this.#watches.delete(watch);
      watch.stop();
    };
    return { stop };
  }

  async revision(): Promise<number> {
    // Any key will do, also one that is not there: the answer's header is what is asked for.
    const { header } = await this.#range({ key: Buffer.from("/") });
    return Number(header.revision);
  }

  async compact(revision: number): Promise<void> {
    await this.#kv.compact(revision);
  }

  async close(): Promise<void> {
    for (const watch of this.#watches) watch.stop();
    this.#connection.close();
    this.#kv.close();
  }

  async #range(request: RangeRequest): Promise<RangeResponse> {
    try {
      return await this.#kv.range(request);
    } catch (error) {
      if (!(error instanceof FutureRevisionError)) throw error;
      throw new FutureRevisionError(await this.revision());
    }
  }

  #swap(key: string, expectedRevision: number, success: RequestOp): Promise<TxnResponse> {
    const bytes = Buffer.from(key);
    return this.#kv.txn({
      compare: [{ result: EQUAL, target: MOD, key: bytes, mod_revision: expectedRevision }],
      success: [success],
      failure: [{ request_range: { key: bytes } }],
    });
  }
}

function resultOf({ succeeded, header, responses }: TxnResponse): WriteResult {
  if (succeeded) return { succeeded, revision: Number(header.revision) };
  const current = responses[0]?.response_range?.kvs[0];
  return { succeeded, current: current && keyValueOf(current) };
}

function keyValueOf({ key, value, create_revision, mod_revision }: EtcdKeyValue): KeyValue {
  return {
    key: bufferOf(key).toString(),
    value: bufferOf(value),
    createRevision: Number(create_revision),
    modRevision: Number(mod_revision),
  };
}

/** protobufjs has an array for no bytes. */
function bufferOf({ buffer, byteOffset, length }: Uint8Array): Buffer {
  return length === 0 ? Buffer.alloc(0) : Buffer.from(buffer, byteOffset, length);
}
