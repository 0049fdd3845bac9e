import { describe, expect, test } from "vitest";
import type { Pod } from "../../src/api/pod.ts";
import { inOrderOfDeletion } from "../../src/controller-manager/deletion-order.ts";

const NOW = new Date("2014-06-06T12:00:00Z");

interface Traits {
  node?: string;
  phase?: string;
  readySince?: string;
  cost?: string;
  restarts?: number;
  created?: string;
}

/** Each line: the pod that goes first, and the one that stays, alike in all rules before. */
const RULES: [string, Traits, Traits][] = [
  ["not placed before placed", { phase: "Running" }, { node: "n1", phase: "Pending" }],
  ["Pending before Unknown", { node: "n1", phase: "Pending" }, { node: "n1", phase: "Unknown" }],
  ["Unknown before Running", { node: "n1", phase: "Unknown" }, { node: "n1", phase: "Running" }],
  ["not ready before ready", { cost: "100" }, { readySince: "2014-06-06T11:59:00Z", cost: "-5" }],
  ["lower cost before higher", { cost: "-1", restarts: 0 }, { restarts: 9 }],
  ["a cost that is no number is none", { cost: "-1" }, { cost: "-007" }],
  [
    "ready for a short time before ready for long",
    { readySince: "2014-06-06T11:59:59Z" },
    { readySince: "2014-06-06T06:00:00Z", restarts: 9 },
  ],
  [
    "more restarts before fewer",
    { restarts: 3, created: "2014-06-01T00:00:00Z" },
    { restarts: 2, created: "2014-06-06T11:00:00Z" },
  ],
  ["young before old", { created: "2014-06-06T11:59:00Z" }, { created: "2014-06-01T00:00:00Z" }],
];

describe("surplus pods go in the order", () => {
  test.each(RULES)("%s", (_rule, first, second) => {
    const pods = [podWith("second", second), podWith("first", first)];
    expect(namesOf(inOrderOfDeletion(pods, [], NOW))).toEqual(["first", "second"]);
    expect(namesOf(inOrderOfDeletion(pods.toReversed(), [], NOW))).toEqual(["first", "second"]);
  });

  test("crowded nodes before empty ones", () => {
    const pods = ["n1", "n2", "n1"].map((node, i) => podWith(`p${i}`, { node, phase: "Running" }));
    expect(namesOf(inOrderOfDeletion(pods, pods, NOW)).at(-1)).toBe("p1");
  });

  test("of two of about the same age, the smaller uid", () => {
    const old = podWith("b", { created: "2014-06-06T10:00:00Z" });
    const young = podWith("c", { created: "2014-06-06T10:20:00Z" });
    expect(namesOf(inOrderOfDeletion([young, old], [], NOW))).toEqual(["b", "c"]);
  });
});

function podWith(name: string, traits: Traits): Pod {
  const {
    node,
    phase = "Running",
    readySince,
    cost,
    restarts = 0,
    created = "2014-06-06T10:00:00Z",
  } = traits;
  const ready = { type: "Ready", status: "True", lastTransitionTime: readySince! };
  const annotations =
    cost === undefined ? {} : { "controller.kubernetes.io/pod-deletion-cost": cost };
  const container = { name: "main", image: "x", imageID: "x", ready: true, restartCount: restarts };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, uid: name, creationTimestamp: created, annotations },
    spec: { containers: [], ...(node === undefined ? {} : { nodeName: node }) },
    status: {
      phase: phase as "Running",
      conditions: readySince === undefined ? [] : [ready],
      containerStatuses: [container],
    },
  };
}

const namesOf = (pods: Pod[]) => pods.map(({ metadata }) => metadata.name);
