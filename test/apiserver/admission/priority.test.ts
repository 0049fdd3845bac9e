import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Pod } from "../../../src/api/pod.ts";
import { PriorityClass } from "../../../src/api/scheduling/priority-class.ts";
import { startTestApiServer } from "../../support/api-server.ts";

let server: Awaited<ReturnType<typeof startTestApiServer>>;
beforeEach(async () => {
  server = await startTestApiServer();
});
afterEach(() => server.stop());

const createClass = (name: string, more: Partial<PriorityClass> = {}) =>
  server.client.create(PriorityClass, "", { metadata: { name }, value: 1_000, ...more });
const createPod = (name: string, spec: object = {}) =>
  server.client.create(Pod, "default", {
    metadata: { name },
    spec: { containers: [{ name: "web", image: "nginx" }], ...spec },
  } as never);

describe("a PriorityClass", () => {
  test("of the system is there from the start", async () => {
    const { items } = await server.client.list(PriorityClass);
    expect(items.map(({ metadata, value }) => [metadata.name, value])).toEqual([
      ["system-cluster-critical", 2_000_000_000],
      ["system-node-critical", 2_000_001_000],
    ]);
  });

  test("preempts unless it says otherwise", async () => {
    expect(await createClass("high")).toMatchObject({ preemptionPolicy: "PreemptLowerPriority" });
  });

  test.each<[string, Partial<PriorityClass>, string]>([
    [
      "high",
      { value: 1_000_000_001 },
      'PriorityClass.scheduling.k8s.io "high" is invalid: value: Forbidden: maximum allowed value of a user defined priority is 1000000000',
    ],
    [
      "system-mine",
      {},
      "PriorityClass.scheduling.k8s.io \"system-mine\" is invalid: metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: system-mine is not a known system priority class",
    ],
    [
      "high",
      { preemptionPolicy: "Sometimes" as never },
      'PriorityClass.scheduling.k8s.io "high" is invalid: preemptionPolicy: Unsupported value: "Sometimes": supported values: "PreemptLowerPriority", "Never"',
    ],
  ])("called %s may not say %j", async (name, more, message) => {
    await expect(createClass(name, more)).rejects.toThrow(message);
  });

  test("keeps its value and its policy", async () => {
    const old = await createClass("high");
    await expect(server.client.update(PriorityClass, { ...old, value: 2 })).rejects.toThrow(
      'PriorityClass.scheduling.k8s.io "high" is invalid: value: Forbidden: may not be changed in an update.',
    );
    const never = { ...old, preemptionPolicy: "Never" as const };
    await expect(server.client.update(PriorityClass, never)).rejects.toThrow(
      'preemptionPolicy: Invalid value: "Never": field is immutable',
    );
  });

  test("is the default alone", async () => {
    const first = await createClass("first", { globalDefault: true });
    const refusal =
      'priorityclasses.scheduling.k8s.io "second" is forbidden: PriorityClass first is already marked as default. Only one default can exist';
    await expect(createClass("second", { globalDefault: true })).rejects.toThrow(refusal);
    const second = await createClass("second");
    const wanted = { ...second, globalDefault: true };
    await expect(server.client.update(PriorityClass, wanted)).rejects.toThrow(refusal);
    await server.client.update(PriorityClass, { ...first, globalDefault: false });
    await server.client.update(PriorityClass, wanted);
  });
});

describe("a pod", () => {
  test("without a class is worth nought", async () => {
    const { spec } = await createPod("plain");
    expect(spec).toMatchObject({ priority: 0, preemptionPolicy: "PreemptLowerPriority" });
    expect(spec.priorityClassName).toBeUndefined();
  });

  test("has the number and the policy of its class", async () => {
    await createClass("high", { preemptionPolicy: "Never" });
    const { spec } = await createPod("web", { priorityClassName: "high" });
    expect(spec).toMatchObject({ priority: 1_000, preemptionPolicy: "Never" });
  });

  test("has the default class where it names none", async () => {
    await createClass("usual", { globalDefault: true, value: 7 });
    const { spec } = await createPod("web");
    expect(spec).toMatchObject({ priorityClassName: "usual", priority: 7 });
  });

  test("keeps its number when an update leaves it out", async () => {
    await createClass("high");
    const { spec, ...rest } = await createPod("web", { priorityClassName: "high" });
    const { priority: _, preemptionPolicy: __, ...others } = spec;
    const updated = await server.client.update(Pod, { ...rest, spec: others } as Pod);
    expect(updated.spec.priority).toBe(1_000);
  });

  test.each([
    [{ priorityClassName: "nope" }, "no PriorityClass with name nope was found"],
    [
      { priority: 5 },
      "the integer value of priority (5) must not be provided in pod spec; priority admission controller computed 0 from the given PriorityClass name",
    ],
    [
      { preemptionPolicy: "Never" },
      "the string value of PreemptionPolicy (Never) must not be provided in pod spec; priority admission controller computed PreemptLowerPriority from the given PriorityClass name",
    ],
  ])("may not say %j", async (spec, why) => {
    await expect(createPod("web", spec)).rejects.toThrow(`pods "web" is forbidden: ${why}`);
  });
});
