/** Images from the registry of the master, by each pull policy, and what kubectl says where there is none. */
import type { Event, Pod } from "kubernetes-types/core/v1.js";
import { afterAll, describe, expect, test } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { LONG_MS, type Parts } from "./lab-parts.ts";
import { apply } from "./manifests.ts";

const NOT_FOUND = "registry:5000/nothing:1.0";

export function imagesArePulled(parts: Parts): void {
  describe("an image from registry:5000", () => {
    const run = (name: string, image: string, imagePullPolicy?: string, more: object = {}) =>
      apply(parts.lab, {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name, labels: { part: "images" } },
        spec: {
          nodeName: "node1",
          terminationGracePeriodSeconds: 1,
          containers: [{ name: "main", image, imagePullPolicy, command: ["sleep", "1000"] }],
          ...more,
        },
      });
    const waitingOf = async (name: string) => {
      const pod: Pod = JSON.parse(await parts.lab.kubectl("get", "pod", name, "-o", "json"));
      return pod.status?.containerStatuses?.[0]?.state?.waiting;
    };
    const eventsOf = async (name: string) => {
      const about = `involvedObject.name=${name}`;
      const text = await parts.lab.kubectl(
        "get",
        "events",
        "--field-selector",
        about,
        "-o",
        "json",
      );
      const { items }: { items: Event[] } = JSON.parse(text);
      return items.map(({ reason, message }) => `${reason}: ${message}`);
    };
    const isReady = (name: string) =>
      parts.lab.kubectl("wait", "--for=condition=Ready", "pod", name, "--timeout=120s");
    afterAll(async () => {
      await parts.lab.kubectl("delete", "pod", "-l", "part=images", "--now");
    });

    test("is pulled for every pod where the policy is Always: a new one of the same name is seen", async () => {
      await run("first", "registry:5000/busybox:latest");
      await isReady("first");
      const push = "docker tag nginx registry:5000/busybox && docker push -q registry:5000/busybox";
      await parts.lab.on("k8s-master", "sh", "-c", push);
      await run("second", "registry:5000/busybox:latest");
      await isReady("second");
      const idOf = (name: string) => {
        const path = "jsonpath={.status.containerStatuses[0].imageID}";
        return parts.lab.kubectl("get", "pod", name, "-o", path);
      };
      const [first, second] = [await idOf("first"), await idOf("second")];
      expect(first).toMatch(/^docker-pullable:\/\/registry:5000\/busybox@sha256:/);
      expect(second).not.toBe(first);
      await eventually(async () =>
        expect(await eventsOf("second")).toEqual(
          expect.arrayContaining([
            'Pulling: Pulling image "registry:5000/busybox:latest"',
            expect.stringMatching(
              /^Pulled: Successfully pulled image "registry:5000\/busybox:latest" in /,
            ),
          ]),
        ),
      );
      const back =
        "docker tag busybox registry:5000/busybox && docker push -q registry:5000/busybox";
      await parts.lab.on("k8s-master", "sh", "-c", back);
    });

    test("is pulled once where the policy is IfNotPresent", async () => {
      await parts.lab.on("node1", "docker", "pull", "-q", "registry:5000/nginx:1.25");
      await run("present", "registry:5000/nginx:1.25");
      await isReady("present");
      await eventually(async () =>
        expect(await eventsOf("present")).toContain(
          'Pulled: Container image "registry:5000/nginx:1.25" already present on machine',
        ),
      );
    });

    test("that is not there is waited for: ErrImagePull, then ImagePullBackOff, then it runs", async () => {
      await run("missing", NOT_FOUND);
      await eventually(async () => {
        const { reason = "", message = "" } = (await waitingOf("missing")) ?? {};
        if (reason.startsWith("ErrImage")) expect(message).toContain("manifest unknown");
        expect(reason).toBe("ImagePullBackOff");
        expect(message).toBe(`Back-off pulling image "${NOT_FOUND}"`);
      }, LONG_MS);
      expect(await parts.lab.kubectl("get", "pod", "missing")).toMatch(
        /missing +0\/1 +(ImagePullBackOff|ErrImagePull) +0 /,
      );
      await eventually(async () => {
        expect(await parts.lab.kubectl("describe", "pod", "missing")).toMatch(
          /Warning +Failed .* Failed to pull image "registry:5000\/nothing:1.0": .*manifest unknown/,
        );
        expect(await eventsOf("missing")).toEqual(
          expect.arrayContaining([
            "Failed: Error: ErrImagePull",
            `BackOff: Back-off pulling image "${NOT_FOUND}"`,
            "Failed: Error: ImagePullBackOff",
          ]),
        );
      });
      const push = `docker tag busybox ${NOT_FOUND} && docker push -q ${NOT_FOUND}`;
      await parts.lab.on("k8s-master", "sh", "-c", push);
      await isReady("missing");
    }, 240_000);

    test("is never pulled where the policy is Never", async () => {
      await run("never", "registry:5000/nginx:never", "Never");
      await eventually(async () => {
        expect(await waitingOf("never")).toEqual({
          reason: "ErrImageNeverPull",
          message:
            'Container image "registry:5000/nginx:never" is not present with pull policy of Never',
        });
      });
      expect(await parts.lab.kubectl("get", "pod", "never")).toMatch(
        /never +0\/1 +ErrImageNeverPull /,
      );
    });
  });
}
