import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { kinds } from "../../../src/api/kinds.ts";
import { openMemoryStore } from "../../../src/apiserver/storage/embedded-store.ts";
import { encryptedStore } from "../../../src/apiserver/storage/encrypted-store.ts";
import { aesCbc, aesGcm, decrypted, encrypted } from "../../../src/apiserver/storage/encryption.ts";
import { encryptionOf } from "../../../src/apiserver/storage/encryption-config.ts";
import { reloadedEncryption } from "../../../src/apiserver/storage/encryption-reload.ts";
import { createLog, silentLog } from "../../../src/component/log.ts";
import { seededRandom } from "../../../src/component/random.ts";
import { ask } from "../../support/api-request.ts";
import { startTestApiServer } from "../../support/api-server.ts";
import { TestClock } from "../../support/test-clock.ts";

const random = seededRandom(1);
const secretOf = (bytes: number) => randomBytes(bytes).toString("base64");
const OLD = { name: "old", secret: secretOf(32) };
const NEW = { name: "new", secret: secretOf(32) };

function encryption(providers: object[], resources = ["secrets"]) {
  const config = {
    apiVersion: "apiserver.config.k8s.io/v1",
    kind: "EncryptionConfiguration",
    resources: [{ resources, providers }],
  };
  return encryptionOf(config, kinds, random);
}

const SECRETS = "/api/v1/namespaces/default/secrets";

function secret(name: string) {
  const stringData = { password: "correct horse" };
  return { apiVersion: "v1", kind: "Secret", metadata: { name }, stringData };
}

describe("a provider of encryption", () => {
  for (const [name, make] of Object.entries({ aesGcm, aesCbc })) {
    test(`${name} gives back what it was given, for every key length`, () => {
      const bytes = fc.uint8Array({ maxLength: 5_000 });
      fc.assert(
        fc.property(bytes, fc.constantFrom(16, 24, 32), (value, length) => {
          const one = make("key1", randomBytes(length), random);
          const written = encrypted([one], Buffer.from(value), "/registry/secrets/a/b");
          expect(written.toString("latin1")).toMatch(/^k8s:enc:aes(gcm|cbc):v1:key1:/);
          const read = decrypted([one], written, "/registry/secrets/a/b");
          expect(read).toEqual({ value: Buffer.from(value), isStale: false });
        }),
        { numRuns: 50 },
      );
    });
  }

  test("does not read a value that was moved to another key, or changed", () => {
    const one = aesGcm("key1", randomBytes(32), random);
    const written = encrypted([one], Buffer.from("value"), "/a");
    expect(() => decrypted([one], written, "/b")).toThrow("cipher: message authentication failed");
    written[written.length - 1]! ^= 1;
    expect(() => decrypted([one], written, "/a")).toThrow("cipher: message authentication failed");
  });
});

describe("secrets encrypted at rest", () => {
  async function startOn(disk: ReturnType<typeof openMemoryStore>, providers: object[]) {
    return startTestApiServer({ store: encryptedStore(disk, encryption(providers)) });
  }

  test("show nothing of themselves in the store, and all of it to who may read them", async () => {
    const disk = openMemoryStore({ log: silentLog });
    const server = await startOn(disk, [{ aesgcm: { keys: [NEW] } }, { identity: {} }]);
    await ask(server.transport, "POST", SECRETS, secret("pass"));
    const map = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "plain" } };
    await ask(server.transport, "POST", "/api/v1/namespaces/default/configmaps", map);

    const stored = (await disk.get("/registry/secrets/default/pass"))!.value.toString("latin1");
    expect(stored).toMatch(/^k8s:enc:aesgcm:v1:new:/);
    expect(stored).not.toContain("password");
    const open = (await disk.get("/registry/configmaps/default/plain"))!.value.toString();
    expect(JSON.parse(open).metadata.name).toBe("plain");
    const read = (await ask(server.transport, "GET", `${SECRETS}/pass`)).json;
    expect(Buffer.from(read.data.password, "base64").toString()).toBe("correct horse");
    const list = (await ask(server.transport, "GET", SECRETS)).json;
    expect(list.items).toHaveLength(1);
    await server.stop();
  });

  test("are read with old keys and none, and written anew with the first by any write", async () => {
    const disk = openMemoryStore({ log: silentLog });
    const plain = await startTestApiServer({ store: disk });
    await ask(plain.transport, "POST", SECRETS, secret("pass"));
    await plain.stop();
    const key = "/registry/secrets/default/pass";
    for (const [providers, prefix] of [
      [[{ aescbc: { keys: [OLD] } }, { identity: {} }], "k8s:enc:aescbc:v1:old:"],
      [[{ aesgcm: { keys: [NEW] } }, { aescbc: { keys: [OLD] } }], "k8s:enc:aesgcm:v1:new:"],
      [[{ aesgcm: { keys: [OLD, NEW] } }], "k8s:enc:aesgcm:v1:old:"],
      // No more encryption: first it is only read, and then nothing is left of it.
      [[{ identity: {} }, { aesgcm: { keys: [OLD] } }], '{"'],
      [[{ identity: {} }], '{"'],
    ] as const) {
      const server = await startOn(disk, [...providers]);
      const read = (await ask(server.transport, "GET", `${SECRETS}/pass`)).json;
      // The same again: nothing changes, but it is stored anew.
      const put = await ask(server.transport, "PUT", `${SECRETS}/pass`, read);
      expect(put.status, put.text).toBe(200);
      expect((await disk.get(key))!.value.toString("latin1").startsWith(prefix)).toBe(true);
      const again = await ask(server.transport, "PUT", `${SECRETS}/pass`, put.json);
      expect(again.json.metadata.resourceVersion).toBe(put.json.metadata.resourceVersion);
      await server.stop();
    }
  });

  test("are answered with an error where the key is missing; others still are read", async () => {
    const disk = openMemoryStore({ log: silentLog });
    const first = await startOn(disk, [{ aesgcm: { keys: [OLD] } }]);
    await ask(first.transport, "POST", SECRETS, secret("lost"));
    await first.stop();
    const server = await startOn(disk, [{ aesgcm: { keys: [NEW] } }, { identity: {} }]);
    await ask(server.transport, "POST", SECRETS, secret("found"));

    const message =
      'Internal error occurred: unable to transform key "/registry/secrets/default/lost": no matching key was found for the provided AES transformer';
    for (const path of [`${SECRETS}/lost`, SECRETS]) {
      const answer = await ask(server.transport, "GET", path);
      expect(answer.json).toMatchObject({ code: 500, reason: "InternalError", message });
    }
    const put = await ask(server.transport, "PUT", `${SECRETS}/lost`, secret("lost"));
    expect(put.json).toMatchObject({ code: 500, message });
    expect((await ask(server.transport, "GET", `${SECRETS}/found`)).status).toBe(200);
    await server.stop();
  });
});

