/**
 * Encryption at rest: what of a value may be known to who reads the disk. A provider's key of the first place
 * writes, all read, so keys can be changed one after the other; what was not written by the first is stale, and
 * is written anew at the next chance.
 *
 *   k8s:enc:aesgcm:v1:key1:<nonce><ciphertext><tag>
 *
 * A value belongs to its key in the store: put under another one, it cannot be read (AES-GCM).
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/storage/value. Differs: no secretbox (Node's crypto has no
 * XSalsa20) and no KMS; both are refused by name.
 */
import { createCipheriv, createDecipheriv } from "node:crypto";
import type { Random } from "../../component/random.ts";

/** One key of one provider. */
export interface Transformer {
  /** "k8s:enc:aesgcm:v1:key1:"; "" is identity, as it is. */
  prefix: string;
  encrypt(value: Buffer, key: string): Buffer;
  /** `value` is without the prefix. Throws where it was not written by this key. */
  decrypt(value: Buffer, key: string): Buffer;
}

export interface Decrypted {
  value: Buffer;
  isStale: boolean;
}

const NONCE_LENGTH = 12;
const TAG_LENGTH = 16;
const BLOCK_LENGTH = 16;
const ENCRYPTED = "k8s:enc:";

export function encrypted(
  transformers: readonly Transformer[],
  value: Buffer,
  key: string,
): Buffer {
  const [first] = transformers;
  return first!.prefix === ""
    ? value
    : Buffer.concat([Buffer.from(first!.prefix), first!.encrypt(value, key)]);
}

/** Throws with the reason where no key can read it. */
export function decrypted(
  transformers: readonly Transformer[],
  value: Buffer,
  key: string,
): Decrypted {
  const isPlain = !startsWith(value, ENCRYPTED);
  let failed: Error | undefined;
  for (const [i, one] of transformers.entries()) {
    if (one.prefix === "" ? !isPlain : !startsWith(value, one.prefix)) continue;
    try {
      const rest = value.subarray(one.prefix.length);
      return { value: one.decrypt(rest, key), isStale: i > 0 };
    } catch (error) {
      failed = error as Error;
    }
  }
  throw failed ?? new Error(whyUnread(transformers, value));
}

/** A provider that knows its kind but not the key says so; otherwise nobody feels meant. */
function whyUnread(transformers: readonly Transformer[], value: Buffer): string {
  const provider = /^k8s:enc:[^:]+:v1:/.exec(value.toString("latin1", 0, 64))?.[0];
  const isKnown = provider && transformers.some(({ prefix }) => prefix.startsWith(provider));
  return isKnown
    ? "no matching key was found for the provided AES transformer"
    : "no matching prefix found";
}

function startsWith(value: Buffer, prefix: string): boolean {
  return value.toString("latin1", 0, prefix.length) === prefix;
}

export const identity: Transformer = {
  prefix: "",
  encrypt: (value) => value,
  decrypt: (value) => value,
};

export function aesGcm(name: string, secret: Buffer, random: Random): Transformer {
  const algorithm = `aes-${secret.length * 8}-gcm` as "aes-256-gcm";
  return {
    prefix: `${ENCRYPTED}aesgcm:v1:${name}:`,
    encrypt(value, key) {
      const nonce = Buffer.from(random.bytes(NONCE_LENGTH));
      const cipher = createCipheriv(algorithm, secret, nonce).setAAD(Buffer.from(key));
      return Buffer.concat([nonce, cipher.update(value), cipher.final(), cipher.getAuthTag()]);
    },
    decrypt(value, key) {
      if (value.length < NONCE_LENGTH + TAG_LENGTH) {
        throw new Error("the stored data was shorter than the required size");
      }
      const nonce = value.subarray(0, NONCE_LENGTH);
      const tag = value.subarray(value.length - TAG_LENGTH);
      const decipher = createDecipheriv(algorithm, secret, nonce, { authTagLength: TAG_LENGTH });
      decipher.setAAD(Buffer.from(key)).setAuthTag(tag);
      const text = decipher.update(value.subarray(NONCE_LENGTH, value.length - TAG_LENGTH));
      try {
        return Buffer.concat([text, decipher.final()]);
      } catch {
        throw new Error("cipher: message authentication failed");
      }
    },
  };
}

export function aesCbc(name: string, secret: Buffer, random: Random): Transformer {
  const algorithm = `aes-${secret.length * 8}-cbc`;
  return {
    prefix: `${ENCRYPTED}aescbc:v1:${name}:`,
    encrypt(value) {
      const start = Buffer.from(random.bytes(BLOCK_LENGTH));
      const cipher = createCipheriv(algorithm, secret, start);
      return Buffer.concat([start, cipher.update(value), cipher.final()]);
    },
    decrypt(value) {
      if (value.length < BLOCK_LENGTH) {
        throw new Error("the stored data was shorter than the required size");
      }
      if (value.length % BLOCK_LENGTH !== 0) {
        throw new Error("the stored data is not a multiple of the block size");
      }
      const decipher = createDecipheriv(algorithm, secret, value.subarray(0, BLOCK_LENGTH));
      const text = decipher.update(value.subarray(BLOCK_LENGTH));
      try {
        return Buffer.concat([text, decipher.final()]);
      } catch {
        throw new Error("invalid PKCS7 data (empty or not padded)");
      }
    },
  };
}
