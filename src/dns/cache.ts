/**
 * The answers of other servers, kept for as long as they say, and never longer than a limit.
 *
 * An answer without records (no such name, no such type) is kept as its SOA record says (RFC 2308);
 * a failure is not kept. The oldest goes when there is no room.
 *
 * In Kubernetes: github.com/coredns/coredns/plugin/cache. Differs: does not fetch ahead, and forgets
 * what has expired.
 */
import type { Clock } from "../component/clock.ts";
import { TRUNCATED } from "./answer.ts";
import { type RecordPlace, recordPlaces } from "./message-records.ts";
import { TYPE_NUMBERS } from "./record.ts";

export interface CacheOptions {
  clock: Clock;
  /** At most so many answers. */
  size?: number;
  maxTtlSeconds?: number;
}

interface Entry {
  message: Buffer;
  places: RecordPlace[];
  storedMs: number;
  expiresMs: number;
}

const SIZE = 10_000;
const MAX_TTL_SECONDS = 30;
const NOERROR = 0;
const NXDOMAIN = 3;

export class AnswerCache {
  readonly #entries = new Map<string, Entry>();
  readonly #clock: Clock;
  readonly #size: number;
  readonly #maxTtlSeconds: number;

  constructor({ clock, size = SIZE, maxTtlSeconds = MAX_TTL_SECONDS }: CacheOptions) {
    this.#clock = clock;
    this.#size = size;
    this.#maxTtlSeconds = maxTtlSeconds;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** A copy, its times to live counted down. */
  get(key: string): Buffer | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    const nowMs = this.#clock.monotonicMs();
    if (nowMs >= entry.expiresMs) {
      this.#entries.delete(key);
      return undefined;
    }
    const message = Buffer.from(entry.message);
    const ageSeconds = Math.floor((nowMs - entry.storedMs) / 1_000);
    for (const { ttl, ttlAt } of entry.places) {
      message.writeUInt32BE(Math.max(0, Math.min(ttl, this.#maxTtlSeconds) - ageSeconds), ttlAt);
    }
    return message;
  }

  put(key: string, message: Buffer): void {
    const places = recordPlaces(message);
    const ttlSeconds = Math.min(lifetimeOf(message, places), this.#maxTtlSeconds);
    if (ttlSeconds <= 0) return;
    const storedMs = this.#clock.monotonicMs();
    const expiresMs = storedMs + ttlSeconds * 1_000;
    this.#entries.delete(key);
    this.#entries.set(key, { message: Buffer.from(message), places, storedMs, expiresMs });
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > this.#size) this.#entries.delete(oldest!);
  }

  clear(): void {
    this.#entries.clear();
  }
}

/** In seconds; 0 for what must not be kept. */
function lifetimeOf(message: Buffer, places: RecordPlace[]): number {
  const flags = message.readUInt16BE(2);
  const rcode = flags & 0xf;
  if (flags & TRUNCATED || (rcode !== NOERROR && rcode !== NXDOMAIN)) return 0;
  const answers = places.filter(({ section }) => section === "answers");
  if (rcode === NOERROR && answers.length > 0) {
    return Math.min(...places.map(({ ttl }) => ttl));
  }
  const soa = places.find(
    ({ section, type }) => section === "authorities" && type === TYPE_NUMBERS.SOA,
  );
  if (soa === undefined) return 0;
  return Math.min(soa.ttl, message.readUInt32BE(soa.end - 4), ...answers.map(({ ttl }) => ttl));
}
