/**
 * Where the records of a message are, read from its bytes: for a cache, which keeps other servers'
 * answers as they came and only counts their times to live down.
 *
 * In Kubernetes: github.com/coredns/coredns/plugin/pkg/dnsutil/ttl.go
 */
import { HEADER_BYTES } from "./query.ts";
import { TYPE_NUMBERS } from "./record.ts";

export interface RecordPlace {
  section: "answers" | "authorities" | "additionals";
  type: number;
  ttl: number;
  /** Where the time to live is written. */
  ttlAt: number;
  /** Behind the record's last byte. */
  end: number;
}

const SECTIONS = ["answers", "authorities", "additionals"] as const;
const QUESTION_BYTES = 4;

/** All records but OPT. Throws a RangeError where the message ends too early. */
export function recordPlaces(message: Buffer): RecordPlace[] {
  const places: RecordPlace[] = [];
  let at = HEADER_BYTES;
  for (let i = message.readUInt16BE(4); i > 0; i--) at = nameEnd(message, at) + QUESTION_BYTES;
  for (const [index, section] of SECTIONS.entries()) {
    for (let i = message.readUInt16BE(6 + 2 * index); i > 0; i--) {
      at = nameEnd(message, at);
      const type = message.readUInt16BE(at);
      const ttl = message.readUInt32BE(at + 4);
      const end = at + 10 + message.readUInt16BE(at + 8);
      if (end > message.length) throw new RangeError("a record has no end");
      if (type !== TYPE_NUMBERS.OPT) places.push({ section, type, ttl, ttlAt: at + 4, end });
      at = end;
    }
  }
  return places;
}

export function isWellFormed(message: Buffer): boolean {
  try {
    return recordPlaces(message).every(({ end }) => end <= message.length);
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

function nameEnd(message: Buffer, start: number): number {
  for (let at = start; ; ) {
    const length = message.readUInt8(at);
    if (length === 0) return at + 1;
    if (length >= 0xc0) return at + 2;
    at += 1 + length;
  }
}
