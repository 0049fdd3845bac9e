import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openEtcdStore } from "../../../src/apiserver/storage/etcd-store.ts";
import { type Store, UnavailableError } from "../../../src/apiserver/storage/store.ts";
import { systemClock } from "../../../src/component/clock.ts";
import type { EtcdTls } from "../../../src/component/etcd/etcd-connection.ts";
import { silentLog } from "../../../src/component/log.ts";
import { systemRandom } from "../../../src/component/random.ts";
import { ensureCertificates } from "../../../src/kubeling/certificates.ts";
import { startEtcd, type TestEtcd } from "../../support/etcd.ts";
import { freePort } from "../../support/free-port.ts";
import { describeWith } from "../../support/needs.ts";
import { storeContract } from "./store-contract.ts";

describeWith(["etcd"], "the etcd store", () => {
  let etcd: TestEtcd;
  beforeAll(async () => {
    etcd = await startEtcd();
  });
  afterAll(() => etcd?.stop());

  storeContract(() => open(etcd.endpoints));

  test("writes what etcdctl reads", async () => {
    const store = await open(etcd.endpoints);
    const pod = '{"kind":"Pod","apiVersion":"v1","metadata":{"name":"web"}}';
    await store.create("/registry/pods/default/web", Buffer.from(pod));
    const args = [`--endpoints=${etcd.endpoints[0]}`, "get", "/registry/pods/default/web"];
    const said = execFileSync("etcdctl", args, { env: { ...process.env, ETCDCTL_API: "3" } });
    expect(said.toString()).toBe(`/registry/pods/default/web\n${pod}\n`);
    await store.close();
  });

  describe("with several endpoints", () => {
    test("works while one of them answers", async () => {
      const dead = `http://127.0.0.1:${await freePort()}`;
      const store = await open([dead, ...etcd.endpoints, dead]);
      const result = await store.create("/several/a", Buffer.from("1"));
      expect(result.succeeded).toBe(true);
      expect((await store.get("/several/a"))?.value.toString()).toBe("1");
      await store.close();
    });
  });

  describe("that is not there", () => {
    test("says so in one sentence", async () => {
      const endpoint = `http://127.0.0.1:${await freePort()}`;
      const refusal = open([endpoint]);
      await expect(refusal).rejects.toThrow(UnavailableError);
      await expect(refusal).rejects.toThrow(
        `etcd at ${endpoint}: connect ECONNREFUSED ${endpoint.slice("http://".length)}`,
      );
    });
  });
});

describeWith(["etcd"], "the etcd store with TLS", () => {
  const directory = mkdtempSync(join(tmpdir(), "kubeling-etcd-tls-"));
  let etcd: TestEtcd;
  let tls: { ca: Buffer; cert: Buffer; key: Buffer };
  beforeAll(async () => {
    const serverNames = ["127.0.0.1"];
    const sources = { clock: systemClock, random: systemRandom };
    const { ca, admin } = await ensureCertificates({ directory, serverNames, ...sources });
    const file = (name: string) => join(directory, name);
    etcd = await startEtcd({
      ca: file("ca.crt"),
      certificate: file("apiserver.crt"),
      key: file("apiserver.key"),
    });
    const pem = { ca: ca.certificate, cert: admin.certificate, key: admin.key };
    tls = { ca: Buffer.from(pem.ca), cert: Buffer.from(pem.cert), key: Buffer.from(pem.key) };
  });
  afterAll(async () => {
    await etcd?.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  test("shows its certificate, and works", async () => {
    const store = await open(etcd.endpoints, tls);
    await store.create("/registry/a", Buffer.from("1"));
    expect((await store.get("/registry/a"))?.value.toString()).toBe("1");
    await store.close();
  });

  test("is not taken without one", async () => {
    await expect(open(etcd.endpoints, { ca: tls.ca })).rejects.toThrow(UnavailableError);
  });

  test("does not take a server it cannot trust", async () => {
    await expect(open(etcd.endpoints)).rejects.toThrow(/certificate/);
  });
});

function open(endpoints: string[], tls?: EtcdTls): Promise<Store> {
  const options = { endpoints, clock: systemClock, log: silentLog };
  return openEtcdStore(tls === undefined ? options : { ...options, tls });
}
