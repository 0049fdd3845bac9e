import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ConfigMap } from "../../src/api/config-map.ts";
import { Lease } from "../../src/api/lease.ts";
import { Node } from "../../src/api/node.ts";
import { Pod } from "../../src/api/pod.ts";
import { startTestNode, type TestNode } from "./test-node.ts";

let node: TestNode;
beforeEach(async () => {
  node = await startTestNode();
});
afterEach(() => node.stop());

const web = { containers: [{ name: "web", image: "nginx:1.25" }] };
const isReady = (pod: { status?: { conditions?: { type: string; status: string }[] } }) =>
  pod.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True");

describe("a kubelet", () => {
  test("registers its node as ready", async () => {
    const { metadata, status } = await node.client.get(Node, "", "node1");

    expect(metadata.labels).toMatchObject({
      "kubernetes.io/hostname": "node1",
      "kubernetes.io/os": "linux",
      "beta.kubernetes.io/arch": "amd64",
    });
    expect(status?.capacity).toMatchObject({ cpu: "4", memory: "8Gi", pods: "110" });
    expect(status?.conditions?.map(({ type, status, reason }) => [type, status, reason])).toEqual([
      ["MemoryPressure", "False", "KubeletHasSufficientMemory"],
      ["DiskPressure", "False", "KubeletHasNoDiskPressure"],
      ["PIDPressure", "False", "KubeletHasSufficientPID"],
      ["Ready", "True", "KubeletReady"],
    ]);
  });

  test("renews its lease every 10 seconds", async () => {
    const renewed = async () => (await node.client.get(Lease, "kube-node-lease", "node1")).spec;
    await node.pass(1);
    expect(await renewed()).toMatchObject({ holderIdentity: "node1", leaseDurationSeconds: 40 });
    const before = (await renewed()).renewTime;

    await node.pass(10);

    expect((await renewed()).renewTime).not.toBe(before);
  });

  test("brings a pod to Ready and says what it did", async () => {
    await node.run("web", web);
    const { status } = await node.until("web", isReady);

    expect(status).toMatchObject({
      phase: "Running",
      podIP: "10.244.1.2",
      hostIP: "192.168.0.11",
      qosClass: "BestEffort",
      containerStatuses: [
        { name: "web", ready: true, started: true, restartCount: 0, image: "nginx:1.25" },
      ],
    });
    expect(await node.eventsOf("web")).toEqual([
      'Pulling: Pulling image "nginx:1.25"',
      'Pulled: Successfully pulled image "nginx:1.25" in 0s (0s including waiting). Image size: 67700000 bytes.',
      "Created: Created container web",
      "Started: Started container web",
    ]);
  });
});

const shell = (script: string, more = {}) => ({
  containers: [{ name: "main", image: "busybox", command: ["sh", "-c", script], ...more }],
});

const mainOf = (pod: Awaited<ReturnType<TestNode["get"]>>) => pod.status?.containerStatuses?.[0];

test("writes the status of a pod that starts at most twice", async () => {
  await node.run("web", web);
  await node.until("web", isReady);

  const writes = node.network.requests.filter(
    ({ method, path }) => method !== "GET" && path.endsWith("/pods/web/status"),
  );
  expect(writes.length).toBeLessThanOrEqual(2);
});

