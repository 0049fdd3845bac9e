/**
 * SPDY/3.1 frames as bytes: reading them off a connection and writing them. Knows nothing of streams.
 *
 *   control: 1 | version 3 (15 bits) | type (16) | flags (8) | length (24)
 *   data:    0 | stream id (31)                  | flags (8) | length (24)
 *
 * In Kubernetes: github.com/moby/spdystream/spdy
 */
export const FrameType = {
  synStream: 1,
  synReply: 2,
  rstStream: 3,
  settings: 4,
  ping: 6,
  goAway: 7,
  headers: 8,
  windowUpdate: 9,
} as const;

export const FLAG_FIN = 1;
const VERSION = 3;
const CONTROL_BIT = 0x80_00_00_00;
const HEADER_BYTES = 8;

export type Frame =
  | { type: "data"; streamId: number; isLast: boolean; payload: Buffer }
  | { type: "control"; control: number; flags: number; payload: Buffer };

export class SpdyError extends Error {
  override readonly name = "SpdyError";
}

/** Cuts what arrives into frames. */
export class FrameReader {
  #pending: Buffer = Buffer.alloc(0);

  /** The frames that are whole now. */
  push(chunk: Buffer): Frame[] {
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    const frames: Frame[] = [];
    for (;;) {
      if (this.#pending.length < HEADER_BYTES) return frames;
      const length = this.#pending.readUIntBE(5, 3);
      if (this.#pending.length < HEADER_BYTES + length) return frames;
      frames.push(frameOf(this.#pending.subarray(0, HEADER_BYTES + length)));
      this.#pending = this.#pending.subarray(HEADER_BYTES + length);
    }
  }
}

function frameOf(bytes: Buffer): Frame {
  const head = bytes.readUInt32BE(0);
  const flags = bytes[4]!;
  const payload = bytes.subarray(HEADER_BYTES);
  if ((head & CONTROL_BIT) === 0) {
    return { type: "data", streamId: head, isLast: (flags & FLAG_FIN) !== 0, payload };
  }
  const version = (head >>> 16) & 0x7fff;
  if (version !== VERSION) throw new SpdyError(`SPDY version ${version} is not supported`);
  return { type: "control", control: head & 0xffff, flags, payload };
}

export function dataFrame(streamId: number, payload: Buffer, isLast: boolean): Buffer[] {
  const head = Buffer.alloc(HEADER_BYTES);
  head.writeUInt32BE(streamId, 0);
  head[4] = isLast ? FLAG_FIN : 0;
  head.writeUIntBE(payload.length, 5, 3);
  return payload.length === 0 ? [head] : [head, payload];
}

export function controlFrame(control: number, flags: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(HEADER_BYTES);
  head.writeUInt16BE(0x8000 | VERSION, 0);
  head.writeUInt16BE(control, 2);
  head[4] = flags;
  head.writeUIntBE(payload.length, 5, 3);
  return Buffer.concat([head, payload]);
}

/** Numbers of 32 bits, one after the other: the body of most control frames. */
export function words(...numbers: number[]): Buffer {
  const bytes = Buffer.alloc(4 * numbers.length);
  numbers.forEach((number, index) => {
    bytes.writeUInt32BE(number, 4 * index);
  });
  return bytes;
}

/** Names in lower case. */
export type Headers = Map<string, string>;

export function encodeHeaders(headers: Headers): Buffer {
  const parts = [words(headers.size)];
  for (const text of [...headers].flat()) {
    const bytes = Buffer.from(text);
    parts.push(words(bytes.length), bytes);
  }
  return Buffer.concat(parts);
}

export function decodeHeaders(bytes: Buffer): Headers {
  let at = 0;
  const number = () => {
    if (at + 4 > bytes.length) throw new SpdyError("a header block ends too soon");
    at += 4;
    return bytes.readUInt32BE(at - 4);
  };
  const text = () => {
    const length = number();
    if (at + length > bytes.length) throw new SpdyError("a header block ends too soon");
    at += length;
    return bytes.toString("utf8", at - length, at);
  };
  const headers: Headers = new Map();
  for (let left = number(); left > 0; left--) {
    const name = text();
    headers.set(name.toLowerCase(), text());
  }
  return headers;
}
