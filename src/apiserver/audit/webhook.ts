/**
 * --audit-webhook-config-file: another server is told of what happens, many events at a time. Nobody waits for it;
 * while it does not answer, as many events are kept as the buffer holds, and the rest are dropped, which is logged.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/plugin/pkg/audit/{webhook,buffered}. Differs: of the modes there is batch alone.
 */
import type { Transport } from "../../client/transport.ts";
import { type Clock, pause, type Timer } from "../../component/clock.ts";
import type { Log } from "../../component/log.ts";

export interface AuditWebhookOptions {
  transport: Transport;
  /** Where under the server events are sent to. */
  path: string;
  headers: Record<string, string>;
  /** --audit-webhook-batch-max-size */
  maxSize: number;
  /** --audit-webhook-batch-max-wait */
  maxWaitMs: number;
  /** --audit-webhook-batch-buffer-size */
  bufferSize: number;
  /** --audit-webhook-initial-backoff */
  initialBackoffMs: number;
  clock: Clock;
  log: Log;
}

const TRIES = 5;
const BACKOFF_FACTOR = 1.5;

export class AuditWebhook {
  readonly #options: AuditWebhookOptions;
  /** Events as JSON. */
  #waiting: string[] = [];
  #timer: Timer | undefined;
  #sending: Promise<void> = Promise.resolve();
  /** Aborts when it is closed: what is left is tried once. */
  readonly #closing = new AbortController();

  constructor(options: AuditWebhookOptions) {
    this.#options = options;
  }

  write(line: string): void {
    const { bufferSize, maxSize, maxWaitMs, clock } = this.#options;
    if (this.#waiting.length >= bufferSize) {
      this.#tellLost(1, "audit buffer queue blocked");
      return;
    }
    this.#waiting.push(line);
    if (this.#waiting.length >= maxSize) this.#sendAll();
    else this.#timer ??= clock.setTimeout(() => this.#sendAll(), maxWaitMs);
  }

  /** Sends what is left. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#sendAll();
    await this.#sending;
  }

  #sendAll(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#sending = this.#sending.then(async () => {
      while (this.#waiting.length > 0) {
        await this.#send(this.#waiting.slice(0, this.#options.maxSize));
        this.#waiting = this.#waiting.slice(this.#options.maxSize);
      }
    });
  }

  /** They stay in the buffer until they are sent, or have been tried often enough. */
  async #send(events: string[]): Promise<void> {
    const { clock, initialBackoffMs } = this.#options;
    const { signal } = this.#closing;
    for (let tried = 1, delayMs = initialBackoffMs; ; tried++, delayMs *= BACKOFF_FACTOR) {
      try {
        return await this.#post(events);
      } catch (error) {
        if (tried === TRIES || signal.aborted) {
          return this.#tellLost(events.length, (error as Error).message);
        }
      }
      await pause(clock, delayMs, signal);
    }
  }

  async #post(events: string[]): Promise<void> {
    const { transport, path, headers } = this.#options;
    const start = '{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[';
    const { status } = await transport({
      method: "POST",
      path,
      headers: { ...headers, "content-type": "application/json", accept: "application/json" },
      body: Buffer.from(`${start}${events.join(",")}]}\n`),
    });
    if (status >= 300) throw new Error(`the server responded with the status code ${status}`);
  }

  #tellLost(count: number, why: string): void {
    const { log } = this.#options;
    log.warn(`Error in audit plugin 'webhook' affecting ${count} audit events: ${why}`);
  }
}
