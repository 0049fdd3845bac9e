/**
 * Asks other servers what the cluster does not know: those of a stub domain for the names in it,
 * the upstream servers for all others.
 *
 * Rule: a question that is being asked already is waited for, not asked twice; so a loop (an
 * upstream that asks us back) costs one time-out instead of the whole machine. A server that does
 * not answer, or fails, is followed by the next, which is then asked first from there on.
 * Upstream servers that are found to ask us back are asked no more.
 *
 * In Kubernetes: github.com/coredns/coredns/plugin/forward; dnsmasq in kube-dns
 */
import { encode } from "dns-packet";
import type { Clock } from "../component/clock.ts";
import type { Log } from "../component/log.ts";
import type { Random } from "../component/random.ts";
import { encodeOpt } from "./answer.ts";
import type { AnswerCache } from "./cache.ts";
import { isWithin } from "./domain-name.ts";
import { isWellFormed } from "./message-records.ts";
import { HEADER_BYTES, type Query, questionKey, readQuery } from "./query.ts";
import type { Forward } from "./resolver.ts";
import { exchange, nameOfUpstream, type Upstream, UpstreamError } from "./upstream.ts";

/** Who is asked for which names: "" is for all that no other zone is for. */
export type UpstreamsByZone = ReadonlyMap<string, readonly Upstream[]>;

export interface ForwarderOptions {
  upstreams: UpstreamsByZone;
  cache: AnswerCache;
  clock: Clock;
  random: Random;
  log: Log;
  signal: AbortSignal;
  /** How long one server is waited for. */
  timeoutMs?: number;
  observer?: ForwardObserver;
}

export interface ForwardObserver {
  asked(upstream: string, outcome: "answered" | "failed", tookMs: number): void;
  lookedUp(outcome: "hit" | "miss"): void;
}

const TIMEOUT_MS = 1_500;
/** Each server is asked at most so many times for one question. */
const ROUNDS = 2;
/** A client has given up by then. */
const DEADLINE_MS = 4_500;
const QUESTIONS_MAX = 1_000;
const RECURSION_DESIRED = 0x0100;
const CHECKING_DISABLED = 0x0010;
const SERVFAIL = 2;
const REFUSED = 5;

export class Forwarder implements Forward {
  readonly #options: ForwarderOptions;
  #zones: { zone: string; upstreams: readonly Upstream[] }[] = [];
  readonly #asking = new Map<string, Promise<Buffer>>();
  /** By zone: which server is asked first. */
  readonly #first = new Map<string, number>();
  /** A name that nobody else can have thought of. */
  readonly #probe: string;

  constructor(options: ForwarderOptions) {
    this.#options = options;
    this.#probe = `${options.random.bytes(16).toString("hex")}.loop`;
    this.use(options.upstreams);
  }

  /** From now on these are asked. What others have answered is forgotten. */
  use(upstreams: UpstreamsByZone): void {
    this.#zones = [...upstreams]
      .map(([zone, servers]) => ({ zone, upstreams: servers }))
      .filter(({ upstreams: servers }) => servers.length > 0)
      .toSorted((a, b) => b.zone.length - a.zone.length);
    this.#first.clear();
    this.#options.cache.clear();
  }

  zoneOf(name: string): string | undefined {
    return this.#zones.find(({ zone }) => isWithin(name, zone))?.zone;
  }

