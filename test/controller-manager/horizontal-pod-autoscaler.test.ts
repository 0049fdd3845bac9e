import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Deployment } from "../../src/api/apps/deployment.ts";
import { HorizontalPodAutoscaler } from "../../src/api/autoscaling/horizontal-pod-autoscaler.ts";
import { Event } from "../../src/api/event.ts";
import { Pod } from "../../src/api/pod.ts";
import { isPodActive } from "../../src/api/pod-status.ts";
import type { ApiRequest, ApiResponse } from "../../src/client/transport.ts";
import { toApiTime } from "../../src/component/clock.ts";
import { deploymentController } from "../../src/controller-manager/deployment.ts";
import { horizontalPodAutoscalerController } from "../../src/controller-manager/horizontal-pod-autoscaler.ts";
import { replicaSetController } from "../../src/controller-manager/replica-set.ts";
import { type Cluster, startCluster } from "../support/cluster.ts";

/** Under a load of so many thousandths of a processor, which its pods share. */
let load: number;
let cluster: Cluster;

beforeEach(async () => {
  load = 100;
  cluster = await startCluster({
    controllers: [deploymentController, replicaSetController, horizontalPodAutoscalerController()],
  });
  cluster.network.fault = metricsServer;
});
afterEach(() => cluster.stop());

