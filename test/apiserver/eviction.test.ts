import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Pod } from "../../src/api/pod.ts";
import {
  PodDisruptionBudget,
  type PodDisruptionBudgetStatus,
} from "../../src/api/policy/pod-disruption-budget.ts";
import { ask } from "../support/api-request.ts";
import { startTestApiServer } from "../support/api-server.ts";

let server: Awaited<ReturnType<typeof startTestApiServer>>;
beforeEach(async () => {
  server = await startTestApiServer();
});
afterEach(() => server.stop());

const REFUSED = "Cannot evict pod as it would violate the pod's disruption budget.";

describe("an eviction", () => {
  test("deletes a pod that no budget is about, and notes why it went", async () => {
    await createPod("web-0", { nodeName: "node1", isReady: true });
    const answer = await evict("web-0");

    expect(answer.status).toBe(201);
    expect(answer.json).toEqual({
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Success",
      code: 201,
    });
    const pod = await get("web-0");
    expect(pod.metadata.deletionTimestamp).toBeDefined();
    expect(pod.status?.conditions).toContainEqual({
      type: "DisruptionTarget",
      status: "True",
      reason: "EvictionByEvictionAPI",
      message: "Eviction API: evicting",
      lastTransitionTime: "2014-06-06T00:00:00Z",
    });
  });

  test.each(["policy/v1", "policy/v1beta1"])("is understood as %s", async (apiVersion) => {
    await createPod("web-0", { isReady: true });
    expect((await evict("web-0", { apiVersion })).status).toBe(201);
    expect(await names()).toEqual([]);
  });

  test("must name the pod it is sent to", async () => {
    await createPod("web-0", { isReady: true });
    const answer = await evict("web-0", { metadata: { name: "web-1" } });
    expect(answer.json).toMatchObject({
      code: 400,
      message: "name in URL does not match name in Eviction object",
    });
  });

  test("of a pod that is not there is answered with 404", async () => {
    expect((await evict("web-0")).json).toMatchObject({
      code: 404,
      message: 'pods "web-0" not found',
    });
  });

  test("spends one disruption of the budget and is refused when there are no more", async () => {
    for (const name of ["web-0", "web-1"]) await createPod(name, { isReady: true });
    await createBudget({ disruptionsAllowed: 1, currentHealthy: 2, desiredHealthy: 1 });

    expect((await evict("web-0")).status).toBe(201);
    const { status } = await server.client.get(PodDisruptionBudget, "default", "web");
    expect(status).toMatchObject({
      disruptionsAllowed: 0,
      disruptedPods: { "web-0": "2014-06-06T00:00:00Z" },
      conditions: [
        {
          type: "DisruptionAllowed",
          status: "False",
          reason: "InsufficientPods",
          message: "",
          observedGeneration: 1,
          lastTransitionTime: "2014-06-06T00:00:00Z",
        },
      ],
    });

    await setStatus({ disruptionsAllowed: 0, currentHealthy: 1, desiredHealthy: 1 });
    const refused = await evict("web-1");
    expect(refused.status).toBe(429);
    expect(refused.json).toEqual({
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Failure",
      message: REFUSED,
      reason: "TooManyRequests",
      details: {
        causes: [
          {
            reason: "DisruptionBudget",
            message: "The disruption budget web needs 1 healthy pods and has 1 currently",
          },
        ],
      },
      code: 429,
    });
    expect(await names()).toEqual(["web-1"]);
  });

  test("waits for the controller where the budget has just been changed", async () => {
    await createPod("web-0", { isReady: true });
    await createBudget({ observedGeneration: 0, disruptionsAllowed: 5 });
    const refused = await evict("web-0");
    expect(refused.status).toBe(429);
    expect(refused.headers["retry-after"]).toBe("10");
    expect(refused.json.details).toEqual({
      retryAfterSeconds: 10,
      causes: [
        {
          reason: "DisruptionBudget",
          message: "The disruption budget web is still being processed by the server.",
        },
      ],
    });
  });

  test("says that the budget's numbers could not be found out", async () => {
    await createPod("web-0", { isReady: true });
    await createBudget({
      currentHealthy: 2,
      desiredHealthy: 1,
      conditions: [
        {
          type: "DisruptionAllowed",
          status: "False",
          reason: "SyncFailed",
          message: "jobs.batch does not implement the scale subresource",
          lastTransitionTime: "2014-06-06T00:00:00Z",
        },
      ],
    });
    expect((await evict("web-0")).json.details.causes[0].message).toBe(
      "The disruption budget web does not allow evicting pods currently because it failed sync: jobs.batch does not implement the scale subresource",
    );
  });

  test("is not possible where two budgets are about the pod", async () => {
    await createPod("web-0", { isReady: true });
    await createBudget({ disruptionsAllowed: 1 });
    await createBudget({ disruptionsAllowed: 1 }, "second");
    expect((await evict("web-0")).json).toMatchObject({
      code: 500,
      message:
        "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.",
    });
  });

  test("spares the budget for a pod that has ended or not begun", async () => {
    await createBudget({ disruptionsAllowed: 0 });
    await createPod("pending", {});
    await createPod("failed", { phase: "Failed" });
    for (const name of ["pending", "failed"]) expect((await evict(name)).status).toBe(201);
    expect(await names()).toEqual([]);
  });

  test("of an unready pod goes when the others suffice, or the policy always allows it", async () => {
    await createPod("web-0", { phase: "Running" });
    await createBudget({ disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 1 });
    expect((await evict("web-0")).status).toBe(429);

    await setStatus({ disruptionsAllowed: 0, currentHealthy: 1, desiredHealthy: 1 });
    expect((await evict("web-0")).status).toBe(201);

    await createPod("web-1", { phase: "Running" });
    await setStatus({ disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 1 });
    const spec = { unhealthyPodEvictionPolicy: "AlwaysAllow" };
    await server.client.patch(PodDisruptionBudget, "default", "web", { spec });
    expect((await evict("web-1")).status).toBe(201);
    expect(await names()).toEqual([]);
  });

  test("of a dry run changes nothing, and is refused as it would be", async () => {
    await createPod("web-0", { isReady: true });
    await createBudget({ disruptionsAllowed: 1, currentHealthy: 2, desiredHealthy: 1 });
    expect((await evict("web-0", { deleteOptions: { dryRun: ["All"] } })).status).toBe(201);
    expect((await evict("web-0", {}, "?dryRun=All")).status).toBe(201);
    const { status } = await server.client.get(PodDisruptionBudget, "default", "web");
    expect(status?.disruptionsAllowed).toBe(1);
    expect((await get("web-0")).status?.conditions).toHaveLength(1);

    await setStatus({ disruptionsAllowed: 0, currentHealthy: 1, desiredHealthy: 1 });
    expect((await evict("web-0", {}, "?dryRun=All")).status).toBe(429);
    expect(await names()).toEqual(["web-0"]);
  });

  test("is for the pod whose uid it names, and for no successor", async () => {
    await createPod("web-0", { isReady: true });
    const preconditions = { uid: "11111111-2222-3333-4444-555555555555" };
    const answer = await evict("web-0", { deleteOptions: { preconditions } });
    expect(answer.json).toMatchObject({ code: 409, reason: "Conflict" });
    expect((await get("web-0")).metadata.deletionTimestamp).toBeUndefined();
  });

  test("never spends the same disruption twice, however many ask at once", async () => {
    const all = Array.from({ length: 12 }, (_, index) => `web-${index}`);
    for (const name of all) await createPod(name, { isReady: true });
    await createBudget({ disruptionsAllowed: 5, currentHealthy: 12, desiredHealthy: 7 });
    const answers = await Promise.all(all.map((name) => evict(name)));

    expect(answers.filter(({ status }) => status === 201)).toHaveLength(5);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(7);
    expect(await names()).toHaveLength(7);
  });

  test("is listed in discovery, in its own group and version", async () => {
    const { resources } = (await ask(server.transport, "GET", "/api/v1")).json;
    const found = resources.find(({ name }: { name: string }) => name === "pods/eviction");
    expect(found).toEqual({
      name: "pods/eviction",
      singularName: "",
      namespaced: true,
      group: "policy",
      version: "v1",
      kind: "Eviction",
      verbs: ["create"],
    });
  });
});

