/**
 * --encryption-provider-config: which resources are encrypted, and with which keys. The first entry that
 * names a resource is about it.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/server/options/encryptionconfig, pkg/apis/apiserver/validation
 */
import { type Kind, qualifiedResource, storageKey } from "../../api/kind.ts";
import type { Random } from "../../component/random.ts";
import { aesCbc, aesGcm, identity, type Transformer } from "./encryption.ts";

/** Which write (the first) and which read. */
export type Transformers = readonly Transformer[];

/** By the prefix of the keys in the store: "/registry/secrets/". */
export type Encryption = ReadonlyMap<string, Transformers>;

interface Key {
  name?: string;
  secret?: string;
}

type Provider = Record<string, { keys?: Key[] } | null>;

interface Entry {
  resources?: string[];
  providers?: Provider[];
}

const KINDS: Record<string, (name: string, secret: Buffer, random: Random) => Transformer> = {
  aesgcm: aesGcm,
  aescbc: aesCbc,
};
const KEY_LENGTHS = { aesgcm: [16, 24, 32], aescbc: [16, 24, 32] } as Record<string, number[]>;

/** Reads what the file holds; throws an Error that says what is wrong with it. */
export function encryptionOf(value: unknown, kinds: readonly Kind[], random: Random): Encryption {
  const { apiVersion, kind, resources } = (value ?? {}) as Record<string, unknown>;
  if (apiVersion !== "apiserver.config.k8s.io/v1" || kind !== "EncryptionConfiguration") {
    throw new Error(`no kind "${kind ?? ""}" is registered for version "${apiVersion ?? ""}"`);
  }
  const entries = (resources ?? []) as Entry[];
  if (entries.length === 0) throw new Error("resources: Required value: at least one resource");
  const read = entries.map((entry, i) => ({
    names: namesOf(entry, `resources[${i}]`),
    transformers: transformersOf(entry, `resources[${i}]`, random),
  }));
  const encryption = new Map<string, Transformers>();
  for (const one of kinds) {
    const entry = read.find(({ names }) => names.some((name) => isAbout(name, one)));
    if (entry) encryption.set(storageKey(one), entry.transformers);
  }
  return encryption;
}

function namesOf({ resources = [] }: Entry, path: string): string[] {
  if (resources.length === 0) throw new Error(`${path}.resources: Required value`);
  return resources;
}

/** "secrets", "deployments.apps", "*.apps", "*." for the core group, "*.*". */
function isAbout(name: string, kind: Kind): boolean {
  return name === "*.*" || name === `*.${kind.group}` || name === qualifiedResource(kind);
}

function transformersOf({ providers = [] }: Entry, path: string, random: Random): Transformer[] {
  if (providers.length === 0) throw new Error(`${path}.providers: Required value`);
  return providers.flatMap((provider, i) => {
    const where = `${path}.providers[${i}]`;
    const [name, ...others] = Object.keys(provider);
    if (name === undefined) {
      throw new Error(
        `${where}: Required value: provider does not contain any of the expected providers: KMS, AESGCM, AESCBC, Secretbox, Identity`,
      );
    }
    if (others.length > 0) {
      throw new Error(
        `${where}: Invalid value: more than one provider specified in a single element, should split into different list elements`,
      );
    }
    if (name === "identity") return [identity];
    const make = KINDS[name];
    if (make === undefined) throw new Error(`${where}.${name} is not supported here`);
    return keysOf(provider[name]?.keys, name, `${where}.${name}`).map(([key, secret]) =>
      make(key, secret, random),
    );
  });
}

function keysOf(keys: Key[] | undefined, provider: string, path: string): [string, Buffer][] {
  if (!keys?.length) throw new Error(`${path}.keys: Required value`);
  return keys.map(({ name = "", secret = "" }, i) => {
    const where = `${path}.keys[${i}]`;
    if (name === "") throw new Error(`${where}.name: Required value`);
    if (name.includes(":")) throw new Error(`${where}.name: Invalid value: must not contain ":"`);
    if (secret === "") throw new Error(`${where}.secret: Required value`);
    const bytes = Buffer.from(secret, "base64");
    const lengths = KEY_LENGTHS[provider]!;
    if (!/^[A-Za-z0-9+/]+={0,2}\s*$/.test(secret)) {
      throw new Error(`${where}.secret: Invalid value: secret must be base64 encoded`);
    }
    if (!lengths.includes(bytes.length)) {
      throw new Error(
        `${where}.secret: Invalid value: secret is not of the expected length, got ${bytes.length}, expected one of [${lengths.join(" ")}]`,
      );
    }
    return [name, bytes];
  });
}
