import { describe, expect, test } from "vitest";
import { Pod } from "../../src/api/pod.ts";
import { AUTOSCALER_DEFAULTS } from "../../src/controller-manager/horizontal-pod-autoscaler/options.ts";
import type { Usages } from "../../src/controller-manager/horizontal-pod-autoscaler/pod-usage.ts";
import {
  calculateReplicas,
  type Target,
} from "../../src/controller-manager/horizontal-pod-autoscaler/replica-calculator.ts";

const now = new Date("2014-06-06T12:00:00Z");
const LONG_AGO = "2014-06-06T00:00:00Z";
const JUST_NOW = "2014-06-06T11:59:50Z";

/** A pod that asks for 100m, and what it uses: a number, nothing known, or one of the awkward states. */
type State = number | "unknown" | "pending" | "failed" | "going" | "starting";

interface Case {
  states: State[];
  target: Target;
  replicas: number;
}

const half: Target = { percent: 50 };

describe("the number of replicas", () => {
  test.each<Case>([
    { states: [100, 100], target: half, replicas: 4 },
    { states: [54, 54], target: half, replicas: 2 },
    { states: [56, 56], target: half, replicas: 3 },
    { states: [10, 10, 10, 10], target: half, replicas: 1 },
    { states: [100, "pending"], target: half, replicas: 2 },
    { states: [200, "pending"], target: half, replicas: 4 },
    { states: [200, "starting"], target: half, replicas: 4 },
    { states: [10, "starting"], target: half, replicas: 1 },
    { states: [100, "unknown"], target: half, replicas: 2 },
    { states: [200, "unknown"], target: half, replicas: 4 },
    { states: [10, "unknown"], target: half, replicas: 2 },
    { states: [5, 5, 5, "unknown"], target: half, replicas: 3 },
    { states: [100, "failed"], target: half, replicas: 2 },
    { states: [100, "going"], target: half, replicas: 2 },
    { states: [40, 40], target: { milli: 20 }, replicas: 4 },
    { states: [40, "unknown"], target: { milli: 20 }, replicas: 2 },
  ])("for pods that use $states under $target is $replicas", ({ states, target, replicas }) => {
    expect(calculate(states, target).replicas).toBe(replicas);
  });

  test("comes with what was measured", () => {
    expect(calculate([30, 60], half)).toEqual({ replicas: 2, utilization: 45, average: 45 });
  });

  test("can't be told where nothing is measured", () => {
    expect(() => calculate([], half)).toThrow(
      "no pods returned by selector while calculating replica count",
    );
    expect(() => calculate(["pending"], half)).toThrow(
      "did not receive metrics for targeted pods (pods might be unready)",
    );
  });
});

function calculate(states: State[], target: Target) {
  const pods = states.map((state, index) => podIn(state, `web-${index}`));
  const usages: Usages = new Map();
  states.forEach((state, index) => {
    if (state === "unknown" || state === "pending") return;
    const milli = typeof state === "number" ? state : 1_000;
    usages.set(`web-${index}`, { milli, atMs: now.getTime(), windowMs: 15_000 });
  });
  const currentReplicas = states.length;
  const options = AUTOSCALER_DEFAULTS;
  return calculateReplicas({
    currentReplicas,
    target,
    resource: "cpu",
    pods,
    usages,
    options,
    now,
  });
}

function podIn(state: State, name: string): Pod {
  const pod = structuredClone(Pod.example);
  const time = state === "starting" ? JUST_NOW : LONG_AGO;
  const isReady = state !== "starting" && state !== "pending";
  pod.metadata = { name, ...(state === "going" ? { deletionTimestamp: LONG_AGO } : {}) };
  pod.spec.containers = [{ name: "main", resources: { requests: { cpu: "100m" } } }];
  pod.status = {
    phase: state === "pending" ? "Pending" : state === "failed" ? "Failed" : "Running",
    startTime: time,
    conditions: [{ type: "Ready", status: isReady ? "True" : "False", lastTransitionTime: time }],
  };
  return pod;
}
