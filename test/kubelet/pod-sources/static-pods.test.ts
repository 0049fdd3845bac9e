import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { isNotFound } from "../../../src/api/errors.ts";
import { Pod } from "../../../src/api/pod.ts";
import { FileSource } from "../../../src/kubelet/pod-sources/file.ts";
import { podsOf } from "../../../src/kubelet/pod-sources/manifest.ts";
import { SimulatedFiles } from "../../../src/simulator/files.ts";
import { unreachable } from "../../support/faulty-transport.ts";
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
  beforeEach(async () => {
    await files.write("/m/web.yaml", Buffer.from(MANIFEST), 0o644);
    await files.write("/m/bad.yaml", Buffer.from("kind: Nonsense"), 0o644);
    const where = { path: "/m", periodMs: 20_000, nodeName: "node1", files };
    node = await startTestNode({
      staticSources: (context) => [new FileSource({ ...context, ...where })],
    });
  });
  afterEach(() => node.stop());

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
    node.clock.advance(20_000);
    await node.untilGone("static-web-node1");
    await eventually(async () => expect(await node.runtime.listContainers()).toEqual([]));
  });

  test("starts while the API server is away, and is shown once it is back", async () => {
    node.crashKubelet();
    for (const { id } of await node.runtime.listSandboxes()) await node.runtime.removeSandbox(id);
    await node.client.delete(Pod, "default", "static-web-node1", { gracePeriodSeconds: 0 });
    node.network.fault = unreachable;

    await node.restartKubelet();
    await eventually(async () => {
      const [container] = await node.runtime.listContainers();
      expect(container).toMatchObject({ name: "web", state: "running" });
    });

    node.network.fault = undefined;
    await eventually(async () => {
      node.clock.advance(1_000);
      expect((await node.get("static-web-node1")).status?.phase).toBe("Running");
    });
  });

  test("is the only kind that starts before the services are known", async () => {
    node.crashKubelet();
    node.network.fault = ({ path }) =>
      path.startsWith("/api/v1/services") ? new Error("refused") : undefined;
    await node.run("web", { containers: [{ name: "web", image: "nginx" }] });

    await node.restartKubelet();
    await node.pass(2);
    expect((await node.get("web")).status?.phase).toBe("Pending");

    node.network.fault = undefined;
    await eventually(async () => {
      node.clock.advance(1_000);
      expect((await node.get("web")).status?.phase).toBe("Running");
    });
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
