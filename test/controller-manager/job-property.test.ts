import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Job } from "../../src/api/batch/job.ts";
import { Pod } from "../../src/api/pod.ts";
import { startJobController } from "../../src/controller-manager/job.ts";
import { type Cluster, startCluster } from "../support/cluster.ts";
import { conflictOnEveryWrite } from "../support/faulty-transport.ts";
import { unlessGone, WorkloadLab } from "./workload-lab.ts";

type Step = { do: "succeed" | "fail" | "delete" | "cut" | "suspend" | "resume"; which: number };

const step = fc.record<Step>({
  do: fc.constantFrom("succeed", "succeed", "fail", "delete", "cut", "suspend", "resume"),
  which: fc.nat(4),
});

describe("whatever happens to the pods of a Job", () => {
  test("each is counted once, and none keeps the finalizer", { timeout: 240_000 }, async () => {
    const steps = fc.array(step, { maxLength: 14 });
    await fc.assert(
      fc.asyncProperty(fc.boolean(), fc.boolean(), steps, async (isIndexed, hasFaults, steps) => {
        const cluster = await startCluster({ controllers: [(one) => startJobController(one)] });
        try {
          await new Trial(cluster, isIndexed).run(hasFaults, steps);
        } finally {
          await cluster.stop();
        }
      }),
      { numRuns: 20 },
    );
  });
});

/** One job of four completions, and a count of our own of what happened to its pods. */
class Trial {
  readonly #cluster: Cluster;
  readonly #lab: WorkloadLab;
  readonly #isIndexed: boolean;
  readonly #succeeded = new Set<string>();
  #failed = 0;

  constructor(cluster: Cluster, isIndexed: boolean) {
    this.#cluster = cluster;
    this.#lab = new WorkloadLab(cluster);
    this.#isIndexed = isIndexed;
  }

  async run(hasFaults: boolean, steps: Step[]): Promise<void> {
    await this.#create();
    if (hasFaults) this.#cluster.network.fault = conflictOnEveryWrite();
    await this.#settle();
    for (const one of steps) await this.#take(one);
    await this.#patch(false);
    for (let round = 0; round < 30 && !(await this.#isOver()); round++) {
      await this.#settle();
      for (const pod of await this.#running()) await this.#end(pod, "Succeeded");
    }
    await this.#settle();
    await this.#check();
  }

  async #take({ do: what, which }: Step): Promise<void> {
    const running = await this.#running();
    const pod = running[which % Math.max(1, running.length)];
    if (what === "cut") this.#cluster.network.cutWatches();
    else if (what === "suspend" || what === "resume") await this.#patch(what === "suspend");
    else if (pod !== undefined && what === "succeed") await this.#end(pod, "Succeeded");
    else if (pod !== undefined && what === "fail") await this.#end(pod, "Failed");
    else if (pod !== undefined) await this.#delete(pod);
    await this.#settle();
  }

  async #end(pod: Pod, phase: "Succeeded" | "Failed"): Promise<void> {
    await unlessGone(this.#lab.end(pod, phase));
    if (phase === "Succeeded") this.#succeeded.add(pod.metadata.name);
    else this.#failed++;
  }

  /** A pod that is deleted before its end has failed. */
  async #delete({ metadata }: Pod): Promise<void> {
    await this.#cluster.client.delete(Pod, "default", metadata.name);
    this.#failed++;
  }

  async #check(): Promise<void> {
    const { status = {} } = await this.#job();
    const pods = await this.#lab.pods();
    expect(status.conditions?.find(({ type }) => type === "Complete")?.status).toBe("True");
    expect(status.succeeded).toBe(this.#succeeded.size);
    expect(status.succeeded).toBe(4);
    expect(status.failed ?? 0).toBe(this.#failed);
    expect(status.uncountedTerminatedPods).toEqual({});
    expect(status.active).toBeUndefined();
    expect(status.completedIndexes).toBe(this.#isIndexed ? "0-3" : undefined);
    expect(pods.filter(({ metadata }) => metadata.finalizers !== undefined)).toEqual([]);
  }

  /** Long enough for the longest back-off. */
  async #settle(): Promise<void> {
    await this.#cluster.settle();
    this.#cluster.clock.advance(700_000);
    await this.#cluster.settle();
    this.#cluster.clock.advance(1_000);
    await this.#cluster.settle();
  }

  async #running(): Promise<Pod[]> {
    return (await this.#lab.pods()).filter(
      ({ status, metadata }) =>
        !["Succeeded", "Failed"].includes(status?.phase ?? "") && !metadata.deletionTimestamp,
    );
  }

  async #isOver(): Promise<boolean> {
    return (await this.#job()).status?.completionTime !== undefined;
  }

  #job(): Promise<Job> {
    return this.#cluster.client.get(Job, "default", "work");
  }

  async #patch(suspend: boolean): Promise<void> {
    if (await this.#isOver()) return;
    await this.#cluster.client.patch(Job, "default", "work", { spec: { suspend } });
  }

  async #create(): Promise<void> {
    await this.#cluster.client.create(Job, "default", {
      metadata: { name: "work" },
      spec: {
        completions: 4,
        parallelism: 2,
        backoffLimit: 100,
        completionMode: this.#isIndexed ? "Indexed" : "NonIndexed",
        template: {
          spec: { restartPolicy: "Never", containers: [{ name: "main", image: "busybox:1.36" }] },
        },
      },
    });
  }
}
