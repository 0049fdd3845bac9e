/**
 * The event recorder: notes what happened to an object, for `kubectl describe` and `get events`.
 *
 * Rule: events are for people, and must never harm what they tell of. Recording neither throws nor
 * waits; the line is bounded, and what cannot be written is logged and dropped.
 *
 * In Kubernetes: k8s.io/client-go/tools/record (event.go). Differs: one recorder is its own sink.
 */
import { ApiError, hasReason, isAlreadyExists, isNotFound } from "../api/errors.ts";
import { Event } from "../api/event.ts";
import type { KubeObject } from "../api/kind.ts";
import { type Clock, pause, toApiTime } from "../component/clock.ts";
import type { Log } from "../component/log.ts";
import type { Random } from "../component/random.ts";
import type { Client } from "./client.ts";
import { EventCorrelator } from "./event-correlator.ts";

export interface EventRecorder {
  /**
   * Tells of something that happened to `about`, for `kubectl describe` and `get events`. Never
   * throws and never waits: an event that cannot be written is logged and dropped.
   * `fieldPath` names a part of the object: "spec.containers{nginx}".
   */
  event(
    about: KubeObject,
    type: "Normal" | "Warning",
    reason: string,
    message: string,
    fieldPath?: string,
  ): void;
}

export interface EventRecorderOptions {
  client: Client;
  /** Who tells: "replication-controller", "kubelet". */
  component: string;
  /** The node it tells from. */
  host?: string;
  clock: Clock;
  random: Random;
  log: Log;
  signal: AbortSignal;
}

/** A recorder that can say whether all it was told has been written. */
export interface RunningEventRecorder extends EventRecorder {
  readonly idle: boolean;
}

const LONGEST_LINE = 1_000;
const TRIES = 12;
const RETRY_MS = 10_000;

export function createEventRecorder(options: EventRecorderOptions): RunningEventRecorder {
  return new Recorder(options);
}

class Recorder implements RunningEventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #correlator: EventCorrelator;
  readonly #line: Event[] = [];
  #isWriting = false;
  #lastStamp = 0n;

  constructor(options: EventRecorderOptions) {
    this.#options = { ...options, signal: AbortSignal.any([options.signal]) };
    this.#correlator = new EventCorrelator(options.clock);
  }

  get idle(): boolean {
    return !this.#isWriting;
  }

  event(
    about: KubeObject,
    type: "Normal" | "Warning",
    reason: string,
    message: string,
    fieldPath?: string,
  ): void {
    if (this.#options.signal.aborted) return;
    if (this.#line.length >= LONGEST_LINE) {
      this.#options.log.warn("Too many events in line, dropped one", { reason, message });
      return;
    }
    this.#line.push(this.#draft(about, type, reason, message, fieldPath));
    if (!this.#isWriting) void this.#writeAll();
  }

  #draft(
    about: KubeObject,
    type: "Normal" | "Warning",
    reason: string,
    message: string,
    fieldPath: string | undefined,
  ): Event {
    const { component, host, clock } = this.#options;
    const { name, namespace, uid, resourceVersion } = about.metadata;
    const now = toApiTime(clock.now());
    return {
      apiVersion: "v1",
      kind: "Event",
      metadata: { name: `${name}.${this.#stamp()}`, namespace: namespace || "default" },
      involvedObject: {
        kind: about.kind,
        ...(namespace ? { namespace } : {}),
        name,
        ...(uid === undefined ? {} : { uid }),
        apiVersion: about.apiVersion,
        ...(resourceVersion === undefined ? {} : { resourceVersion }),
        ...(fieldPath === undefined ? {} : { fieldPath }),
      },
      reason,
      message,
      source: { component, ...(host === undefined ? {} : { host }) },
      firstTimestamp: now,
      lastTimestamp: now,
      count: 1,
      type,
      reportingComponent: component,
      reportingInstance: host ?? "",
    };
  }

  /** The time in nanoseconds, in hex; never the same twice. */
  #stamp(): string {
    const { clock, random } = this.#options;
    const nanoseconds = Math.floor(random.next() * 1e6);
    const now = BigInt(clock.now().getTime()) * 1_000_000n + BigInt(nanoseconds);
    this.#lastStamp = now > this.#lastStamp ? now : this.#lastStamp + 1n;
    return this.#lastStamp.toString(16);
  }

  async #writeAll(): Promise<void> {
    this.#isWriting = true;
    for (let draft = this.#line.shift(); draft; draft = this.#line.shift()) {
      const event = this.#correlator.correlate(draft);
      if (event !== undefined) await this.#write(event);
    }
    this.#isWriting = false;
  }

  async #write(event: Event): Promise<void> {
    const { clock, random, log, signal } = this.#options;
    for (let tries = 1; !signal.aborted; tries++) {
      try {
        this.#correlator.written(await this.#send(event));
        return;
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof ApiError) return this.#reject(event, error);
        if (tries >= TRIES) {
          return log.error("Unable to write event (retry limit exceeded!)", error);
        }
        const delayMs = tries === 1 ? RETRY_MS * random.next() : RETRY_MS;
        await pause(clock, delayMs, signal);
      }
    }
  }

  /** The same event again is a patch of the first one; where that has gone, a new one. */
  async #send(event: Event): Promise<Event> {
    const { client } = this.#options;
    const { metadata, count, message, lastTimestamp } = event;
    const namespace = metadata.namespace!;
    if ((count ?? 1) > 1) {
      try {
        const patch = { count, message, lastTimestamp };
        return await client.patch(Event, namespace, metadata.name, patch);
      } catch (error) {
        if (!isNotFound(error)) throw error;
        const name = `${event.involvedObject.name}.${this.#stamp()}`;
        return client.create(Event, namespace, { ...event, metadata: { name, namespace } });
      }
    }
    return client.create(Event, namespace, event);
  }

  #reject(event: Event, error: ApiError): void {
    const { log } = this.#options;
    const fields = { event: event.metadata.name, reason: event.reason };
    const isExpected = isAlreadyExists(error) || hasReason(error, "Forbidden");
    if (isExpected) log.info(`Server rejected event: ${error.message}`, fields, 2);
    else log.warn(`Server rejected event (will not retry!): ${error.message}`, fields);
  }
}
