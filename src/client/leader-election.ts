/**
 * Leader election: of several that could do the work, the one that holds a Lease does it.
 *
 * The holder renews its Lease every 2 s; whoever has seen no renewal for 15 s may take it. A holder
 * that fails to renew for 10 s stops, so that it has stopped before another starts.
 *
 * Rule: nobody compares clocks. What counts is how long ago, by one's own clock, the record was
 * seen to change.
 *
 * In Kubernetes: k8s.io/client-go/tools/leaderelection.
 */
import { isDeepStrictEqual } from "node:util";
import type { LeaseSpec } from "kubernetes-types/coordination/v1.js";
import { isAlreadyExists, isConflict, isNotFound } from "../api/errors.ts";
import { Lease } from "../api/lease.ts";
import { type Clock, pause, toApiMicroTime } from "../component/clock.ts";
import type { Log } from "../component/log.ts";
import type { Random } from "../component/random.ts";
import type { Client } from "./client.ts";
import type { EventRecorder } from "./events.ts";

export interface LeaderElectionOptions {
  client: Client;
  clock: Clock;
  random: Random;
  log: Log;
  signal: AbortSignal;
  /** "kube-system", "kube-scheduler". */
  namespace: string;
  name: string;
  /** Who we are, different for each candidate: "master_0e9c...". */
  identity: string;
  events?: EventRecorder;
  leaseDurationMs?: number;
  renewDeadlineMs?: number;
  retryPeriodMs?: number;
  /** Told whenever the leader is another than before, ourselves included. */
  onNewLeader?(identity: string): void;
}

/** The chance by which candidates keep out of each other's step: up to 1.2 periods more. */
export const JITTER = 1.2;

/**
 * Waits to become the leader, then calls `lead` with a signal that aborts when leadership is lost
 * or the component stops. Resolves "lost" or "stopped" after `lead` has been told; who stops of his
 * own will gives the Lease back.
 */
export async function runAsLeader(
  options: LeaderElectionOptions,
  lead: (signal: AbortSignal) => void,
): Promise<"lost" | "stopped"> {
  const candidate = new Candidate(options);
  if (!(await candidate.acquire())) return "stopped";
  const leadership = new AbortController();
  try {
    lead(AbortSignal.any([options.signal, leadership.signal]));
    await candidate.renewUntilLost();
  } finally {
    leadership.abort();
    if (options.signal.aborted) await candidate.release();
  }
  return options.signal.aborted ? "stopped" : "lost";
}

class Candidate {
  readonly #options: LeaderElectionOptions;
  readonly #leaseMs: number;
  readonly #deadlineMs: number;
  readonly #retryMs: number;
  /** The Lease as last seen, and when by our clock it was seen to have changed. */
  #lease: Lease | undefined;
  #observedMs = 0;
  #leader = "";

  constructor(options: LeaderElectionOptions) {
    const { leaseDurationMs = 15_000, renewDeadlineMs = 10_000, retryPeriodMs = 2_000 } = options;
    this.#options = options;
    this.#leaseMs = leaseDurationMs;
    this.#deadlineMs = renewDeadlineMs;
    this.#retryMs = retryPeriodMs;
  }

