import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { createKubeletServer, createReadOnlyServer } from "../../../src/kubelet/server/server.ts";
import { startTestNode, type TestNode, turn } from "../test-node.ts";

let node: TestNode;
const servers: Server[] = [];
const echo = { containers: [{ name: "main", image: "busybox", command: ["cat"], stdin: true }] };
beforeEach(async () => {
  node = await startTestNode();
  await node.run("box", echo);
  await node.until("box", ({ status }) => status?.phase === "Running");
});
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
  await node.stop();
});

async function listen(server: Server): Promise<string> {
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}
const full = () => listen(createKubeletServer(node.kubelet));

describe("the kubelet's server", () => {
  test("/stats/summary tells what the node and its pods use", async () => {
    const summary = await summaryFrom(await full());

    expect(summary.node).toMatchObject({
      nodeName: "node1",
      memory: { availableBytes: expect.any(Number), workingSetBytes: expect.any(Number) },
      fs: { capacityBytes: 100 * 1024 ** 3 },
    });
    const { memory, fs } = summary.node;
    expect(memory.availableBytes! + memory.workingSetBytes!).toBe(8 * 1024 ** 3);
    expect(fs.availableBytes! + fs.usedBytes!).toBe(fs.capacityBytes);
    expect(summary.pods).toMatchObject([
      { podRef: { name: "box", namespace: "default" }, containers: [{ name: "main" }] },
    ]);
    expect(summary.pods[0]?.containers[0]?.memory.workingSetBytes).toBe(memory.workingSetBytes);
  });

  test("/metrics are Prometheus' text, under the usual names", async () => {
    const text = await (await fetch(`http://${await full()}/metrics`)).text();

    expect(text).toContain('kubelet_node_name{node="node1"} 1\n');
    expect(text).toContain('kubelet_running_containers{container_state="running"} 1\n');
    expect(text).toContain("# TYPE kubelet_running_pods gauge\nkubelet_running_pods 1\n");
    expect(text).toMatch(
      /container_memory_working_set_bytes\{container="main",namespace="default",pod="box"\} \d+\n/,
    );
  });

  test("/run runs a command, and tells when it fails", async () => {
    const address = await full();
    const run = async (command: string) => {
      const path = `/run/default/box/main?cmd=${encodeURIComponent(command)}`;
      return (await fetch(`http://${address}${path}`, { method: "POST" })).text();
    };

    expect(await run("echo one two")).toBe("one two\n");
    expect(await run("false")).toBe("\ncommand 'false' exited with 1\n");
  });

  test.each([
    ["/run/default/nobody/main?cmd=ls", 404],
    ["/run/default/box/other?cmd=ls", 404],
    ["/nothing", 404],
    ["/exec/default/box/main?command=ls&output=1", 400],
  ])("%s is answered with %i", async (path, code) => {
    expect((await fetch(`http://${await full()}${path}`)).status).toBe(code);
  });

  test("attach joins a container's input and output until it ends", async () => {
    const url = `ws://${await full()}/attach/default/box/main?input=1&output=1&error=1`;
    const socket = new WebSocket(url, "v4.channel.k8s.io");
    const said: string[] = [];
    socket.on("message", (data: Buffer) => said.push(data.subarray(1).toString()));
    await once(socket, "open");
    await turn();

    socket.send(Buffer.from("\0one\n"));
    while (!said.join("").includes("one")) await turn();
    expect(said.join("")).toBe("one\n");
    socket.close();
    await once(socket, "close");

    expect((await node.get("box")).status?.phase).toBe("Running");
    expect(await node.logOf("box")).toBe("one\n");
  });

  test("for reading only has no exec, no logs and no run", async () => {
    const address = await listen(createReadOnlyServer(node.kubelet));
    const codeOf = async (path: string) => (await fetch(`http://${address}${path}`)).status;

    expect(await codeOf("/pods")).toBe(200);
    expect(await codeOf("/healthz")).toBe(200);
    expect(await codeOf("/containerLogs/default/box/main")).toBe(404);
    expect(await codeOf("/run/default/box/main?cmd=ls")).toBe(404);
  });
});

interface Summary {
  node: Record<"memory" | "fs", Record<string, number>>;
  pods: { containers: { memory: Record<string, number> }[] }[];
}

async function summaryFrom(address: string): Promise<Summary> {
  return (await (await fetch(`http://${address}/stats/summary`)).json()) as Summary;
}