  /**
   * Asks the upstream servers for a name that only we know. Whoever asks us for it has got it from
   * there. In Kubernetes: coredns/plugin/loop, which ends the server.
   */
  async probeForLoop(): Promise<void> {
    if (this.zoneOf(this.#probe) === undefined) return;
    try {
      await this.#askAll(readQuery(encode({ questions: [{ name: this.#probe, type: "HINFO" }] }))!);
    } catch (error) {
      if (!(error instanceof UpstreamError)) throw error;
      this.#options.log.warn("The upstream servers can't be reached", { err: error.message });
    }
  }

  #stopLoop(): void {
    const loops = this.zoneOf(this.#probe);
    this.#zones = this.#zones.filter(({ zone }) => zone !== loops);
    const why = "the upstream servers ask this server back; nothing is asked there any more";
    this.#options.log.error('Loop detected for zone "."', why);
  }

  /** Rejects with an UpstreamError where nobody answers. */
  async ask(query: Query): Promise<Buffer> {
    if (query.name === this.#probe) {
      this.#stopLoop();
      throw new UpstreamError("a loop");
    }
    const { cache, observer } = this.#options;
    const key = questionKey(query);
    const cached = cache.get(key);
    observer?.lookedUp(cached === undefined ? "miss" : "hit");
    if (cached !== undefined) return cached;
    const asking = this.#asking.get(key);
    if (asking !== undefined) return asking;
    if (this.#asking.size >= QUESTIONS_MAX) throw new UpstreamError("too many questions at once");
    const asked = this.#askAll(query).finally(() => this.#asking.delete(key));
    this.#asking.set(key, asked);
    const answer = await asked;
    cache.put(key, answer);
    return answer;
  }

  async #askAll(query: Query): Promise<Buffer> {
    const { clock } = this.#options;
    const { zone, upstreams } = this.#zones.find((one) => isWithin(query.name, one.zone))!;
    const startMs = clock.monotonicMs();
    const failures: string[] = [];
    let refusal: Buffer | undefined;
    for (let i = 0; i < ROUNDS * upstreams.length; i++) {
      const first = this.#first.get(zone) ?? 0;
      const upstream = upstreams[first % upstreams.length]!;
      const leftMs = DEADLINE_MS - (clock.monotonicMs() - startMs);
      if (leftMs <= 0) break;
      try {
        const answer = await this.#askOne(query, upstream, leftMs);
        if (!isFailure(answer)) return answer;
        refusal = answer;
        if (i >= upstreams.length - 1) break;
      } catch (error) {
        if (!(error instanceof UpstreamError)) throw error;
        failures.push(error.message);
        if (this.#options.signal.aborted) break;
      }
      this.#first.set(zone, (first + 1) % upstreams.length);
    }
    if (refusal !== undefined) return refusal;
    throw new UpstreamError(`no upstream answers: ${failures.join("; ")}`);
  }

  async #askOne(query: Query, upstream: Upstream, leftMs: number): Promise<Buffer> {
    const { clock, random, signal, observer, timeoutMs = TIMEOUT_MS } = this.#options;
    const startMs = clock.monotonicMs();
    const report = (outcome: "answered" | "failed") =>
      observer?.asked(nameOfUpstream(upstream), outcome, clock.monotonicMs() - startMs);
    try {
      const answer = await exchange(upstream, {
        message: questionFor(query, random),
        questionEnd: HEADER_BYTES + query.question.length,
        timeoutMs: Math.min(timeoutMs, leftMs),
        clock,
        signal,
      });
      if (!isWellFormed(answer)) {
        throw new UpstreamError(`${nameOfUpstream(upstream)}: malformed answer`);
      }
      report("answered");
      return answer;
    } catch (error) {
      report("failed");
      throw error;
    }
  }
}

/** The client's question in a message of our own: our id, our size, none of its other options. */
function questionFor({ question, flags, edns }: Query, random: Random): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  random.bytes(2).copy(header);
  header.writeUInt16BE(RECURSION_DESIRED | (flags & CHECKING_DISABLED), 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(edns === undefined ? 0 : 1, 10);
  const opt = edns === undefined ? [] : [encodeOpt(0, edns.wantsDnssec)];
  return Buffer.concat([header, question, ...opt]);
}

/** It can't, or does not want to: another may. */
function isFailure(answer: Buffer): boolean {
  const rcode = answer[3]! & 0xf;
  return rcode === SERVFAIL || rcode === REFUSED;
}
