import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Job } from "../../src/api/batch/job.ts";
import { controllerOf } from "../../src/api/owner.ts";
import { Pod } from "../../src/api/pod.ts";
import { startGarbageCollector } from "../../src/controller-manager/garbage-collector.ts";
import { TRACKING_FINALIZER } from "../../src/controller-manager/job/tracking.ts";
import { startJobController } from "../../src/controller-manager/job.ts";
import { type Cluster, startCluster } from "../support/cluster.ts";
import { conflictOnEveryWrite, unreachable } from "../support/faulty-transport.ts";
import { WorkloadLab } from "./workload-lab.ts";

let cluster: Cluster;
let lab: WorkloadLab;
beforeEach(async () => {
  cluster = await startCluster({
    controllers: [
      (context) => startJobController(context),
      (context) => startGarbageCollector(context, { workers: 5 }),
    ],
  });
  lab = new WorkloadLab(cluster);
});
afterEach(() => cluster.stop());

describe("a Job", () => {
  test("runs one pod, is complete when that has succeeded, and keeps it", async () => {
    await create({});
    await cluster.settle();
    const [pod] = await pods();
    expect(pod!.metadata.finalizers).toEqual([TRACKING_FINALIZER]);
    expect(pod!.metadata.generateName).toBe("work-");
    expect(await status()).toMatchObject({ active: 1, ready: 0, startTime: expect.any(String) });

    await succeed(pod!);
    const { conditions, ...rest } = await status();
    expect(rest).toMatchObject({
      succeeded: 1,
      ready: 0,
      terminating: 0,
      uncountedTerminatedPods: {},
      completionTime: expect.any(String),
    });
    expect(rest).not.toHaveProperty("active");
    expect(conditions).toMatchObject([{ type: "Complete", status: "True" }]);
    expect((await pods()).map(({ metadata }) => metadata.finalizers)).toEqual([undefined]);
    expect(await lab.told("Job")).toEqual([
      `SuccessfulCreate Created pod: ${pod!.metadata.name}`,
      "Completed Job completed",
    ]);
  });

  test("runs no more at once than its parallelism, nor more than are still to succeed", async () => {
    await create({ completions: 5, parallelism: 2 });
    await cluster.settle();
    const seen: number[] = [];
    for (let done = 0; done < 5; done++) {
      const active = await running();
      seen.push(active.length);
      await succeed(active[0]!);
    }

    expect(seen).toEqual([2, 2, 2, 2, 1]);
    expect(await status()).toMatchObject({ succeeded: 5 });
    expect(await ended()).toBe("Complete");
  });

  test("without completions ends with the first success, once the others have ended", async () => {
    await create({ parallelism: 3 });
    await cluster.settle();
    const [first, second, third] = await running();
    await succeed(first!);
    expect(await ended()).toBeUndefined();
    expect(await running()).toHaveLength(2);

    await succeed(second!);
    await fail(third!);
    expect(await ended()).toBe("Complete");
    expect(await status()).toMatchObject({ succeeded: 2, failed: 1 });
  });

  test("of no completions is complete at once", async () => {
    await create({ completions: 0 });
    await cluster.settle();

    expect(await ended()).toBe("Complete");
    expect(await pods()).toEqual([]);
  });

  test("replaces a failed pod after 10 s, then 20 s, then 40 s", async () => {
    await create({ backoffLimit: 5 });
    await cluster.settle();
    for (const waitMs of [10_000, 20_000, 40_000]) {
      await fail((await running())[0]!);
      await cluster.pass(waitMs - 1_000, waitMs - 1_000);
      expect(await running()).toEqual([]);
      await cluster.pass(1_000, 1_000);
      expect(await running()).toHaveLength(1);
    }
    expect(await status()).toMatchObject({ failed: 3, active: 1 });
  });

  test("fails when one pod more than its limit has failed, and deletes what runs", async () => {
    await create({ backoffLimit: 1, parallelism: 3, completions: 3 });
    await cluster.settle();
    const [first, second] = await running();
    await fail(first!);
    await fail(second!);

    expect(await ended()).toBe("Failed");
    expect(await status()).toMatchObject({
      failed: 3,
      conditions: [
        {
          type: "Failed",
          reason: "BackoffLimitExceeded",
          message: "Job has reached the specified backoff limit",
        },
      ],
    });
    expect(await running()).toEqual([]);
    expect(await tracked()).toEqual([]);
    expect(await lab.told("Job")).toContain(
      "BackoffLimitExceeded Job has reached the specified backoff limit",
    );
  });

  test("counts restarts where its pods are started again in their place", async () => {
    await create({ backoffLimit: 2 }, { restartPolicy: "OnFailure" });
    await cluster.settle();
    const [pod] = await running();
    const restarted = (restartCount: number) =>
      lab.setStatus(pod!, {
        phase: "Running",
        containerStatuses: [{ name: "main", restartCount, image: "", imageID: "", ready: true }],
      });
    await restarted(1);
    await cluster.settle();
    expect(await ended()).toBeUndefined();
    await restarted(2);
    await cluster.settle();
    expect(await reason()).toBe("BackoffLimitExceeded");
  });

  test("fails at its deadline, also when the clock jumps by hours", async () => {
    await create({ activeDeadlineSeconds: 600 });
    await cluster.pass(590_000, 590_000);
    expect(await ended()).toBeUndefined();
    await cluster.pass(5 * 3_600_000, 5 * 3_600_000);

    expect(await status()).toMatchObject({
      failed: 1,
      conditions: [
        {
          type: "Failed",
          reason: "DeadlineExceeded",
          message: "Job was active longer than specified deadline",
        },
      ],
    });
    expect(await pods()).toEqual([]);
  });

  test("replaces a pod that somebody deletes, and counts it as failed", async () => {
    await create({});
    await cluster.settle();
    const [pod] = await running();
    await cluster.client.delete(Pod, "default", pod!.metadata.name);
    await cluster.pass(10_000, 10_000);

    expect((await running()).map(({ metadata }) => metadata.name)).not.toContain(
      pod!.metadata.name,
    );
    expect(await running()).toHaveLength(1);
    expect(await status()).toMatchObject({ failed: 1 });
  });

  test("takes its pods away when suspended without counting them, and starts anew", async () => {
    await create({ parallelism: 2, completions: 2, activeDeadlineSeconds: 60 });
    await cluster.settle();
    await patch({ suspend: true });
    await cluster.settle();
    expect(await pods()).toEqual([]);
    const { failed, conditions } = await status();
    expect(failed).toBeUndefined();
    expect(conditions).toMatchObject([
      { type: "Suspended", status: "True", reason: "JobSuspended", message: "Job suspended" },
    ]);
    await cluster.pass(600_000, 600_000);
    expect(await ended()).toBeUndefined();

    const before = (await status()).startTime;
    await patch({ suspend: false });
    await cluster.settle();
    expect(await running()).toHaveLength(2);
    const after = await status();
    expect(after.startTime).not.toBe(before);
    expect(after.conditions).toMatchObject([{ type: "Suspended", status: "False" }]);
    const told = await lab.told("Job");
    expect(told).toContain("Suspended Job suspended");
    expect(told).toContain("Resumed Job resumed");
  });

  test("that is made suspended has not started", async () => {
    await create({ suspend: true });
    await cluster.settle();

    expect(await pods()).toEqual([]);
    expect((await status()).startTime).toBeUndefined();
  });

  test("takes away the surplus when its parallelism sinks", async () => {
    await create({ parallelism: 4, completions: 8 });
    await cluster.settle();
    await patch({ parallelism: 1 });
    await cluster.settle();

    expect(await running()).toHaveLength(1);
    expect((await status()).failed).toBeUndefined();
  });
});

