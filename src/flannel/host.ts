/**
 * A host's part in the network, from the first look at the config to its last breath:
 *
 *   config -> backend -> lease -> device, rules, subnet file -> the ways to all others -> keep it so
 *
 * In Kubernetes: github.com/flannel-io/flannel/main.go
 */
import { type Clock, pause } from "../component/clock.ts";
import type { RunCommand } from "../component/command.ts";
import { StartError } from "../component/daemon.ts";
import type { Log } from "../component/log.ts";
import type { Random } from "../component/random.ts";
import type { Backend } from "./backends/backend.ts";
import { openBackend } from "./backends/backend-list.ts";
import { ConfigError, type NetworkConfig, parseConfig } from "./config.ts";
import { refuseOverlap } from "./host-overlap.ts";
import type { ExternalInterface } from "./interface.ts";
import type { Lease } from "./lease.ts";
import { acquireLease } from "./lease-acquisition.ts";
import { LeaseKeeper } from "./lease-keeper.ts";
import type { LeaseStore } from "./lease-store.ts";
import { watchLeases } from "./lease-watch.ts";
import { Overlay } from "./overlay.ts";
import { keepPacketRules } from "./packet-rule-keeper.ts";
import { readPreviousSubnet, writeSubnetFile } from "./subnet-file.ts";

export interface HostOptions {
  store: LeaseStore;
  external: ExternalInterface;
  subnetFile: string;
  renewMarginMs: number;
  ipMasq: boolean;
  forwardRules: boolean;
  rulesPeriodMs: number;
  run: RunCommand;
  clock: Clock;
  random: Random;
  log: Log;
  signal: AbortSignal;
  /** The subnet file is written and the ways are made: Docker may start. */
  onReady(lease: Lease): void;
}

/** How it came to its end. */
export type HostOutcome = "stopped" | "revoked";

const CONFIG_RETRY_MS = 1_000;

/** Rejects with a StartError where it can't take part at all. */
export async function joinNetwork(options: HostOptions): Promise<HostOutcome> {
  const { store, external, run, random, log } = options;
  const config = await waitForConfig(options);
  if (config === undefined) return "stopped";
  try {
    refuseOverlap(config, external, store.configKey);
  } catch (error) {
    throw error instanceof ConfigError ? new StartError(error.message) : error;
  }
  const backend = await openBackend({ config, external, run, random, log });
  const lease = await acquire(options, config, backend);
  return takePart(options, config, backend, lease);
}

/** Somebody has to write it first, and may write it wrong. Undefined when told to stop before. */
async function waitForConfig(options: HostOptions): Promise<NetworkConfig | undefined> {
  const { store, clock, log, signal } = options;
  let said = "";
  while (!signal.aborted) {
    try {
      const text = await store.config();
      if (text !== undefined) return parseConfig(text);
      throw new ConfigError(
        `flannel config not found in etcd store at ${store.configKey}. ` +
          "Did you create your config using etcdv3 API?",
      );
    } catch (error) {
      // Each second, but told only when it is news.
      const why = error instanceof Error ? error.message : String(error);
      if (why !== said) log.error("Couldn't fetch network config", error);
      said = why;
    }
    await pause(clock, CONFIG_RETRY_MS, signal);
  }
  return undefined;
}

async function acquire(
  options: HostOptions,
  config: NetworkConfig,
  backend: Backend,
): Promise<Lease> {
  const { store, external, subnetFile, random, log } = options;
  const attributes = {
    publicAddress: external.publicAddress,
    backendType: backend.type,
    ...(backend.data === undefined ? {} : { backendData: backend.data }),
  };
  const previous = await readPreviousSubnet(subnetFile);
  try {
    return await acquireLease({ store, config, attributes, previous, random, log });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new StartError(`Error registering network: failed to acquire lease: ${why}`);
  }
}

async function takePart(
  options: HostOptions,
  { network }: NetworkConfig,
  backend: Backend,
  lease: Lease,
): Promise<HostOutcome> {
  const { store, run, clock, log, subnetFile, ipMasq, renewMarginMs } = options;
  const { subnet } = lease;
  const life = new AbortController();
  const signal = AbortSignal.any([options.signal, life.signal]);
  await backend.attach(subnet);
  const { forwardRules: forward, rulesPeriodMs: periodMs } = options;
  const rules = { network, subnet, ipMasq, forward, periodMs };
  await keepPacketRules({ ...rules, run, clock, log, signal });
  await writeSubnetFile(subnetFile, { network, subnet, mtu: backend.mtu, ipMasq });

  const overlay = new Overlay({ backend, subnet, clock, log });
  let outcome: HostOutcome = "stopped";
  const onRevoked = () => {
    log.warn("Lease has been revoked. Shutting down daemon.");
    outcome = "revoked";
    life.abort();
  };
  const keeper = new LeaseKeeper({ store, lease, renewMarginMs, clock, log, onRevoked });
  let firstSync: Promise<void> = Promise.resolve();
  const onChange = (leases: readonly Lease[]) => {
    firstSync = overlay.update(leases);
    keeper.observe(leases);
  };
  try {
    await watchLeases({ store, clock, log, signal, onChange });
    await firstSync;
    if (!signal.aborted) options.onReady(lease);
    await aborted(signal);
  } finally {
    keeper.stop();
    await overlay.stop();
  }
  return outcome;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
