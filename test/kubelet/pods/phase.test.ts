import type { ContainerStatus } from "kubernetes-types/core/v1.js";
import { describe, expect, test } from "vitest";
import { phaseOf } from "../../../src/kubelet/pods/phase.ts";

const base = { name: "a", image: "", imageID: "", ready: false, restartCount: 0 };
const running: ContainerStatus = { ...base, state: { running: {} } };
const waiting: ContainerStatus = { ...base, state: { waiting: {} } };
const exited = (exitCode: number): ContainerStatus => ({
  ...base,
  state: { terminated: { exitCode } },
});
const crashed: ContainerStatus = { ...waiting, lastState: { terminated: { exitCode: 1 } } };

describe("the phase of a pod", () => {
  test.each([
    ["Always", [waiting], "Pending"],
    ["Always", [running], "Running"],
    ["Always", [running, waiting], "Pending"],
    ["Always", [running, exited(1)], "Running"],
    ["Always", [exited(0)], "Running"],
    ["Always", [crashed], "Running"],
    ["OnFailure", [exited(0), exited(0)], "Succeeded"],
    ["OnFailure", [exited(0), exited(1)], "Running"],
    ["Never", [exited(0)], "Succeeded"],
    ["Never", [exited(0), exited(1)], "Failed"],
    ["Never", [running, exited(1)], "Running"],
  ] as const)("with restartPolicy %s, case %#, is %s", (restartPolicy, statuses, phase) => {
    const containers = statuses.map(() => ({ name: "a" }));

    expect(phaseOf({ restartPolicy, containers }, [], [...statuses], false)).toBe(phase);
  });

  test.each([
    ["all ended well", [exited(0)], "Succeeded"],
    ["one ended badly", [exited(0), exited(137)], "Failed"],
    ["none ever started", [waiting], "Failed"],
  ] as const)("of a pod that is being ended, when %s, is %s", (_, statuses, phase) => {
    const spec = { restartPolicy: "Always", containers: statuses.map(() => ({ name: "a" })) };

    expect(phaseOf(spec, [], [...statuses], true)).toBe(phase);
  });

  test("is Pending until the init containers are done, Failed if one may not be tried again", () => {
    const spec = { containers: [{ name: "a" }], initContainers: [{ name: "i" }] };
    const init = (exitCode: number) => [{ ...exited(exitCode), name: "i" }];

    expect(phaseOf({ ...spec, restartPolicy: "Always" }, init(1), [waiting], false)).toBe(
      "Pending",
    );
    expect(phaseOf({ ...spec, restartPolicy: "Never" }, init(1), [waiting], false)).toBe("Failed");
    expect(phaseOf({ ...spec, restartPolicy: "Never" }, init(0), [running], false)).toBe("Running");
  });
});
