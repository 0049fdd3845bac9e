import type { PodSpec } from "kubernetes-types/core/v1.js";
import { describe, expect, test } from "vitest";
import {
  matchesNodeSelectorTerm,
  matchesRequiredNodeAffinity,
} from "../../src/api/node-selector.ts";
import { Pod } from "../../src/api/pod.ts";
import { isPodActive, isPodAvailable, isPodReady, setCondition } from "../../src/api/pod-status.ts";
import { podRequests, qosClassOf, writeResources } from "../../src/api/resources.ts";
import { toleratesTaint } from "../../src/api/taints.ts";
import { complete, type Draft } from "./judge.ts";

const asking = (requests: Draft, limits: Draft = {}, fields: Draft = {}) => ({
  name: "a",
  image: "b",
  resources: { requests, limits },
  ...fields,
});
const spec = (fields: Draft) => fields as unknown as PodSpec;

describe("what a pod asks for", () => {
  test.each([
    [
      "is the sum over its containers",
      { containers: [asking({ cpu: "100m", memory: "1Gi" }), asking({ cpu: "1" })] },
      { cpu: "1100m", memory: "1Gi" },
    ],
    [
      "is what its greatest init container asks for, if that is more",
      {
        containers: [asking({ cpu: "100m", memory: "1Gi" })],
        initContainers: [asking({ cpu: "2" }), asking({ cpu: "1", memory: "2Gi" })],
      },
      { cpu: "2", memory: "2Gi" },
    ],
    [
      "includes sidecars, also beside the init containers after them",
      {
        containers: [asking({ cpu: "1" })],
        initContainers: [
          asking({ cpu: "500m" }, {}, { restartPolicy: "Always" }),
          asking({ cpu: "2" }),
        ],
      },
      { cpu: "2500m" },
    ],
    [
      "includes its overhead",
      { containers: [asking({ cpu: "1" })], overhead: { cpu: "250m", memory: "1Mi" } },
      { cpu: "1250m", memory: "1Mi" },
    ],
  ])("%s", (_, fields, expected) => {
    expect(writeResources(podRequests(spec(fields)))).toEqual(expected);
  });

  const fixed = { cpu: "1", memory: "1Gi" };
  test.each([
    ["BestEffort", [asking({})]],
    ["BestEffort", [asking({ cpu: "0" })]],
    ["BestEffort", [asking({ "example.com/gpu": "1" })]],
    ["Burstable", [asking({ cpu: "1" })]],
    ["Burstable", [asking(fixed, fixed), asking({})]],
    ["Burstable", [asking({ cpu: "500m", memory: "1Gi" }, fixed)]],
    ["Guaranteed", [asking(fixed, fixed)]],
    ["Guaranteed", [asking({ cpu: "1000m", memory: "1024Mi" }, fixed)]],
  ])("decides its class of service: %s", (qosClass, containers) => {
    expect(qosClassOf(spec({ containers }))).toBe(qosClass);
  });
});

describe("a toleration", () => {
  const taint = { key: "a", value: "b", effect: "NoSchedule" };
  test.each([
    [undefined, false],
    [[], false],
    [[{ operator: "Exists" }], true],
    [[{ key: "a", operator: "Exists" }], true],
    [[{ key: "c", operator: "Exists" }], false],
    [[{ key: "a", value: "b" }], true],
    [[{ key: "a", operator: "Equal", value: "c" }], false],
    [[{ key: "a", value: "b", effect: "NoExecute" }], false],
    [[{ key: "a", value: "b", effect: "NoSchedule" }], true],
  ])("%j lets the taint pass: %j", (tolerations, isTolerated) => {
    expect(toleratesTaint(tolerations, taint)).toBe(isTolerated);
  });
});

describe("a node selector term", () => {
  const node = { metadata: { name: "node1", labels: { disk: "ssd", cores: "8" } } };
  test.each([
    [{}, false],
    [{ matchExpressions: [{ key: "disk", operator: "In", values: ["ssd", "hdd"] }] }, true],
    [{ matchExpressions: [{ key: "disk", operator: "NotIn", values: ["ssd"] }] }, false],
    [{ matchExpressions: [{ key: "zone", operator: "NotIn", values: ["a"] }] }, true],
    [{ matchExpressions: [{ key: "disk", operator: "Exists" }] }, true],
    [{ matchExpressions: [{ key: "disk", operator: "DoesNotExist" }] }, false],
    [{ matchExpressions: [{ key: "cores", operator: "Gt", values: ["4"] }] }, true],
    [{ matchExpressions: [{ key: "cores", operator: "Lt", values: ["8"] }] }, false],
    [{ matchExpressions: [{ key: "disk", operator: "Gt", values: ["1"] }] }, false],
    [{ matchFields: [{ key: "metadata.name", operator: "In", values: ["node1"] }] }, true],
    [{ matchFields: [{ key: "metadata.name", operator: "In", values: ["node2"] }] }, false],
  ])("%j: %j", (term, isMatch) => {
    expect(matchesNodeSelectorTerm(term, node)).toBe(isMatch);
  });

  test("is one of several that will do, beside the plain selector", () => {
    const required = {
      nodeSelectorTerms: [
        { matchExpressions: [{ key: "zone", operator: "Exists" }] },
        { matchExpressions: [{ key: "disk", operator: "Exists" }] },
      ],
    };
    const affinity = {
      nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: required },
    };
    expect(matchesRequiredNodeAffinity({ affinity }, node)).toBe(true);
    const nodeSelector = { disk: "hdd" };
    expect(matchesRequiredNodeAffinity({ affinity, nodeSelector }, node)).toBe(false);
  });
});

describe("a pod's conditions", () => {
  const at = (time: string) => ({ type: "Ready", status: "True", lastTransitionTime: time });
  const pod = (status: Draft) =>
    complete(Pod, { spec: { containers: [{ name: "a", image: "b" }] }, status });

  test("say whether it is ready, and for how long", () => {
    const ready = pod({ conditions: [at("2026-01-01T00:00:00Z")] });
    expect(isPodReady(ready)).toBe(true);
    expect(isPodAvailable(ready, 10, new Date("2026-01-01T00:00:09Z"))).toBe(false);
    expect(isPodAvailable(ready, 10, new Date("2026-01-01T00:00:10Z"))).toBe(true);
    expect(isPodReady(pod({}))).toBe(false);
  });

  test("keep the time of their last transition while their status stays", () => {
    const status = { conditions: [at("2026-01-01T00:00:00Z")] };
    expect(setCondition(status, at("2026-01-01T00:05:00Z"))).toBe(false);
    expect(status.conditions[0]!.lastTransitionTime).toBe("2026-01-01T00:00:00Z");
    expect(setCondition(status, { ...at("2026-01-01T00:06:00Z"), status: "False" })).toBe(true);
    expect(status.conditions[0]!.lastTransitionTime).toBe("2026-01-01T00:06:00Z");
  });

  test("do not make a pod that has ended count", () => {
    expect(isPodActive(pod({ phase: "Running" }))).toBe(true);
    expect(isPodActive(pod({ phase: "Failed" }))).toBe(false);
  });
});
