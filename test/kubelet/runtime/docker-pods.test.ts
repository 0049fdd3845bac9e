/** How a pod looks to Docker, and to the programs in it. */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { freePort } from "../../support/free-port.ts";
import { describeWith } from "../../support/needs.ts";
import { allOf, sandboxConfig } from "./configs.ts";
import { useDocker } from "./docker-node.ts";
import { shell } from "./docker-programs.ts";

describeWith(["root", "docker", "busybox"], "a pod on Docker", () => {
  const node = useDocker();
  const { startPod, outputOf, live } = node;

  test("is named and labelled as Kubernetes does", async () => {
    const { pod, sandboxId, id } = await startPod({ name: "web", attempt: 3 });

    const [sandbox, container] = await Promise.all(
      [sandboxId, id].map((one) => node.daemon.docker.getContainer(one).inspect()),
    );
    expect(sandbox!.Name).toBe(`/k8s_POD_${pod.pod.name}_default_${pod.pod.uid}_0`);
    expect(container!.Name).toBe(`/k8s_web_${pod.pod.name}_default_${pod.pod.uid}_3`);
    expect(container!.Config.Labels).toMatchObject({
      "io.kubernetes.pod.name": pod.pod.name,
      "io.kubernetes.pod.namespace": "default",
      "io.kubernetes.pod.uid": pod.pod.uid,
      "io.kubernetes.container.name": "web",
      "io.kubernetes.docker.type": "container",
      "io.kubernetes.sandbox.id": sandboxId,
      "annotation.io.kubernetes.container.restartCount": "3",
    });
    expect(sandbox!.Config.Labels["io.kubernetes.docker.type"]).toBe("podsandbox");
  });

  test("shares network, host name and IPC among its containers, but not process ids", async () => {
    const { sandboxId, id } = await startPod();

    const namespaces = async (container: string) => {
      const { State } = await node.daemon.docker.getContainer(container).inspect();
      const read = (kind: string) =>
        execFileSync("readlink", [`/proc/${State.Pid}/ns/${kind}`], { encoding: "utf8" });
      return { net: read("net"), ipc: read("ipc"), pid: read("pid") };
    };
    const [sandbox, container] = [await namespaces(sandboxId), await namespaces(id)];
    expect({ ...container, pid: "" }).toEqual({ ...sandbox, pid: "" });
    expect(container.pid).not.toBe(sandbox.pid);
  });

  test("shares process ids where it asks for it, and the pause container is the first", async () => {
    const { id } = await startPod({}, { shareProcessNamespace: true });

    expect(await outputOf(id, "cat /proc/1/cmdline | tr '\\0' ' '")).toContain("sleep 2147483647");
  });

  test("on the host's network has the host's devices and name", async () => {
    const { id } = await startPod({}, { hostNetwork: true });

    expect(await outputOf(id, "hostname")).toBe(readFileSync("/etc/hostname", "utf8").trim());
    expect(await outputOf(id, "ls /sys/class/net")).toContain("lo");
    const { NetworkSettings } = await node.daemon.docker.getContainer(id).inspect();
    expect(Object.keys(NetworkSettings.Networks)).toEqual([]);
  });

  test("has the hosts and name servers that it is given", async () => {
    const { id } = await startPod(
      {},
      {
        dns: {
          servers: ["10.254.0.10"],
          searches: ["default.svc.cluster.local", "svc.cluster.local"],
          options: ["ndots:5"],
        },
        hostAliases: [{ ip: "10.1.2.3", hostnames: ["foo.local", "bar.local"] }],
      },
    );

    expect(await outputOf(id, "cat /etc/resolv.conf")).toBe(
      "search default.svc.cluster.local svc.cluster.local\n" +
        "nameserver 10.254.0.10\noptions ndots:5",
    );
    const hosts = await outputOf(id, "cat /etc/hosts");
    expect(hosts).toContain("10.1.2.3\tfoo.local\n10.1.2.3\tbar.local");
  });

  test("has the hosts file that the kubelet mounts, rather than Docker's", async () => {
    const hostPath = join(node.daemon.directory, "etc-hosts");
    writeFileSync(hostPath, "# Kubernetes-managed hosts file.\n");
    const mounts = [{ hostPath, containerPath: "/etc/hosts", readOnly: false }];

    const { id } = await startPod({ mounts });

    expect(await outputOf(id, "cat /etc/hosts")).toBe("# Kubernetes-managed hosts file.");
  });

  test("has the kernel parameters that it is given", async () => {
    const { id } = await startPod({}, { sysctls: { "net.ipv4.ip_unprivileged_port_start": "79" } });

    expect(await outputOf(id, "cat /proc/sys/net/ipv4/ip_unprivileged_port_start")).toBe("79");
  });

  test("takes a port of the host, which another pod cannot have then", async () => {
    const hostPort = await freePort();
    const portMappings = [{ protocol: "TCP" as const, containerPort: 80, hostPort }];
    const { pod } = await startPod({ image: "nginx", command: [], args: [] }, { portMappings });

    await expect
      .poll(() => httpGet("127.0.0.1", hostPort))
      .toContain(`Welcome to nginx on ${pod.hostname}`);
    const other = sandboxConfig("greedy", { portMappings });
    await expect(node.runtime.runSandbox(other, live)).rejects.toThrow(
      /^rpc error: code = Unknown desc = failed to start sandbox container for pod "greedy": Error response from daemon: .*(address already in use|port is already allocated)/,
    );
    expect((await node.runtime.listSandboxes()).filter(({ pod }) => pod.name === "greedy")).toEqual(
      [],
    );
  });

  test("is not confused with containers that are not ours", async () => {
    const foreign = await node.daemon.docker.createContainer({
      Image: "busybox",
      name: "k8s_not_ours",
    });

    const ids = [
      ...(await node.runtime.listContainers()),
      ...(await node.runtime.listSandboxes()),
      ...(await node.runtime.stats()).map(({ containerId: id }) => ({ id })),
    ].map(({ id }) => id);

    expect(ids).not.toContain(foreign.id);
  });

  test("the figures are the kernel's", async () => {
    const { id, sandboxId } = await startPod(shell("while :; do :; done"));
    const cpuOf = async () => (await statsOf(id)).cpuNanoseconds;
    const first = await cpuOf();

    await expect.poll(cpuOf).toBeGreaterThan(first + 20_000_000);

    const { network } = await statsOf(id);
    const { ip } = (await node.runtime.listSandboxes()).find((one) => one.id === sandboxId)!;
    await httpGet(ip, 1).catch(() => undefined);
    expect((await statsOf(id)).network!.rxBytes).toBeGreaterThan(network!.rxBytes);
  });

  const statsOf = async (id: string) =>
    (await node.runtime.stats()).find(({ containerId }) => containerId === id)!;
});

async function httpGet(host: string, port: number): Promise<string> {
  const socket = connect({ host, port });
  socket.write("GET / HTTP/1.0\r\n\r\n");
  return allOf(socket);
}