const evict = (name: string, body: object = {}, query = "") =>
  ask(server.transport, "POST", `/api/v1/namespaces/default/pods/${name}/eviction${query}`, {
    apiVersion: "policy/v1",
    kind: "Eviction",
    metadata: { name, namespace: "default" },
    ...body,
  });
const get = (name: string) => server.client.get(Pod, "default", name);
const names = async () =>
  (await server.client.list(Pod)).items.map(({ metadata }) => metadata.name).sort();

interface Shape {
  nodeName?: string;
  phase?: string;
  isReady?: boolean;
}

async function createPod(name: string, { nodeName, phase, isReady = false }: Shape) {
  const pod = await server.client.create(Pod, "default", {
    metadata: { name, labels: { app: "web" } },
    spec: { containers: [{ name: "main", image: "nginx" }], ...(nodeName && { nodeName }) },
  });
  if (!isReady && phase === undefined) return;
  const conditions = isReady ? [{ type: "Ready", status: "True" }] : [];
  const status = { phase: phase ?? "Running", conditions };
  await server.client.updateStatus(Pod, { ...pod, status });
}

const ZERO = { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 };

async function createBudget(status: Partial<PodDisruptionBudgetStatus>, name = "web") {
  await server.client.create(PodDisruptionBudget, "default", {
    metadata: { name },
    spec: { minAvailable: 1, selector: { matchLabels: { app: "web" } } },
  });
  await setStatus(status, name);
}

async function setStatus(status: Partial<PodDisruptionBudgetStatus>, name = "web") {
  const budget = await server.client.get(PodDisruptionBudget, "default", name);
  await server.client.updateStatus(PodDisruptionBudget, {
    ...budget,
    status: { ...ZERO, observedGeneration: 1, ...status },
  });
}
