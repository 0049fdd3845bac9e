import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startDocker, type TestDocker } from "../support/docker.ts";
import { eventually } from "../support/eventually.ts";
import { oldestAndNewest } from "../support/kubectl.ts";
import {
  type RunningKubeling,
  restartKubeling,
  startKubeling,
} from "../support/kubeling-process.ts";
import { describeWith } from "../support/needs.ts";
import { Walk } from "./walk.ts";

describeWith(["root", "docker", "busybox", "kubectl"], "kubeling up --runtime=docker", () => {
  let docker: TestDocker;
  let cluster: RunningKubeling;
  beforeAll(async () => {
    docker = await startDocker({ isReachable: true });
    const endpoint = `--docker-endpoint=${docker.endpoint}`;
    cluster = await startKubeling("--runtime=docker", endpoint);
  });
  afterAll(async () => {
    await cluster?.remove();
    await docker?.stop();
  });

  describe.each(oldestAndNewest())("and kubectl 1.$minor", (kubectl) => {
    const walk = () => new Walk({ kubectl, kubeconfig: cluster.kubeconfig, nodes: ["node1"] });

    test("shows the node Ready", () => walk().seesReadyNodes());
    test("creates an RC and a service", () => walk().createsTheExample());
    test("prints the original's columns", () => walk().printsTheOriginalsColumns());
    test("scales", () => walk().scales());
    test("replaces a deleted pod", () => walk().replacesADeletedPod());
    test("releases a relabelled pod", () => walk().releasesARelabelledPod());
    test("describes a pod with its events", () => walk().describesAPodWithItsEvents());
    test("reads logs and runs a command", () => walk().readsLogsAndRunsACommand());
    test("deletes the RC, and its pods go", () => walk().deletesEverything());
  });

  describe("a pod that runs", () => {
    const kubectl = oldestAndNewest().at(-1)!;
    const walk = () => new Walk({ kubectl, kubeconfig: cluster.kubeconfig, nodes: ["node1"] });

    test("has containers with Kubernetes' names", async () => {
      await walk().createsTheExample();
      const names = await containerNames("");
      const uid = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
      const app = new RegExp(`^/k8s_nginx_nginx-\\w{5}_default_${uid}_0$`);
      const pause = new RegExp(`^/k8s_POD_nginx-\\w{5}_default_${uid}_0$`);
      expect(names.filter((name) => app.test(name))).toHaveLength(3);
      expect(names.filter((name) => pause.test(name))).toHaveLength(3);
      expect(names).toHaveLength(6);
    });

    test("has its app container restarted when Docker kills it", async () => {
      const [pod = ""] = await walk().hasRunningPods(3);
      await kill(`k8s_nginx_${pod}_`);
      await eventually(async () => {
        const count = "jsonpath={.status.containerStatuses[0].restartCount}";
        expect(await walk().run("get", "pod", pod, "-o", count)).toBe("1");
      });
      expect(await walk().hasRunningPods(3)).toContain(pod);
    });

    test("has its sandbox made again when Docker kills the pause container", async () => {
      const [, pod = ""] = await walk().hasRunningPods(3);
      const [before = ""] = await containerNames(`k8s_POD_${pod}_`);
      await kill(`k8s_POD_${pod}_`);
      await eventually(async () => {
        const [after = ""] = await containerNames(`k8s_POD_${pod}_`);
        expect(after.replace(/_\d+$/, "")).toBe(before.replace(/_\d+$/, ""));
        expect(after).toMatch(/_1$/);
      });
      expect(await walk().hasRunningPods(3)).toContain(pod);
    });

    test("goes on when everything but Docker is killed and started again", async () => {
      const before = await eventually(async () => {
        const ids = await runningIds();
        expect(ids).toHaveLength(6);
        return ids;
      });
      await cluster.kill();
      cluster = await restartKubeling(cluster);
      await walk().seesReadyNodes();
      await walk().hasRunningPods(3);
      expect(await runningIds()).toEqual(before);
      await walk().deletesEverything();
    });
  });

  async function containerNames(part: string): Promise<string[]> {
    const running = await docker.docker.listContainers();
    return running.flatMap(({ Names }) => Names).filter((name) => name.includes(part));
  }

  async function runningIds(): Promise<string[]> {
    return (await docker.docker.listContainers()).map(({ Id }) => Id).toSorted();
  }

  async function kill(part: string): Promise<void> {
    const all = await docker.docker.listContainers();
    const one = all.find(({ Names }) => Names.some((name) => name.includes(part)))!;
    await docker.docker.getContainer(one.Id).kill();
  }
});