describe("a container that ends", () => {
  test("is restarted with a back-off that doubles", async () => {
    await node.run("crash", shell("exit 3"));
    const pod = await node.until(
      "crash",
      (p) => mainOf(p)?.restartCount === 1 && mainOf(p)?.state?.waiting,
    );
    const uid = pod.metadata.uid;

    expect(pod.status?.phase).toBe("Running");
    expect(mainOf(pod)).toMatchObject({
      restartCount: 1,
      state: {
        waiting: {
          reason: "CrashLoopBackOff",
          message: `back-off 10s restarting failed container=main pod=crash_default(${uid})`,
        },
      },
      lastState: { terminated: { exitCode: 3, reason: "Error" } },
    });
    expect(await node.eventsOf("crash")).toContain(
      `BackOff: Back-off restarting failed container main in pod crash_default(${uid})`,
    );

    await node.pass(10);
    const again = await node.until(
      "crash",
      (p) => mainOf(p)?.restartCount === 2 && mainOf(p)?.state?.waiting,
    );
    expect(mainOf(again)?.state?.waiting?.message).toContain("back-off 20s");
  });

  test("makes the pod Succeeded or Failed when it is not to be restarted", async () => {
    await node.run("good", { ...shell("exit 0"), restartPolicy: "Never" });
    await node.run("bad", { ...shell("exit 1"), restartPolicy: "Never" });

    const good = await node.until("good", (p) => p.status?.phase === "Succeeded");
    const bad = await node.until("bad", (p) => p.status?.phase === "Failed");

    expect(mainOf(good)?.state?.terminated).toMatchObject({ exitCode: 0, reason: "Completed" });
    expect(good.status?.conditions?.find(({ type }) => type === "Ready")?.reason).toBe(
      "PodCompleted",
    );
    expect(mainOf(bad)?.state?.terminated).toMatchObject({ exitCode: 1, reason: "Error" });
  });

  test("that left no message is told of by the end of its log, where that is asked for", async () => {
    const script = "for i in $(seq 1 100); do echo line $i; done; exit 1";
    const from = { terminationMessagePolicy: "FallbackToLogsOnError" };
    await node.run("logs", { ...shell(script, from), restartPolicy: "Never" });
    await node.run("silent", { ...shell(script), restartPolicy: "Never" });
    await node.run("good", { ...shell("echo fine", from), restartPolicy: "Never" });
    const ended = async (name: string) =>
      mainOf(await node.until(name, (p) => mainOf(p)?.state?.terminated))?.state?.terminated;

    const { message } = (await ended("logs"))!;
    expect(message?.split("\n")).toHaveLength(81);
    expect(message).toMatch(/^line 21\n.*line 100\n$/s);
    expect((await ended("silent"))?.message).toBeUndefined();
    expect((await ended("good"))?.message).toBeUndefined();
  });

  test("leaves a termination message", async () => {
    const script = "echo it was the butler > /dev/termination-log; exit 1";
    await node.run("told", { ...shell(script), restartPolicy: "Never" });
    const pod = await node.until("told", (p) => p.status?.phase === "Failed");

    expect(mainOf(pod)?.state?.terminated?.message).toBe("it was the butler\n");
  });
});

describe("an image that cannot be pulled", () => {
  test("keeps the pod waiting, first with ErrImagePull, then with ImagePullBackOff", async () => {
    await node.run("missing", { containers: [{ name: "main", image: "nginx:nonexistent" }] });
    const pod = await node.until("missing", (p) => mainOf(p)?.state?.waiting?.message);
    expect(pod.status?.phase).toBe("Pending");

    expect(mainOf(pod)?.state?.waiting?.reason).toBe("ErrImagePull");
    await node.pass(6);
    const later = await node.until(
      "missing",
      (p) => mainOf(p)?.state?.waiting?.reason === "ImagePullBackOff",
    );
    expect(mainOf(later)?.state?.waiting?.message).toBe(
      'Back-off pulling image "nginx:nonexistent"',
    );
    expect(await node.eventsOf("missing")).toContain("Failed: Error: ErrImagePull");
  });
});

describe("a pod that is deleted", () => {
  test("is stopped within its grace period, then gone", async () => {
    await node.run("web", web);
    await node.until("web", isReady);

    await node.client.delete(Pod, "default", "web");
    await node.untilGone("web");

    expect(await node.eventsOf("web")).toContain("Killing: Stopping container web");
    expect(await node.runtime.listContainers()).toEqual([]);
    expect(await node.runtime.listSandboxes()).toEqual([]);
  });

  test("is given its grace period when it does not heed SIGTERM", async () => {
    await node.run("deaf", { ...shell("sleep 1000"), terminationGracePeriodSeconds: 30 });
    await node.until("deaf", isReady);

    await node.client.delete(Pod, "default", "deaf");
    await node.pass(28);
    expect(mainOf(await node.get("deaf"))?.state?.running).toBeDefined();

    await node.pass(3);
    await node.untilGone("deaf");
  });

  test("runs its preStop hook first", async () => {
    const lifecycle = { preStop: { exec: { command: ["sleep", "5"] } } };
    const containers = [{ name: "web", image: "nginx", lifecycle }];
    await node.run("web", { containers });
    await node.until("web", isReady);

    await node.client.delete(Pod, "default", "web");
    await node.pass(4);
    expect(mainOf(await node.get("web"))?.state?.running).toBeDefined();
    await node.pass(2);
    await node.untilGone("web");
  });
});

