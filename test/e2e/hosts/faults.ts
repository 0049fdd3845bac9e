/** What breaks on three hosts, while requests come in: what goes on regardless, and how the rest heals. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { LONG_MS, type Parts, type PodPlace } from "./lab-parts.ts";
import { answeredOf, type Load, requestsFrom, startHostLoad, startPodLoad } from "./load.ts";
import { apply, CAREFUL, replicationController, service } from "./manifests.ts";

const READY = { node1: "Ready", node2: "Ready" };
const ETCD_STOPPED_MS = 20_000;
const CUT_MS = 60_000;
const PING_NODE1 = ["busybox", "ping", "-c1", "-W2", "10.211.55.21"];
/** A kubelet renews its lease every 10 s: whoever takes it for dead sooner than after three takes it for dead often. */
const QUICK_EVICTION = "--node-monitor-grace-period=30s --pod-eviction-timeout=5s";

export function faultsHeal(parts: Parts): void {
  describe("under load", () => {
    let url: string;
    let before: PodPlace[];
    let loads: Load[];
    beforeAll(async () => {
      await apply(parts.lab, replicationController("steady", 4, CAREFUL), service("steady"));
      before = await parts.podsWhen("steady", 4);
      await parts.endpointsWhen("steady", 4);
      url = `http://${await parts.clusterIP("steady")}/`;
    }, 300_000);
    afterEach(() => Promise.all(loads.splice(0).map((load) => load.stop())));
    afterAll(async () => {
      await parts.lab.kubectl("delete", "rc,service", "steady", "--now");
    });

    /** From node2 and from a pod on it: node1 is where things break. */
    const startLoads = async () => {
      loads = [await startHostLoad("node2", url), await startPodLoad(parts.lab, "node2", url)];
    };
    const nothingWasLost = async () => {
      for (const load of loads.splice(0)) {
        const result = await load.stop();
        expect(result.failures).toEqual([]);
        expect(answeredOf(result)).toBeGreaterThan(100);
      }
    };
    const waitUntil = (atMs: number) =>
      eventually(() => expect(performance.now()).toBeGreaterThan(atMs), LONG_MS);
    const isServedFromNode2 = async () => {
      const { failures } = await requestsFrom("node2", url, 300);
      expect(failures).toEqual([]);
    };

    test("nothing is lost when flanneld and kube-proxy are killed, and both are started again", async () => {
      const subnet = await parts.lab.on("node1", "cat", "/run/flannel/subnet.env");
      await startLoads();
      for (const unit of ["flanneld", "kube-proxy"]) {
        const pid = await parts.pidOf("node1", unit);
        await parts.lab.on("node1", "kill", "-9", pid);
        await eventually(
          async () => expect(await parts.pidOf("node1", unit)).not.toBe(pid),
          LONG_MS,
        );
        await eventually(async () => {
          expect(await parts.lab.on("node1", "systemctl", "is-active", unit)).toBe("active\n");
        });
      }
      await nothingWasLost();
      expect(await parts.lab.hosts("status")).toMatch(
        /flanneld\.service +active \(started again 1x\)/,
      );
      expect(await parts.lab.on("node1", "cat", "/run/flannel/subnet.env")).toBe(subnet);
      await parts.lab.kubectl("scale", "rc", "steady", "--replicas=5");
      await parts.endpointsWhen("steady", 5);
      await parts.lab.kubectl("scale", "rc", "steady", "--replicas=4");
      before = await parts.podsWhen("steady", 4);
    }, 300_000);

    test(`nothing is lost when etcd stops for ${ETCD_STOPPED_MS / 1_000} s; what is asked of the API server fails`, async () => {
      await startLoads();
      const pid = await parts.pidOf("k8s-master", "etcd");
      const stoppedMs = performance.now();
      await parts.lab.on("k8s-master", "kill", "-STOP", pid);
      const write = ["kubectl", "-s", "http://k8s-master:8080", "label", "rc", "steady", "a=b"];
      const { code } = await parts.lab.tryHosts("exec", "k8s-master", "--", ...write);
      expect(code).not.toBe(0);
      await waitUntil(stoppedMs + ETCD_STOPPED_MS);
      await parts.lab.on("k8s-master", "kill", "-CONT", pid);

      await parts.nodesAre(READY);
      expect(await parts.podsWhen("steady", 4)).toEqual(before);
      // Controllers and scheduler let go of their leases meanwhile, and have them again.
      await parts.lab.kubectl("scale", "rc", "steady", "--replicas=5");
      await parts.podsWhen("steady", 5);
      await parts.lab.kubectl("scale", "rc", "steady", "--replicas=4");
      before = await parts.podsWhen("steady", 4);
      await nothingWasLost();
    }, 300_000);

    test("containers come back when Docker is restarted on a node, in the same pods; the kubelet goes on", async () => {
      await startLoads();
      const kubelet = await parts.pidOf("node1", "kubelet");
      await parts.lab.on("node1", "service", "docker", "restart");
      await eventually(async () => {
        const now = await parts.pods("steady");
        expect(now.map(({ name }) => name)).toEqual(before.map(({ name }) => name));
        const hasRestarted = now.map(({ restarts }, i) => restarts > before[i]!.restarts);
        expect(hasRestarted).toEqual(now.map(({ node }) => node === "node1"));
      }, LONG_MS);
      expect(await parts.pidOf("node1", "kubelet")).toBe(kubelet);
      await parts.endpointsWhen("steady", 4);
      await isServedFromNode2();
      before = await parts.pods("steady");
    }, 300_000);

    test("nothing is lost when the master is rebooted", async () => {
      await startLoads();
      await parts.lab.kubectl("create", "namespace", "before-the-reboot");
      await parts.lab.hosts("stop", "k8s-master");
      expect(await parts.lab.hosts("status")).toContain("k8s-master 10.211.55.12 missing\n");
      await parts.lab.hosts("start", "k8s-master");
      await parts.nodesAre(READY);
      await parts.lab.kubectl("delete", "namespace", "before-the-reboot");
      await parts.lab.kubectl("scale", "rc", "steady", "--replicas=5");
      const five = await parts.podsWhen("steady", 5);
      expect(five).toEqual(expect.arrayContaining(before));
      await parts.lab.kubectl("scale", "rc", "steady", "--replicas=4");
      before = await parts.podsWhen("steady", 4);
      await nothingWasLost();
    }, 300_000);

    test(`pods of a node that is cut off for ${CUT_MS / 1_000} s are replaced, and the surplus goes once it is back`, async () => {
      const variable = `KUBE_CONTROLLER_MANAGER_ARGS="${QUICK_EVICTION}"`;
      const write = `echo '${variable}' > /etc/kubernetes/controller-manager`;
      await parts.lab.on("k8s-master", "sh", "-c", write);
      await parts.lab.on("k8s-master", "systemctl", "restart", "kube-controller-manager");
      const masterPings = () => parts.lab.tryHosts("exec", "k8s-master", "--", ...PING_NODE1);

      const cutMs = performance.now();
      await parts.lab.hosts("cut", "node1");
      expect(await parts.lab.hosts("status")).toContain("node1 10.211.55.21 up, cut off\n");
      expect((await masterPings()).code).not.toBe(0);
      await parts.nodesAre({ node1: "NotReady", node2: "Ready" });
      await eventually(async () => {
        const four = await parts.pods("steady");
        expect(four.map(({ node }) => node)).toEqual(["node2", "node2", "node2", "node2"]);
      }, LONG_MS);
      await parts.endpointsOnNode("node2", "steady", 4);
      await isServedFromNode2();
      await waitUntil(cutMs + CUT_MS);
      expect(await containersOn("node1")).toBeGreaterThan(0);

      await parts.lab.hosts("heal", "node1");
      await eventually(async () => expect((await masterPings()).code).toBe(0));
      await parts.nodesAre(READY);
      const four = await parts.podsWhen("steady", 4);
      await parts.noOthers("steady", four);
      expect(four.every(({ node }) => node === "node2")).toBe(true);
      await eventually(async () => expect(await containersOn("node1")).toBe(0));
      await parts.endpointsWhen("steady", 4);
      await isServedFromNode2();
    }, 300_000);

    test("a node whose plug is pulled comes back, and its pods with it", async () => {
      await parts.lab.hosts("stop", "node2");
      expect(await parts.lab.hosts("status")).toContain("node2 10.211.55.22 missing\n");
      await parts.lab.hosts("start", "node2");
      await parts.nodesAre(READY);
      // What the API server says of them is as old as the node until its kubelet has looked around.
      await eventually(async () => {
        await parts.podsWhen("steady", 4);
        const { failures } = await requestsFrom("node1", url, 20);
        expect(failures).toEqual([]);
      }, LONG_MS);
      await parts.endpointsWhen("steady", 4);
    }, 300_000);

    const containersOn = async (node: string) => {
      const filter = ["--filter", "name=k8s_web_steady"];
      const text = await parts.lab.on(node, "docker", "ps", "-q", ...filter);
      return text.split("\n").filter(Boolean).length;
    };
  });
}
