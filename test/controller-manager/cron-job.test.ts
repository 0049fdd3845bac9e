import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CronJob } from "../../src/api/batch/cron-job.ts";
import { Job } from "../../src/api/batch/job.ts";
import { toApiTime } from "../../src/component/clock.ts";
import { cronJobController } from "../../src/controller-manager/cron-job.ts";
import { ttlAfterFinishedController } from "../../src/controller-manager/ttl-after-finished.ts";
import { type Cluster, startCluster } from "../support/cluster.ts";
import { conflictOnEveryWrite } from "../support/faulty-transport.ts";
import { WorkloadLab } from "./workload-lab.ts";

let cluster: Cluster;
let lab: WorkloadLab;
let startMs: number;
beforeEach(async () => {
  cluster = await startCluster({ controllers: [cronJobController, ttlAfterFinishedController] });
  lab = new WorkloadLab(cluster);
  // To the full hour, so that the times below can be told.
  const now = cluster.clock.now().getTime();
  startMs = Math.ceil(now / 3_600_000) * 3_600_000;
  cluster.clock.advance(startMs - now);
});
afterEach(() => cluster.stop());

describe("a CronJob", () => {
  test("makes a job at each of its times, named by the minute", async () => {
    const template = { metadata: { labels: { app: "tick" }, annotations: { note: "x" } } };
    await create({}, template);
    await minutes(11);

    expect(await names()).toEqual([nameAt(5), nameAt(10)]);
    const [first] = await jobs();
    expect(first!.metadata).toMatchObject({
      labels: { app: "tick" },
      annotations: {
        note: "x",
        "batch.kubernetes.io/cronjob-scheduled-timestamp": toApiTime(timeAt(5)),
      },
      ownerReferences: [{ kind: "CronJob", name: "tick", controller: true }],
    });
    const { status } = await get();
    expect(status!.lastScheduleTime).toBe(toApiTime(timeAt(10)));
    expect(status!.active!.map(({ name }) => name)).toEqual([nameAt(5), nameAt(10)]);
    expect(await lab.told("CronJob")).toEqual([
      `SuccessfulCreate Created job ${nameAt(5)}`,
      `SuccessfulCreate Created job ${nameAt(10)}`,
    ]);
  });

  test("takes what has ended from its list, and notes the last success", async () => {
    await create({});
    await minutes(6);
    await end(nameAt(5), "Complete");
    const { status } = await get();
    expect(status!.active).toBeUndefined();
    expect(status!.lastSuccessfulTime).toBe(toApiTime(timeAt(6)));
    expect(await lab.told("CronJob")).toContain(
      `SawCompletedJob Saw completed job: ${nameAt(5)}, status: Complete`,
    );
  });

  test("that forbids two at once skips times while one is at work", async () => {
    await create({ concurrencyPolicy: "Forbid" });
    await minutes(12);
    expect(await names()).toEqual([nameAt(5)]);
    expect(await lab.told("CronJob")).toContain(
      "JobAlreadyActive Not starting job because prior execution is running and concurrency policy is Forbid",
    );

    await end(nameAt(5), "Complete");
    expect(await names()).toEqual([nameAt(10), nameAt(5)].sort());
  });

  test("that replaces deletes the one at work for the next", async () => {
    await create({ concurrencyPolicy: "Replace" });
    await minutes(11);
    expect(await names()).toEqual([nameAt(10)]);
    expect(await lab.told("CronJob")).toContain(`SuccessfulDelete Deleted job ${nameAt(5)}`);
  });

  test("makes none while it is suspended, and makes up for one of them after", async () => {
    await create({ suspend: true });
    await minutes(23);
    expect(await names()).toEqual([]);
    await patch({ suspend: false });
    await cluster.settle();
    expect(await names()).toEqual([nameAt(20)]);
  });

  test("makes up for the last time only when the clock has jumped by hours, and says it was many", async () => {
    await create({ schedule: "* * * * *" });
    await cluster.settle();
    cluster.clock.advance(5 * 3_600_000 + 30_000);
    await cluster.settle();

    expect(await names()).toEqual([nameAt(300)]);
    expect(await lab.told("CronJob")).toContain(
      "TooManyMissedTimes too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew",
    );
  });

  test("gives up a time that is too long past", async () => {
    await create({ schedule: "0 * * * *", startingDeadlineSeconds: 60, suspend: true });
    await minutes(70);
    await patch({ suspend: false });
    await cluster.settle();
    expect(await names()).toEqual([]);
    await minutes(51);
    expect(await names()).toEqual([nameAt(120)]);
  });

  test("keeps as many that have ended as its limits say", async () => {
    await create({
      schedule: "* * * * *",
      successfulJobsHistoryLimit: 2,
      failedJobsHistoryLimit: 1,
    });
    await cluster.pass(1_000, 1_000);
    for (let minute = 1; minute <= 6; minute++) {
      await minutes(1);
      await end(nameAt(minute), minute % 2 === 0 ? "Complete" : "Failed");
    }

    expect(await names()).toEqual([nameAt(4), nameAt(5), nameAt(6)]);
  });

  test("forgets a job that somebody has deleted", async () => {
    await create({});
    await minutes(6);
    await cluster.client.delete(Job, "default", nameAt(5), { propagationPolicy: "Background" });
    await cluster.settle();

    expect((await get()).status!.active).toBeUndefined();
    expect(await names()).toEqual([]);
    expect(await lab.told("CronJob")).toContain(`MissingJob Active job went missing: ${nameAt(5)}`);
  });

  test("has its own minutes in another zone", async () => {
    await create({ schedule: "30 * * * *", timeZone: "Asia/Kolkata" });
    await minutes(61);
    const [job] = await jobs();
    expect(job!.metadata.name).toBe(nameAt(60));
    expect(job!.metadata.annotations?.["batch.kubernetes.io/cronjob-scheduled-timestamp"]).toMatch(
      /T\d\d:30:00\+05:30$/,
    );
  });

  test("says that its schedule has no times", async () => {
    await create({ schedule: "0 0 31 2 *" });
    await cluster.settle();
    expect(await lab.told("CronJob")).toEqual([
      "InvalidSchedule invalid schedule: 0 0 31 2 * : time difference between two schedules is less than 1 second",
    ]);
  });

  test("makes each job once, though every write meets a conflict and watches are cut", async () => {
    cluster.network.fault = conflictOnEveryWrite();
    await create({});
    for (let round = 0; round < 8; round++) {
      cluster.network.cutWatches();
      await minutes(2);
    }
    expect(await names()).toEqual([nameAt(5), nameAt(10), nameAt(15)]);
    expect((await get()).status!.active).toHaveLength(3);
  });

  test("does not list the jobs of its namesake that was deleted", async () => {
    await create({});
    await minutes(6);
    await cluster.client.delete(CronJob, "default", "tick"); // Nobody collects its jobs here.
    await cluster.settle();
    await create({});
    await minutes(5);

    expect(await names()).toEqual([nameAt(10), nameAt(5)].sort());
    expect((await get()).status!.active!.map(({ name }) => name)).toEqual([nameAt(10)]);
  });
});

