import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startDocker, type TestDocker } from "../support/docker.ts";
import { startEtcd, type TestEtcd } from "../support/etcd.ts";
import { eventually } from "../support/eventually.ts";
import { freePort } from "../support/free-port.ts";
import { oldestAndNewest } from "../support/kubectl.ts";
import { type CommandProcess, startCommand } from "../support/kubeling-process.ts";
import { describeWith } from "../support/needs.ts";
import { tableRows, Walk } from "./walk.ts";

type Command = "kube-apiserver" | "kube-controller-manager" | "kube-scheduler" | "kubelet";

describeWith(
  ["root", "docker", "busybox", "etcd", "kubectl"],
  "the daemons one by one, on etcd and Docker",
  () => {
    let etcd: TestEtcd;
    let docker: TestDocker;
    let directory: string;
    let kubeconfig: string;
    let flags: Record<Command, string[]>;
    const running = new Map<Command, CommandProcess>();

    async function start(command: Command): Promise<void> {
      const process = startCommand(command, flags[command]);
      running.set(command, process);
      if (command === "kube-apiserver") await process.prints("Serving insecurely");
    }

    beforeAll(async () => {
      etcd = await startEtcd();
      docker = await startDocker({ isReachable: true });
      directory = mkdtempSync(join(tmpdir(), "kubeling-daemons-"));
      const ports = await Promise.all(Array.from({ length: 5 }, () => freePort()));
      const [port, managerPort, schedulerPort, kubeletPort, healthzPort] = ports;
      const master = `http://127.0.0.1:${port}`;
      flags = {
        "kube-apiserver": [
          "--insecure-bind-address=127.0.0.1",
          `--port=${port}`,
          "--secure-port=0",
          `--etcd-servers=${etcd.endpoints.join(",")}`,
          "--service-cluster-ip-range=10.254.0.0/16",
          "--allow-privileged=false",
          "--logtostderr=true",
          "--v=0",
        ],
        "kube-controller-manager": [`--master=${master}`, `--port=${managerPort}`, "--v=0"],
        "kube-scheduler": [`--master=${master}`, `--port=${schedulerPort}`, "--v=0"],
        kubelet: [
          `--api-servers=${master}`,
          "--address=127.0.0.1",
          `--port=${kubeletPort}`,
          "--read-only-port=0",
          "--cadvisor-port=0",
          `--healthz-port=${healthzPort}`,
          "--hostname-override=node1",
          "--pod-infra-container-image=pause",
          `--docker-endpoint=${docker.endpoint}`,
          `--root-dir=${join(docker.directory, "kubelet")}`,
          "--allow-privileged=false",
        ],
      };
      kubeconfig = join(directory, "kubeconfig");
      writeFileSync(
        kubeconfig,
        `apiVersion: v1
kind: Config
clusters: [{name: test, cluster: {server: "${master}"}}]
contexts: [{name: test, context: {cluster: test}}]
current-context: test
`,
      );
      for (const command of Object.keys(flags) as Command[]) await start(command);
    });
    afterAll(async () => {
      await Promise.all([...running.values()].map((process) => process.stop()));
      await docker?.stop();
      await etcd?.stop();
      if (directory) rmSync(directory, { recursive: true });
    });

    const walkWith = (kubectl = oldestAndNewest().at(-1)!) =>
      new Walk({ kubectl, kubeconfig, nodes: ["node1"] });

    describe.each(oldestAndNewest())("and kubectl 1.$minor", (kubectl) => {
      const walk = () => walkWith(kubectl);

      test("show the node Ready", () => walk().seesReadyNodes());
      test("create an RC and a service", () => walk().createsTheExample());
      test("print the original's columns", () => walk().printsTheOriginalsColumns());
      test("scale", () => walk().scales());
      test("replace a deleted pod", () => walk().replacesADeletedPod());
      test("release a relabelled pod", () => walk().releasesARelabelledPod());
      test("describe a pod with its events", () => walk().describesAPodWithItsEvents());
      test("read logs and run a command", () => walk().readsLogsAndRunsACommand());
      test("delete the RC, and its pods go", () => walk().deletesEverything());
    });

    test("keep readable JSON in etcd, where Kubernetes keeps it", async () => {
      await walkWith().createsTheExample();
      const args = [
        "get",
        "--prefix",
        "/registry/pods/default/",
        `--endpoints=${etcd.endpoints[0]}`,
      ];
      const env = { ...process.env, ETCDCTL_API: "3" };
      const lines = execFileSync("etcdctl", args, { encoding: "utf8", env }).split("\n");
      expect(lines[0]).toMatch(/^\/registry\/pods\/default\/nginx-\w{5}$/);
      expect(JSON.parse(lines[1]!)).toMatchObject({ kind: "Pod", apiVersion: "v1" });
      await walkWith().deletesEverything();
    });

    test.each<Command>(["kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet"])(
      "%s killed in the middle of a scale from 1 to 20: the count ends right",
      async (command) => {
        const walk = walkWith();
        await walk.createsTheExample();
        await walk.run("scale", "rc", "nginx", "--replicas=1");
        await walk.hasRunningPods(1);
        await walk.run("scale", "rc", "nginx", "--replicas=20");
        await eventually(async () => {
          const names = tableRows(await walk.run("get", "pods", "-l", "app=nginx"));
          expect(names.length).toBeGreaterThan(3);
        });
        await running.get(command)!.kill();
        await start(command);
        await walk.hasRunningPods(20, 120_000);
        await eventually(async () => {
          const containers = await docker.docker.listContainers();
          expect(
            containers.filter(({ Names }) => Names[0]!.startsWith("/k8s_nginx_")),
          ).toHaveLength(20);
          expect(containers.filter(({ Names }) => Names[0]!.startsWith("/k8s_POD_"))).toHaveLength(
            20,
          );
        });
        await walk.deletesEverything();
      },
      300_000,
    );
  },
);
