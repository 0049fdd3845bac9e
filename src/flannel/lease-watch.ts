/**
 * All leases, kept up to date: a list, then a watch from its revision on, and a new list whenever
 * the watch can't go on because etcd has compacted what it would need.
 *
 * Whoever listens is given the whole set each time, never what has happened: a lease that went
 * while nobody could watch is then simply no longer there.
 *
 * In Kubernetes: github.com/flannel-io/flannel/subnet/watch.go
 */
import { type Clock, pause } from "../component/clock.ts";
import type { Log } from "../component/log.ts";
import type { Lease } from "./lease.ts";
import type { LeaseStore } from "./lease-store.ts";
import { subnetKey } from "./subnet.ts";

const RETRY_MS = 1_000;

export interface LeaseWatchOptions {
  store: LeaseStore;
  clock: Clock;
  log: Log;
  signal: AbortSignal;
  onChange(leases: readonly Lease[]): void;
}

/** Resolves when `onChange` has been called with the first list. It then goes on until the signal aborts. */
export async function watchLeases(options: LeaseWatchOptions): Promise<void> {
  const { store, clock, log, signal } = options;
  while (!signal.aborted) {
    try {
      const { leases, revision } = await store.list();
      if (!signal.aborted) follow(options, leases, revision + 1);
      return;
    } catch (error) {
      log.error("failed to retrieve subnet leases", error);
      await pause(clock, RETRY_MS, signal);
    }
  }
}

function follow(options: LeaseWatchOptions, listed: readonly Lease[], fromRevision: number): void {
  const { store, log, signal, onChange } = options;
  const leases = new Map(listed.map((lease) => [subnetKey(lease.subnet), lease]));
  const tell = () => onChange([...leases.values()]);
  tell();
  const watch = store.watch(fromRevision, {
    onPut(lease) {
      leases.set(subnetKey(lease.subnet), lease);
      tell();
    },
    onRemoved(subnet) {
      leases.delete(subnetKey(subnet));
      tell();
    },
    onLost(error) {
      signal.removeEventListener("abort", stop);
      log.warn("Watch of subnet leases failed; listing them again", { err: error.message });
      void watchLeases(options);
    },
  });
  const stop = () => watch.stop();
  signal.addEventListener("abort", stop, { once: true });
}
