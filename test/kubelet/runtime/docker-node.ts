/** A node for tests that look at real containers: a Docker of their own, and the Runtime on it. */
import { afterAll, beforeAll } from "vitest";
import { type Clock, systemClock } from "../../../src/component/clock.ts";
import { silentLog } from "../../../src/component/log.ts";
import { DockerRuntime } from "../../../src/kubelet/runtime/docker/docker-runtime.ts";
import type { ContainerConfig, SandboxConfig } from "../../../src/kubelet/runtime/runtime.ts";
import { startDocker, type TestDocker } from "../../support/docker.ts";
import { containerConfig, execIn, sandboxConfig, watchEvents } from "./configs.ts";
import { dockerPrograms } from "./docker-programs.ts";

/** Starts it before the tests of this `describe`, and stops it after them. */
export function useDocker() {
  let daemon: TestDocker;
  let runtime: DockerRuntime;
  let events: ReturnType<typeof watchEvents>;
  let podCount = 0;
  const live = new AbortController().signal;

  const startRuntime = (endpoint: string, clock: Clock = systemClock) =>
    new DockerRuntime({ endpoint, stateDirectory: daemon.directory, clock, log: silentLog });

  beforeAll(async () => {
    daemon = await startDocker({ isReachable: true });
    runtime = startRuntime(daemon.endpoint);
    events = watchEvents(runtime);
  });
  afterAll(async () => {
    events?.stop();
    runtime?.close();
    await daemon?.stop();
  });

  /** A pod of one container, which waits to be stopped unless it is told to do something else. */
  async function startPod(
    container: Partial<ContainerConfig> = {},
    sandbox: Partial<SandboxConfig> = {},
  ) {
    const pod = sandboxConfig(`pod-${++podCount}`, sandbox);
    const sandboxId = await runtime.runSandbox(pod, live);
    const config = containerConfig({ ...dockerPrograms.waits, ...container });
    const id = await runtime.createContainer(sandboxId, config, pod);
    await runtime.startContainer(id);
    return { pod, sandboxId, id };
  }

  async function runToEnd(...args: Parameters<typeof startPod>) {
    const pod = await startPod(...args);
    await events.until("died", pod.id);
    return pod;
  }

  async function outputOf(id: string, script: string): Promise<string> {
    return (await execIn(runtime, id, ["sh", "-c", script])).stdout.trim();
  }

  return {
    startRuntime,
    startPod,
    runToEnd,
    outputOf,
    live,
    get daemon() {
      return daemon;
    },
    get runtime() {
      return runtime;
    },
    get events() {
      return events;
    },
  };
}
