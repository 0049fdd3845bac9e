import { afterAll, beforeAll, expect, test } from "vitest";
import { Pod } from "../../src/api/pod.ts";
import { openEtcdStore } from "../../src/apiserver/storage/etcd-store.ts";
import type { Store } from "../../src/apiserver/storage/store.ts";
import { systemClock } from "../../src/component/clock.ts";
import { silentLog } from "../../src/component/log.ts";
import { openWatch } from "../support/api-request.ts";
import { startTestApiServer } from "../support/api-server.ts";
import { startEtcd, type TestEtcd } from "../support/etcd.ts";
import { eventually } from "../support/eventually.ts";
import { describeWith } from "../support/needs.ts";

describeWith(["etcd"], "the API server on etcd", () => {
  let etcd: TestEtcd;
  let store: Store;
  let server: Awaited<ReturnType<typeof startTestApiServer>>;
  beforeAll(async () => {
    etcd = await startEtcd();
    store = await openEtcdStore({
      endpoints: etcd.endpoints,
      clock: systemClock,
      log: silentLog,
    });
    server = await startTestApiServer({ store, clock: systemClock });
  });
  afterAll(async () => {
    await server.stop();
    await store.close();
    await etcd.stop();
  });

  test("stores objects as JSON a student can read, where Kubernetes stores them", async () => {
    const watch = await openWatch(server.transport, "/api/v1/pods?watch=1");
    const created = await server.client.create(Pod, "default", {
      metadata: { name: "web" },
      spec: { containers: [{ name: "web", image: "nginx" }] },
    });

    const stored = await store.get("/registry/pods/default/web");

    expect(stored!.value.toString()).toMatch(/^\{"kind":"Pod","apiVersion":"v1","metadata":\{/);
    expect(JSON.parse(stored!.value.toString()).metadata.resourceVersion).toBeUndefined();
    expect(String(stored!.modRevision)).toBe(created.metadata.resourceVersion);
    await eventually(() => expect(watch.events.map(({ object }) => object)).toEqual([created]));
    expect(await server.client.get(Pod, "default", "web")).toEqual(created);
    watch.close();
  });

  test("finds everything again after a restart", async () => {
    const second = await startTestApiServer({ store, clock: systemClock });
    const { items } = await second.client.list(Pod, { namespace: "default" });
    expect(items.map(({ metadata }) => metadata.name)).toEqual(["web"]);
  });
});