describe("an indexed Job", () => {
  test("gives each pod its number, and counts each number once", async () => {
    await create({ completionMode: "Indexed", completions: 3, parallelism: 2 });
    await cluster.settle();
    const [zero] = await running();
    expect(zero!.metadata.generateName).toBe("work-0-");
    expect(zero!.metadata.labels).toMatchObject({
      "batch.kubernetes.io/job-completion-index": "0",
    });
    expect(zero!.spec.hostname).toBe("work-0");
    expect(zero!.spec.containers[0]!.env).toEqual([
      {
        name: "JOB_COMPLETION_INDEX",
        valueFrom: {
          fieldRef: {
            apiVersion: "v1",
            fieldPath: "metadata.labels['batch.kubernetes.io/job-completion-index']",
          },
        },
      },
    ]);
    await fail(zero!);
    await succeed((await running()).find((pod) => indexOf(pod) === "1")!);
    await cluster.pass(10_000, 10_000);
    expect((await running()).map(indexOf).sort()).toEqual(["0", "2"]);
    expect(await status()).toMatchObject({ completedIndexes: "1", succeeded: 1, failed: 1 });
    for (const pod of await running()) await succeed(pod);

    expect(await status()).toMatchObject({ completedIndexes: "0-2", succeeded: 3 });
    expect(await ended()).toBe("Complete");
  });

  test("with a limit per index goes on without the indexes that failed, and fails at the end", async () => {
    await create({
      completionMode: "Indexed",
      completions: 3,
      parallelism: 3,
      backoffLimitPerIndex: 1,
    });
    await cluster.settle();
    const ofIndex = async (index: string) =>
      (await running()).find((pod) => indexOf(pod) === index)!;
    await succeed(await ofIndex("0"));
    await fail(await ofIndex("1"));
    await cluster.pass(10_000, 10_000);
    const again = await ofIndex("1");
    expect(again.metadata.annotations).toMatchObject({
      "batch.kubernetes.io/job-index-failure-count": "1",
    });
    await fail(again);
    expect(await ended()).toBeUndefined();
    await succeed(await ofIndex("2"));

    expect(await status()).toMatchObject({
      completedIndexes: "0,2",
      failedIndexes: "1",
      failed: 2,
    });
    expect(await reason()).toBe("FailedIndexes");
    expect(await tracked()).toEqual([]);
  });

  test("fails when more indexes have failed than may", async () => {
    await create({
      completionMode: "Indexed",
      completions: 4,
      parallelism: 4,
      backoffLimitPerIndex: 0,
      maxFailedIndexes: 1,
    });
    await cluster.settle();
    const [first, second] = await running();
    await fail(first!);
    await fail(second!);

    expect(await reason()).toBe("MaxFailedIndexesExceeded");
    expect(await running()).toEqual([]);
  });
});

