import { describe, expect, test } from "vitest";
import { wordingOf } from "../../src/api/field-error.ts";
import { Pod } from "../../src/api/pod.ts";
import { created, type Draft, updateWordingsOf } from "./judge.ts";

const main = { name: "main", image: "nginx:1.25" };
const pod = (spec: Draft): Draft => ({ spec: { containers: [main], nodeName: "node1", ...spec } });
const SENTENCE =
  "spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)\n";

describe("an update of a Pod", () => {
  test.each([
    ["an image", pod({}), pod({ containers: [{ ...main, image: "nginx:1.26" }] })],
    ["one toleration more", pod({}), pod({ tolerations: [{ operator: "Exists" }] })],
    ["a deadline", pod({}), pod({ activeDeadlineSeconds: 60 })],
    ["a sooner deadline", pod({ activeDeadlineSeconds: 60 }), pod({ activeDeadlineSeconds: 30 })],
    [
      "how long a toleration lasts",
      pod({ tolerations: [{ operator: "Exists", effect: "NoExecute", tolerationSeconds: 5 }] }),
      pod({ tolerations: [{ operator: "Exists", effect: "NoExecute", tolerationSeconds: 9 }] }),
    ],
    [
      "a grace period that was negative, to 1",
      pod({ terminationGracePeriodSeconds: -5 }),
      pod({ terminationGracePeriodSeconds: 1 }),
    ],
    [
      "its gates, fewer",
      pod({ nodeName: "", schedulingGates: [{ name: "a" }] }),
      pod({ nodeName: "", schedulingGates: [] }),
    ],
    [
      "the node selector while it is gated",
      pod({ nodeName: "", schedulingGates: [{ name: "a" }] }),
      pod({ nodeName: "", schedulingGates: [{ name: "a" }], nodeSelector: { disk: "ssd" } }),
    ],
  ])("may change %s", (_, from, to) => {
    expect(updateWordingsOf(Pod, from, to)).toEqual([]);
  });

  test.each([
    [
      "another container",
      pod({}),
      pod({ containers: [main, { ...main, name: "second" }] }),
      "spec.containers: Forbidden: pod updates may not add or remove containers",
    ],
    [
      "another init container",
      pod({}),
      pod({ initContainers: [{ ...main, name: "init" }] }),
      "spec.initContainers: Forbidden: pod updates may not add or remove containers",
    ],
    [
      "a later deadline",
      pod({ activeDeadlineSeconds: 30 }),
      pod({ activeDeadlineSeconds: 60 }),
      "spec.activeDeadlineSeconds: Invalid value: 60: must be less than or equal to previous value",
    ],
    [
      "no deadline any more",
      pod({ activeDeadlineSeconds: 30 }),
      pod({}),
      'spec.activeDeadlineSeconds: Invalid value: "null": must not update from a positive integer to nil value',
    ],
    [
      "a toleration less",
      pod({ tolerations: [{ operator: "Exists" }] }),
      pod({}),
      "spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds",
    ],
    [
      "a new gate",
      pod({ nodeName: "", schedulingGates: [{ name: "a" }] }),
      pod({ nodeName: "", schedulingGates: [{ name: "b" }] }),
      "spec.schedulingGates[0].name: Forbidden: only deletion is allowed, but found new scheduling gate 'b'",
    ],
  ])("may not bring %s", (_, from, to, wording) => {
    expect(updateWordingsOf(Pod, from, to)[0]).toBe(wording);
  });

  test("that changes anything else is refused with the difference", () => {
    const to = pod({ nodeName: "node2", containers: [{ ...main, args: ["-v"] }] });
    expect(updateWordingsOf(Pod, pod({}), to)).toEqual([
      SENTENCE +
        [
          "  core.PodSpec{",
          "  \tContainers: {",
          "  \t\t{",
          "- \t\t\tArgs: nil,",
          '+ \t\t\tArgs: {"-v"},',
          "  \t\t\t... // 6 identical fields",
          "  \t\t},",
          "  \t},",
          '- \tNodeName: "node1",',
          '+ \tNodeName: "node2",',
          "  \t... // 6 identical fields",
          "  }",
          "",
        ].join("\n"),
    ]);
  });

  test("may not change its class of service", () => {
    const resources = { requests: { cpu: "1" } };
    const to = pod({ containers: [{ ...main, resources }] });
    expect(updateWordingsOf(Pod, pod({}), to)[0]).toBe(
      'metadata: Invalid value: "": Pod QoS is immutable',
    );
  });
});

describe("an update of a Pod's status", () => {
  const terminated = { name: "main", state: { terminated: { exitCode: 0 } } };
  const statusWordings = (restartPolicy: string, state: Draft) => {
    const old = created(Pod, pod({ restartPolicy }));
    const now = structuredClone(old);
    old.status = { containerStatuses: [terminated] } as unknown as NonNullable<Pod["status"]>;
    now.status = {
      containerStatuses: [{ name: "main", state }],
    } as unknown as NonNullable<Pod["status"]>;
    return (Pod.validateStatusUpdate?.(now, old) ?? []).map(wordingOf);
  };

  test("may not revive a container that has ended for good", () => {
    expect(statusWordings("Never", { running: {} })).toEqual([
      "status.containerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state",
    ]);
  });

  test("may show a container that is always restarted run again", () => {
    expect(statusWordings("Always", { running: {} })).toEqual([]);
  });

  test("keeps the spec, the owners and the class of service of the pod", () => {
    const old = created(Pod, pod({}));
    const now = structuredClone(old);
    now.spec.nodeName = "node2";
    now.metadata.ownerReferences = [{ apiVersion: "v1", kind: "Pod", name: "p", uid: "u" }];
    now.status = { phase: "Running" };
    Pod.prepareForStatusUpdate?.(now, old);
    expect(now.spec.nodeName).toBe("node1");
    expect(now.metadata).not.toHaveProperty("ownerReferences");
    expect(now.status).toEqual({ phase: "Running", qosClass: "BestEffort" });
  });
});