describe("an encryption configuration that is reloaded", () => {
  const fileOf = (...providers: object[]) =>
    JSON.stringify({
      ...{ apiVersion: "apiserver.config.k8s.io/v1", kind: "EncryptionConfiguration" },
      resources: [{ resources: ["secrets"], providers }],
    });

  test("holds from the next minute on; one that makes no sense changes nothing", async () => {
    const disk = openMemoryStore({ log: silentLog });
    const clock = new TestClock();
    const lifetime = new AbortController();
    let file = fileOf({ identity: {} });
    const said: string[] = [];
    const log = createLog("test", { clock, verbosity: 0, write: (line) => void said.push(line) });
    const encryptionIn = (text: string) => encryptionOf(JSON.parse(text), kinds, random);
    const reloaded = reloadedEncryption({
      ...{ read: () => file, encryptionIn, clock, log, signal: lifetime.signal },
    });
    const server = await startTestApiServer({ store: encryptedStore(disk, reloaded) });
    const startOf = async (name: string) => {
      await ask(server.transport, "POST", SECRETS, secret(name));
      const { value } = (await disk.get(`/registry/secrets/default/${name}`))!;
      return value.toString("latin1", 0, 22);
    };
    expect(await startOf("a")).toMatch(/^{"/);
    file = fileOf({ aesgcm: { keys: [NEW] } }, { identity: {} });
    expect(await startOf("b")).toMatch(/^{"/);
    clock.advance(60_000);
    expect(await startOf("c")).toBe("k8s:enc:aesgcm:v1:new:");
    file = fileOf({ aesgcm: { keys: [{ name: "short", secret: "" }] } });
    clock.advance(60_000);
    expect(await startOf("d")).toBe("k8s:enc:aesgcm:v1:new:");
    expect(said.join("")).toContain("Failed to reload the encryption config");
    file = fileOf({ aescbc: { keys: [OLD] } }, { aesgcm: { keys: [NEW] } }, { identity: {} });
    clock.advance(60_000);
    expect(await startOf("e")).toBe("k8s:enc:aescbc:v1:old:");
    const { json } = await ask(server.transport, "GET", SECRETS);
    expect(json.items).toHaveLength(5);
    lifetime.abort();
    await server.stop();
  });
});

describe("an encryption configuration", () => {
  test("names resources by group, or all of a group, or all; the first that fits counts", () => {
    const providers = [{ aesgcm: { keys: [NEW] } }];
    expect([...encryption(providers, ["secrets", "leases.coordination.k8s.io"]).keys()]).toEqual([
      "/registry/secrets/",
      "/registry/leases/",
    ]);
    expect(encryption(providers, ["*."]).has("/registry/pods/")).toBe(true);
    expect(encryption(providers, ["*."]).has("/registry/leases/")).toBe(false);
    expect(encryption(providers, ["*.*"]).size).toBeGreaterThan(10);
  });

  test("is refused where it makes no sense", () => {
    const refuse = (provider: object, why: string) =>
      expect(() => encryption([provider])).toThrow(why);
    const key = (secret: string) => ({ aesgcm: { keys: [{ name: "a", secret }] } });
    refuse(
      key(secretOf(20)),
      "secret is not of the expected length, got 20, expected one of [16 24 32]",
    );
    refuse(key("not base64!"), "secret must be base64 encoded");
    refuse({ aesgcm: { keys: [] } }, "resources[0].providers[0].aesgcm.keys: Required value");
    refuse(
      { secretbox: { keys: [NEW] } },
      "resources[0].providers[0].secretbox is not supported here",
    );
    refuse({ aesgcm: {}, identity: {} }, "more than one provider specified in a single element");
    expect(() => encryptionOf({}, kinds, random)).toThrow('no kind "" is registered');
  });
});
