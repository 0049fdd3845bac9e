/** What several API servers on one store must agree on; on a real cluster: test/e2e/several-api-servers.test.ts. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { EndpointSlice } from "../../src/api/discovery/endpoint-slice.ts";
import { Endpoints } from "../../src/api/endpoints.ts";
import { Service } from "../../src/api/service.ts";
import { type ApiServer, startApiServer } from "../../src/apiserver/apiserver.ts";
import { openMemoryStore } from "../../src/apiserver/storage/embedded-store.ts";
import type { Store } from "../../src/apiserver/storage/store.ts";
import { Client } from "../../src/client/client.ts";
import { silentLog } from "../../src/component/log.ts";
import { seededRandom } from "../../src/component/random.ts";
import { eventually } from "../support/eventually.ts";
import { TestClock } from "../support/test-clock.ts";

let store: Store;
let clock: TestClock;
let servers: ApiServer[];

beforeEach(() => {
  store = openMemoryStore({ log: silentLog });
  clock = new TestClock();
  servers = [];
});
afterEach(async () => {
  for (const server of servers) await server.stop();
  await store.close();
});

/** All choose by the same chance: they would always choose the same. */
async function start(address?: string): Promise<Client> {
  const server = await startApiServer({
    ...{ store, clock, random: seededRandom(1), log: silentLog },
    serviceClusterIpRange: "10.254.0.0/27",
    serviceNodePortRange: [30_000, 30_019],
    ...(address !== undefined && { advertise: { address, port: 6443 } }),
  });
  servers.push(server);
  return new Client(server.transport);
}

const draft = (name: string, spec: object = {}) => ({
  metadata: { name },
  spec: { type: "NodePort", ports: [{ port: 80 }], ...spec },
});
const create = (client: Client, name: string, spec?: object) =>
  client.create(Service, "default", draft(name, spec));

describe("services made through two API servers at once", () => {
  test("have different addresses and node ports, down to the last one", async () => {
    const clients = [await start(), await start()];
    const made = await Promise.all(
      Array.from({ length: 20 }, (_, i) => create(clients[i % 2]!, `s${i}`)),
    );
    expect(new Set(made.map(({ spec }) => spec.clusterIP)).size).toBe(20);
    expect(new Set(made.map(({ spec }) => spec.ports![0]!.nodePort)).size).toBe(20);
    await expect(create(clients[0]!, "one-too-many")).rejects.toThrow("range is full");
  });

  test("that ask for one address: one gets it, the other is told", async () => {
    const clients = [await start(), await start()];
    const spec = { type: "ClusterIP", clusterIP: "10.254.0.9" };
    const results = await Promise.allSettled(
      clients.map((client, i) => create(client, `s${i}`, spec)),
    );
    const refused = results.flatMap((one) =>
      one.status === "rejected" ? [String(one.reason)] : [],
    );
    expect(refused).toHaveLength(1);
    expect(refused[0]).toContain(
      "failed to allocate IP 10.254.0.9: provided IP is already allocated",
    );
  });

  test("may have what a deleted one had, through either server, at once", async () => {
    const clients = [await start(), await start()];
    const spec = { clusterIP: "10.254.0.9", ports: [{ port: 80, nodePort: 30_007 }] };
    for (let i = 0; i < 6; i++) {
      await create(clients[i % 2]!, `s${i}`, spec);
      await clients[i % 2]!.delete(Service, "default", `s${i}`);
    }
    await create(clients[0]!, "last", spec);
  });

  test("that could not be made leave nothing taken", async () => {
    const client = await start();
    const spec = { clusterIP: "10.254.0.9", selector: { app: "not a label" } };
    await expect(create(client, "wrong", spec)).rejects.toThrow("Invalid value");
    await create(await start(), "right", { clusterIP: "10.254.0.9" });
  });

  test("get what a crash has left behind, once it was seen twice", async () => {
    const claim = JSON.stringify({ key: "/registry/services/specs/default/gone", uid: "gone" });
    const key = "/registry/ranges/serviceips/10.254.0.9";
    await store.create(key, Buffer.from(claim));
    const client = await start();
    const spec = { clusterIP: "10.254.0.9" };
    await expect(create(client, "early", spec)).rejects.toThrow("already allocated");
    await eventually(async () => {
      clock.advance(180_000);
      expect(await store.get(key)).toBeUndefined();
    });
    await create(client, "late", spec);
  });
});

describe("the kubernetes service of several API servers", () => {
  const addressesOf = async (client: Client) => {
    const { subsets = [] } = await client.get(Endpoints, "default", "kubernetes");
    const { endpoints } = await client.get(EndpointSlice, "default", "kubernetes");
    const addresses = subsets[0]!.addresses!.map(({ ip }) => ip);
    expect(endpoints.flatMap((one) => one.addresses)).toEqual(addresses);
    return addresses;
  };

  test("leads to all of them, and no more to one that stops", async () => {
    const first = await start("10.0.0.2");
    expect(await addressesOf(first)).toEqual(["10.0.0.2"]);
    await start("10.0.0.1");
    expect(await addressesOf(first)).toEqual(["10.0.0.1", "10.0.0.2"]);

    await servers.pop()!.stop();
    expect(await addressesOf(first)).toEqual(["10.0.0.2"]);
  });

  test("leads no more to one that died, whose lease nobody renews", async () => {
    await store.create("/registry/masterleases/10.0.0.9", Buffer.from("{}"));
    const client = await start("10.0.0.2");
    expect(await addressesOf(client)).toEqual(["10.0.0.2", "10.0.0.9"]);
    await eventually(async () => {
      clock.advance(10_000);
      expect(await addressesOf(client)).toEqual(["10.0.0.2"]);
    });
    expect(await store.get("/registry/masterleases/10.0.0.9")).toBeUndefined();
  });

  test("is not written while nothing changes, and keeps its last address", async () => {
    const client = await start("10.0.0.2");
    const before = await client.get(Endpoints, "default", "kubernetes");
    const lease = () => store.get("/registry/masterleases/10.0.0.2");
    const { modRevision } = (await lease())!;
    await eventually(async () => {
      clock.advance(10_000);
      expect((await lease())!.modRevision).toBeGreaterThan(modRevision);
    });
    expect(await client.get(Endpoints, "default", "kubernetes")).toEqual(before);

    await servers.pop()!.stop();
    expect(await lease()).toBeUndefined();
    expect(await addressesOf(await start())).toEqual(["10.0.0.2"]);
  });
});
