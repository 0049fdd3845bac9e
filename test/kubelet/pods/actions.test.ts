import type { PodSpec } from "kubernetes-types/core/v1.js";
import { describe, expect, test } from "vitest";
import { containerHash } from "../../../src/kubelet/containers/hash.ts";
import { computeActions, type Verdicts } from "../../../src/kubelet/pods/actions.ts";
import type { PodState } from "../../../src/kubelet/pods/state.ts";
import type { ContainerStatus, Sandbox } from "../../../src/kubelet/runtime/runtime.ts";

const pod = { name: "web", namespace: "default", uid: "u" };
const createdAt = new Date("2014-06-06T00:00:00Z");
const well: Verdicts = {
  isAlive: () => true,
  mayStillStart: () => true,
  hasStarted: () => true,
};

const sandbox: Sandbox = {
  ...{ id: "s0", pod, attempt: 0, state: "ready", createdAt, ip: "10.244.1.2", hostNetwork: false },
};

function container(name: string, state: "running" | number, image = "nginx"): ContainerStatus {
  return {
    ...{ id: `${name}-0`, sandboxId: "s0", pod, name, attempt: 0, createdAt, image },
    specHash: containerHash({ name, image }),
    state: state === "running" ? "running" : "exited",
    ...(state === "running" ? {} : { exitCode: state }),
    imageId: "",
  };
}

function specOf(restartPolicy: string, ...names: string[]): PodSpec {
  return { restartPolicy, containers: names.map((name) => ({ name, image: "nginx" })) };
}

function actionsFor(spec: PodSpec, state: Partial<PodState>, verdicts = well) {
  const actions = computeActions(
    spec,
    { pod, sandboxes: [sandbox], containers: [], ...state },
    verdicts,
  );
  return {
    killPod: actions.killPod,
    createSandbox: actions.createSandbox,
    attempt: actions.attempt,
    start: actions.start.map(({ name }) => name),
    kill: actions.kill.map(({ container: { name }, message }) => `${name}: ${message}`),
  };
}

const NOTHING = { killPod: false, createSandbox: false, attempt: 1, start: [], kill: [] };

describe("a pod's next step", () => {
  test("is its sandbox and all containers, when there is nothing", () => {
    expect(actionsFor(specOf("Always", "a", "b"), { sandboxes: [] })).toEqual({
      ...{ killPod: true, createSandbox: true, attempt: 0, start: ["a", "b"], kill: [] },
    });
  });

  test("is nothing when all run", () => {
    expect(actionsFor(specOf("Always", "a"), { containers: [container("a", "running")] })).toEqual(
      NOTHING,
    );
  });

  test("is a new sandbox when the old one is dead", () => {
    const dead: Sandbox = { ...sandbox, state: "notReady" };
    const state = { sandboxes: [dead], containers: [container("a", 137)] };

    expect(actionsFor(specOf("Always", "a"), state)).toEqual({
      ...{ killPod: true, createSandbox: true, attempt: 1, start: ["a"], kill: [] },
    });
    expect(actionsFor(specOf("Never", "a"), state)).toMatchObject({
      ...{ killPod: true, createSandbox: false, start: [] },
    });
  });

  test.each([
    ["Always", 0, ["a"]],
    ["Always", 1, ["a"]],
    ["OnFailure", 0, []],
    ["OnFailure", 1, ["a"]],
    ["Never", 0, []],
    ["Never", 1, []],
  ])("with restartPolicy %s after exit code %i starts %j", (policy, exitCode, start) => {
    const containers = [container("a", exitCode), container("b", "running")];

    expect(actionsFor(specOf(policy, "a", "b"), { containers })).toEqual({ ...NOTHING, start });
  });

  test("is to end the pod when none runs and none is to be started", () => {
    expect(actionsFor(specOf("Never", "a"), { containers: [container("a", 0)] })).toEqual({
      ...NOTHING,
      killPod: true,
    });
  });

  test("is to replace a container whose image has changed, whatever the restart policy", () => {
    const containers = [container("a", "running", "nginx:old")];

    expect(actionsFor(specOf("Never", "a"), { containers })).toEqual({
      ...NOTHING,
      start: ["a"],
      kill: ["a: Container a definition changed, will be restarted"],
    });
  });

  test("is to restart a container that failed its liveness probe", () => {
    const containers = [container("a", "running")];
    const dead = { ...well, isAlive: () => false };

    expect(actionsFor(specOf("Always", "a"), { containers }, dead)).toEqual({
      ...NOTHING,
      start: ["a"],
      kill: ["a: Container a failed liveness probe, will be restarted"],
    });
    expect(actionsFor(specOf("Never", "a"), { containers }, dead)).toMatchObject({
      start: [],
      kill: ["a: Container a failed liveness probe"],
    });
  });
});

describe("init containers", () => {
  const withInit = (restartPolicy = "Always"): PodSpec => ({
    ...specOf(restartPolicy, "app"),
    initContainers: [
      { name: "one", image: "nginx" },
      { name: "two", image: "nginx" },
    ],
  });

  test.each([
    ["the first is started first", [], ["one"]],
    ["nothing is started while one runs", [container("one", "running")], []],
    ["the second follows the first", [container("one", 0)], ["two"]],
    ["a failed one is tried again", [container("one", 1)], ["one"]],
    ["the others come last", [container("one", 0), container("two", 0)], ["app"]],
  ])("%s", (_, containers, start) => {
    expect(actionsFor(withInit(), { containers }).start).toEqual(start);
  });

  test("end the pod when one fails and nothing may be restarted", () => {
    expect(actionsFor(withInit("Never"), { containers: [container("one", 1)] })).toMatchObject({
      ...{ killPod: true, start: [] },
    });
  });

  test("are not run again once a main container has run", () => {
    expect(actionsFor(withInit(), { containers: [container("app", 1)] }).start).toEqual(["app"]);
  });

  test("that are sidecars go on running beside the others", () => {
    const spec: PodSpec = {
      ...specOf("Always", "app"),
      initContainers: [{ name: "side", image: "nginx", restartPolicy: "Always" }],
    };

    expect(actionsFor(spec, {}).start).toEqual(["side"]);
    expect(actionsFor(spec, { containers: [container("side", "running")] }).start).toEqual(["app"]);
    const both = [container("side", 0), container("app", "running")];
    expect(actionsFor(spec, { containers: both }).start).toEqual(["side"]);
  });
});