describe("a Job with a pod failure policy", () => {
  const exits = (action: string, ...values: number[]) => ({
    action,
    onExitCodes: { operator: "In", values },
  });

  test("fails at once, with the reason, where a rule says so", async () => {
    await create({
      podFailurePolicy: { rules: [exits("FailJob", 42)] },
      parallelism: 2,
      completions: 2,
    });
    await cluster.settle();
    const [pod] = await running();
    await exit(pod!, 42);
    for (const other of await running()) await succeed(other);

    const message = `Container main for pod default/${pod!.metadata.name} failed with exit code 42 matching FailJob rule at index 0`;
    expect((await status()).conditions).toMatchObject([
      { type: "FailureTarget", status: "True", reason: "PodFailurePolicy", message },
      { type: "Failed", status: "True", reason: "PodFailurePolicy", message },
    ]);
    expect(await lab.told("Job")).toContain(`PodFailurePolicy ${message}`);
  });

  test("does not count what a rule ignores", async () => {
    const rules = [
      { action: "Ignore", onPodConditions: [{ type: "DisruptionTarget", status: "True" }] },
      exits("Count", 7),
    ];
    await create({ podFailurePolicy: { rules }, backoffLimit: 0 });
    await cluster.settle();
    const [pod] = await running();
    await lab.setStatus(pod!, {
      phase: "Failed",
      conditions: [{ type: "DisruptionTarget", status: "True" }],
    });
    await cluster.pass(20_000, 10_000);
    expect(await ended()).toBeUndefined();
    expect((await status()).failed).toBeUndefined();
    expect(await running()).toHaveLength(1);

    await exit((await running())[0]!, 7);
    expect(await reason()).toBe("BackoffLimitExceeded");
  });

  test("gives up an index where a rule says so", async () => {
    await create({
      completionMode: "Indexed",
      completions: 2,
      parallelism: 2,
      backoffLimitPerIndex: 5,
      podFailurePolicy: { rules: [exits("FailIndex", 3)] },
    });
    await cluster.settle();
    const [zero, one] = await running();
    await exit(zero!, 3);
    await succeed(one!);

    expect(await status()).toMatchObject({ failedIndexes: "0", completedIndexes: "1" });
    expect(await reason()).toBe("FailedIndexes");
  });

  test("waits for a deleted pod to end before it makes another", async () => {
    await create({ podReplacementPolicy: "Failed" }, {}, { finalizers: ["example.com/stay"] });
    await cluster.settle();
    const [pod] = await running();
    await lab.setStatus(pod!, { phase: "Running" });
    await cluster.client.delete(Pod, "default", pod!.metadata.name);
    await cluster.pass(60_000, 30_000);
    expect(await pods()).toHaveLength(1);
    expect(await status()).toMatchObject({ terminating: 1 });

    await fail(pod!);
    await cluster.pass(60_000, 30_000);
    expect(await running()).toHaveLength(1);
    expect(await status()).toMatchObject({ failed: 1 });
  });
});

