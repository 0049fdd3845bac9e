/** Definitions on a real etcd: what one API server establishes, a second one serves. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { openEtcdStore } from "../../../src/apiserver/storage/etcd-store.ts";
import type { Store } from "../../../src/apiserver/storage/store.ts";
import { systemClock } from "../../../src/component/clock.ts";
import { silentLog } from "../../../src/component/log.ts";
import { ask } from "../../support/api-request.ts";
import { startTestApiServer } from "../../support/api-server.ts";
import { startEtcd, type TestEtcd } from "../../support/etcd.ts";
import { eventually } from "../../support/eventually.ts";
import { describeWith } from "../../support/needs.ts";
import { CRDS, CRONTABS, cronTab, cronTabDefinition, established } from "./cron-tab.ts";

type Server = Awaited<ReturnType<typeof startTestApiServer>>;

describeWith(["etcd"], "a definition made through one of two API servers on etcd", () => {
  let etcd: TestEtcd;
  const stores: Store[] = [];
  let first: Server;
  let second: Server;

  beforeAll(async () => {
    etcd = await startEtcd();
    [first, second] = [await start(), await start()];
  });
  afterAll(async () => {
    await Promise.all([first?.stop(), second?.stop()]);
    await Promise.all(stores.map((store) => store.close()));
    await etcd?.stop();
  });

  async function start(): Promise<Server> {
    const { endpoints } = etcd;
    const store = await openEtcdStore({ endpoints, clock: systemClock, log: silentLog });
    stores.push(store);
    return startTestApiServer({ store, clock: systemClock });
  }
  const send = ({ transport }: Server, method: string, path: string, body?: object) =>
    ask(transport, method, path, body);

  test("is served by the other, with the same objects, and goes there too", async () => {
    await send(first, "POST", CRDS, cronTabDefinition());
    await established(second.transport, "crontabs.stable.example.com");
    await eventually(async () => {
      expect((await send(second, "POST", CRONTABS, cronTab("mine"))).status).toBe(201);
    });
    expect((await send(first, "GET", `${CRONTABS}/mine`)).json.spec.image).toBe(
      "my-awesome-cron-image",
    );
    const refused = await send(second, "POST", CRONTABS, cronTab("big", { replicas: 11 }));
    expect(refused.json.message).toContain("should be less than or equal to 10");

    await send(second, "DELETE", `${CRDS}/crontabs.stable.example.com`);

    for (const server of [first, second]) {
      await eventually(async () => {
        expect((await send(server, "GET", CRONTABS)).status).toBe(404);
        const definition = await send(server, "GET", `${CRDS}/crontabs.stable.example.com`);
        expect(definition.status).toBe(404);
      });
    }
    const left = await stores[0]!.list("/registry/stable.example.com/", {});
    expect(left.items).toEqual([]);
  });

  test("made again through the other is served by both, empty", async () => {
    await send(second, "POST", CRDS, cronTabDefinition());
    for (const server of [first, second]) {
      await eventually(async () => {
        const { status, json } = await send(server, "GET", CRONTABS);
        expect([status, json.items]).toEqual([200, []]);
      });
    }
  });
});