describe("a HorizontalPodAutoscaler", () => {
  test("adds pods until each is used as it should be, and says why", async () => {
    await deploy(1);
    await turn();
    load = 400;
    await autoscale();
    await cluster.settle();

    expect(await replicas()).toBe(4);
    expect(await told("SuccessfulRescale")).toEqual([
      "New size: 4; reason: cpu resource utilization (percentage of request) above target",
    ]);
    const { status } = await get();
    expect(status).toMatchObject({ currentReplicas: 1, desiredReplicas: 4 });
    expect(conditionsOf(status)).toEqual({
      AbleToScale: [
        "True",
        "SucceededRescale",
        "the HPA controller was able to update the target scale to 4",
      ],
      ScalingActive: [
        "True",
        "ValidMetricFound",
        "the HPA was able to successfully calculate a replica count from cpu resource utilization (percentage of request)",
      ],
      ScalingLimited: [
        "False",
        "DesiredWithinRange",
        "the desired count is within the acceptable range",
      ],
    });
    await turn();
    expect((await get()).status).toMatchObject({
      currentReplicas: 4,
      desiredReplicas: 4,
      currentMetrics: [{ resource: { current: { averageUtilization: 50, averageValue: "100m" } } }],
    });
  });

  test("leaves things as they are within a tenth of the target", async () => {
    await deploy(4);
    load = 430;
    await autoscale();
    await turn(3);

    expect(await replicas()).toBe(4);
    expect(await told("SuccessfulRescale")).toEqual([]);
  });

  test("takes pods away only when nothing more has been recommended for five minutes", async () => {
    await deploy(4);
    load = 400;
    await autoscale();
    await turn();
    load = 100;
    await turn(4);
    expect(await replicas()).toBe(4);
    expect(conditionsOf((await get()).status).AbleToScale).toEqual([
      "True",
      "ScaleDownStabilized",
      "recent recommendations were higher than current one, applying the highest recent recommendation",
    ]);
    await turn(20);
    expect(await replicas()).toBe(1);
    expect(await told("SuccessfulRescale")).toEqual([
      "New size: 1; reason: All metrics below target",
    ]);
  });

  test("grows no faster than twofold or by four, and not beyond its bounds", async () => {
    await deploy(1);
    load = 5_000;
    await autoscale({ maxReplicas: 20 });
    await turn();
    expect(await replicas()).toBe(4);
    expect(conditionsOf((await get()).status).ScalingLimited).toEqual([
      "True",
      "ScaleUpLimit",
      "the desired replica count is increasing faster than the maximum scale rate",
    ]);
    await turn();
    expect(await replicas()).toBe(8);
    await turn(4);
    expect(await replicas()).toBe(20);
    expect(conditionsOf((await get()).status).ScalingLimited).toEqual([
      "True",
      "TooManyReplicas",
      "the desired replica count is more than the maximum replica count",
    ]);
  });

  test("keeps the policies of its behaviour", async () => {
    await deploy(2);
    load = 2_000;
    const onePod = [{ type: "Pods", value: 1, periodSeconds: 60 }];
    const scaleUp = { stabilizationWindowSeconds: 0, policies: onePod };
    const scaleDown = { stabilizationWindowSeconds: 0, selectPolicy: "Disabled" };
    await autoscale({ behavior: { scaleUp, scaleDown } });
    await turn(3);
    expect(await replicas()).toBe(3);
    await turn(4);
    expect(await replicas()).toBe(4);
    load = 0;
    await turn(8);
    expect(await replicas()).toBe(4);
  });

  test("brings what is outside its bounds inside, whatever the metrics say", async () => {
    await deploy(1);
    await turn();
    await autoscale({ minReplicas: 3 });
    await cluster.settle();
    expect(await replicas()).toBe(3);
    expect(await told("SuccessfulRescale")).toEqual([
      "New size: 3; reason: Current number of replicas below Spec.MinReplicas",
    ]);
  });

  test("leaves alone what has been scaled to nothing", async () => {
    await deploy(0);
    await autoscale();
    await turn();
    expect(await replicas()).toBe(0);
    expect(conditionsOf((await get()).status).ScalingActive).toEqual([
      "False",
      "ScalingDisabled",
      "scaling is disabled since the replica count of the target is zero",
    ]);
  });

  test("says which container asks for nothing, so that no share can be told", async () => {
    await deploy(1, {});
    await turn();
    await autoscale();
    await turn();
    const { metadata } = (await pods())[0]!;
    const why = `failed to get cpu utilization: missing request for cpu in container main of Pod ${metadata.name}`;
    expect(conditionsOf((await get()).status).ScalingActive).toEqual([
      "False",
      "FailedGetResourceMetric",
      `the HPA was unable to compute the replica count: ${why}`,
    ]);
    expect(await told("FailedComputeMetricsReplicas")).toEqual([
      `invalid metrics (1 invalid out of 1), first error is: failed to get cpu resource metric value: ${why}`,
    ]);
  });

  test("says that there are no metrics, and goes on when there are", async () => {
    await deploy(1);
    cluster.network.fault = undefined;
    await autoscale();
    await turn();
    const [, reason, message] = conditionsOf((await get()).status).ScalingActive!;
    expect(reason).toBe("FailedGetResourceMetric");
    expect(message).toContain(
      "failed to get cpu utilization: unable to get metrics for resource cpu: no metrics returned from resource metrics API",
    );
    cluster.network.fault = metricsServer;
    load = 200;
    await turn();
    expect(await replicas()).toBe(2);
  });

  test("says that what it should scale is not there", async () => {
    await autoscale();
    await cluster.settle();
    expect(conditionsOf((await get()).status).AbleToScale).toEqual([
      "False",
      "FailedGetScale",
      `the HPA controller was unable to get the target's current scale: deployments.apps "web" not found`,
    ]);
  });

  test("writes nothing while nothing changes", async () => {
    await deploy(1);
    await autoscale();
    await turn(2);
    cluster.network.requests.length = 0;
    await turn(10);
    expect(cluster.network.requests.filter(({ method }) => method !== "GET")).toEqual([]);
  });

  test("does the same through version 1, which keeps the rest in annotations", async () => {
    await deploy(1);
    await autoscale();
    await turn(2);
    const path = "/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers/web";
    const old = await cluster.client.raw<HorizontalPodAutoscaler>("GET", path);
    expect(old).toMatchObject({
      apiVersion: "autoscaling/v1",
      spec: { maxReplicas: 10, targetCPUUtilizationPercentage: 50 },
      status: { currentReplicas: 1, currentCPUUtilizationPercentage: 50 },
    });
    const { conditions } = (await get()).status!;
    expect(
      JSON.parse(old.metadata.annotations!["autoscaling.alpha.kubernetes.io/conditions"]!),
    ).toEqual(conditions);
    await cluster.client.raw("PUT", path, { ...old, spec: { ...old.spec, maxReplicas: 5 } });
    const stored = await get();
    expect(stored.spec.maxReplicas).toBe(5);
    expect(stored.metadata.annotations).toBeUndefined();
    expect(stored.status?.conditions).toEqual(conditions);
  });
});

