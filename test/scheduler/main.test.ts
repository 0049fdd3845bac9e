/** kube-scheduler as a daemon, against an API server over HTTP. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Lease } from "../../src/api/lease.ts";
import { Namespace } from "../../src/api/namespace.ts";
import { Node } from "../../src/api/node.ts";
import { Pod } from "../../src/api/pod.ts";
import { kubeScheduler } from "../../src/scheduler/main.ts";
import { startTestApiServer } from "../support/api-server.ts";
import { type DaemonRun, runInProcess } from "../support/daemon-run.ts";
import { eventually } from "../support/eventually.ts";
import { freePort } from "../support/free-port.ts";
import { aNode, aPod } from "./made-up-cluster.ts";

let server: Awaited<ReturnType<typeof startTestApiServer>>;
let folder: string;
let running: DaemonRun[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "scheduler-"));
  running = [];
  server = await startTestApiServer();
  await eventually(() => server.client.get(Namespace, "", "kube-system"));
  await eventually(() => server.client.get(Namespace, "", "default"));
});
afterEach(async () => {
  await Promise.all(running.map((run) => run.stop()));
  await server.stop();
  rmSync(folder, { recursive: true });
});

function run(...args: string[]): DaemonRun {
  const daemon = runInProcess(kubeScheduler, args, running.length + 1);
  running.push(daemon);
  return daemon;
}

async function master(): Promise<string> {
  const { port } = await server.listen({ address: "127.0.0.1", port: 0 });
  return `--master=http://127.0.0.1:${port}`;
}

async function createPodAndNode(name: string) {
  const { metadata, spec, status } = aNode(`node-of-${name}`);
  await server.client.create(Node, "", { metadata, spec, status: status! });
  await server.client.create(Pod, "default", { metadata: { name }, spec: aPod(name).spec });
}

async function untilPlaced(name: string) {
  await eventually(async () => {
    expect((await server.client.get(Pod, "default", name)).spec.nodeName).toBeTruthy();
  });
}

describe("kube-scheduler", () => {
  test("becomes the leader, schedules, serves its health, and gives the lease back", async () => {
    const port = await freePort();
    const daemon = run(await master(), `--port=${port}`);
    await createPodAndNode("web");
    await untilPlaced("web");

    expect(daemon.told).toEqual(["READY=1"]);
    expect(await text(`http://127.0.0.1:${port}/healthz`)).toBe("ok");
    await eventually(async () => {
      const metrics = await text(`http://127.0.0.1:${port}/metrics`);
      expect(metrics).toMatch(
        /scheduler_schedule_attempts_total\{profile="default-scheduler",result="scheduled"\} 1\n/,
      );
      expect(metrics).toContain('scheduler_pending_pods{queue="active"} 0\n');
    });

    await daemon.stop();
    expect(daemon.exits).toEqual([0]);
    expect(daemon.told).toEqual(["READY=1", "STOPPING=1"]);
    const lease = await server.client.get(Lease, "kube-system", "kube-scheduler");
    expect(lease.spec.holderIdentity ?? "").toBe("");
  });

  test("stands by while another leads, and takes over when that one stops", async () => {
    const address = await master();
    const fast = ["--leader-elect-retry-period=50ms", "--port=0", address];
    const first = run(...fast);
    await eventually(() => expect(first.err).toContain("successfully acquired lease"));
    await eventually(() => expect(first.told).toEqual(["READY=1"]));
    const second = run(...fast);
    await eventually(() => expect(second.told).toEqual(["READY=1"]));
    expect(second.err).not.toContain("successfully acquired lease");

    await first.stop();
    await createPodAndNode("web");
    await untilPlaced("web");
    expect(second.err).toContain("successfully acquired lease kube-system/kube-scheduler");
  });

  test("ends when it has lost its lease, for another may be at work", async () => {
    const times = ["--leader-elect-renew-deadline=200ms", "--leader-elect-retry-period=50ms"];
    const daemon = run(await master(), "--port=0", ...times);
    await eventually(() => expect(daemon.told).toEqual(["READY=1"]));
    await eventually(async () => {
      const lease = await server.client.get(Lease, "kube-system", "kube-scheduler");
      const spec = { ...lease.spec, holderIdentity: "another" };
      await server.client.update(Lease, { ...lease, spec });
    });
    await eventually(() => expect(daemon.exits).toEqual([1]));
    expect(daemon.err).toContain("kube-scheduler: leaderelection lost\n");
  });

  test("schedules at once without an election", async () => {
    run(await master(), "--port=0", "--leader-elect=false", "--kube-api-qps=500");
    await createPodAndNode("web");
    await untilPlaced("web");
    await expect(server.client.get(Lease, "kube-system", "kube-scheduler")).rejects.toThrow(
      'leases.coordination.k8s.io "kube-scheduler" not found',
    );
  });

  test("looks after the pods that name it", async () => {
    run(await master(), "--port=0", "--leader-elect=false", "--scheduler-name=mine");
    await createPodAndNode("theirs");
    const spec = { ...aPod("ours").spec, schedulerName: "mine" };
    await server.client.create(Pod, "default", { metadata: { name: "ours" }, spec });
    await untilPlaced("ours");
    const theirs = await server.client.get(Pod, "default", "theirs");
    expect(theirs.spec.nodeName).toBeUndefined();
  });

  test("obeys a policy file", async () => {
    const file = join(folder, "policy.json");
    writeFileSync(file, JSON.stringify({ kind: "Policy", predicates: [], priorities: [] }));
    run(await master(), "--port=0", "--leader-elect=false", `--policy-config-file=${file}`);
    const { metadata, spec, status } = aNode("full", { pods: "0" });
    await server.client.create(Node, "", { metadata, spec, status: status! });
    await server.client.create(Pod, "default", {
      metadata: { name: "web" },
      spec: aPod("web").spec,
    });
    await untilPlaced("web");
  });

  test.each([
    [["--foo"], "Error: unknown flag: --foo"],
    [["--algorithm-provider=Foo"], 'kube-scheduler: plugin "Foo" has not been registered'],
    [
      ["--policy-config-file=/nowhere"],
      "kube-scheduler: unable to use the policy file /nowhere: ENOENT",
    ],
    [["--kubeconfig=/nowhere"], "kube-scheduler: ENOENT: no such file or directory"],
    [["--address=203.0.113.1"], "kube-scheduler: failed to listen on 203.0.113.1:10251: "],
    [
      ["--hard-pod-affinity-symmetric-weight=101"],
      "kube-scheduler: invalid hardPodAffinitySymmetricWeight: 101, must be in the range 0-100",
    ],
  ])("can't start with %j, says so and leaves with 1", async (args, sentence) => {
    const daemon = run("--master=http://127.0.0.1:1", ...args);
    await eventually(() => expect(daemon.exits).toEqual([1]));
    expect(daemon.err).toContain(sentence);
  });
});

async function text(url: string): Promise<string> {
  return (await fetch(url)).text();
}
