import { describe, expect, test } from "vitest";
import { volumeZone } from "../../../src/scheduler/plugins/volume-zone.ts";
import { aNode, aPod, cacheOf, cycleOf, verdictsOf } from "../made-up-cluster.ts";
import { aClaim, aClass, aVolume, podWith, type Storage, storageOf } from "./made-up-volumes.ts";

const CONFLICT = "node(s) had no available volume zone";
const ZONE = "topology.kubernetes.io/zone";
const REGION = "topology.kubernetes.io/region";
const OLD_ZONE = "failure-domain.beta.kubernetes.io/zone";
const OLD_REGION = "failure-domain.beta.kubernetes.io/region";

type Labels = Record<string, string>;

function verdict(storage: Storage, nodeLabels: Labels, pod = podWith("web", "data")) {
  const cache = cacheOf([aNode("a", { labels: nodeLabels })]);
  return verdictsOf(volumeZone(storageOf(storage)), cycleOf(pod, cache))["a"];
}

describe("VolumeZone", () => {
  test.each<[string, Labels, Labels, string]>([
    ["the same zone", { [ZONE]: "a1" }, { [ZONE]: "a1" }, ""],
    ["another zone", { [ZONE]: "a1" }, { [ZONE]: "a2" }, CONFLICT],
    ["the zone of another region", { [REGION]: "a" }, { [REGION]: "b", [ZONE]: "a1" }, CONFLICT],
    ["one of the volume's zones", { [ZONE]: "a1__a2" }, { [ZONE]: "a2" }, ""],
    ["none of the volume's zones", { [ZONE]: "a1__a2" }, { [ZONE]: "a3" }, CONFLICT],
    ["no zone at all", { [ZONE]: "a1" }, {}, ""],
    ["a region, but no zone", { [ZONE]: "a1" }, { [REGION]: "a" }, CONFLICT],
    ["any zone, of a volume that has none", {}, { [ZONE]: "a1" }, ""],
    ["the zone by its new name", { [OLD_ZONE]: "a1" }, { [ZONE]: "a1" }, ""],
    ["another zone by its new name", { [OLD_ZONE]: "a1" }, { [ZONE]: "a2" }, CONFLICT],
    ["the region by its new name", { [OLD_REGION]: "a" }, { [REGION]: "a" }, ""],
    ["the zone by its old name only", { [ZONE]: "a1" }, { [OLD_ZONE]: "a1" }, CONFLICT],
    ["any zone, of a label with a gap", { [ZONE]: "a1__" }, { [ZONE]: "a2" }, ""],
  ])("given a node in %s", (_, ofVolume, ofNode, expected) => {
    const claims = [aClaim("data", { volumeName: "one" })];
    expect(verdict({ claims, volumes: [aVolume("one", ofVolume)] }, ofNode)).toBe(expected);
  });

  test("asks of every volume of the pod", () => {
    const storage = {
      claims: [aClaim("here", { volumeName: "one" }), aClaim("there", { volumeName: "two" })],
      volumes: [aVolume("one", { [ZONE]: "a1" }), aVolume("two", { [ZONE]: "a2" })],
    };
    const pod = podWith("web", "here", "there");
    expect(verdict(storage, { [ZONE]: "a1" }, pod)).toBe(CONFLICT);
    expect(verdict(storage, { [ZONE]: "a1" }, podWith("web", "here"))).toBe("");
  });

  test("says nothing of a pod without claims", () => {
    const volumes = [{ name: "tmp", emptyDir: {} }];
    expect(verdict({}, { [ZONE]: "a1" }, aPod("web", { volumes }))).toBe("");
  });

  test.each<[string, Storage, string]>([
    ["is not there", {}, 'persistentvolumeclaim "data" not found'],
    [
      "has a volume that is not there",
      { claims: [aClaim("data", { volumeName: "one" })] },
      'persistentvolume "one" not found',
    ],
    [
      "has neither volume nor class",
      { claims: [aClaim("data", {})] },
      "PersistentVolumeClaim had no pv name and storageClass name",
    ],
    [
      "has a class that is not there",
      { claims: [aClaim("data", { storageClassName: "fast" })] },
      'storageclass.storage.k8s.io "fast" not found',
    ],
    [
      "waits for its volume",
      {
        claims: [aClaim("data", { storageClassName: "fast" })],
        classes: [aClass("fast", "csi.example.com", "Immediate")],
      },
      "PersistentVolume had no name",
    ],
    [
      "waits for the pod",
      {
        claims: [aClaim("data", { storageClassName: "late" })],
        classes: [aClass("late", "csi.example.com", "WaitForFirstConsumer")],
      },
      "",
    ],
  ])("given a claim that %s", (_, storage, expected) => {
    expect(verdict(storage, { [ZONE]: "a1" })).toBe(expected);
  });
});
