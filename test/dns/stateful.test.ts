/** The names of the pods of a headless service, by way of the endpoints controller. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Pod } from "../../src/api/pod.ts";
import { Service } from "../../src/api/service.ts";
import { runController } from "../../src/client/control-loop.ts";
import { createInformers } from "../../src/client/informer.ts";
import { systemClock } from "../../src/component/clock.ts";
import { silentLog } from "../../src/component/log.ts";
import { seededRandom } from "../../src/component/random.ts";
import { endpointsController } from "../../src/controller-manager/endpoints.ts";
import { eventually } from "../support/eventually.ts";
import { startTestDns, type TestDns } from "./running-dns.ts";

const DB = "db.default.svc.cluster.local";

let running: TestDns;
let lifetime: AbortController;
beforeAll(async () => {
  running = await startTestDns();
  lifetime = new AbortController();
  const context = {
    ...{ client: running.client, clock: systemClock, random: seededRandom(2) },
    ...{ log: silentLog, signal: lifetime.signal },
  };
  await runController(endpointsController(), { ...context, informers: createInformers(context) });
});
afterAll(async () => {
  lifetime.abort();
  await running.stop();
});

async function createPod(name: string, ip: string, isReady: boolean, spec: Partial<Pod["spec"]>) {
  const pod = await running.client.create(Pod, "default", {
    metadata: { name, labels: { app: "db" } },
    spec: { containers: [{ name: "db", image: "db" }], nodeName: "node1", ...spec },
  });
  const conditions = [{ type: "Ready", status: isReady ? "True" : "False" }];
  const status = { phase: "Running", podIP: ip, podIPs: [{ ip }], conditions };
  return running.client.updateStatus(Pod, { ...pod, status });
}

describe("the pods of a headless service", () => {
  test("have names: of their own where they ask for one under the service's, else their address", async () => {
    const { resolver, client } = running;
    const spec = {
      ...{ clusterIP: "None", selector: { app: "db" } },
      ports: [{ name: "sql", port: 5432 }],
    };
    await client.create(Service, "default", { metadata: { name: "db" }, spec });
    await createPod("db-0", "10.1.0.1", true, { hostname: "db-0", subdomain: "db" });
    await createPod("db-1", "10.1.0.2", true, { hostname: "db-1", subdomain: "other" });
    const late = await createPod("db-2", "10.1.0.3", false, { hostname: "db-2", subdomain: "db" });

    await eventually(async () => {
      expect((await resolver.resolve4(DB)).toSorted()).toEqual(["10.1.0.1", "10.1.0.2"]);
    });
    expect(await resolver.resolve4(`db-0.${DB}`)).toEqual(["10.1.0.1"]);
    expect(await resolver.resolve4(`10-1-0-2.${DB}`)).toEqual(["10.1.0.2"]);
    await expect(resolver.resolve4(`db-1.${DB}`)).rejects.toMatchObject({ code: "ENOTFOUND" });
    await expect(resolver.resolve4(`db-2.${DB}`)).rejects.toMatchObject({ code: "ENOTFOUND" });
    expect(await resolver.reverse("10.1.0.1")).toEqual([`db-0.${DB}`]);
    const targets = (await resolver.resolveSrv(`_sql._tcp.${DB}`)).map(({ name }) => name);
    expect(targets.toSorted()).toEqual([`10-1-0-2.${DB}`, `db-0.${DB}`]);

    const conditions = [{ type: "Ready", status: "True" }];
    await client.updateStatus(Pod, { ...late, status: { ...late.status, conditions } });
    await eventually(async () => {
      expect(await resolver.resolve4(`db-2.${DB}`)).toEqual(["10.1.0.3"]);
    });

    const service = await client.get(Service, "default", "db");
    await createPod("db-3", "10.1.0.4", false, { hostname: "db-3", subdomain: "db" });
    const published = { ...service.spec, publishNotReadyAddresses: true };
    await client.update(Service, { ...service, spec: published });
    await eventually(async () => {
      expect(await resolver.resolve4(`db-3.${DB}`)).toEqual(["10.1.0.4"]);
    });
  });
});
