/**
 * The store's watch on etcd: its events in the terms of the Store contract.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/storage/etcd3/watcher.go
 */
import type { IEvent } from "etcd3";
import { EtcdWatch, type EtcdWatchOptions } from "../../component/etcd/etcd-watch.ts";
import { CompactedError, type StoreEvent, type StoreWatch, type WatchHandler } from "./store.ts";

type StoreWatchOptions = Omit<EtcdWatchOptions, "handler"> & { handler: WatchHandler };

export function watchEtcd({ handler, ...options }: StoreWatchOptions): StoreWatch {
  return new EtcdWatch({
    ...options,
    handler: {
      onEvents: (events, revision) => handler.onEvents(events.map(storeEventOf), revision),
      onCompacted: (revision) => handler.onError(new CompactedError(revision)),
      onError: (error) => handler.onError(error),
    },
  });
}

function storeEventOf({ type, kv, prev_kv }: IEvent): StoreEvent {
  const isDelete = type === "Delete";
  const previous = prev_kv === null ? {} : { previous: prev_kv.value };
  return {
    type: isDelete ? "delete" : "put",
    key: kv.key.toString(),
    value: isDelete ? prev_kv.value : kv.value,
    ...previous,
    createRevision: Number(isDelete ? prev_kv.create_revision : kv.create_revision),
    modRevision: Number(kv.mod_revision),
  };
}
