/** Jobs as students drive them: the oldest and the newest kubectl, on simulated nodes in real time. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { CronJob } from "../../src/api/batch/cron-job.ts";
import { eventually } from "../support/eventually.ts";
import { type Kubectl, oldestAndNewest, runKubectl } from "../support/kubectl.ts";
import { describeWith } from "../support/needs.ts";
import { startWholeCluster, type WholeCluster } from "../support/whole-cluster.ts";

const TIMEOUT = { timeout: 240_000 };

describeWith(["kubectl"], "kubectl on jobs", () => {
  let cluster: WholeCluster;
  beforeAll(async () => {
    cluster = await startWholeCluster({ nodes: 2 });
  });
  afterAll(() => cluster?.stop());

  const with1 = (kubectl: Kubectl) => {
    const outcome = (...args: string[]) => {
      const common = ["-s", cluster.server, `--cache-dir=${cluster.directory}/cache`];
      return runKubectl(kubectl, "/dev/null", [...common, ...args]);
    };
    return {
      outcome,
      async run(...args: string[]): Promise<string> {
        const { code, stdout, stderr } = await outcome(...args);
        expect(stderr.replaceAll(/^Warning:.*\n/gm, ""), args.join(" ")).toBe("");
        expect(code).toBe(0);
        return stdout;
      },
    };
  };

  for (const kubectl of oldestAndNewest()) {
    const { run, outcome } = with1(kubectl);
    const version = `1.${kubectl.minor}`;

    test(`${version} creates one, waits for it, and reads what it said`, TIMEOUT, async () => {
      const name = `hello-${kubectl.minor}`;
      const made = await run("create", "job", name, "--image=busybox", "--", "echo", "hello there");
      expect(made).toBe(`job.batch/${name} created\n`);
      const waited = await run("wait", "--for=condition=complete", `job/${name}`, "--timeout=180s");
      expect(waited).toBe(`job.batch/${name} condition met\n`);
      expect(await run("logs", `job/${name}`)).toBe("hello there\n");
      expect(await run("get", "job", name)).toMatch(
        /^NAME +STATUS +COMPLETIONS +DURATION +AGE\nhello-\d+ +Complete +1\/1 +\S+ +\S+\n$/,
      );
      // Events come a moment later.
      await eventually(async () => {
        const described = await run("describe", "job", name);
        expect(described).toMatch(/Pods Statuses: +0 .*\/ 1 Succeeded \/ 0 Failed/);
        expect(described).toMatch(/SuccessfulCreate .* Created pod: hello-/);
        expect(described).toMatch(/Completed .* Job completed/);
      });

      await run("delete", "job", name);
      await eventually(async () => {
        expect(await run("get", "pods", "-l", `job-name=${name}`, "-o", "name")).toBe("");
      });
    });

    test(`${version} sees one fail, with the reason`, TIMEOUT, async () => {
      const name = `bad-${kubectl.minor}`;
      await run("create", "job", name, "--image=busybox", "--", "sh", "-c", "exit 3");
      const patch = '{"spec":{"backoffLimit":0}}';
      await run("patch", "job", name, "-p", patch);
      await run("wait", "--for=condition=failed", `job/${name}`, "--timeout=180s");
      await eventually(async () =>
        expect(await run("describe", "job", name)).toMatch(
          /BackoffLimitExceeded .* Job has reached the specified backoff limit/,
        ),
      );
      await run("delete", "job", name);
    });

    test(`${version} suspends and resumes one`, TIMEOUT, async () => {
      const name = `long-${kubectl.minor}`;
      await run("create", "job", name, "--image=nginx");
      await run("patch", "job", name, "-p", '{"spec":{"suspend":true}}');
      await run("wait", "--for=condition=suspended", `job/${name}`, "--timeout=180s");
      await eventually(async () => {
        expect(await run("get", "pods", "-l", `job-name=${name}`, "-o", "name")).toBe("");
      });
      await run("patch", "job", name, "-p", '{"spec":{"suspend":false}}');
      await eventually(async () => {
        const active = await run("get", "job", name, "-o", "jsonpath={.status.active}");
        expect(active).toBe("1");
      });
      await run("delete", "job", name);
    });

    test(`${version} makes a cron job, and a job from it by hand`, TIMEOUT, async () => {
      const name = `nightly-${kubectl.minor}`;
      const schedule = ["--image=busybox", "--schedule=0 3 * * *"];
      const made = await run("create", "cronjob", name, ...schedule, "--", "echo", "night");
      expect(made).toBe(`cronjob.batch/${name} created\n`);
      expect(await run("get", "cj", name)).toMatch(
        /^NAME +SCHEDULE +TIMEZONE +SUSPEND +ACTIVE +LAST SCHEDULE +AGE\nnightly-\d+ +0 3 \* \* \* +<none> +False +0 +<none> +\S+\n$/,
      );
      // Before 1.21 kubectl knew cron jobs as v1beta1 alone.
      const from = kubectl.minor < 21 ? "cronjob.v1beta1.batch" : "cronjob";
      await run("create", "job", `${name}-now`, `--from=${from}/${name}`);
      await run("wait", "--for=condition=complete", `job/${name}-now`, "--timeout=180s");
      expect(await run("logs", `job/${name}-now`)).toBe("night\n");
      expect(await run("describe", "cronjob", name)).toMatch(/Schedule: +0 3 \* \* \*\n/);

      await run("delete", "cronjob", name);
      await eventually(async () => {
        expect(await run("get", "jobs", "-o", "name")).not.toContain(name);
      });
    });

    test(`${version} is told what is wrong with one`, TIMEOUT, async () => {
      const schedule = ["--image=busybox", "--schedule=61 * * * *"];
      const { stderr } = await outcome("create", "cronjob", "bad", ...schedule);
      expect(stderr).toContain(
        'spec.schedule: Invalid value: "61 * * * *": end of range (61) above maximum (59): 61',
      );
    });
  }

  test("a cron job runs when its time has come", TIMEOUT, async () => {
    const { run } = with1(oldestAndNewest().at(-1)!);
    const template = {
      spec: {
        restartPolicy: "Never",
        containers: [{ name: "main", image: "busybox", command: ["echo", "tick"] }],
      },
    };
    await cluster.client.create(CronJob, "default", {
      metadata: { name: "tick" },
      spec: { schedule: "@every 2s", jobTemplate: { spec: { template } } },
    });
    await eventually(async () => {
      const { status } = await cluster.client.get(CronJob, "default", "tick");
      expect(status?.lastSuccessfulTime).toBeDefined();
    });
    await run("patch", "cronjob", "tick", "-p", '{"spec":{"suspend":true}}');
    await eventually(async () =>
      expect(await run("describe", "cronjob", "tick")).toMatch(/SawCompletedJob/),
    );
  });
});
