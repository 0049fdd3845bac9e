/**
 * A store in front of a store: what goes down is encrypted, what comes up is decrypted, for the resources
 * the configuration names. A value no key can read is passed on with its fault, and whoever asks for it
 * hears of that; the others can be read all the same.
 *
 * In Kubernetes: the value transformer of staging/src/k8s.io/apiserver/pkg/storage/etcd3/store.go
 */
import { decrypted, encrypted, type Transformer } from "./encryption.ts";
import type { Encryption } from "./encryption-config.ts";
import {
  type KeyValue,
  type Store,
  type StoreEvent,
  UnreadableError,
  type WriteResult,
} from "./store.ts";

export function encryptedStore(store: Store, encryption: Encryption): Store {
  const transformersOf = (key: string) => {
    for (const [prefix, transformers] of encryption)
      if (key.startsWith(prefix)) return transformers;
    return undefined;
  };

  const read = (item: KeyValue): KeyValue => {
    const transformers = transformersOf(item.key);
    return transformers === undefined
      ? item
      : { ...item, ...opened(transformers, item.value, item.key) };
  };
  const written = (key: string, value: Buffer): Buffer => {
    const transformers = transformersOf(key);
    return transformers === undefined ? value : encrypted(transformers, value, key);
  };
  const result = (outcome: WriteResult): WriteResult =>
    outcome.succeeded || outcome.current === undefined
      ? outcome
      : { succeeded: false, current: read(outcome.current) };
  const event = (one: StoreEvent): StoreEvent => {
    const transformers = transformersOf(one.key);
    if (transformers === undefined) return one;
    const { value, fault } = opened(transformers, one.value, one.key);
    const now = { value, ...(fault === undefined ? {} : { fault }) };
    const before = one.previous && opened(transformers, one.previous, one.key).value;
    return { ...one, ...now, ...(before && { previous: before }) };
  };

  return {
    async get(key, revision) {
      const item = await store.get(key, revision);
      const plain = item && read(item);
      if (plain?.fault !== undefined) throw new UnreadableError(plain.fault);
      return plain;
    },
    async list(prefix, options) {
      const listed = await store.list(prefix, options);
      return { ...listed, items: listed.items.map(read) };
    },
    create: async (key, value) => result(await store.create(key, written(key, value))),
    update: async (key, value, expected) =>
      result(await store.update(key, written(key, value), expected)),
    delete: async (key, expected) => result(await store.delete(key, expected)),
    watch: (prefix, from, handler) =>
      store.watch(prefix, from, {
        onEvents: (events, revision) => handler.onEvents(events.map(event), revision),
        onError: (error) => handler.onError(error),
      }),
    revision: () => store.revision(),
    compact: (revision) => store.compact(revision),
    close: () => store.close(),
  };
}

function opened(
  transformers: readonly Transformer[],
  value: Buffer,
  key: string,
): Pick<KeyValue, "value" | "isStale" | "fault"> {
  try {
    const { value: plain, isStale } = decrypted(transformers, value, key);
    return { value: plain, ...(isStale ? { isStale } : {}) };
  } catch (error) {
    const why = (error as Error).message;
    return { value, fault: `unable to transform key ${JSON.stringify(key)}: ${why}` };
  }
}
