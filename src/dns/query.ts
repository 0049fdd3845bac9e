/**
 * What a client asks, read from the bytes it sent.
 *
 * Rule: the question's own bytes are kept, so that every answer repeats them as they came: a client
 * that writes a name in mixed case (0x20) looks for that.
 *
 * In Kubernetes: github.com/miekg/dns (msg.go, acceptfunc.go)
 */
import { decode, type OptAnswer } from "dns-packet";
import { TYPE_NUMBERS } from "./record.ts";

export interface Query {
  id: number;
  opcode: number;
  /** RD and CD, which an answer repeats. */
  flags: number;
  /** Name, type and class, as they came. Empty where they could not be read. */
  question: Buffer;
  /** In lower case, without a dot at the end; a dot inside of a label is written "\046". */
  name: string;
  type: number;
  class: number;
  /** What the client says of itself, where it does (EDNS0). */
  edns?: { udpBytes: number; version: number; wantsDnssec: boolean };
}

/** A message that must be answered with FORMERR. */
export class FormatError extends Error {
  override readonly name = "FormatError";
  readonly query: Query;

  constructor(message: string, query: Query) {
    super(message);
    this.query = query;
  }
}

export const HEADER_BYTES = 12;
export const CLASS_IN = 1;
const QUERY_OPCODE = 0;
const IS_RESPONSE = 0x8000;
/** Recursion desired, checking disabled. */
const REPEATED_FLAGS = 0x0110;
/** Of a whole name, with the lengths of its labels. */
const NAME_BYTES = 255;
const NO_QUESTION = Buffer.alloc(0);

/** Undefined for what is no query at all, and must not be answered. Throws a FormatError. */
export function readQuery(message: Buffer): Query | undefined {
  if (message.length < HEADER_BYTES) return undefined;
  const flags = message.readUInt16BE(2);
  if (flags & IS_RESPONSE) return undefined;
  const query: Query = {
    id: message.readUInt16BE(0),
    opcode: (flags >> 11) & 0xf,
    flags: flags & REPEATED_FLAGS,
    ...{ question: NO_QUESTION, name: "", type: 0, class: 0 },
  };
  if (query.opcode !== QUERY_OPCODE) return query;
  const questions = message.readUInt16BE(4);
  if (questions !== 1) throw new FormatError(`${questions} questions in one message`, query);
  readQuestion(message, query);
  readEdns(message, query);
  return query;
}

/** The name is walked here, because a label may hold any byte and the library's names are text. */
function readQuestion(message: Buffer, query: Query): void {
  const text = message.toString("latin1", 0, Math.min(message.length, HEADER_BYTES + NAME_BYTES));
  let name = "";
  let at = HEADER_BYTES;
  for (let length = message[at]; length !== 0; length = message[at]) {
    if (length === undefined || length > 63) throw new FormatError("a label has no end", query);
    const label = text.slice(at + 1, at + 1 + length);
    name += (name === "" ? "" : ".") + (label.includes(".") ? withoutDots(label) : label);
    at += 1 + length;
  }
  at++;
  if (at + 4 > message.length || at - HEADER_BYTES > NAME_BYTES) {
    throw new FormatError("the question has no end", query);
  }
  query.name = name.toLowerCase();
  query.type = message.readUInt16BE(at);
  query.class = message.readUInt16BE(at + 2);
  query.question = message.subarray(HEADER_BYTES, at + 4);
}

function withoutDots(label: string): string {
  return label.replaceAll(".", "\\046");
}

function readEdns(message: Buffer, query: Query): void {
  const hasMore = message.readUInt32BE(6) !== 0 || message.readUInt16BE(10) !== 0;
  if (!hasMore) return;
  const options = additionalsOf(message, query).filter(({ type }) => type === "OPT");
  if (options.length > 1) throw new FormatError("several OPT records", query);
  const [opt] = options as unknown as OptAnswer[];
  if (opt === undefined) return;
  query.edns = {
    udpBytes: opt.udpPayloadSize,
    version: opt.ednsVersion,
    wantsDnssec: (opt.flags & 0x8000) !== 0,
  };
}

function additionalsOf(message: Buffer, query: Query) {
  try {
    return decode(message).additionals ?? [];
  } catch (error) {
    throw new FormatError(String(error), query);
  }
}

/** What a question is called in a cache: equal for what has the same answer. */
export function questionKey({ name, type, class: klass, edns, flags }: Query): string {
  const dnssec = edns === undefined ? "" : edns.wantsDnssec ? "edns+do" : "edns";
  return `${name} ${type} ${klass} ${dnssec} ${flags & 0x0010}`;
}

export function isTransfer({ type }: Query): boolean {
  return type === TYPE_NUMBERS.AXFR || type === TYPE_NUMBERS.IXFR;
}
