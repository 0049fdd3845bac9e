import { describe, expect, test } from "vitest";
import { LimitRange } from "../../src/api/limit-range.ts";
import { ResourceQuota } from "../../src/api/resource-quota.ts";
import { updateWordingsOf, wordingsOf } from "./judge.ts";

const QUANTITY = (value: string, scale: number, text: string, format = "DecimalSI") =>
  `resource.Quantity{i:resource.int64Amount{value:${value}, scale:${scale}}, d:resource.infDecAmount{Dec:(*inf.Dec)(nil)}, s:"${text}", Format:"${format}"}`;

describe("a LimitRange is refused", () => {
  const cases: [string, object[], string[]][] = [
    [
      "with a type that does not exist",
      [{ type: "Room" }],
      [
        'spec.limits[0].type: Invalid value: "Room": must be a standard limit type or fully qualified',
      ],
    ],
    [
      "with one type twice",
      [{ type: "Pod" }, { type: "Pod" }],
      ['spec.limits[1].type: Duplicate value: "Pod"'],
    ],
    [
      "with defaults for a pod",
      [{ type: "Pod", default: { cpu: "1" } }],
      ["spec.limits[0].default: Forbidden: may not be specified when `type` is 'Pod'"],
    ],
    [
      "with a resource no container has",
      [
        {
          type: "Container",
          max: { pods: "1" },
          default: { pods: "1" },
          defaultRequest: { pods: "1" },
        },
      ],
      ["max", "default", "defaultRequest"].map(
        (field) =>
          `spec.limits[0].${field}[pods]: Invalid value: "pods": must be a standard resource for containers`,
      ),
    ],
    [
      "for claims without storage",
      [{ type: "PersistentVolumeClaim" }],
      [
        "spec.limits[0].limits: Required value: either minimum or maximum storage value is required, but neither was provided",
      ],
    ],
    [
      "with a least above the greatest",
      [{ type: "Pod", min: { cpu: "800m" }, max: { cpu: "500m" } }],
      [
        `spec.limits[0].min[cpu]: Invalid value: ${QUANTITY("800", -3, "800m")}: min value 800m is greater than max value 500m`,
      ],
    ],
    [
      "with a default request above the default",
      [{ type: "Container", default: { memory: "64Mi" }, defaultRequest: { memory: "128Mi" } }],
      [
        `spec.limits[0].defaultRequest[memory]: Invalid value: ${QUANTITY("134217728", 0, "128Mi", "BinarySI")}: default request value 128Mi is greater than default limit value 64Mi`,
      ],
    ],
    [
      "with a default above the greatest",
      [
        {
          type: "Container",
          max: { cpu: "1" },
          default: { cpu: "2" },
          defaultRequest: { cpu: "1" },
        },
      ],
      [
        `spec.limits[0].default[cpu]: Invalid value: ${QUANTITY("1", 0, "1")}: default value 2 is greater than max value 1`,
      ],
    ],
    [
      "with a ratio below one",
      [{ type: "Pod", maxLimitRequestRatio: { cpu: "800m" } }],
      [
        `spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: ${QUANTITY("800", -3, "800m")}: ratio 800m is less than 1`,
      ],
    ],
    [
      "with a ratio that cannot be reached",
      [{ type: "Pod", min: { cpu: "1" }, max: { cpu: "2" }, maxLimitRequestRatio: { cpu: "10" } }],
      [
        `spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: ${QUANTITY("10", 0, "10")}: ratio 10 is greater than max/min = 2.000000`,
      ],
    ],
  ];

  test.each(cases)("%s", (_, limits, words) => {
    expect(wordingsOf(LimitRange, { spec: { limits } })).toEqual(words);
  });
});

describe("a ResourceQuota is refused", () => {
  const cases: [string, object, string[]][] = [
    [
      "with a resource nobody counts",
      { hard: { chairs: "1" } },
      [
        'spec.hard[chairs]: Invalid value: "chairs": must be a standard resource type or fully qualified',
        'spec.hard[chairs]: Invalid value: "chairs": must be a standard resource for quota',
      ],
    ],
    [
      "with less than nothing",
      { hard: { pods: "-1" } },
      ['spec.hard[pods]: Invalid value: "-1": must be greater than or equal to 0'],
    ],
    [
      "with half a pod",
      { hard: { pods: "500m" } },
      [`spec.hard[pods]: Invalid value: ${QUANTITY("500", -3, "500m")}: must be an integer`],
    ],
    [
      "with a scope that does not exist",
      { scopes: ["Sleeping"] },
      ['spec.scopes: Invalid value: []core.ResourceQuotaScope{"Sleeping"}: unsupported scope'],
    ],
    [
      "with a scope for what is no pod",
      { hard: { services: "1" }, scopes: ["Terminating"] },
      [
        'spec.scopes: Invalid value: []core.ResourceQuotaScope{"Terminating"}: unsupported scope applied to resource',
      ],
    ],
    [
      "with what best effort cannot ask for",
      { hard: { "requests.cpu": "1" }, scopes: ["BestEffort"] },
      [
        'spec.scopes: Invalid value: []core.ResourceQuotaScope{"BestEffort"}: unsupported scope applied to resource',
      ],
    ],
    [
      "with scopes that exclude each other",
      { scopes: ["BestEffort", "NotBestEffort"] },
      [
        'spec.scopes: Invalid value: []core.ResourceQuotaScope{"BestEffort", "NotBestEffort"}: conflicting scopes',
      ],
    ],
    [
      "with a selector without values",
      { scopeSelector: { matchExpressions: [{ scopeName: "PriorityClass", operator: "In" }] } },
      [
        "spec.scopeSelector.matchExpressions.values: Required value: must be at least one value when `operator` is 'In' or 'NotIn' for scope selector",
      ],
    ],
  ];

  test.each(cases)("%s", (_, spec, words) => {
    expect(wordingsOf(ResourceQuota, { spec })).toEqual(words);
  });

  test("when its scopes are changed", () => {
    expect(
      updateWordingsOf(ResourceQuota, { spec: { scopes: ["Terminating"] } }, { spec: {} }),
    ).toEqual(["spec.scopes: Invalid value: []core.ResourceQuotaScope(nil): field is immutable"]);
  });
});

describe("a ResourceQuota shows", () => {
  test("requests and limits in columns of their own", () => {
    const quota: ResourceQuota = {
      ...ResourceQuota.example,
      status: {
        hard: { pods: "10", "limits.cpu": "2", "requests.cpu": "1", "count/secrets": "5" },
        used: { pods: "3", "limits.cpu": "500m", "requests.cpu": "0" },
      },
    };
    const cells = ResourceQuota.columns!.slice(2).map(({ value }) => value(quota, new Date(0)));
    expect(cells).toEqual([
      "count/secrets: 0/5, pods: 3/10, requests.cpu: 0/1",
      "limits.cpu: 500m/2",
    ]);
  });
});
