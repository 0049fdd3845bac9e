/** Keys for tests: made once in a run, for an RSA key takes its time. */
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { readSigningKey, type SigningKey } from "../../src/component/signing-key.ts";

const made = new Map<string, string>();

/** A private key as PEM: "rsa", or the name of a curve. `which`: another number is another key. */
export function privateKeyPem(type = "prime256v1", which = 1): string {
  const name = `${type} ${which}`;
  const pem = made.get(name) ?? pemOf(generated(type));
  made.set(name, pem);
  return pem;
}

export function signingKey(type?: string, which?: number): SigningKey {
  return readSigningKey(privateKeyPem(type, which));
}

function generated(type: string): KeyObject {
  if (type === "rsa") return generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
  return generateKeyPairSync("ec", { namedCurve: type }).privateKey;
}

function pemOf(key: KeyObject): string {
  return key.export({ format: "pem", type: "pkcs8" }).toString();
}
