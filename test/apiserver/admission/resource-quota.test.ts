/** Quotas with their controller: charged as objects are let in, counted again as they go. */
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ConfigMap } from "../../../src/api/config-map.ts";
import { Namespace } from "../../../src/api/namespace.ts";
import { Pod } from "../../../src/api/pod.ts";
import { ResourceQuota } from "../../../src/api/resource-quota.ts";
import { Secret } from "../../../src/api/secret.ts";
import { Service } from "../../../src/api/service.ts";
import { resourceQuotaController } from "../../../src/controller-manager/resource-quota.ts";
import { startTestApiServer } from "../../support/api-server.ts";
import { type Cluster, startCluster } from "../../support/cluster.ts";
import { eventually } from "../../support/eventually.ts";

let cluster: Cluster;
beforeEach(async () => {
  cluster = await startCluster({ controllers: [resourceQuotaController()] });
});
afterEach(() => cluster.stop());

async function setQuota(hard: Record<string, string>, more: object = {}, name = "quota") {
  await cluster.client.create(ResourceQuota, "default", {
    metadata: { name },
    spec: { hard, ...more },
  });
  await cluster.settle();
}
const usedOf = async (name = "quota") =>
  (await cluster.client.get(ResourceQuota, "default", name)).status?.used;
const create = (name: string, resources: object = {}, more: object = {}) =>
  cluster.client.create(Pod, "default", {
    metadata: { name },
    spec: { containers: [{ name: "web", image: "nginx", resources }], ...more },
  } as never);
const service = (name: string, type: string, ports = 1) =>
  cluster.client.create(Service, "default", {
    metadata: { name },
    spec: {
      type,
      ports: Array.from({ length: ports }, (_, i) => ({ name: `p${i}`, port: i + 1 })),
    },
  } as never);

