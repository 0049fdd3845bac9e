import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Node } from "../../src/api/node.ts";
import { Pod } from "../../src/api/pod.ts";
import { ReplicationController } from "../../src/api/replication-controller.ts";
import { ServiceAccount } from "../../src/api/service-account.ts";
import { systemClock } from "../../src/component/clock.ts";
import { explain } from "../../src/kubeling/explain.ts";
import { eventually } from "../support/eventually.ts";
import { startWholeCluster, type WholeCluster } from "../support/whole-cluster.ts";

let cluster: WholeCluster;
beforeAll(async () => {
  cluster = await startWholeCluster({ nodes: 3 });
  await eventually(async () => {
    const { items } = await cluster.client.list(Node);
    expect(items.flatMap(({ spec }) => spec.taints ?? [])).toEqual([]);
    expect(items).toHaveLength(3);
  });
  await eventually(() => cluster.client.get(ServiceAccount, "default", "default"));
  const node = await cluster.client.get(Node, "", "node3");
  await cluster.client.patch(Node, "", node.metadata.name, { spec: { unschedulable: true } });
});
afterAll(() => cluster?.stop());

const containers = (requests = {}) => [{ name: "main", image: "nginx", resources: { requests } }];
const createPod = (name: string, requests = {}) =>
  cluster.client.create(Pod, "default", {
    metadata: { name },
    spec: { containers: containers(requests) },
  } as never);

async function told(...args: string[]) {
  const said: string[] = [];
  const terminal = {
    clock: systemClock,
    env: {},
    stdout: (text: string) => void said.push(text),
    stderr: (text: string) => void said.push(text),
  };
  const code = await explain([...args, `--server=${cluster.server}`], terminal);
  return { code, out: said.join("") };
}

describe("kubeling explain pod", () => {
  test("shows the scores of the nodes that will do and the verdicts on the others", async () => {
    await createPod("web");
    await eventually(async () => {
      const { out } = await told("pod", "web");
      const { spec } = await cluster.client.get(Pod, "default", "web");
      expect(spec.nodeName).toMatch(/^node[12]$/);
      expect(out).toContain(`Node: ${spec.nodeName}\n`);
      expect(out).toMatch(new RegExp(`\n${spec.nodeName} \\* .* x 3 .*\n`));
      expect(out).toMatch(/NODE +TaintToleration +.*NodeResourcesFit.* TOTAL\n/);
      expect(out).toMatch(/node3 +NodeUnschedulable +node\(s\) were unschedulable\n/);
    });
  });

  test("says why a pod has no node, in the words of the event", async () => {
    await createPod("giant", { cpu: "1000" });
    await eventually(async () => {
      const { out } = await told("pod", "giant");
      expect(out).toContain(
        "Node: none. 0/3 nodes are available: 1 node(s) were unschedulable, 2 Insufficient cpu. " +
          "preemption: 0/3 nodes are available: 1 Preemption is not helpful for scheduling, " +
          "2 No preemption victims found for incoming pod.\n",
      );
      expect(out).toMatch(/node1 +NodeResourcesFit +Insufficient cpu\n/);
    });
  });

  test("says that there is no such pod", async () => {
    expect(await told("pod", "nonesuch")).toEqual({
      code: 1,
      out: 'Error from server: pods "nonesuch" not found\n',
    });
  });
});

describe("kubeling explain rc", () => {
  test("tells what it made and why, and whom it would remove first", async () => {
    const labels = { app: "web" };
    await cluster.client.create(ReplicationController, "default", {
      metadata: { name: "web" },
      spec: {
        replicas: 2,
        selector: labels,
        template: { metadata: { labels }, spec: { containers: containers() } },
      },
    } as never);
    await eventually(async () => {
      const { out } = await told("rc", "web");
      expect(out).toContain(
        "ReplicationController default/web wants 2 pods with app=web; it has 2\n",
      );
      expect(out).toContain("So it does nothing.\n");
      expect(out).toMatch(/Created pod: web-\w+ +there were too few\n/);
      expect(out).toMatch(/\n1 +web-\w+ +node\d +\S.*\n2 +web-\w+ +node\d\n$/);
    });
  });
});
