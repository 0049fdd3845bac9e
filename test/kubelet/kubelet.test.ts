import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Lease } from "../../src/api/lease.ts";
import { Node } from "../../src/api/node.ts";
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