describe("the pods of a Job", () => {
  test("are adopted, with the finalizer, where they match and have no owner", async () => {
    await createManual();
    await cluster.settle();
    const [own] = await pods();
    await cluster.client.create(Pod, "default", {
      metadata: { name: "stray", labels: { app: "work" } },
      spec: { containers: [{ name: "main", image: "busybox" }], restartPolicy: "Never" },
    });
    await cluster.settle();
    const left = await pods();
    // One of the two is surplus; whichever stays belongs to the job and is tracked.
    expect(left).toHaveLength(1);
    expect(controllerOf(left[0]!)?.name).toBe("work");
    expect(left[0]!.metadata.finalizers).toEqual([TRACKING_FINALIZER]);
    expect([own!.metadata.name, "stray"]).toContain(left[0]!.metadata.name);
  });

  test("are let go, finalizer and all, where they match no longer", async () => {
    await createManual();
    await cluster.settle();
    const [pod] = await pods();
    await cluster.client.patch(Pod, "default", pod!.metadata.name, {
      metadata: { labels: { app: "other" } },
    });
    await cluster.settle();

    const released = await cluster.client.get(Pod, "default", pod!.metadata.name);
    expect(controllerOf(released)).toBeUndefined();
    expect(released.metadata.finalizers).toBeUndefined();
    expect(await running()).toHaveLength(2);
  });

  test("go with it, and nothing holds them", async () => {
    await create({ parallelism: 2, completions: 2 });
    await cluster.settle();
    await cluster.client.delete(Job, "default", "work", { propagationPolicy: "Background" });
    await cluster.settle();
    expect(await pods()).toEqual([]);
  });

  test("go before it where it is deleted in the foreground", async () => {
    await create({ parallelism: 2, completions: 2 });
    await cluster.settle();
    await cluster.client.delete(Job, "default", "work", { propagationPolicy: "Foreground" });
    await cluster.settle();
    expect(await pods()).toEqual([]);
    expect((await cluster.client.list(Job, { namespace: "default" })).items).toEqual([]);
  });

  test("stay without it where they are orphaned, and can be deleted", async () => {
    await create({ parallelism: 2, completions: 2 });
    await cluster.settle();
    await cluster.client.delete(Job, "default", "work", { propagationPolicy: "Orphan" });
    await cluster.settle();
    const orphans = await pods();
    expect(orphans).toHaveLength(2);
    expect(orphans.map((pod) => controllerOf(pod))).toEqual([undefined, undefined]);
    expect(await tracked()).toEqual([]);
  });

  test("of a namesake that was deleted do not count", async () => {
    await create({ backoffLimit: 0 });
    await cluster.settle();
    const [old] = await pods();
    await cluster.client.delete(Job, "default", "work", { propagationPolicy: "Orphan" });
    await cluster.settle();
    await create({ backoffLimit: 0 });
    await cluster.settle();
    await fail(old!);

    expect(await ended()).toBeUndefined();
    expect(await status()).toMatchObject({ active: 1 });
    expect(await tracked()).toHaveLength(1);
  });
});

