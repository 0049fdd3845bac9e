import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Job } from "../../../src/api/batch/job.ts";
import type { ApiError } from "../../../src/api/errors.ts";
import { ask } from "../../support/api-request.ts";
import { startTestApiServer } from "../../support/api-server.ts";
import { complete, wordingsOf } from "../judge.ts";

const NOT_NEGATIVE = "must be greater than or equal to 0";
const container = { name: "main", image: "busybox" };
const template = { spec: { restartPolicy: "Never", containers: [container] } };
const exits = (...values: number[]) => ({ operator: "In", values });
const policy = (...rules: object[]) => ({ podFailurePolicy: { rules } });

describe("a Job", () => {
  const wrong = (spec: object) => wordingsOf(Job, { spec: { template, ...spec } });

  test("gets its defaults", () => {
    expect(complete(Job, { spec: { template } }).spec).toMatchObject({
      completions: 1,
      parallelism: 1,
      backoffLimit: 6,
      completionMode: "NonIndexed",
      suspend: false,
      manualSelector: false,
      podReplacementPolicy: "TerminatingOrFailed",
    });
    const { completions, backoffLimit } = complete(Job, {
      spec: { template, parallelism: 3, backoffLimitPerIndex: 1 },
    }).spec;
    expect([completions, backoffLimit]).toEqual([undefined, 2 ** 31 - 1]);
  });

  test.each([
    [{ parallelism: -1 }, [`spec.parallelism: Invalid value: -1: ${NOT_NEGATIVE}`]],
    [
      { ttlSecondsAfterFinished: -1 },
      [`spec.ttlSecondsAfterFinished: Invalid value: -1: ${NOT_NEGATIVE}`],
    ],
    [
      { completionMode: "Odd" },
      [`spec.completionMode: Unsupported value: "Odd": supported values: "NonIndexed", "Indexed"`],
    ],
    [
      { completionMode: "Indexed", parallelism: 1 },
      ["spec.completions: Required value: when completion mode is Indexed"],
    ],
    [
      { backoffLimitPerIndex: 1 },
      ["spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode"],
    ],
    [
      { completionMode: "Indexed", completions: 2, maxFailedIndexes: 3 },
      [
        "spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified",
        "spec.maxFailedIndexes: Invalid value: 3: must be less than or equal to completions",
      ],
    ],
    [
      { completionMode: "Indexed", completions: 1, parallelism: 100_001 },
      [
        "spec.parallelism: Invalid value: 100001: must be less than or equal to 100000 when completion mode is Indexed",
      ],
    ],
    [
      { podReplacementPolicy: "Odd" },
      [
        `spec.podReplacementPolicy: Unsupported value: "Odd": supported values: "Failed", "TerminatingOrFailed"`,
      ],
    ],
    [
      policy({ action: "Ignore" }),
      [
        "spec.podFailurePolicy.rules[0]: Invalid value: specifying one of OnExitCodes and OnPodConditions is required",
      ],
    ],
    [
      policy({ action: "FailIndex", onExitCodes: exits(1) }),
      [
        `spec.podFailurePolicy.rules[0].action: Invalid value: "FailIndex": requires the backoffLimitPerIndex to be set`,
      ],
    ],
    [
      policy({ onExitCodes: { ...exits(3, 0, 3), containerName: "other" } }),
      [
        `spec.podFailurePolicy.rules[0].action: Required value: valid values: ["Count" "FailIndex" "FailJob" "Ignore"]`,
        `spec.podFailurePolicy.rules[0].onExitCodes.containerName: Invalid value: "other": must be one of the container or initContainer names in the pod template`,
        "spec.podFailurePolicy.rules[0].onExitCodes.values[1]: Invalid value: 0: must not be 0 for the In operator",
        "spec.podFailurePolicy.rules[0].onExitCodes.values[2]: Duplicate value: 3",
        "spec.podFailurePolicy.rules[0].onExitCodes.values: Invalid value: []int32{3, 0, 3}: must be ordered",
      ],
    ],
  ])("is refused with %j", (spec, expected) => {
    expect(wrong(spec)).toEqual(expected);
  });

  test.each([
    ["Always", 'Required value: valid values: "OnFailure", "Never"'],
    [undefined, 'Required value: valid values: "OnFailure", "Never"'],
  ])("may not have pods that are restarted: %s", (restartPolicy, expected) => {
    const spec = { template: { spec: { containers: [container], restartPolicy } } };
    expect(wrong(spec)).toEqual([`spec.template.spec.restartPolicy: ${expected}`]);
  });

  test("with a failure policy has pods that are never restarted", () => {
    const rules = policy({ action: "Count", onExitCodes: exits(1) });
    const spec = { template: { spec: { containers: [container], restartPolicy: "OnFailure" } } };
    expect(wrong({ ...rules, ...spec })).toEqual([
      'spec.template.spec.restartPolicy: Invalid value: "OnFailure": only "Never" is supported when podFailurePolicy is specified',
    ]);
  });

  test("of many pods with an index has a name that leaves room for them", () => {
    const name = "x".repeat(62);
    const spec = { template, completionMode: "Indexed", completions: 11 };
    expect(wordingsOf(Job, { metadata: { name }, spec })).toEqual([
      `metadata.name: Invalid value: "${name}": will not able to create pod with invalid DNS label: ${name}-10`,
    ]);
  });

  test("shows how far it is in its columns", () => {
    const now = new Date("2026-01-01T00:10:00Z");
    const row = (spec: object, status: object) => {
      const job = { ...complete(Job, { spec: { template, ...spec } }), status };
      return Job.columns!.slice(1, 4).map(({ value }) => value(job, now));
    };
    const startTime = "2026-01-01T00:00:00Z";
    const is = (type: string) => ({ conditions: [{ type, status: "True" }] });
    expect(row({ completions: 3 }, {})).toEqual(["Running", "0/3", ""]);
    expect(row({ parallelism: 1 }, { succeeded: 1, startTime })).toEqual(["Running", "1/1", "10m"]);
    expect(row({ parallelism: 4 }, is("Suspended"))).toEqual(["Suspended", "0/1 of 4", ""]);
    expect(row({}, is("Failed"))[0]).toBe("Failed");
    expect(
      row({}, { ...is("Complete"), startTime, completionTime: "2026-01-01T00:00:07Z" }),
    ).toEqual(["Complete", "0/1", "7s"]);
  });
});