describe("a kubelet that is restarted", () => {
  test("finds its containers again and restarts none", async () => {
    await node.run("web", web);
    const before = mainOf(await node.until("web", isReady))?.containerID;

    await node.restartKubelet();
    await node.pass(5);

    const after = mainOf(await node.until("web", isReady));
    expect(after).toMatchObject({ containerID: before, restartCount: 0 });
    expect(await node.runtime.listContainers()).toHaveLength(1);
  });

  test("ends the containers of pods that have gone meanwhile", async () => {
    await node.run("web", web);
    await node.until("web", isReady);
    node.crashKubelet();
    await node.client.delete(Pod, "default", "web", { gracePeriodSeconds: 0 });

    await node.restartKubelet();
    await node.pass(5);

    expect(await node.runtime.listContainers()).toEqual([]);
    expect(await node.runtime.listSandboxes()).toEqual([]);
  });
});

describe("a sandbox that dies", () => {
  test("is made again, with its containers", async () => {
    await node.run("web", web);
    const before = await node.until("web", isReady);
    const [sandbox] = await node.runtime.listSandboxes();

    await node.runtime.stopSandbox(sandbox!.id);
    const after = await node.until("web", (p) => isReady(p) && mainOf(p)?.restartCount === 1);

    expect(after.status?.podIP).not.toBe(before.status?.podIP);
    expect(await node.eventsOf("web")).toContain(
      "SandboxChanged: Pod sandbox changed, it will be killed and re-created.",
    );
  });
});

describe("probes", () => {
  test("of readiness keep a pod out until they succeed", async () => {
    const readinessProbe = { exec: { command: ["cat", "/tmp/ready"] }, periodSeconds: 1 };
    await node.run("slow", shell("sleep 5; touch /tmp/ready; sleep 1000", { readinessProbe }));
    const early = await node.until("slow", (p) => mainOf(p)?.state?.running);
    expect(mainOf(early)).toMatchObject({ ready: false, started: true });
    expect(isReady(early)).toBe(false);

    await node.pass(3);
    expect(await node.eventsOf("slow")).toContain(
      "Unhealthy: Readiness probe failed: cat: can't open '/tmp/ready': No such file or directory\n",
    );
    await node.pass(5);
    await node.until("slow", isReady);
  });

  test("of liveness restart a container after three failures", async () => {
    const livenessProbe = { httpGet: { path: "/nothing", port: 80 }, periodSeconds: 2 };
    await node.run("web", { containers: [{ ...web.containers[0]!, livenessProbe }] });
    await node.until("web", isReady);

    await node.pass(8);

    await node.until("web", (p) => mainOf(p)?.restartCount === 1);
    const events = await node.eventsOf("web");
    expect(events).toContain(
      "Unhealthy: Liveness probe failed: HTTP probe failed with statuscode: 404",
    );
    expect(events).toContain("Killing: Container web failed liveness probe, will be restarted");
  });

  test("of the start hold the others back until it has succeeded", async () => {
    const startupProbe = { exec: { command: ["cat", "/tmp/up"] }, periodSeconds: 1 };
    const livenessProbe = { exec: { command: ["cat", "/tmp/alive"] }, periodSeconds: 1 };
    const script = "sleep 20; touch /tmp/alive /tmp/up; sleep 1000";
    const patient = { startupProbe: { ...startupProbe, failureThreshold: 30 }, livenessProbe };
    await node.run("slow", shell(script, patient));
    const early = await node.until("slow", (p) => mainOf(p)?.state?.running);
    expect(mainOf(early)).toMatchObject({ started: false, ready: false });

    await node.pass(15);
    expect(mainOf(await node.get("slow"))).toMatchObject({ started: false, restartCount: 0 });
    await node.pass(8);

    const late = await node.until("slow", isReady);
    expect(mainOf(late)).toMatchObject({ started: true, ready: true, restartCount: 0 });
  });

  test("of the start restart a container that takes too long", async () => {
    const startupProbe = { exec: { command: ["false"] }, periodSeconds: 1, failureThreshold: 2 };
    const quick = { ...shell("sleep 1000", { startupProbe }), terminationGracePeriodSeconds: 1 };
    await node.run("never", quick);
    await node.until("never", (p) => mainOf(p)?.state?.running);

    await node.pass(5);

    await node.until("never", (p) => mainOf(p)?.restartCount === 1);
    expect(await node.eventsOf("never")).toContain(
      "Killing: Container main failed startup probe, will be restarted",
    );
  });

  test("over TCP say why they could not connect", async () => {
    const readinessProbe = { tcpSocket: { port: 9999 }, periodSeconds: 1 };
    await node.run("web", { containers: [{ ...web.containers[0]!, readinessProbe }] });
    await node.until("web", (p) => mainOf(p)?.state?.running);
    await node.pass(2);

    expect(await node.eventsOf("web")).toContain(
      "Unhealthy: Readiness probe failed: dial tcp 10.244.1.2:9999: connect: connection refused",
    );
  });
});

