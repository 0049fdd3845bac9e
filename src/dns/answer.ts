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
  const { question, edns, flags } = query;
  const { answers, authorities, additionals, rcode, isAuthoritative } = answer;
  const parts: Buffer[] = [];
  let room = limit - HEADER_BYTES - question.length - (edns ? OPT_BYTES : 0);
  const fit = (records: readonly WireAnswer[]): number => {
    let count = 0;
    for (const record of records) {
      const { owner, body } = encodedRecord(record);
      const isAsked = record.name.toLowerCase() === query.name && query.name !== "";
      const name = isAsked ? POINTER_TO_QUESTION : owner;
      room -= name.length + body.length;
      if (room < 0) break;
      parts.push(name, body);
      count++;
    }
    return count;
  };
  const counts = [fit(answers), fit(authorities), fit(additionals)] as const;
  const isCut = counts[0] < answers.length || counts[1] < authorities.length;
  const header = Buffer.allocUnsafe(HEADER_BYTES);
  header.writeUInt16BE(query.id, 0);
  const more =
    (isAuthoritative ? AUTHORITATIVE : 0) | (isCut ? TRUNCATED : 0) | (query.opcode << 11);
  header.writeUInt16BE(RESPONSE | RECURSION_AVAILABLE | flags | more | (RCODES[rcode] & 0xf), 2);
  header.writeUInt16BE(question.length === 0 ? 0 : 1, 4);
  header.writeUInt16BE(counts[0], 6);
  header.writeUInt16BE(counts[1], 8);
  header.writeUInt16BE(counts[2] + (edns ? 1 : 0), 10);
  if (edns) parts.push(encodeOpt(RCODES[rcode] >> 4, edns.wantsDnssec));
  return Buffer.concat([header, question, ...parts]);
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
