/** What nodes and pods use, as a kubelet measures it and kubectl shows it. */
import { once } from "node:events";
import http from "node:http";
import { type AddressInfo, connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Node } from "../../src/api/node.ts";
import { Pod } from "../../src/api/pod.ts";
import { ask } from "../support/api-request.ts";
import { startTestApiServer } from "../support/api-server.ts";

const NODES = "/apis/metrics.k8s.io/v1beta1/nodes";
const PODS = "/apis/metrics.k8s.io/v1beta1/namespaces/default/pods";
const AS_TABLE = { accept: "application/json;as=Table;v=v1;g=meta.k8s.io,application/json" };

const time = "2014-06-06T00:00:00Z";
const figures = (usageNanoCores: number, workingSetBytes: number) => ({
  cpu: { time, usageNanoCores },
  memory: { workingSetBytes },
});

let server: Awaited<ReturnType<typeof startTestApiServer>>;
let kubelet: http.Server;

beforeAll(async () => {
  let uid = "";
  kubelet = http.createServer((_, response) => {
    const containers = [
      { name: "main", ...figures(150_000_000, 20 << 20) },
      { name: "side", ...figures(100_000_000, 12 << 20) },
    ];
    const podRef = { name: "web", namespace: "default", uid };
    const pods = [{ podRef, cpu: { time }, containers }];
    response.end(JSON.stringify({ node: figures(500_000_000, 1 << 30), pods }));
  });
  await new Promise<void>((resolve) => kubelet.listen(0, "127.0.0.1", resolve));
  const { port } = kubelet.address() as AddressInfo;
  server = await startTestApiServer({
    connectToKubelet: async () => {
      const socket = connect(port, "127.0.0.1");
      await once(socket, "connect");
      return socket;
    },
  });
  await server.client.create(Node, "", { metadata: { name: "node1" }, spec: {} });
  const made = await server.client.create(Pod, "default", {
    metadata: { name: "web" },
    spec: { nodeName: "node1", containers: [{ name: "main", image: "nginx" }] },
  });
  uid = made.metadata.uid!;
  await ask(server.transport, "GET", "/api/v1/pods");
});
afterAll(async () => {
  await server.stop();
  kubelet.closeAllConnections();
  await new Promise((resolve) => kubelet.close(resolve));
});

const get = async (path: string, headers = {}) =>
  (await ask(server.transport, "GET", path, undefined, headers)).json;

describe("the metrics of nodes and pods", () => {
  test("are what their kubelet measured", async () => {
    expect(await get(`${NODES}/node1`)).toEqual({
      ...{ kind: "NodeMetrics", apiVersion: "metrics.k8s.io/v1beta1" },
      metadata: { name: "node1" },
      ...{ timestamp: time, window: "15s", usage: { cpu: "500m", memory: "1048576Ki" } },
    });
    expect((await get(PODS)).items[0].containers).toEqual([
      { name: "main", usage: { cpu: "150m", memory: "20480Ki" } },
      { name: "side", usage: { cpu: "100m", memory: "12288Ki" } },
    ]);
  });

  test.each([
    [NODES, ["node1", "500m", "1Gi", "15s"]],
    [`${NODES}/node1`, ["node1", "500m", "1Gi", "15s"]],
    [PODS, ["web", "250m", "32Mi", "15s"]],
  ])("are a table for who wants one: %s", async (path, cells) => {
    const table = await get(path, AS_TABLE);
    expect(table.columnDefinitions.map(({ name }: { name: string }) => name)).toEqual([
      ...["Name", "cpu", "memory", "Window"],
    ]);
    expect(table.rows.map((row: { cells: string[] }) => row.cells)).toEqual([cells]);
  });
});
