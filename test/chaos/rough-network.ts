/**
 * The way from each component to the API server, on which anything may go wrong: answers that are
 * errors, requests that never arrive, answers that get lost after the write has happened, slow ones,
 * watches that are cut, components nobody can reach. What goes wrong is decided by dice alone.
 */
import { createHash } from "node:crypto";
import type { ApiRequest, ApiResponse, Sink, Transport } from "../../src/client/transport.ts";
import { type Clock, sleep } from "../../src/component/clock.ts";
import type { Random } from "../../src/component/random.ts";
import { pick } from "./dice.ts";

const FAULTS = ["409", "500", "503", "429", "unsent", "unanswered", "slow", "late"] as const;
type Fault = (typeof FAULTS)[number];

/** Whom no fault meets. */
export const USER = "user";
const SLOWEST_MS = 4_000;
const MOST_AT_ONCE = 4_000;
const REASONS = {
  "409": "Conflict",
  "429": "TooManyRequests",
  "500": "InternalError",
  "503": "ServiceUnavailable",
};

/** One write as the server answered it: who, when, what. */
export interface Written {
  atMs: number;
  by: string;
  what: string;
}

export class RoughNetwork {
  /** Where requests go; undefined while nobody listens. */
  server: Transport | undefined;
  /** How likely a request is to meet a fault. */
  roughness = 0;
  /** Grows with every request and every answer: who stands still does not change it. */
  activity = 0;
  /** Requests the server has not answered yet; it never waits for time to go by. */
  inServer = 0;
  readonly writes: Written[] = [];
  /** Those who asked without an end, though no time went by. */
  readonly spins: string[] = [];
  readonly #clock: Clock;
  readonly #dice: Random;
  readonly #watches = new Map<Sink, string>();
  readonly #unreachable = new Set<string>();
  #lastMs = -1;
  /** Requests since time last moved. */
  #atOnce = 0;

  constructor(clock: Clock, dice: Random) {
    this.#clock = clock;
    this.#dice = dice;
  }

  /** A component's own way; it ends when the component does. */
  transportOf(name: string, signal: AbortSignal): Transport {
    return async (request) => {
      signal.throwIfAborted();
      this.activity++;
      if (this.#isSpinning()) return this.#spin(name, request);
      try {
        return await this.#send(name, request);
      } finally {
        this.activity++;
        signal.throwIfAborted();
      }
    };
  }

  /** Breaks each watch with a chance; those of one component only, if it is named. */
  cutWatches(chance: number, name?: string): void {
    for (const [sink, owner] of [...this.#watches]) {
      if (name !== undefined && owner !== name) continue;
      if (this.#dice.next() < chance) sink.fail(cut("socket hang up", "ECONNRESET"));
    }
  }

  isolate(name: string): void {
    this.#unreachable.add(name);
    this.cutWatches(1, name);
  }

  rejoin(name: string): void {
    this.#unreachable.delete(name);
  }

  isReachable(name: string): boolean {
    return !this.#unreachable.has(name);
  }

  #isSpinning(): boolean {
    const nowMs = this.#clock.monotonicMs();
    this.#atOnce = nowMs === this.#lastMs ? this.#atOnce + 1 : 0;
    this.#lastMs = nowMs;
    return this.#atOnce > MOST_AT_ONCE;
  }

  /** Who asks again and again while no time goes by is never answered, or nobody else would be. */
  #spin(name: string, { method, path }: ApiRequest): Promise<never> {
    this.spins.push(`${name} never rests: ${method} ${path}`);
    return new Promise(() => undefined);
  }

  async #send(name: string, request: ApiRequest): Promise<ApiResponse> {
    const isRough = name !== USER && this.roughness > 0 && this.#dice.next() < this.roughness;
    const fault = isRough ? pick(this.#dice, FAULTS) : undefined;
    if (fault !== undefined && fault in REASONS) return failure(fault as keyof typeof REASONS);
    if (fault === "unsent" || this.#unreachable.has(name)) throw cut("connect", "ECONNREFUSED");
    if (fault === "slow") await this.#pause(request);
    const response = await this.#forward(name, request);
    return this.#bringBack(fault, name, request, response);
  }

  async #forward(name: string, request: ApiRequest): Promise<ApiResponse> {
    if (this.server === undefined) throw cut("connect", "ECONNREFUSED");
    this.inServer++;
    const response = await this.server(request).finally(() => this.inServer--);
    if (request.method !== "GET") this.#note(name, request, response.status);
    return response;
  }

  async #bringBack(
    fault: Fault | undefined,
    name: string,
    request: ApiRequest,
    response: ApiResponse,
  ): Promise<ApiResponse> {
    const { body } = response;
    if (body.type === "stream") return { ...response, body: this.#followed(name, body) };
    if (fault === "unanswered") throw cut("socket hang up", "ECONNRESET");
    if (fault === "late") await this.#pause(request);
    return response;
  }

  #followed(name: string, body: { start(sink: Sink): void }) {
    const start = (sink: Sink) => {
      this.#watches.set(sink, name);
      sink.closed.addEventListener("abort", () => this.#watches.delete(sink), { once: true });
      body.start(sink);
    };
    return { type: "stream" as const, start };
  }

  #pause({ signal }: ApiRequest): Promise<void> {
    return sleep(this.#clock, this.#dice.next() * SLOWEST_MS, signal);
  }

  #note(by: string, { method, path, body }: ApiRequest, status: number): void {
    const hash = createHash("md5")
      .update(body ?? "")
      .digest("hex")
      .slice(0, 8);
    const what = `${method} ${path} ${hash} ${status}`;
    this.writes.push({ atMs: this.#clock.monotonicMs(), by, what });
  }
}

function failure(code: keyof typeof REASONS): ApiResponse {
  const reason = REASONS[code];
  const message = `as the dice fell: ${reason}`;
  const details = code === "429" ? { retryAfterSeconds: 1 } : {};
  const status = { kind: "Status", apiVersion: "v1", status: "Failure", message, reason, details };
  const chunks = [Buffer.from(JSON.stringify({ ...status, code: Number(code) }))];
  const headers: Record<string, string> = code === "429" ? { "retry-after": "1" } : {};
  return { status: Number(code), headers, body: { type: "bytes", chunks } };
}

function cut(message: string, code: string): Error {
  return Object.assign(new Error(`${message} ${code}`), { code });
}