describe("a ResourceQuota", () => {
  test("counts what is there already", async () => {
    await create("a", { requests: { cpu: "250m" } });
    await create("b", { requests: { cpu: "500m" } });
    await setQuota({
      pods: "5",
      "requests.cpu": "2",
      "count/pods": "5",
      persistentvolumeclaims: "1",
    });
    expect(await usedOf()).toEqual({
      pods: "2",
      "requests.cpu": "750m",
      "count/pods": "2",
      persistentvolumeclaims: "0",
    });
  });

  test("refuses what no longer fits, with what was asked, used and allowed", async () => {
    await setQuota({ pods: "2", "requests.cpu": "1" });
    await create("a", { requests: { cpu: "600m" } });
    await expect(create("b", { requests: { cpu: "500m" } })).rejects.toThrow(
      'pods "b" is forbidden: exceeded quota: quota, requested: requests.cpu=500m, used: requests.cpu=600m, limited: requests.cpu=1',
    );
    await create("b", { requests: { cpu: "400m" } });
    await expect(create("c", { requests: { cpu: "1m" } })).rejects.toThrow(
      "exceeded quota: quota, requested: pods=1,requests.cpu=1m, used: pods=2,requests.cpu=1, limited: pods=2,requests.cpu=1",
    );
    expect(await usedOf()).toEqual({ pods: "2", "requests.cpu": "1" });
  });

  test("wants every container to state what it counts", async () => {
    await setQuota({ cpu: "1", "limits.memory": "1Gi" });
    const containers = [
      { name: "web", image: "nginx", resources: { requests: { cpu: "1m" } } },
      { name: "side", image: "nginx" },
    ];
    await expect(create("a", {}, { containers })).rejects.toThrow(
      'pods "a" is forbidden: failed quota: quota: must specify cpu for: side; limits.memory for: side,web',
    );
  });

  test("lets nothing in before it has been counted", async () => {
    await cluster.stop();
    cluster = await startCluster();
    await cluster.client.create(ResourceQuota, "default", {
      metadata: { name: "quota" },
      spec: { hard: { pods: "1", secrets: "1" } },
    });
    await expect(create("a")).rejects.toThrow(
      'pods "a" is forbidden: status unknown for quota: quota, resources: pods',
    );
    await cluster.client.create(ConfigMap, "default", { metadata: { name: "not-counted" } });
  });

  test("counts services by type, and a change of type", async () => {
    await setQuota({ services: "4", "services.nodeports": "2", "services.loadbalancers": "1" });
    await service("plain", "ClusterIP");
    await service("node", "NodePort", 2);
    await expect(service("lb", "LoadBalancer")).rejects.toThrow(
      "exceeded quota: quota, requested: services.nodeports=1, used: services.nodeports=2, limited: services.nodeports=2",
    );
    await expect(
      cluster.client.patch(Service, "default", "plain", { spec: { type: "NodePort" } }),
    ).rejects.toThrow(
      'services "plain" is forbidden: exceeded quota: quota, requested: services.nodeports=1',
    );
    expect(await usedOf()).toEqual({
      services: "3",
      "services.nodeports": "2",
      "services.loadbalancers": "0",
    });
  });

  test("counts objects of any kind", async () => {
    await setQuota({ "count/configmaps": "1", secrets: "1", resourcequotas: "1" });
    await cluster.client.create(ConfigMap, "default", { metadata: { name: "a" } });
    await cluster.client.create(Secret, "default", { metadata: { name: "a" } });
    await expect(
      cluster.client.create(ConfigMap, "default", { metadata: { name: "b" } }),
    ).rejects.toThrow("exceeded quota: quota, requested: count/configmaps=1");
    await expect(setQuota({}, {}, "second")).rejects.toThrow(
      'resourcequotas "second" is forbidden: exceeded quota: quota, requested: resourcequotas=1, used: resourcequotas=1, limited: resourcequotas=1',
    );
    expect(await usedOf()).toEqual({ "count/configmaps": "1", secrets: "1", resourcequotas: "1" });
  });

  test("counts the pods of its scopes alone", async () => {
    await setQuota({ pods: "1" }, { scopes: ["BestEffort"] }, "best-effort");
    await setQuota({ pods: "1" }, { scopes: ["NotBestEffort", "NotTerminating"] }, "long-running");
    await setQuota({ pods: "1" }, { scopes: ["Terminating"] }, "terminating");
    await create("a");
    await expect(create("b")).rejects.toThrow("exceeded quota: best-effort");
    const asking = { requests: { cpu: "1m" } };
    await create("c", asking);
    await expect(create("d", asking)).rejects.toThrow("exceeded quota: long-running");
    await create("e", asking, { activeDeadlineSeconds: 60 });
    await expect(create("f", asking, { activeDeadlineSeconds: 60 })).rejects.toThrow(
      "exceeded quota: terminating",
    );
  });

  test("takes back what has gone, and what has ended, a second later", async () => {
    await setQuota({ pods: "2" });
    await create("a");
    const b = await create("b");
    await cluster.client.delete(Pod, "default", "a", { gracePeriodSeconds: 0 });
    await cluster.client.updateStatus(Pod, { ...b, status: { phase: "Succeeded" } });
    await cluster.pass(3_000, 1_000);
    expect(await usedOf()).toEqual({ pods: "0" });
  });

  test("takes back what was charged and then not written", async () => {
    await setQuota({ pods: "5" });
    await create("a");
    await expect(create("a")).rejects.toThrow("already exists");
    expect(await usedOf()).toEqual({ pods: "2" });
    await cluster.pass(3_000, 1_000);
    expect(await usedOf()).toEqual({ pods: "1" });
  });

  test("is not charged for a dry run, but judges it", async () => {
    await setQuota({ configmaps: "1" });
    const path = "/api/v1/namespaces/default/configmaps?dryRun=All";
    const body = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" } };
    await cluster.client.raw("POST", path, body);
    expect(await usedOf()).toEqual({ configmaps: "0" });
    await cluster.client.create(ConfigMap, "default", { metadata: { name: "b" } });
    await expect(cluster.client.raw("POST", path, body)).rejects.toThrow("exceeded quota");
  });

  test("follows a change of its limits", async () => {
    await setQuota({ pods: "1" });
    await create("a");
    await cluster.client.patch(ResourceQuota, "default", "quota", {
      spec: { hard: { pods: "2" } },
    });
    await cluster.settle();
    await create("b");
    const { status } = await cluster.client.get(ResourceQuota, "default", "quota");
    expect(status).toEqual({ hard: { pods: "2" }, used: { pods: "2" } });
  });

  test("of one namespace is nothing to another", async () => {
    await setQuota({ pods: "0" });
    await cluster.client.create(Namespace, "", { metadata: { name: "other" }, spec: {} });
    const pod = { metadata: { name: "a" }, spec: { containers: [{ name: "a", image: "nginx" }] } };
    await cluster.client.create(Pod, "other", pod);
  });
});

