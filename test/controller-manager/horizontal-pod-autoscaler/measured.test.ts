/** Autoscalers that go by what others measure, and what they say where nobody does. */
import type { MetricSpec } from "kubernetes-types/autoscaling/v2.js";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { HorizontalPodAutoscaler } from "../../../src/api/autoscaling/horizontal-pod-autoscaler.ts";
import { Event } from "../../../src/api/event.ts";
import { Pod } from "../../../src/api/pod.ts";
import { ReplicationController } from "../../../src/api/replication-controller.ts";
import type { ApiRequest, ApiResponse } from "../../../src/client/transport.ts";
import { toApiTime } from "../../../src/component/clock.ts";
import { horizontalPodAutoscalerController } from "../../../src/controller-manager/horizontal-pod-autoscaler.ts";
import { type Cluster, startCluster } from "../../support/cluster.ts";

const UNABLE = "the HPA was unable to compute the replica count: ";
const NO_CUSTOM =
  "unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered";
const labels = { app: "web" };
const perSecond = { name: "requests-per-second" };
const ingress = { apiVersion: "networking.k8s.io/v1", kind: "Ingress", name: "front" };
const pods = (averageValue: string): MetricSpec => ({
  type: "Pods",
  pods: { metric: perSecond, target: { type: "AverageValue", averageValue } },
});
const object = (target: { value?: string; averageValue?: string }): MetricSpec => ({
  type: "Object",
  object: { describedObject: ingress, metric: perSecond, target: typed(target) },
});
const external = (target: { value?: string; averageValue?: string }): MetricSpec => ({
  type: "External",
  external: {
    metric: { name: "queue", selector: { matchLabels: { of: "mail" } } },
    target: typed(target),
  },
});
const typed = (target: { value?: string; averageValue?: string }) => ({
  type: target.value === undefined ? "AverageValue" : "Value",
  ...target,
});

let cluster: Cluster;
/** What the adapters answer, by path; undefined: there are none. */
let served: Record<string, string[]> | undefined;
beforeEach(async () => {
  served = undefined;
  cluster = await startCluster({ controllers: [horizontalPodAutoscalerController()] });
  cluster.network.fault = adapters;
  const template = {
    metadata: { labels },
    spec: { containers: [{ name: "main", image: "web:1" }] },
  };
  await cluster.client.create(ReplicationController, "default", {
    metadata: { name: "web" },
    spec: { replicas: 2, selector: labels, template },
  });
  const status = { status: { replicas: 2 } };
  await cluster.client.patch(ReplicationController, "default", "web", status, {
    subresource: "status",
  });
  for (const name of ["web-1", "web-2"]) await runningPod(name);
});
afterEach(() => cluster.stop());

describe("an autoscaler, where nobody measures", () => {
  test.each([
    [
      pods("10"),
      "FailedGetPodsMetric",
      `unable to get metric requests-per-second: ${NO_CUSTOM}`,
      "failed to get pods metric value: ",
    ],
    [
      object({ value: "10" }),
      "FailedGetObjectMetric",
      `unable to get metric requests-per-second: Ingress on default front/${NO_CUSTOM}`,
      "failed to get object metric value: ",
    ],
    [
      object({ averageValue: "10" }),
      "FailedGetObjectMetric",
      `unable to get metric requests-per-second: Ingress on default front/${NO_CUSTOM}`,
      "failed to get object metric value: failed to get requests-per-second object metric: ",
    ],
    [
      external({ value: "10" }),
      "FailedGetExternalMetric",
      "unable to get external metric default/queue/&LabelSelector{MatchLabels:map[string]string{of: mail,},MatchExpressions:[]LabelSelectorRequirement{},}: unable to fetch metrics from external metrics API: the server could not find the requested resource (get queue.external.metrics.k8s.io)",
      "failed to get queue external metric value: failed to get external metric queue: ",
    ],
  ])("says so of $type", async (metric, reason, why, around) => {
    await autoscale([metric]);
    expect(await conditionOf("ScalingActive")).toEqual(["False", reason, UNABLE + why]);
    expect(await told(reason)).toEqual([why]);
    expect(await told("FailedComputeMetricsReplicas")).toEqual([
      `invalid metrics (1 invalid out of 1), first error is: ${around}${why}`,
    ]);
    expect(await replicas()).toBe(2);
  });
});