describe("a Job with a time to live", () => {
  test("goes so long after its end, and not before", async () => {
    await job({ ttlSecondsAfterFinished: 100 });
    await end("single", "Complete");
    await cluster.pass(99_000, 33_000);
    expect(await names()).toEqual(["single"]);
    await cluster.pass(1_000, 1_000);
    expect(await gone()).toBe(true);
  });

  test("goes at once where that is nought, and stays where it is not given", async () => {
    await job({ ttlSecondsAfterFinished: 0 });
    await job({}, "kept");
    await end("single", "Failed");
    await end("kept", "Failed");
    await cluster.pass(3_600_000, 3_600_000);
    expect(await gone()).toBe(true);
    const kept = await cluster.client.get(Job, "default", "kept");
    expect(kept.metadata.deletionTimestamp).toBeUndefined();
  });

  test("stays longer where that has been prolonged meanwhile", async () => {
    await job({ ttlSecondsAfterFinished: 100 });
    await end("single", "Complete");
    await cluster.client.patch(Job, "default", "single", {
      spec: { ttlSecondsAfterFinished: 1000 },
    });
    await cluster.pass(500_000, 100_000);
    expect(await gone()).toBe(false);
    await cluster.pass(500_000, 100_000);
    expect(await gone()).toBe(true);
  });

  /** Deleted in the foreground, it waits for the garbage collector, which is not here. */
  async function gone(): Promise<boolean> {
    const [single] = (await jobs()).filter(({ metadata }) => metadata.name === "single");
    return single === undefined || single.metadata.deletionTimestamp !== undefined;
  }
});

type Spec = Partial<CronJob["spec"]>;

const podTemplate = {
  spec: { restartPolicy: "Never", containers: [{ name: "main", image: "busybox:1.36" }] },
};

function create(spec: Spec, jobTemplate: object = {}) {
  return cluster.client.create(CronJob, "default", {
    metadata: { name: "tick" },
    spec: {
      schedule: "*/5 * * * *",
      ...spec,
      jobTemplate: { ...jobTemplate, spec: { template: podTemplate } },
    },
  });
}

function job(spec: Partial<Job["spec"]>, name = "single") {
  return cluster.client.create(Job, "default", {
    metadata: { name },
    spec: { ...spec, template: podTemplate },
  });
}

const get = () => cluster.client.get(CronJob, "default", "tick");
const patch = (spec: Spec) => cluster.client.patch(CronJob, "default", "tick", { spec });
const jobs = async () => (await cluster.client.list(Job, { namespace: "default" })).items;
const names = async () => (await jobs()).map(({ metadata }) => metadata.name).sort();
const timeAt = (minute: number) => new Date(startMs + minute * 60_000);
const nameAt = (minute: number) => `tick-${startMs / 60_000 + minute}`;
const minutes = (count: number) => cluster.pass(count * 60_000, 30_000);

async function end(name: string, type: "Complete" | "Failed") {
  const time = toApiTime(cluster.clock.now());
  const condition = { type, status: "True", lastTransitionTime: time };
  const completed = type === "Complete" ? { completionTime: time } : {};
  const status = { conditions: [condition], startTime: time, ...completed };
  await cluster.client.patch(Job, "default", name, { status }, { subresource: "status" });
  await cluster.settle();
}