describe("many at once", () => {
  test("get exactly what is there, in few writes", async () => {
    await setQuota({ pods: "10", "count/pods": "20" });
    await setQuota({ "count/pods": "10" }, {}, "second");
    const before = await cluster.client.get(ResourceQuota, "default", "quota");
    const outcomes = await Promise.allSettled(
      Array.from({ length: 50 }, (_, i) => create(`p${i}`)),
    );
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(10);
    expect(await usedOf()).toEqual({ pods: "10", "count/pods": "10" });
    expect(await usedOf("second")).toEqual({ "count/pods": "10" });
    const after = await cluster.client.get(ResourceQuota, "default", "quota");
    const revisions = [before, after].map(({ metadata }) => Number(metadata.resourceVersion));
    expect(revisions[1]! - revisions[0]!).toBeLessThan(10);
  });

  test("get exactly what is there from two API servers on one store", async () => {
    const first = await startTestApiServer();
    const second = await startTestApiServer({ store: first.store });
    const quota = await first.client.create(ResourceQuota, "default", {
      metadata: { name: "quota" },
      spec: { hard: { configmaps: "10" } },
    });
    const status = { hard: { configmaps: "10" }, used: { configmaps: "0" } };
    await first.client.updateStatus(ResourceQuota, { ...quota, status });
    await eventually(() => second.client.get(ResourceQuota, "default", "quota"));
    const outcomes = await Promise.allSettled(
      Array.from({ length: 40 }, (_, i) =>
        [first, second][i % 2]!.client.create(ConfigMap, "default", {
          metadata: { name: `c${i}` },
        }),
      ),
    );
    expect(outcomes.filter((one) => one.status === "fulfilled")).toHaveLength(10);
    const after = await first.client.get(ResourceQuota, "default", "quota");
    expect(after.status).toEqual({ ...status, used: { configmaps: "10" } });
    await second.stop();
    await first.stop();
  });

  test("never use more than is there, whatever comes and goes (property)", async () => {
    await setQuota({ pods: "3", "requests.cpu": "1" });
    const step = fc.record({
      name: fc.integer({ min: 0, max: 5 }),
      isCreate: fc.boolean(),
      milli: fc.integer({ min: 1, max: 700 }),
      passMs: fc.constantFrom(0, 0, 1_500),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(step, { maxLength: 6 }), { maxLength: 6 }),
        async (rounds) => {
          for (const round of rounds) {
            await Promise.allSettled(
              round.map(({ name, isCreate, milli }) =>
                isCreate
                  ? create(`p${name}`, { requests: { cpu: `${milli}m` } })
                  : cluster.client.delete(Pod, "default", `p${name}`, { gracePeriodSeconds: 0 }),
              ),
            );
            const { items } = await cluster.client.list(Pod, { namespace: "default" });
            expect(items.length).toBeLessThanOrEqual(3);
            const milli = items.map(({ spec }) =>
              Number.parseInt(spec.containers[0]!.resources!.requests!.cpu!, 10),
            );
            expect(milli.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(1000);
            const passMs = round[0]?.passMs ?? 0;
            if (passMs > 0) await cluster.pass(passMs, 500);
          }
          await cluster.pass(3_000, 500);
          const { items } = await cluster.client.list(Pod, { namespace: "default" });
          expect((await usedOf())!.pods).toBe(String(items.length));
        },
      ),
      { numRuns: 20 },
    );
  });
});
