/**
 * Chance, as a parameter: the same seed gives the same cluster twice.
 *
 * In Kubernetes: k8s.io/apimachinery/pkg/util/rand, k8s.io/apimachinery/pkg/util/uuid.
 */
import { randomBytes } from "node:crypto";

export interface Random {
  /** A number from 0 (included) to 1 (excluded). */
  next(): number;
  /** `length` random bytes. */
  bytes(length: number): Buffer;
}

/** Fetched in advance: asking the system for sixteen bytes costs as much as for thousands. */
const POOL_BYTES = 4_096;
let pool = Buffer.alloc(0);

/** Every byte of the pool is given away once. */
function systemBytes(length: number): Buffer {
  if (length > POOL_BYTES) return randomBytes(length);
  if (pool.length < length) pool = randomBytes(POOL_BYTES);
  const bytes = pool.subarray(0, length);
  pool = pool.subarray(length);
  return bytes;
}

export const systemRandom: Random = {
  next: () => systemBytes(4).readUInt32BE() / 2 ** 32,
  bytes: systemBytes,
};

/** A repeatable source (mulberry32). Not for secrets. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return { next, bytes: (length) => Buffer.from(Array.from({ length }, () => next() * 256)) };
}

/** No vowels and no look-alikes, so that no word and no misreading comes out. */
const NAME_LETTERS = "bcdfghjklmnpqrstvwxz2456789";

/** The random end of a generated name. */
export function randomSuffix(random: Random, length = 5): string {
  let suffix = "";
  for (const byte of random.bytes(length)) suffix += NAME_LETTERS[byte % NAME_LETTERS.length];
  return suffix;
}

/** A version 4 UUID. */
export function randomUuid(random: Random): string {
  const bytes = random.bytes(16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString("hex");
  return [8, 12, 16, 20, 32].map((end, i) => hex.slice([0, 8, 12, 16, 20][i], end)).join("-");
}
