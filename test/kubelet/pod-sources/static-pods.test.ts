import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { isNotFound } from "../../../src/api/errors.ts";
import { Pod } from "../../../src/api/pod.ts";
import { silentLog } from "../../../src/component/log.ts";
import { FileSource } from "../../../src/kubelet/pod-sources/file.ts";
import { podsOf } from "../../../src/kubelet/pod-sources/manifest.ts";
import { SimulatedFiles } from "../../../src/simulator/files.ts";
import { TestClock } from "../../support/test-clock.ts";
import { startTestNode, type TestNode } from "../test-node.ts";

const MANIFEST = `
apiVersion: v1
kind: Pod
metadata:
  name: static-web
spec:
  containers:
  - name: web
    image: nginx
`;

const context = { source: "file" as const, origin: "file:/m/web.yaml", nodeName: "node1", now: "" };

describe("a manifest", () => {
  test("makes a pod that is named after its node and knows where it came from", () => {
    const [pod] = podsOf(MANIFEST, context);

    expect(pod).toMatchObject({
      metadata: {
        name: "static-web-node1",
        namespace: "default",
        annotations: { "kubernetes.io/config.source": "file" },
      },
      spec: { nodeName: "node1", restartPolicy: "Always" },
    });
    expect(pod?.metadata.uid).toMatch(/^[0-9a-f]{32}$/);
    expect(pod?.metadata.annotations?.["kubernetes.io/config.hash"]).toBe(pod?.metadata.uid);
  });

  test("gives the same pod for the same text, another one for another", () => {
    const uid = (text: string) => podsOf(text, context)[0]?.metadata.uid;

    expect(uid(MANIFEST)).toBe(uid(MANIFEST));
    expect(uid(MANIFEST)).not.toBe(uid(MANIFEST.replace("nginx", "httpd")));
  });

  test.each([
    ["kind: Service", "a Pod was expected, not a Service"],
    ["kind: Pod", "metadata.name: Required value"],
    ["just text", "it is no object"],
    ["kind: Pod\nmetadata: {name: a}\nspec: {containers: []}", "spec.containers: Required value"],
  ])("of %j is refused", (text, why) => {
    expect(() => podsOf(text, context)).toThrow(why);
  });
});

describe("a static pod", () => {
  let node: TestNode;
  const files = new SimulatedFiles();
  const clock = new TestClock();
  const lifetime = new AbortController();
  beforeEach(async () => {
    await files.write("/m/web.yaml", Buffer.from(MANIFEST), 0o644);
    await files.write("/m/bad.yaml", Buffer.from("kind: Nonsense"), 0o644);
    const source = new FileSource({
      ...{ path: "/m", periodMs: 20_000, nodeName: "node1", files, clock },
      ...{ log: silentLog, signal: lifetime.signal },
    });
    node = await startTestNode({ staticSources: [source] });
  });
  afterEach(async () => {
    lifetime.abort();
    await node.stop();
  });

  test("runs, is shown by a mirror pod that comes back when it is deleted, and goes with its file", async () => {
    const mirror = await eventually(async () => {
      const pod = await node.get("static-web-node1");
      expect(pod.status?.phase).toBe("Running");
      return pod;
    });
    expect(mirror.metadata.annotations).toHaveProperty(["kubernetes.io/config.mirror"]);
    const [container] = await node.runtime.listContainers();

    await node.client.delete(Pod, "default", "static-web-node1");
    await eventually(async () => {
      const pod = await node.get("static-web-node1");
      expect(pod.metadata.uid).not.toBe(mirror.metadata.uid);
      expect(pod.status?.phase).toBe("Running");
    });
    expect((await node.runtime.listContainers()).map(({ id }) => id)).toEqual([container?.id]);

    await files.remove("/m/web.yaml");
    clock.advance(20_000);
    await node.untilGone("static-web-node1");
    await eventually(async () => expect(await node.runtime.listContainers()).toEqual([]));
  });

  async function eventually<T>(attempt: () => Promise<T>): Promise<T> {
    for (let left = 300; ; left--) {
      try {
        return await attempt();
      } catch (error) {
        if (left === 0 && !isNotFound(error)) throw error;
        if (left === 0) throw new Error("it never came");
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
  }
});