  /** False when the signal aborted first. */
  async acquire(): Promise<boolean> {
    const { signal, log, random, events, identity } = this.#options;
    log.info(`attempting to acquire leader lease ${this.#path}...`);
    while (!signal.aborted) {
      if (await this.#tryOnce()) {
        log.info(`successfully acquired lease ${this.#path}`);
        events?.event(this.#lease!, "Normal", "LeaderElection", `${identity} became leader`);
        return true;
      }
      await this.#pause(this.#retryMs * (1 + JITTER * random.next()));
    }
    return false;
  }

  async renewUntilLost(): Promise<void> {
    const { signal, log, clock, events, identity } = this.#options;
    let renewedMs = clock.monotonicMs();
    while (!signal.aborted) {
      await this.#pause(this.#retryMs);
      if (signal.aborted) return;
      if (await this.#withinDeadline(renewedMs)) {
        renewedMs = clock.monotonicMs();
      } else if (!this.#isHolder || clock.monotonicMs() - renewedMs >= this.#deadlineMs) {
        log.warn(`failed to renew lease ${this.#path}: timed out waiting for the condition`);
        events?.event(this.#lease!, "Normal", "LeaderElection", `${identity} stopped leading`);
        return;
      }
    }
  }

  /** Gives the Lease back, so that the next need not wait until it runs out. */
  async release(): Promise<void> {
    const { client, log } = this.#options;
    if (!this.#isHolder) return;
    const now = this.#now();
    const spec = {
      ...this.#lease!.spec,
      leaseDurationSeconds: 1,
      renewTime: now,
      acquireTime: now,
    };
    try {
      await client.update(Lease, { ...this.#lease!, spec: { ...spec, holderIdentity: "" } });
    } catch (error) {
      log.error("Failed to release lock", error);
    }
  }

  /** One attempt, given up when the deadline for renewing passes before the server answers. */
  #withinDeadline(renewedMs: number): Promise<boolean> {
    const { clock } = this.#options;
    const leftMs = Math.max(renewedMs + this.#deadlineMs - clock.monotonicMs(), 0);
    return new Promise((resolve) => {
      const deadline = clock.setTimeout(() => resolve(false), leftMs);
      void this.#tryOnce().then((isRenewed) => {
        deadline.cancel();
        resolve(isRenewed);
      });
    });
  }

  async #tryOnce(): Promise<boolean> {
    const { log } = this.#options;
    try {
      return await this.#tryAcquireOrRenew();
    } catch (error) {
      if (isConflict(error) || isAlreadyExists(error)) log.info("Another was faster", {}, 4);
      else log.error(`error retrieving resource lock ${this.#path}`, error);
      return false;
    }
  }

  async #tryAcquireOrRenew(): Promise<boolean> {
    return (await this.#renewAsSeen()) || (await this.#readAndWrite());
  }

  /** The holder is likely to know the Lease as it is: nobody else writes it. So it need not read it first. */
  async #renewAsSeen(): Promise<boolean> {
    if (!this.#isHolder || !this.#isValid(this.#lease!)) return false;
    try {
      await this.#write(this.#lease!);
      return true;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const words = `Failed to update lock optimistically: ${why}, falling back to slow path`;
      this.#options.log.info(words, {}, 4);
      return false;
    }
  }

  async #readAndWrite(): Promise<boolean> {
    const { client, namespace, name, identity } = this.#options;
    const old = await this.#read();
    if (old === undefined) {
      const spec = this.#record(undefined);
      this.#observe(await client.create(Lease, namespace, { metadata: { name }, spec }));
      return true;
    }
    this.#observe(old);
    const { holderIdentity = "" } = old.spec;
    if (holderIdentity !== "" && holderIdentity !== identity && this.#isValid(old)) return false;
    await this.#write(old);
    return true;
  }

  async #write(old: Lease): Promise<void> {
    const spec = this.#record(old.spec);
    this.#observe(await this.#options.client.update(Lease, { ...old, spec }));
  }

  /** By our own clock it has not run out since it was seen to change. */
  #isValid({ spec: { leaseDurationSeconds } }: Lease): boolean {
    const validMs = (leaseDurationSeconds ?? this.#leaseMs / 1000) * 1000;
    return this.#observedMs + validMs > this.#options.clock.monotonicMs();
  }

  async #read(): Promise<Lease | undefined> {
    const { client, namespace, name } = this.#options;
    try {
      return await client.get(Lease, namespace, name);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  #record(old: LeaseSpec | undefined): LeaseSpec {
    const { identity } = this.#options;
    const isRenewal = old?.holderIdentity === identity;
    const now = this.#now();
    const transitions = (old?.leaseTransitions ?? 0) + (old === undefined || isRenewal ? 0 : 1);
    return {
      holderIdentity: identity,
      leaseDurationSeconds: Math.ceil(this.#leaseMs / 1000),
      acquireTime: (isRenewal ? old.acquireTime : undefined) ?? now,
      renewTime: now,
      leaseTransitions: transitions,
    };
  }

  #observe(lease: Lease): void {
    if (isDeepStrictEqual(lease.spec, this.#lease?.spec)) {
      this.#lease = lease;
      return;
    }
    this.#lease = lease;
    this.#observedMs = this.#options.clock.monotonicMs();
    const leader = lease.spec.holderIdentity ?? "";
    if (leader === this.#leader) return;
    this.#leader = leader;
    if (leader !== "") this.#options.onNewLeader?.(leader);
  }

  get #isHolder(): boolean {
    return this.#lease?.spec.holderIdentity === this.#options.identity;
  }

  get #path(): string {
    return `${this.#options.namespace}/${this.#options.name}`;
  }

  #now(): string {
    return toApiMicroTime(this.#options.clock.now());
  }

  #pause(delayMs: number): Promise<void> {
    const { clock, signal } = this.#options;
    return pause(clock, delayMs, signal);
  }
}
