import { describe, expect, test } from "vitest";
import { HorizontalPodAutoscaler } from "../../../src/api/autoscaling/horizontal-pod-autoscaler.ts";
import { HorizontalPodAutoscalerInV1 } from "../../../src/api/autoscaling/horizontal-pod-autoscaler-v1.ts";
import { complete, type Draft, wordingsOf } from "../judge.ts";

const scaleTargetRef = { apiVersion: "apps/v1", kind: "Deployment", name: "web" };
const memory = {
  type: "Resource",
  resource: { name: "memory", target: { type: "AverageValue", averageValue: "64Mi" } },
};
const cpu = {
  type: "Resource",
  resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 50 } },
};
const hpa = (spec: Draft = {}): Draft => ({ spec: { scaleTargetRef, maxReplicas: 5, ...spec } });

describe("a HorizontalPodAutoscaler", () => {
  test("has the defaults of Kubernetes", () => {
    expect(complete(HorizontalPodAutoscaler, hpa({ behavior: {} })).spec).toMatchObject({
      minReplicas: 1,
      metrics: [{ resource: { name: "cpu", target: { averageUtilization: 80 } } }],
      behavior: {
        scaleUp: {
          selectPolicy: "Max",
          stabilizationWindowSeconds: 0,
          policies: [
            { type: "Pods", value: 4, periodSeconds: 15 },
            { type: "Percent", value: 100, periodSeconds: 15 },
          ],
        },
        scaleDown: { policies: [{ type: "Percent", value: 100, periodSeconds: 15 }] },
      },
    });
  });

  test.each([
    [
      hpa({ maxReplicas: 0 }),
      [
        "spec.maxReplicas: Invalid value: 0: must be greater than 0",
        "spec.maxReplicas: Invalid value: 0: must be greater than or equal to `minReplicas`",
      ],
    ],
    [
      hpa({ minReplicas: 0 }),
      [
        "spec.minReplicas: Invalid value: 0: must be greater than or equal to 1",
        "spec.metrics: Forbidden: must specify at least one Object or External metric to support scaling to zero replicas",
      ],
    ],
    [
      hpa({ scaleTargetRef: { kind: "", name: "" } }),
      ["spec.scaleTargetRef.kind: Required value", "spec.scaleTargetRef.name: Required value"],
    ],
    [
      hpa({ metrics: [{ type: "Resource" }] }),
      [
        "spec.metrics[0].resource: Required value: must populate information for the given metric source",
      ],
    ],
    [
      hpa({ behavior: { scaleUp: { policies: [{ type: "Pods", value: 0, periodSeconds: 1 }] } } }),
      ["spec.behavior.scaleUp.policies[0].value: Invalid value: 0: must be greater than zero"],
    ],
  ])("refuses %j", (draft, wordings) => {
    expect(wordingsOf(HorizontalPodAutoscaler, draft)).toEqual(wordings);
  });

  test("shows what is beside what should be", () => {
    const targets = HorizontalPodAutoscaler.columns!.find(({ name }) => name === "Targets")!;
    const obj = complete(HorizontalPodAutoscaler, hpa({ metrics: [cpu, memory, memory] }));
    const now = new Date("2014-06-06T00:00:00Z");
    expect(targets.value(obj, now)).toBe("cpu: <unknown>/50%, memory: <unknown>/64Mi + 1 more...");
    const current = { averageUtilization: 10, averageValue: "20m" };
    const currentMetrics = [{ type: "Resource", resource: { name: "cpu", current } }];
    obj.status = { desiredReplicas: 1, currentMetrics };
    expect(targets.value(obj, now)).toMatch(/^cpu: 10%\/50%, /);
  });

  test("loses nothing on its way through version 1", () => {
    const { toStored, fromStored } = HorizontalPodAutoscalerInV1.storedAs;
    const obj = complete(HorizontalPodAutoscaler, hpa({ metrics: [cpu, memory], behavior: {} }));
    const status = { type: "AbleToScale", status: "True" };
    obj.status = { currentReplicas: 1, desiredReplicas: 2, conditions: [status] };
    obj.metadata.annotations = { mine: "yes" };
    const old = fromStored(structuredClone(obj));
    expect(old).toMatchObject({
      apiVersion: "autoscaling/v1",
      spec: { targetCPUUtilizationPercentage: 50 },
    });
    expect(toStored(structuredClone(old))).toEqual(obj);
  });
});
