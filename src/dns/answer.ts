/**
 * An answer, and the bytes it is sent as.
 *
 * Rule: it repeats the question byte for byte; a record of the name that was asked for points to
 * it there (RFC 1035, 4.1.4). What does not fit is left out, and if that is more than additional
 * records, the answer says so (TC), and the client asks again over TCP.
 *
 * In Kubernetes: github.com/miekg/dns (msg.go), github.com/coredns/coredns/request
 */
import { encode, type Answer as WireAnswer } from "dns-packet";
import { HEADER_BYTES, type Query } from "./query.ts";

export const RCODES = {
  NOERROR: 0,
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
  /** The upper bits of this one are in the OPT record. */
  BADVERS: 16,
} as const;

export type Rcode = keyof typeof RCODES;

export interface Answer {
  rcode: Rcode;
  /** True for what this server knows by itself. */
  isAuthoritative: boolean;
  answers: readonly WireAnswer[];
  authorities: readonly WireAnswer[];
  additionals: readonly WireAnswer[];
}

/** What fits into a datagram on any path, whatever larger size a client offers to take. */
export const UDP_BYTES = 1_232;
const UDP_BYTES_WITHOUT_EDNS = 512;
export const TCP_BYTES = 65_535;

const RESPONSE = 0x8000;
const AUTHORITATIVE = 0x0400;
export const TRUNCATED = 0x0200;
const RECURSION_AVAILABLE = 0x0080;
const OPT_BYTES = 11;

export function emptyAnswer(rcode: Rcode): Answer {
  return { rcode, isAuthoritative: false, answers: [], authorities: [], additionals: [] };
}

/** How long an answer to `query` may be over UDP. */
export function udpLimitOf({ edns }: Query): number {
  if (edns === undefined) return UDP_BYTES_WITHOUT_EDNS;
  return Math.min(Math.max(edns.udpBytes, UDP_BYTES_WITHOUT_EDNS), UDP_BYTES);
}

export function encodeAnswer(query: Query, answer: Answer, limit: number): Buffer {
  const { question, edns } = query;
  const { answers, authorities, additionals, rcode } = answer;
  const message = new MessageWriter(query, limit - (edns ? OPT_BYTES : 0));
  const counts = [answers, authorities, additionals].map((records) => message.add(records));
  const isCut = counts[0]! < answers.length || counts[1]! < authorities.length;
  const parts = edns ? [encodeOpt(RCODES[rcode] >> 4, edns.wantsDnssec)] : [];
  return message.finish(
    flagsOf(query, answer) | (isCut ? TRUNCATED : 0),
    [question.length === 0 ? 0 : 1, counts[0]!, counts[1]!, counts[2]! + parts.length],
    parts,
  );
}

function flagsOf({ flags, opcode }: Query, { isAuthoritative, rcode }: Answer): number {
  const own = RESPONSE | RECURSION_AVAILABLE | (isAuthoritative ? AUTHORITATIVE : 0);
  return own | flags | (opcode << 11) | (RCODES[rcode] & 0xf);
}

/** Puts records behind one another while there is room. */
class MessageWriter {
  readonly #query: Query;
  readonly #parts: Buffer[] = [];
  #room: number;

  constructor(query: Query, limit: number) {
    this.#query = query;
    this.#room = limit - HEADER_BYTES - query.question.length;
  }

  /** How many of them there was room for. */
  add(records: readonly WireAnswer[]): number {
    for (const [count, record] of records.entries()) {
      const { owner, body } = encodedRecord(record);
      const name = this.#isAsked(record.name) ? POINTER_TO_QUESTION : owner;
      this.#room -= name.length + body.length;
      if (this.#room < 0) return count;
      this.#parts.push(name, body);
    }
    return records.length;
  }

  finish(flags: number, counts: readonly number[], more: readonly Buffer[]): Buffer {
    const header = Buffer.allocUnsafe(HEADER_BYTES);
    for (const [i, word] of [this.#query.id, flags, ...counts].entries()) {
      header.writeUInt16BE(word, 2 * i);
    }
    return Buffer.concat([header, this.#query.question, ...this.#parts, ...more]);
  }

  #isAsked(name: string): boolean {
    const { name: asked } = this.#query;
    return asked !== "" && (name === asked || name.toLowerCase() === asked);
  }
}

/**
 * An upstream's answer as the client has to see it: with the client's own id and question, and
 * without any record where all of them are too many.
 */
export function relayAnswer(query: Query, upstream: Buffer, limit: number): Buffer {
  const cut = HEADER_BYTES + query.question.length;
  const isCut = upstream.length > limit;
  const bytes = Buffer.from(isCut ? upstream.subarray(0, cut) : upstream);
  bytes.writeUInt16BE(query.id, 0);
  const flags = (bytes.readUInt16BE(2) & ~0x0110) | query.flags | RECURSION_AVAILABLE;
  bytes.writeUInt16BE(isCut ? flags | TRUNCATED : flags, 2);
  if (isCut) bytes.fill(0, 6, HEADER_BYTES);
  query.question.copy(bytes, HEADER_BYTES);
  return bytes;
}

/** The record that says which size we take, and of EDNS itself that we speak version 0. */
export function encodeOpt(extendedRcode: number, wantsDnssec: boolean): Buffer {
  const opt = Buffer.alloc(OPT_BYTES);
  opt.writeUInt16BE(41, 1);
  opt.writeUInt16BE(UDP_BYTES, 3);
  opt.writeUInt8(extendedRcode, 5);
  if (wantsDnssec) opt.writeUInt16BE(0x8000, 7);
  return opt;
}

interface EncodedRecord {
  owner: Buffer;
  /** Type, class, time to live and data. */
  body: Buffer;
}

const POINTER_TO_QUESTION = Buffer.from([0xc0, HEADER_BYTES]);
/** Records are never changed, and are answered again and again. */
const encoded = new WeakMap<WireAnswer, EncodedRecord>();

function encodedRecord(record: WireAnswer): EncodedRecord {
  const known = encoded.get(record);
  if (known !== undefined) return known;
  const bytes = encode({ type: "response", answers: [record] });
  const nameBytes =
    record.name === "." || record.name === "" ? 1 : Buffer.byteLength(record.name) + 2;
  const end = HEADER_BYTES + nameBytes;
  const one = { owner: bytes.subarray(HEADER_BYTES, end), body: bytes.subarray(end) };
  encoded.set(record, one);
  return one;
}
