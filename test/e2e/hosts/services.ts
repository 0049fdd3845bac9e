/** The service of the course, from everywhere it can be asked. */
import { beforeAll, describe, expect, test } from "vitest";
import { chiSquared, ODDS_ONE_IN_A_MILLION } from "../../proxy/chi-squared.ts";
import { eventually } from "../../support/eventually.ts";
import { LONG_MS, type Parts, type PodPlace } from "./lab-parts.ts";
import { requestsFrom } from "./load.ts";
import { apply, replicationController, service } from "./manifests.ts";

const REQUESTS = 3_000;
const SAYS_ITS_NAME = /^Welcome to nginx on web-\w{5}\n$/;

export function servicesAreReached(parts: Parts): void {
  describe("with a replication controller of three and its service", () => {
    let pods: PodPlace[];
    let address: string;
    beforeAll(async () => {
      const nodePort = { type: "NodePort", ports: [{ port: 80, nodePort: 30080 }] };
      const sticky = { selector: { app: "web" }, sessionAffinity: "ClientIP" };
      await apply(
        parts.lab,
        replicationController("web", 3),
        service("web", nodePort),
        service("web-sticky", sticky),
      );
      pods = await parts.podsWhen("web", 3);
      await parts.endpointsWhen("web", 3);
      address = await parts.clusterIP("web");
    });

    const on = (node: string) => pods.find((pod) => pod.node === node)!;
    const welcomeOf = ({ name }: PodPlace) => `Welcome to nginx on ${name}`;

    test("use both nodes, and the image from registry:5000", async () => {
      expect(new Set(pods.map(({ node }) => node))).toEqual(new Set(["node1", "node2"]));
      const images = await parts.lab.on("node1", "docker", "images", "--format", "{{.Repository}}");
      expect(images).toContain("registry:5000/nginx");
    });

    test("let pods of different hosts ping each other, and call each other", async () => {
      for (const [from, to] of [["node1", "node2"] as const, ["node2", "node1"] as const]) {
        await eventually(() => parts.inPod(on(from), "ping", "-c1", "-W2", on(to).ip));
        const answer = await parts.inPod(on(from), "wget", "-qO-", `http://${on(to).ip}/`);
        expect(answer).toBe(`${welcomeOf(on(to))}\n`);
      }
    });

    test("answer at the cluster IP and at the node port of either node, from each node", async () => {
      for (const node of ["node1", "node2"]) {
        for (const url of [address, "node1:30080", "node2:30080"].map((at) => `http://${at}/`)) {
          const answer = await parts.lab.on(node, "busybox", "wget", "-qO-", url);
          expect(answer).toMatch(SAYS_ITS_NAME);
        }
      }
    });

    test("answer at a node port to the master, which runs no kube-proxy", async () => {
      const line = ["busybox", "wget", "-qO-", "http://node2:30080/"];
      expect(await parts.lab.on("k8s-master", ...line)).toMatch(SAYS_ITS_NAME);
    });

    test.each([
      "http://web/",
      "http://web.default/",
      "http://web.default.svc.cluster.local/",
      "the cluster IP",
      "http://10.211.55.21:30080/",
      "http://10.211.55.22:30080/",
    ])(
      "answer at %s each pod: from itself, from its node's other pods, and the other node's",
      async (name) => {
        const url = name.startsWith("http") ? name : `http://${address}/`;
        const all = new Set(pods.map(welcomeOf));
        for (const pod of pods) {
          // Until all three have answered, itself among them: that one is the hairpin.
          const seen = new Set<string>();
          await eventually(async () => {
            const ten = `for i in 1 2 3 4 5 6 7 8 9 10; do timeout 30 wget -qO- ${url} || exit; done`;
            const answers = await parts.inPod(pod, "sh", "-c", ten);
            for (const answer of answers.trim().split("\n")) seen.add(answer);
            expect(seen).toEqual(all);
          }, LONG_MS);
        }
      },
    );

    test(`spread ${REQUESTS} requests evenly over the three, wherever they are`, async () => {
      const { answers, failures } = await requestsFrom("node1", `http://${address}/`, REQUESTS);
      expect(failures).toEqual([]);
      expect(Object.keys(answers).toSorted()).toEqual(pods.map(welcomeOf).toSorted());
      expect(chiSquared(Object.values(answers))).toBeLessThan(ODDS_ONE_IN_A_MILLION[2]!);
    });

    test("keep a client with its pod where the service's affinity is ClientIP", async () => {
      await parts.endpointsWhen("web-sticky", 3);
      const url = `http://${await parts.clusterIP("web-sticky")}/`;
      for (const host of ["node1", "node2"]) {
        const { answers, failures } = await requestsFrom(host, url, 200);
        expect(failures).toEqual([]);
        expect(Object.values(answers)).toEqual([200]);
      }
      const fifty = `for i in $(seq 50); do timeout 30 wget -qO- ${url} || exit; done`;
      for (const pod of pods) {
        const answers = (await parts.inPod(pod, "sh", "-c", fifty)).trim().split("\n");
        expect(answers).toHaveLength(50);
        expect(new Set(answers).size).toBe(1);
      }
    });
  });
}
