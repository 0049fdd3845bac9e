import type { ContainerStatus, PodStatus } from "kubernetes-types/core/v1.js";
import { describe, expect, test } from "vitest";
import { Pod } from "../../src/api/pod.ts";
import type { Draft } from "./judge.ts";

const now = new Date("2026-01-01T00:10:00Z");
const main = { name: "main", image: "nginx" };

const status = (state: Draft, fields: Draft = {}) =>
  ({
    name: "main",
    image: "nginx",
    imageID: "",
    ready: false,
    restartCount: 0,
    state,
    ...fields,
  }) as unknown as ContainerStatus;
const running = status({ running: {} }, { ready: true });

function pod(podStatus: Draft, spec: Draft = {}, metadata: Draft = {}): Pod {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "web", creationTimestamp: "2026-01-01T00:00:00Z", ...metadata },
    spec: { containers: [main], ...spec },
    status: podStatus as unknown as PodStatus,
  };
}

function cells(obj: Pod): Record<string, string | number | boolean> {
  const columns = Pod.columns ?? [];
  return Object.fromEntries(columns.map((column) => [column.name, column.value(obj, now)]));
}

const init = { name: "init", image: "nginx" };
const sidecar = { name: "side", image: "nginx", restartPolicy: "Always" };
const deleted = { deletionTimestamp: "2026-01-01T00:05:00Z" };

describe("kubectl get pods", () => {
  test.each<[string, Pod, string, string]>([
    ["waits for a node", pod({ phase: "Pending" }), "0/1", "Pending"],
    ["runs", pod({ phase: "Running", containerStatuses: [running] }), "1/1", "Running"],
    [
      "is being started",
      pod({
        phase: "Pending",
        containerStatuses: [status({ waiting: { reason: "ContainerCreating" } })],
      }),
      "0/1",
      "ContainerCreating",
    ],
    [
      "fails again and again",
      pod({
        phase: "Running",
        containerStatuses: [status({ waiting: { reason: "CrashLoopBackOff" } })],
      }),
      "0/1",
      "CrashLoopBackOff",
    ],
    [
      "has done its work",
      pod({
        phase: "Succeeded",
        containerStatuses: [status({ terminated: { exitCode: 0, reason: "Completed" } })],
      }),
      "0/1",
      "Completed",
    ],
    [
      "has failed without a reason",
      pod({ phase: "Failed", containerStatuses: [status({ terminated: { exitCode: 3 } })] }),
      "0/1",
      "ExitCode:3",
    ],
    [
      "was killed",
      pod({
        phase: "Failed",
        containerStatuses: [status({ terminated: { exitCode: 137, signal: 9 } })],
      }),
      "0/1",
      "Signal:9",
    ],
    ["was evicted", pod({ phase: "Failed", reason: "Evicted" }), "0/1", "Evicted"],
    [
      "has one container done and one running, ready",
      pod(
        {
          phase: "Running",
          conditions: [{ type: "Ready", status: "True" }],
          containerStatuses: [
            status({ terminated: { exitCode: 0, reason: "Completed" } }),
            running,
          ],
        },
        { containers: [main, { ...main, name: "second" }] },
      ),
      "1/2",
      "Running",
    ],
    [
      "has one container done and one running, not ready",
      pod(
        {
          phase: "Running",
          containerStatuses: [
            status({ terminated: { exitCode: 0, reason: "Completed" } }),
            running,
          ],
        },
        { containers: [main, { ...main, name: "second" }] },
      ),
      "1/2",
      "NotReady",
    ],
    [
      "is at its first init container",
      pod(
        { phase: "Pending", initContainerStatuses: [status({ running: {} })] },
        { initContainers: [init] },
      ),
      "0/1",
      "Init:0/1",
    ],
    [
      "is at its second init container",
      pod(
        {
          phase: "Pending",
          initContainerStatuses: [
            status({ terminated: { exitCode: 0 } }),
            status({ waiting: { reason: "PodInitializing" } }),
          ],
        },
        { initContainers: [init, { ...init, name: "init2" }] },
      ),
      "0/1",
      "Init:1/2",
    ],
    [
      "has an init container that fails",
      pod(
        {
          phase: "Pending",
          initContainerStatuses: [status({ terminated: { exitCode: 1, reason: "Error" } })],
        },
        { initContainers: [init] },
      ),
      "0/1",
      "Init:Error",
    ],
    [
      "has an init container that fails again and again",
      pod(
        {
          phase: "Pending",
          initContainerStatuses: [status({ waiting: { reason: "CrashLoopBackOff" } })],
        },
        { initContainers: [init] },
      ),
      "0/1",
      "Init:CrashLoopBackOff",
    ],
    [
      "has a sidecar",
      pod(
        {
          phase: "Running",
          initContainerStatuses: [
            status({ running: {} }, { name: "side", started: true, ready: true }),
          ],
          containerStatuses: [running],
        },
        { initContainers: [sidecar] },
      ),
      "2/2",
      "Running",
    ],
    [
      "is going",
      pod({ phase: "Running", containerStatuses: [running] }, {}, deleted),
      "1/1",
      "Terminating",
    ],
    [
      "is on a lost node",
      pod({ phase: "Running", reason: "NodeLost" }, {}, deleted),
      "0/1",
      "Unknown",
    ],
    [
      "is gated",
      pod({
        phase: "Pending",
        conditions: [{ type: "PodScheduled", status: "False", reason: "SchedulingGated" }],
      }),
      "0/1",
      "SchedulingGated",
    ],
  ])("shows of a pod that %s", (_, obj, ready, word) => {
    expect(cells(obj)).toMatchObject({ Ready: ready, Status: word });
  });

  test("shows restarts, and when the last one was", () => {
    const lastState = { terminated: { exitCode: 1, finishedAt: "2026-01-01T00:09:55Z" } };
    const restarted = status({ running: {} }, { ready: true, restartCount: 1, lastState });
    const obj = pod({ phase: "Running", containerStatuses: [restarted] });
    expect(cells(obj).Restarts).toBe("1 (5s ago)");
  });

  test("shows a zero where there was none", () => {
    expect(cells(pod({ phase: "Running", containerStatuses: [running] })).Restarts).toBe("0");
  });

  test("-o wide shows where it is", () => {
    const spec = { nodeName: "node1", readinessGates: [{ conditionType: "a/b" }] };
    const podIPs = [{ ip: "172.16.1.2" }];
    expect(cells(pod({ phase: "Running", podIPs }, spec))).toMatchObject({
      Name: "web",
      Age: "10m",
      IP: "172.16.1.2",
      Node: "node1",
      "Nominated Node": "<none>",
      "Readiness Gates": "0/1",
    });
  });
});
