/** A rolling update while requests come in: from a host, and by name from a pod. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Parts } from "./lab-parts.ts";
import { answeredOf, type Load, startHostLoad, startPodLoad } from "./load.ts";
import { apply, CAREFUL, replicationController, service } from "./manifests.ts";

export function rollingUpdateLosesNothing(parts: Parts): void {
  describe("a rolling update of pods that say when they are ready, and go on while they are told to stop", () => {
    let fromHost: Load;
    let fromPod: Load;
    beforeAll(async () => {
      await apply(parts.lab, replicationController("rolled", 3, CAREFUL), service("rolled"));
      await parts.podsWhen("rolled", 3);
      await parts.endpointsWhen("rolled", 3);
      fromHost = await startHostLoad("node1", `http://${await parts.clusterIP("rolled")}/`);
      fromPod = await startPodLoad(parts.lab, "node2", "http://rolled/");
    });
    afterAll(async () => {
      await parts.lab.kubectl("delete", "rc,service", "rolled", "--now");
    });

    test("replaces all of them, and not one request fails", async () => {
      const before = await parts.pods("rolled");
      const update = ["rolling-update", "rolled", "--image=registry:5000/nginx:latest"];
      const pace = ["--update-period=1s", "--poll-interval=500ms"];
      const server = "--server=http://k8s-master:8080";
      const said = await parts.lab.on("k8s-master", "kubeling", ...update, ...pace, server);
      expect(said).toMatch(/^replicationcontroller "rolled" rolling updated$/m);
      const after = await parts.podsWhen("rolled", 3);
      await parts.noOthers("rolled", after);
      const results = await Promise.all([fromHost.stop(), fromPod.stop()]);

      const names = after.map(({ name }) => name);
      expect(before.filter(({ name }) => names.includes(name))).toEqual([]);
      for (const result of results) {
        expect(result.failures).toEqual([]);
        expect(answeredOf(result)).toBeGreaterThan(100);
        // All old ones and all new ones were asked.
        const asked = Object.keys(result.answers).toSorted();
        const all = [...before, ...after].map(({ name }) => `Welcome to nginx on ${name}`);
        expect(asked).toEqual(all.toSorted());
      }
    }, 240_000);
  });
}
