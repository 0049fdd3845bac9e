import { describe, expect, test } from "vitest";
import { readPolicy } from "../../src/scheduler/policy.ts";

const policy = (more: object) => JSON.stringify({ kind: "Policy", apiVersion: "v1", ...more });
const named = (...names: string[]) => names.map((name) => ({ name }));

describe("a policy file", () => {
  test("of Kubernetes 1.2 becomes the plug-ins that do the same", () => {
    const text = policy({
      predicates: named(
        "PodFitsPorts",
        "PodFitsResources",
        "NoDiskConflict",
        "MatchNodeSelector",
        "HostName",
      ),
      priorities: [
        { name: "LeastRequestedPriority", weight: 1 },
        { name: "BalancedResourceAllocation", weight: 1 },
        { name: "ServiceSpreadingPriority", weight: 1 },
        { name: "SelectorSpreadPriority", weight: 2 },
        { name: "EqualPriority", weight: 1 },
      ],
    });
    const plugins = new Set([
      "NodeUnschedulable",
      "NodePorts",
      "NodeResourcesFit",
      "VolumeRestrictions",
      "NodeAffinity",
      "NodeName",
    ]);
    expect(readPolicy(text)).toEqual({
      extenders: [],
      profile: {
        filters: plugins,
        prepares: plugins,
        weights: { NodeResourcesFit: 1, NodeResourcesBalancedAllocation: 1, PodTopologySpread: 3 },
      },
      warnings: ["Policy: EqualPriority has no effect here: it gives every node the same score"],
    });
  });

  test("of a later one names what volumes ask for, and the disks that are not counted", () => {
    const predicates = named(
      "CheckVolumeBinding",
      "NoVolumeZoneConflict",
      "MaxCSIVolumeCountPred",
      "MaxEBSVolumeCount",
      "MaxGCEPDVolumeCount",
      "MaxAzureDiskVolumeCount",
      "MaxCinderVolumeCount",
    );
    const { profile, warnings } = readPolicy(policy({ predicates }));
    const filters = ["NodeUnschedulable", "VolumeBinding", "VolumeZone", "NodeVolumeLimits"];
    expect(profile.filters).toEqual(new Set(filters));
    const disks = ["EBS", "GCEPD", "AzureDisk", "Cinder"];
    expect(warnings).toEqual(
      disks.map(
        (disk) =>
          `Policy: Max${disk}VolumeCount has no effect here: no kubelet here attaches disks of that provider`,
      ),
    );
  });

  test("that says nothing of predicates or priorities leaves those as they are", () => {
    expect(readPolicy(policy({})).profile).toEqual({});
  });

  test("may say how much being wanted is worth", () => {
    const { profile } = readPolicy(policy({ hardPodAffinitySymmetricWeight: 10 }));
    expect(profile).toEqual({ hardPodAffinityWeight: 10 });
  });

  test.each([
    [{ predicates: named("Foo") }, "Invalid configuration: Predicate type not found for Foo"],
    [
      { priorities: [{ name: "Foo", weight: 1 }] },
      "Invalid configuration: Priority type not found for Foo",
    ],
    [
      { priorities: [{ name: "LeastRequestedPriority", weight: 0 }] },
      "Priority LeastRequestedPriority should have a positive weight applied to it",
    ],
    [
      { extenders: [{ urlPrefix: "http://x", prioritizeVerb: "score" }] },
      "Priority for extender http://x should have a positive weight applied to it",
    ],
    [
      { predicates: [{ name: "Zone", argument: { serviceAffinity: { labels: ["zone"] } } }] },
      "Invalid configuration: Zone: an argument is not supported",
    ],
    [
      { extenders: ["http://x", "http://y"].map((urlPrefix) => ({ urlPrefix, bindVerb: "bind" })) },
      "Only one extender can implement bind, found 2",
    ],
    [{ kind: "Pod" }, "Invalid configuration: a JSON object of kind Policy was expected"],
  ])("is refused when it can't be carried out: %j", (more, message) => {
    expect(() => readPolicy(policy(more))).toThrow(new Error(message));
  });

  test("names the extenders that are asked, with time in nanoseconds", () => {
    const extender = { urlPrefix: "http://x", filterVerb: "filter", nodeCacheCapable: true };
    const more = { httpTimeout: 3e9, managedResources: [{ name: "a/b" }] };
    const text = JSON.stringify({ kind: "Policy", extenders: [{ ...extender, ...more }] });
    const read = { ...extender, httpTimeoutMs: 3_000, managedResources: ["a/b"] };
    expect(readPolicy(text).extenders).toEqual([read]);
  });

  test("can ask for full nodes rather than empty ones", () => {
    const priorities = [{ name: "MostRequestedPriority", weight: 2 }];
    const { profile } = readPolicy(JSON.stringify({ kind: "Policy", priorities }));
    expect(profile).toMatchObject({
      weights: { NodeResourcesFit: 2 },
      resources: { strategy: { type: "MostAllocated" } },
    });
  });
});