describe("configuration", () => {
  test("reaches a container as environment and as files, and follows changes", async () => {
    const metadata = { name: "settings" };
    await node.client.create(ConfigMap, "default", { metadata, data: { color: "blue" } });
    await node.run("reader", {
      volumes: [{ name: "conf", configMap: { name: "settings" } }],
      containers: [
        {
          name: "main",
          image: "busybox",
          command: ["sh", "-c", "echo $COLOR $(cat /conf/color) $NAME; sleep 1000"],
          env: [
            { name: "COLOR", valueFrom: { configMapKeyRef: { name: "settings", key: "color" } } },
            { name: "NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
          ],
          volumeMounts: [{ name: "conf", mountPath: "/conf" }],
        },
      ],
    });
    await node.until("reader", isReady);
    expect(await node.logOf("reader")).toBe("blue blue reader\n");

    await node.client.patch(ConfigMap, "default", "settings", { data: { color: "green" } });
    await node.pass(95);

    expect(await node.execIn("reader", ["cat", "/conf/color"])).toBe("green");
  });

  test("that is missing holds the container back, and says what is missing", async () => {
    await node.run("needy", {
      containers: [
        { name: "main", image: "busybox", envFrom: [{ secretRef: { name: "nowhere" } }] },
      ],
    });
    const pod = await node.until(
      "needy",
      (p) => mainOf(p)?.state?.waiting?.reason === "CreateContainerConfigError",
    );

    expect(mainOf(pod)?.state?.waiting?.message).toBe('secret "nowhere" not found');
    expect(await node.eventsOf("needy")).toContain('Failed: Error: secret "nowhere" not found');
  });

  test("volumes that cannot be mounted are told of by an event", async () => {
    await node.run("needy", {
      ...web,
      volumes: [{ name: "conf", configMap: { name: "nowhere" } }],
    });
    await node.pass(2);

    expect(await node.eventsOf("needy")).toContain(
      'FailedMount: MountVolume.SetUp failed for volume "conf" : configmap "nowhere" not found',
    );
  });
});

describe("a pod the node cannot take", () => {
  test("is Failed, with the reason", async () => {
    const resources = { requests: { cpu: "64" } };
    await node.run("large", { containers: [{ name: "main", image: "nginx", resources }] });
    const pod = await node.until("large", (p) => p.status?.phase === "Failed");

    expect(pod.status).toMatchObject({
      reason: "OutOfcpu",
      message:
        "Pod was rejected: Node didn't have enough resource: cpu, requested: 64000, used: 0, capacity: 4000",
    });
  });

  test("is Failed when it has been active for too long", async () => {
    await node.run("late", { ...web, activeDeadlineSeconds: 5 });
    await node.until("late", isReady);
    await node.pass(6);

    const pod = await node.until("late", (p) => p.status?.phase === "Failed");
    expect(pod.status?.reason).toBe("DeadlineExceeded");
  });
});
