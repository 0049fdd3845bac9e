/**
 * DNS over TCP: each message behind its length, in two bytes (RFC 1035, 4.2.2).
 *
 * In Kubernetes: github.com/miekg/dns (server.go, client.go)
 */

const LENGTH_BYTES = 2;

export function framed(message: Buffer): Buffer {
  const length = Buffer.allocUnsafe(LENGTH_BYTES);
  length.writeUInt16BE(message.length);
  return Buffer.concat([length, message]);
}

/** Puts messages together from what arrives in pieces. */
export class FrameReader {
  #pending: Buffer = Buffer.alloc(0);

  /** The messages that are whole with these bytes. */
  read(bytes: Buffer): Buffer[] {
    const messages: Buffer[] = [];
    this.#pending = Buffer.concat([this.#pending, bytes]);
    while (this.#pending.length >= LENGTH_BYTES) {
      const end = LENGTH_BYTES + this.#pending.readUInt16BE();
      if (this.#pending.length < end) break;
      messages.push(this.#pending.subarray(LENGTH_BYTES, end));
      this.#pending = this.#pending.subarray(end);
    }
    return messages;
  }
}
