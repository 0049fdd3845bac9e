/** From a change at the API server to the answer that shows it, through everything in between. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Endpoints } from "../../src/api/endpoints.ts";
import { Namespace } from "../../src/api/namespace.ts";
import { Pod } from "../../src/api/pod.ts";
import { Service } from "../../src/api/service.ts";
import { eventually } from "../support/eventually.ts";
import { question, shown } from "./question.ts";
import { askUdp, startTestDns, type TestDns } from "./running-dns.ts";

const WITHIN_MS = 1_000;
/** How long each answer was waited for. */
const waitedMs: number[] = [];

let running: TestDns;
beforeAll(async () => {
  running = await startTestDns({ pods: "verified" });
});
afterAll(() => running.stop());

/** Waits for this answer. */
async function shows(name: string, type: string, ...answers: string[]): Promise<void> {
  const since = performance.now();
  await eventually(async () => {
    const reply = await askUdp(running.port, question(`${name}.cluster.local`, type));
    expect([reply.rcode, ...shown(reply.answers)]).toEqual(answers);
  });
  waitedMs.push(performance.now() - since);
}

const http = { name: "http", port: 80 };

describe("an answer shows", () => {
  test("a service that is made, changed and deleted", async () => {
    const { client } = running;
    await shows("web.default.svc", "A", "NXDOMAIN");
    const made = await client.create(Service, "default", {
      metadata: { name: "web" },
      spec: { ports: [http] },
    });
    await shows("web.default.svc", "A", "NOERROR", `A ${made.spec.clusterIP}`);

    const spec = { ...made.spec, ports: [{ name: "www", port: 8080 }] };
    await client.update(Service, { ...made, spec });
    const srv = "SRV 0 100 8080 web.default.svc.cluster.local";
    await shows("_www._tcp.web.default.svc", "SRV", "NOERROR", srv);
    await shows("_http._tcp.web.default.svc", "SRV", "NXDOMAIN");

    await client.delete(Service, "default", "web");
    await shows("web.default.svc", "A", "NXDOMAIN");
  });

  test("endpoints of a headless service that come and go", async () => {
    const { client } = running;
    const metadata = { name: "db" };
    const subsets = [{ addresses: [{ ip: "10.1.0.1", hostname: "db-0" }], ports: [http] }];
    // The endpoints may be there before the service.
    const endpoints = await client.create(Endpoints, "default", { metadata, subsets });
    await client.create(Service, "default", {
      metadata,
      spec: { clusterIP: "None", ports: [http] },
    });
    await shows("db.default.svc", "A", "NOERROR", "A 10.1.0.1");
    await shows("db-0.db.default.svc", "A", "NOERROR", "A 10.1.0.1");

    const notReady = [{ notReadyAddresses: subsets[0]!.addresses, ports: [http] }];
    const changed = await client.update(Endpoints, { ...endpoints, subsets: notReady });
    await shows("db.default.svc", "A", "NXDOMAIN");

    await client.update(Endpoints, { ...changed, subsets });
    await shows("db.default.svc", "A", "NOERROR", "A 10.1.0.1");
    await client.delete(Endpoints, "default", "db");
    await shows("db-0.db.default.svc", "A", "NXDOMAIN");
  });

  test("a namespace", async () => {
    await shows("prod.svc", "A", "NXDOMAIN");
    await running.client.create(Namespace, "", { metadata: { name: "prod" }, spec: {} });
    await shows("prod.svc", "A", "NOERROR");
    await shows("prod.pod", "A", "NOERROR");
  });

  test("a pod, while it runs", async () => {
    const { client } = running;
    const pod = await client.create(Pod, "default", {
      metadata: { name: "web" },
      spec: { containers: [{ name: "web", image: "web" }] },
    });
    const status = { phase: "Running", podIP: "10.1.2.3", podIPs: [{ ip: "10.1.2.3" }] };
    const ran = await client.updateStatus(Pod, { ...pod, status });
    await shows("10-1-2-3.default.pod", "A", "NOERROR", "A 10.1.2.3");
    await client.updateStatus(Pod, { ...ran, status: { ...status, phase: "Succeeded" } });
    await shows("10-1-2-3.default.pod", "A", "NXDOMAIN");
  });

  test("all that within a second, but for what the machine is busy with", () => {
    const median = waitedMs.toSorted((a, b) => a - b)[waitedMs.length >> 1];
    expect(median).toBeLessThan(WITHIN_MS);
  });
});