describe("a stored Job", () => {
  let server: Awaited<ReturnType<typeof startTestApiServer>>;
  beforeAll(async () => {
    server = await startTestApiServer({});
  });
  afterAll(() => server?.stop());

  const create = (name: string, spec: object = {}) =>
    server.client.create(Job, "default", { metadata: { name }, spec: { template, ...spec } });
  const patch = (name: string, spec: object) => server.client.patch(Job, "default", name, { spec });

  test("has a selector of its own, and the labels it needs", async () => {
    const { metadata, spec } = await create("own");
    const { uid } = metadata;
    expect(spec.selector).toEqual({ matchLabels: { "batch.kubernetes.io/controller-uid": uid } });
    const labels = {
      "batch.kubernetes.io/controller-uid": uid,
      "batch.kubernetes.io/job-name": "own",
      "controller-uid": uid,
      "job-name": "own",
    };
    expect(spec.template.metadata!.labels).toEqual(labels);
    expect(metadata.labels).toEqual(labels);
    expect(metadata.generation).toBe(1);
  });

  test("may not be given a selector, unless it says so", async () => {
    const selector = { matchLabels: { app: "x" } };
    await expect(create("given", { selector })).rejects.toThrow(/`selector` not auto-generated/);
    const labelled = { metadata: { labels: { app: "x" } }, ...template };
    const { spec } = await create("manual", {
      selector,
      manualSelector: true,
      template: labelled,
    });
    expect(spec.selector).toEqual(selector);
    expect(spec.template.metadata!.labels).toEqual({ app: "x" });
  });

  test("may not change what its pods are, nor how many have to succeed", async () => {
    await create("fixed");
    await expect(patch("fixed", { completions: 2 })).rejects.toThrow(
      "spec.completions: Invalid value: 2: field is immutable",
    );
    const image = { template: { spec: { containers: [{ name: "main", image: "other" }] } } };
    await expect(patch("fixed", image)).rejects.toThrow(
      /spec.template: Invalid value: core.PodTemplateSpec\{.*\}: field is immutable/,
    );
    await expect(patch("fixed", { completionMode: "Indexed" })).rejects.toThrow(
      'spec.completionMode: Invalid value: "Indexed": field is immutable',
    );
    const { metadata } = await patch("fixed", { parallelism: 3, backoffLimit: 1 });
    expect(metadata.generation).toBe(2);
  });

  test("may change where its pods run while it waits to be started", async () => {
    const where = { template: { spec: { nodeSelector: { disk: "ssd" } } } };
    await create("waits", { suspend: true });
    expect((await patch("waits", where)).spec.template.spec.nodeSelector).toEqual({ disk: "ssd" });
    await create("runs");
    await expect(patch("runs", where)).rejects.toThrow(/field is immutable/);
  });

  test("warns who deletes it without a word on its pods", async () => {
    const told = async (name: string, options: object) => {
      await create(name);
      const path = `/apis/batch/v1/namespaces/default/jobs/${name}`;
      const body = { kind: "DeleteOptions", apiVersion: "v1", ...options };
      return (await ask(server.transport, "DELETE", path, body)).headers.warning;
    };
    expect(String(await told("silent", {}))).toContain(
      "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning",
    );
    expect(await told("said", { propagationPolicy: "Background" })).toBeUndefined();
  });

  test("with indexes grows and shrinks, in both numbers at once", async () => {
    await create("elastic", { completionMode: "Indexed", completions: 2, parallelism: 2 });
    expect((await patch("elastic", { completions: 3, parallelism: 3 })).spec.completions).toBe(3);
    const refused = await patch("elastic", { completions: 5 }).catch((error: ApiError) => error);
    expect((refused as ApiError).message).toContain(
      "spec.completions: Invalid value: 5: can only be modified in tandem with spec.parallelism",
    );
  });
});
