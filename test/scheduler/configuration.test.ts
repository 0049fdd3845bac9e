import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { readConfiguration } from "../../src/scheduler/configuration.ts";

const written = (more: object) =>
  stringify({
    apiVersion: "kubescheduler.config.k8s.io/v1",
    kind: "KubeSchedulerConfiguration",
    ...more,
  });
const profileOf = (profile: object) =>
  readConfiguration(written({ profiles: [profile] })).scheduler.profiles![0]!;

describe("a KubeSchedulerConfiguration", () => {
  test("that says nothing is the default", () => {
    const { scheduler, flags } = readConfiguration(written({}));
    expect(scheduler).toMatchObject({
      extenders: [],
      backoff: { initialMs: 1_000, maxMs: 10_000 },
      profiles: [{ preempts: true, respectsGates: true }],
    });
    expect(scheduler.profiles![0]!.weights).toEqual({
      TaintToleration: 3,
      NodeAffinity: 2,
      NodeResourcesFit: 1,
      PodTopologySpread: 2,
      InterPodAffinity: 2,
      NodeResourcesBalancedAllocation: 1,
      ImageLocality: 1,
    });
    expect(flags).toEqual({});
  });

  test("has a profile for each scheduler's name", () => {
    const profiles = [
      { schedulerName: "one" },
      { schedulerName: "two", percentageOfNodesToScore: 7 },
    ];
    const read = readConfiguration(written({ percentageOfNodesToScore: 50, profiles }));
    expect(read.scheduler.profiles).toMatchObject([
      { name: "one", percentageOfNodesToScore: 50 },
      { name: "two", percentageOfNodesToScore: 7 },
    ]);
  });

  test("switches plug-ins off and on, one by one and all at once", () => {
    const { weights, filters, preempts } = profileOf({
      plugins: {
        score: { disabled: [{ name: "*" }], enabled: [{ name: "ImageLocality", weight: 7 }] },
        multiPoint: { disabled: [{ name: "TaintToleration" }] },
        postFilter: { disabled: [{ name: "DefaultPreemption" }] },
      },
    });
    expect(weights).toEqual({ ImageLocality: 7 });
    expect(filters!.has("TaintToleration")).toBe(false);
    expect(filters!.has("NodeName")).toBe(true);
    expect(preempts).toBe(false);
  });

  test("gives plug-ins their arguments", () => {
    const shape = [
      { utilization: 0, score: 0 },
      { utilization: 100, score: 10 },
    ];
    const addedAffinity = {
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] },
    };
    expect(
      profileOf({
        pluginConfig: [
          {
            name: "NodeResourcesFit",
            args: {
              scoringStrategy: {
                type: "RequestedToCapacityRatio",
                resources: [{ name: "cpu", weight: 3 }],
                requestedToCapacityRatio: { shape },
              },
            },
          },
          { name: "NodeAffinity", args: { addedAffinity } },
          { name: "InterPodAffinity", args: { hardPodAffinityWeight: 9 } },
          { name: "DefaultPreemption", args: { minCandidateNodesAbsolute: 3 } },
          { name: "PodTopologySpread", args: { defaultingType: "List", defaultConstraints: [] } },
        ],
      }),
    ).toMatchObject({
      resources: {
        strategy: {
          type: "RequestedToCapacityRatio",
          resources: [{ name: "cpu", weight: 3 }],
          shape,
        },
      },
      addedAffinity,
      hardPodAffinityWeight: 9,
      preemption: { minCandidateNodesAbsolute: 3 },
      spreadConstraints: [],
    });
  });

  test("says how to connect and how to lead", () => {
    const { flags } = readConfiguration(
      written({
        clientConnection: { kubeconfig: "/etc/kubernetes/scheduler.conf", qps: 50, burst: 100 },
        leaderElection: {
          leaderElect: false,
          leaseDuration: "30s",
          retryPeriod: "1s500ms",
          resourceName: "mine",
        },
      }),
    );
    expect(flags).toEqual({
      kubeconfig: "/etc/kubernetes/scheduler.conf",
      "kube-api-qps": 50,
      "kube-api-burst": 100,
      "leader-elect": false,
      "leader-elect-lease-duration": 30_000,
      "leader-elect-retry-period": 1_500,
      "leader-elect-resource-name": "mine",
    });
  });

  test("names extenders", () => {
    const extenders = [
      {
        urlPrefix: "http://x",
        filterVerb: "filter",
        httpTimeout: "3s",
        managedResources: [{ name: "a/b", ignoredByScheduler: true }],
      },
    ];
    const { scheduler } = readConfiguration(written({ extenders }));
    expect(scheduler.extenders).toEqual([
      {
        urlPrefix: "http://x",
        filterVerb: "filter",
        httpTimeoutMs: 3_000,
        managedResources: ["a/b"],
      },
    ]);
    expect(scheduler.profiles![0]!.resources).toEqual({ ignoredResources: ["a/b"] });
  });

  test.each<[object, string]>([
    [{ kind: "Pod" }, 'no kind "Pod" is registered for version "kubescheduler.config.k8s.io/v1"'],
    [
      { percentageOfNodesToScore: 101 },
      "percentageOfNodesToScore: Invalid value: 101: not in valid range [0-100]",
    ],
    [
      { parallelism: 0 },
      "parallelism: Invalid value: 0: should be an integer value greater than zero",
    ],
    [
      { podInitialBackoffSeconds: 20 },
      "podMaxBackoffSeconds: Invalid value: 10: must be greater than or equal to PodInitialBackoffSeconds",
    ],
    [
      { profiles: [{ schedulerName: "a" }, { schedulerName: "a" }] },
      'profiles[1].schedulerName: Duplicate value: "a"',
    ],
    [
      { profiles: [{ plugins: { score: { enabled: [{ name: "Foo" }] } } }] },
      'plugin "Foo" does not exist',
    ],
    [
      { profiles: [{ plugins: { score: { enabled: [{ name: "NodeName" }] } } }] },
      'plugin "NodeName" does not extend score plugin',
    ],
    [
      { profiles: [{ plugins: { bind: { disabled: [{ name: "*" }] } } }] },
      "no bind plugin is enabled",
    ],
    [
      { profiles: [{ pluginConfig: [{ name: "Foo" }] }] },
      'pluginConfig: "Foo" takes no arguments here',
    ],
    [
      { extenders: [{ urlPrefix: "http://x", prioritizeVerb: "score" }] },
      "extenders[0].weight: Invalid value: 0: must have a positive weight applied to it",
    ],
    [
      { extenders: ["http://x", "http://y"].map((urlPrefix) => ({ urlPrefix, bindVerb: "bind" })) },
      'extenders: Invalid value: "found 2 extenders implementing bind": only one extender can implement bind',
    ],
    [
      { extenders: [{ urlPrefix: "https://x", tlsConfig: { insecure: true, caData: "eA==" } }] },
      "specifying a root certificates file with the insecure flag is not allowed",
    ],
  ])("is refused when it can't be carried out: %j", (more, message) => {
    expect(() => readConfiguration(written(more))).toThrow(message);
  });
});