const get = () => cluster.client.get(HorizontalPodAutoscaler, "default", "web");
const replicas = async () => (await cluster.client.get(Deployment, "default", "web")).spec.replicas;
const pods = async () => (await cluster.client.list(Pod)).items.filter(isPodActive);

/** So many of its looks, 15 seconds apart, with all pods ready for long at each. */
async function turn(times = 1): Promise<void> {
  for (let left = times; left > 0; left--) {
    await cluster.settle();
    for (const pod of await pods()) await run(pod);
    await cluster.settle();
    cluster.clock.advance(15_000);
    await cluster.settle();
  }
}

async function run(pod: Pod): Promise<void> {
  if (pod.status?.phase === "Running") return;
  const longAgo = toApiTime(new Date(cluster.clock.now().getTime() - 3_600_000));
  const conditions = [{ type: "Ready", status: "True", lastTransitionTime: longAgo }];
  const status = { phase: "Running", startTime: longAgo, conditions };
  await cluster.client.updateStatus(Pod, { ...pod, status });
}

function deploy(count: number, requests: Record<string, string> = { cpu: "200m" }) {
  return cluster.client.create(Deployment, "default", {
    metadata: { name: "web" },
    spec: {
      replicas: count,
      selector: { matchLabels: { app: "web" } },
      template: {
        metadata: { labels: { app: "web" } },
        spec: { containers: [{ name: "main", image: "web", resources: { requests } }] },
      },
    },
  });
}

/** To half of what is requested: 100m for each pod. */
function autoscale(spec: Partial<HorizontalPodAutoscaler["spec"]> = {}) {
  const target = { type: "Utilization", averageUtilization: 50 };
  return cluster.client.create(HorizontalPodAutoscaler, "default", {
    metadata: { name: "web" },
    spec: {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" },
      maxReplicas: 10,
      metrics: [{ type: "Resource", resource: { name: "cpu", target } }],
      ...spec,
    },
  });
}

/** The metrics API is somebody else's: here it says that all running pods share the load. */
function metricsServer({ path }: ApiRequest): ApiResponse | undefined {
  if (!path.startsWith("/apis/metrics.k8s.io/v1beta1/namespaces/default/pods")) return undefined;
  const running = cluster.context.informers
    .of(Pod)
    .list()
    .filter((pod) => isPodActive(pod) && pod.status?.phase === "Running");
  const items = running.map(({ metadata }) => ({
    metadata: { name: metadata.name },
    timestamp: toApiTime(cluster.clock.now()),
    window: "15s",
    containers: [{ name: "main", usage: { cpu: `${Math.round((load * 1e6) / running.length)}n` } }],
  }));
  const chunks = [Buffer.from(JSON.stringify({ kind: "PodMetricsList", items }))];
  return { status: 200, headers: {}, body: { type: "bytes", chunks } };
}

async function told(reason: string): Promise<string[]> {
  const { items } = await cluster.client.list(Event, { namespace: "default" });
  return items.filter((one) => one.reason === reason).map(({ message }) => message ?? "");
}

function conditionsOf(status: HorizontalPodAutoscaler["status"]): Record<string, unknown[]> {
  const conditions = status?.conditions ?? [];
  return Object.fromEntries(
    conditions.map((one) => [one.type, [one.status, one.reason, one.message]]),
  );
}