describe("an autoscaler, where others measure", () => {
  test("goes by a value of each pod", async () => {
    served = { "/namespaces/default/pods/*/requests-per-second": ["20", "40"] };
    await autoscale([pods("15")]);
    expect(await replicas()).toBe(4);
    expect(await lastMetric()).toEqual({
      type: "Pods",
      pods: { metric: perSecond, current: { averageValue: "30" } },
    });
    expect(await told("SuccessfulRescale")).toEqual([
      "New size: 4; reason: pods metric requests-per-second above target",
    ]);
    const asked = cluster.network.requests.find(({ path }) => path.includes("/pods/*/"));
    expect(asked?.path).toMatch(/\/custom\.metrics\.k8s\.io\/v1beta2\/.*labelSelector=app%3Dweb$/);
  });

  test("goes by a value of an object, for all pods or for each", async () => {
    served = { "/ingresses.networking.k8s.io/front/requests-per-second": ["90"] };
    await autoscale([object({ value: "60" })]);
    expect(await replicas()).toBe(3);
    expect(await conditionOf("ScalingActive")).toEqual([
      "True",
      "ValidMetricFound",
      "the HPA was able to successfully calculate a replica count from Ingress metric requests-per-second",
    ]);

    await cluster.client.delete(HorizontalPodAutoscaler, "default", "web");
    await autoscale([object({ averageValue: "20" })]);
    expect(await replicas()).toBe(5);
    expect(await lastMetric()).toMatchObject({ object: { current: { averageValue: "45" } } });
  });

  test("adds up the values of what is outside", async () => {
    served = { "/external.metrics.k8s.io/v1beta1/namespaces/default/queue": ["30", "20"] };
    await autoscale([external({ averageValue: "15" })]);
    expect(await replicas()).toBe(4);
    expect(await lastMetric()).toMatchObject({ external: { current: { averageValue: "25" } } });
    const asked = cluster.network.requests.find(({ path }) => path.includes("/queue"));
    expect(asked?.path).toContain("labelSelector=of%3Dmail");
  });

  test("takes none away while one of its metrics is missing, but adds some", async () => {
    served = { "/namespaces/default/pods/*/requests-per-second": ["1", "1"] };
    await autoscale([pods("10"), external({ value: "10" })]);
    expect(await replicas()).toBe(2);
    expect((await conditionOf("ScalingActive"))[1]).toBe("FailedGetExternalMetric");

    served = { "/namespaces/default/pods/*/requests-per-second": ["20", "20"] };
    await cluster.pass(16_000);
    expect(await replicas()).toBe(4);
    expect((await conditionOf("ScalingActive"))[1]).toBe("ValidMetricFound");
    expect((await get()).status?.currentMetrics?.map(({ type }) => type)).toEqual(["Pods", ""]);
  });
});

describe("two autoscalers of the same pods", () => {
  test("say so, and scale nothing", async () => {
    served = { "/namespaces/default/pods/*/requests-per-second": ["20", "40"] };
    await autoscale([pods("30")], "other");
    await autoscale([pods("15")]);
    const why =
      "pods by selector app=web are controlled by multiple HPAs: [default/other default/web]";
    expect(await conditionOf("ScalingActive")).toEqual(["False", "AmbiguousSelector", why]);
    expect(await told("AmbiguousSelector")).toEqual([why]);
    expect(await told("FailedComputeMetricsReplicas")).toEqual([why]);
    expect(await replicas()).toBe(2);
  });
});

async function runningPod(name: string): Promise<void> {
  const spec = { containers: [{ name: "main", image: "web:1" }] };
  await cluster.client.create(Pod, "default", { metadata: { name, labels }, spec });
  const conditions = [
    { type: "Ready", status: "True", lastTransitionTime: toApiTime(cluster.clock.now()) },
  ];
  const status = { phase: "Running", startTime: toApiTime(cluster.clock.now()), conditions };
  await cluster.client.patch(Pod, "default", name, { status }, { subresource: "status" });
}

async function autoscale(metrics: MetricSpec[], name = "web"): Promise<void> {
  await cluster.client.create(HorizontalPodAutoscaler, "default", {
    metadata: { name },
    spec: {
      scaleTargetRef: { apiVersion: "v1", kind: "ReplicationController", name: "web" },
      maxReplicas: 10,
      metrics,
    },
  });
  await cluster.settle();
}

/** The adapters behind two APIServices. */
function adapters({ path }: ApiRequest): ApiResponse | undefined {
  if (served === undefined) return undefined;
  if (path === "/apis") {
    const version = { groupVersion: "custom.metrics.k8s.io/v1beta2", version: "v1beta2" };
    const group = { name: "custom.metrics.k8s.io", versions: [version], preferredVersion: version };
    return answer({ kind: "APIGroupList", groups: [group] });
  }
  const found = Object.entries(served).find(([part]) => path.includes(part));
  if (found === undefined) return undefined;
  const timestamp = toApiTime(cluster.clock.now());
  const items = found[1].map((value, i) => {
    return { describedObject: { kind: "Pod", name: `web-${i + 1}` }, timestamp, value };
  });
  return answer({ kind: "MetricValueList", items });
}

function answer(body: object): ApiResponse {
  const chunks = [Buffer.from(JSON.stringify(body))];
  return { status: 200, headers: {}, body: { type: "bytes", chunks } };
}

const get = () => cluster.client.get(HorizontalPodAutoscaler, "default", "web");
const replicas = async () =>
  (await cluster.client.get(ReplicationController, "default", "web")).spec.replicas;
const lastMetric = async () => (await get()).status?.currentMetrics?.at(-1);

async function conditionOf(type: string): Promise<unknown[]> {
  const { conditions = [] } = (await get()).status!;
  const { status, reason, message } = conditions.find((one) => one.type === type)!;
  return [status, reason, message];
}

async function told(reason: string): Promise<string[]> {
  const { items } = await cluster.client.list(Event, { namespace: "default" });
  return items.filter((event) => event.reason === reason).map(({ message = "" }) => message);
}