describe("the job controller", () => {
  test("counts each pod once, though every write meets a conflict and watches are cut", async () => {
    cluster.network.fault = conflictOnEveryWrite();
    await create({ completions: 6, parallelism: 3 });
    for (let done = 0; done < 6; done++) {
      cluster.network.cutWatches();
      await cluster.pass(120_000, 60_000);
      await succeed((await running())[0]!);
    }
    await cluster.pass(120_000, 60_000);

    expect(await status()).toMatchObject({ succeeded: 6, uncountedTerminatedPods: {} });
    expect(await pods()).toHaveLength(6);
    expect(await tracked()).toEqual([]);
  });

  test("carries on after the server was away for hours", async () => {
    await create({ completions: 2, parallelism: 2 });
    await cluster.settle();
    const both = await running();
    cluster.network.fault = unreachable;
    cluster.network.cutWatches();
    for (const pod of both) await lab.end(pod, "Succeeded");
    cluster.clock.advance(5 * 3_600_000);
    cluster.network.fault = undefined;
    await cluster.pass(120_000, 30_000);

    expect(await status()).toMatchObject({ succeeded: 2 });
    expect(await ended()).toBe("Complete");
  });

  test("goes on counting where another was cut off after any of its writes", async () => {
    for (let writes = 1; writes <= 6; writes++) {
      const name = `cut-${writes}`;
      await create({}, {}, { name });
      await cluster.settle();
      const [pod] = (await running()).filter((one) => controllerOf(one)?.name === name);
      let left = writes;
      cluster.network.fault = (request) => {
        if (request.method === "GET" || request.path.includes("/events")) return undefined;
        return left-- > 0 ? undefined : unreachable(request);
      };
      await lab.end(pod!, "Succeeded");
      for (let turns = 0; turns < 50; turns++) await new Promise((done) => setImmediate(done));
      cluster.network.fault = undefined;
      await cluster.pass(60_000, 30_000);
      const job = await cluster.client.get(Job, "default", name);
      expect(job.status).toMatchObject({ succeeded: 1, uncountedTerminatedPods: {} });
    }
  });
});

type Spec = Partial<Job["spec"]>;

function create(
  spec: Spec,
  podSpec: object = {},
  { name = "work", finalizers = [] as string[] } = {},
): Promise<Job> {
  return cluster.client.create(Job, "default", {
    metadata: { name },
    spec: {
      ...spec,
      template: {
        metadata: { finalizers },
        spec: {
          restartPolicy: "Never",
          containers: [{ name: "main", image: "busybox:1.36" }],
          ...podSpec,
        },
      },
    },
  });
}

/** Its pods are those labelled app=work. */
async function createManual() {
  await cluster.client.create(Job, "default", {
    metadata: { name: "work" },
    spec: {
      manualSelector: true,
      selector: { matchLabels: { app: "work" } },
      template: {
        metadata: { labels: { app: "work" } },
        spec: { restartPolicy: "Never", containers: [{ name: "main", image: "busybox:1.36" }] },
      },
    },
  });
}

const patch = (spec: Spec) => cluster.client.patch(Job, "default", "work", { spec });
const status = async () => (await cluster.client.get(Job, "default", "work")).status ?? {};
const pods = () => lab.pods();
const running = async () =>
  (await pods()).filter(
    ({ status, metadata }) =>
      !["Succeeded", "Failed"].includes(status?.phase ?? "") && !metadata.deletionTimestamp,
  );
const tracked = async () =>
  (await pods()).filter(({ metadata }) => metadata.finalizers?.includes(TRACKING_FINALIZER));
const indexOf = ({ metadata }: Pod) =>
  metadata.annotations?.["batch.kubernetes.io/job-completion-index"];

async function end() {
  const { conditions = [] } = await status();
  return conditions.find(({ type }) => type === "Complete" || type === "Failed");
}
const ended = async () => (await end())?.type;
const reason = async () => (await end())?.reason;

async function succeed(pod: Pod) {
  await lab.end(pod, "Succeeded");
  await cluster.settle();
}

const fail = (pod: Pod) => exit(pod, 1);

async function exit(pod: Pod, exitCode: number) {
  const finishedAt = cluster.clock.now().toISOString();
  const state = { terminated: { exitCode, finishedAt } };
  const main = { name: "main", state, restartCount: 0, image: "", imageID: "", ready: false };
  await lab.setStatus(pod, { phase: "Failed", containerStatuses: [main] });
  await cluster.settle();
}
