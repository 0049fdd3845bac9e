/** StatefulSets, DaemonSets and drained nodes as people drive them: the oldest and the newest kubectl, in real time. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { type Kubectl, oldestAndNewest, runKubectl } from "../support/kubectl.ts";
import { describeWith } from "../support/needs.ts";
import { startWholeCluster, type WholeCluster } from "../support/whole-cluster.ts";

const LIMIT_MS = 240_000;

describeWith(["kubectl"], "sets of pods driven by kubectl", () => {
  let cluster: WholeCluster;
  beforeAll(async () => {
    cluster = await startWholeCluster({ nodes: 2 });
  });
  afterAll(() => cluster?.stop());

  for (const kubectl of oldestAndNewest()) {
    const version = `1.${kubectl.minor}`;
    test(`${version} rolls a StatefulSet out and back`, () => statefulSet(kubectl), LIMIT_MS);
    test(`${version} rolls a DaemonSet out and back`, () => daemonSet(kubectl), LIMIT_MS);
    test(`${version} drains a node as far as a budget lets it`, () => drain(kubectl), LIMIT_MS);
    // Before 1.23 kubectl spoke to an API that was in its alpha days then.
    if (kubectl.minor < 23) continue;
    test(`${version} looks around in a pod`, () => debug(kubectl), LIMIT_MS);
  }

  async function statefulSet(kubectl: Kubectl): Promise<void> {
    const { ok, say } = await handOf(kubectl, "sts");
    await ok("apply -f -", manifest("StatefulSet", "web", { serviceName: "web", replicas: 2 }));
    expect(await ok("rollout status sts/web --timeout=180s")).toContain(
      "partitioned roll out complete: 2 new pods have been updated...",
    );
    expect(await ok("get sts")).toMatch(/NAME +READY +AGE\nweb +2\/2 +\S+\n/);
    expect(await ok("get pods -o name")).toBe("pod/web-0\npod/web-1\n");

    await ok("set image sts/web main=nginx:1.25");
    await ok("rollout status sts/web --timeout=180s");
    expect(await ok("rollout history sts/web")).toMatch(
      /REVISION +CHANGE-CAUSE\n1 +<none>\n2 +<none>/,
    );
    expect(await ok("rollout history sts/web --revision=1")).toMatch(/Image:\s+nginx:1.24/);
    expect(await ok("rollout undo sts/web")).toBe("statefulset.apps/web rolled back\n");
    await ok("rollout status sts/web --timeout=180s");
    expect(await ok("get pod web-0 -o jsonpath={.spec.containers[0].image}")).toBe("nginx:1.24");
    expect(await ok("rollout restart sts/web")).toBe("statefulset.apps/web restarted\n");
    await ok("rollout status sts/web --timeout=180s");

    expect(await ok("scale sts web --replicas=3")).toBe("statefulset.apps/web scaled\n");
    await ok("rollout status sts/web --timeout=180s");
    expect(await ok("get controllerrevisions")).toMatch(/web-\w+ +statefulset.apps\/web +4 /);
    const refused = await say(`patch sts web -p {"spec":{"serviceName":"other"}}`);
    expect(refused.stderr).toBe(
      "The StatefulSet \"web\" is invalid: spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden\n",
    );
    await eventually(async () =>
      expect(await ok("describe sts web")).toContain(
        "create Pod web-2 in StatefulSet web successful",
      ),
    );

    await ok("delete sts web --cascade=orphan");
    expect(await ok("get pods -o name")).toBe("pod/web-0\npod/web-1\npod/web-2\n");
    await ok("apply -f -", manifest("StatefulSet", "web", { serviceName: "web", replicas: 1 }));
    await eventually(async () => expect(await ok("get pods -o name")).toBe("pod/web-0\n"));
    await ok("delete sts web");
    await eventually(async () => expect(await ok("get pods -o name")).toBe(""));
  }

  async function daemonSet(kubectl: Kubectl): Promise<void> {
    const { ok } = await handOf(kubectl, "ds");
    await ok("apply -f -", manifest("DaemonSet", "logs"));
    expect(await ok("rollout status ds/logs --timeout=180s")).toContain(
      'daemon set "logs" successfully rolled out',
    );
    expect(await ok("get ds")).toMatch(
      /NAME +DESIRED +CURRENT +READY +UP-TO-DATE +AVAILABLE +NODE SELECTOR +AGE\nlogs +2 +2 +2 +2 +2 +<none> +\S+\n/,
    );
    const nodes = await ok("get pods -o jsonpath={.items[*].spec.nodeName}");
    expect(nodes.split(" ").sort()).toEqual(["node1", "node2"]);

    await ok("set image ds/logs main=nginx:1.25");
    await ok("rollout status ds/logs --timeout=180s");
    expect(await ok("rollout history ds/logs --revision=1")).toMatch(/Image:\s+nginx:1.24/);
    expect(await ok("rollout undo ds/logs")).toBe("daemonset.apps/logs rolled back\n");
    await ok("rollout status ds/logs --timeout=180s");
    expect(await ok("rollout history ds/logs")).toMatch(/\n2 +<none>\n3 +<none>\n/);
    expect(await ok("rollout restart ds/logs")).toBe("daemonset.apps/logs restarted\n");
    await ok("rollout status ds/logs --timeout=180s");

    const before = await ok("get pods -o name");
    await ok("delete ds logs --cascade=orphan");
    expect(await ok("get pods -o name")).toBe(before);
    await ok("delete pods --all");
  }

  async function drain(kubectl: Kubectl): Promise<void> {
    const { ok, say } = await handOf(kubectl, "drain");
    await ok("apply -f -", manifest("StatefulSet", "web", { serviceName: "web", replicas: 2 }));
    await ok("apply -f -", manifest("DaemonSet", "logs"));
    await ok("rollout status sts/web --timeout=180s");
    await ok("rollout status ds/logs --timeout=180s");
    const node = await ok("get pod web-1 -o jsonpath={.spec.nodeName}");
    expect(await ok("create pdb web --min-available=2 --selector=app=web")).toBe(
      "poddisruptionbudget.policy/web created\n",
    );
    await eventually(async () =>
      expect(await ok("get pdb")).toMatch(
        /NAME +MIN AVAILABLE +MAX UNAVAILABLE +ALLOWED DISRUPTIONS +AGE\nweb +2 +N\/A +0 +/,
      ),
    );
    await eventually(async () =>
      expect(await ok("get pdb web -o jsonpath={.status.currentHealthy}")).toBe("2"),
    );

    expect((await say(`drain ${node}`)).stderr).toContain(
      "cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore):",
    );
    const stopped = await say(`drain ${node} --ignore-daemonsets --timeout=6s`);
    expect(stopped.code).toBe(1);
    expect(stopped.stderr).toContain(
      "Cannot evict pod as it would violate the pod's disruption budget.",
    );
    await ok(`patch pdb web -p {"spec":{"minAvailable":1}}`);
    expect(
      await ok(`drain ${node} --ignore-daemonsets --delete-emptydir-data --timeout=180s`),
    ).toContain("evicted\n");
    expect(await ok("get nodes")).toMatch(new RegExp(`${node} +Ready,SchedulingDisabled `));
    // Its controller may not have seen yet that it is gone.
    await eventually(async () => {
      const at = await ok("get pod web-1 --ignore-not-found -o jsonpath={.spec.nodeName}");
      expect(at).not.toBe(node);
      expect(at).not.toBe("");
    });
    await ok("rollout status sts/web --timeout=180s");
    expect(await ok("rollout status ds/logs --timeout=180s")).toContain("successfully rolled out");
    expect(await ok(`uncordon ${node}`)).toBe(`node/${node} uncordoned\n`);
    await ok("delete sts,ds,pdb --all");
  }

  async function debug(kubectl: Kubectl): Promise<void> {
    const { ok } = await handOf(kubectl, "debug");
    await ok("run web --image=nginx:1.24");
    await ok("wait --for=condition=Ready pod/web --timeout=180s");
    await ok("debug web --image=busybox:1.36 --container=look --attach=false -- sleep 3600");
    await eventually(async () =>
      expect(
        await ok("get pod web -o jsonpath={.status.ephemeralContainerStatuses[0].state}"),
      ).toMatch(/^\{"running":/),
    );
    expect(await ok("exec web -c look -- echo hello")).toBe("hello\n");
    expect(await ok("describe pod web")).toMatch(/Ephemeral Containers:\n {2}look:/);
    await ok("delete pod web --now");
  }

  /** Words a kubectl says in a namespace of its own. `ok` gives what it prints; it must not fail. */
  async function handOf(kubectl: Kubectl, what: string) {
    const namespace = `${what}-${kubectl.minor}`;
    const common = ["-s", cluster.server, `--cache-dir=${cluster.directory}/cache`];
    const say = (line: string, input = "") =>
      runKubectl(kubectl, "/dev/null", [...common, "-n", namespace, ...line.split(" ")], input);
    const ok = async (line: string, input = "") => {
      const { code, stdout, stderr } = await say(line, input);
      expect({ line, code, stderr: code === 0 ? "" : stderr }).toEqual({
        line,
        code: 0,
        stderr: "",
      });
      return stdout;
    };
    await ok(`create namespace ${namespace}`);
    await eventually(() => ok("get serviceaccount default"));
    return { ok, say };
  }
});

function manifest(kind: string, name: string, spec: object = {}): string {
  const labels = { app: name };
  return JSON.stringify({
    apiVersion: "apps/v1",
    kind,
    metadata: { name },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          terminationGracePeriodSeconds: 0,
          containers: [{ name: "main", image: "nginx:1.24" }],
        },
      },
      ...spec,
    },
  });
}
