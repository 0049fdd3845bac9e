/** Deployments as students drive them: the oldest and the newest kubectl, on simulated nodes in real time. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { type Kubectl, oldestAndNewest, runKubectl } from "../support/kubectl.ts";
import { describeWith } from "../support/needs.ts";
import { startWholeCluster, type WholeCluster } from "../support/whole-cluster.ts";

const LIMIT_MS = 240_000;

describeWith(["kubectl"], "a Deployment driven by kubectl", () => {
  let cluster: WholeCluster;
  beforeAll(async () => {
    cluster = await startWholeCluster({ nodes: 2 });
  });
  afterAll(() => cluster?.stop());

  for (const kubectl of oldestAndNewest()) {
    test(
      `of 1.${kubectl.minor} is rolled out, undone, paused, exposed and deleted`,
      () => walk(kubectl),
      LIMIT_MS,
    );
  }

  async function walk(kubectl: Kubectl): Promise<void> {
    const namespace = `with-${kubectl.minor}`;
    const say = async (line: string) => {
      const words = line.match(/'[^']*'|\S+/g)!.map((word) => word.replace(/^'|'$/g, ""));
      const common = [
        "-s",
        cluster.server,
        `--cache-dir=${cluster.directory}/cache`,
        "-n",
        namespace,
      ];
      return runKubectl(kubectl, "/dev/null", [...common, ...words]);
    };
    /** What it prints; it must not fail. */
    const ok = async (line: string) => {
      const { code, stdout, stderr } = await say(line);
      expect({ line, code, stderr: code === 0 ? "" : stderr }).toEqual({
        line,
        code: 0,
        stderr: "",
      });
      return stdout;
    };

    await ok(`create namespace ${namespace}`);
    expect(await ok("create deployment web --image=nginx:1.24 --replicas=2 --port=80")).toBe(
      "deployment.apps/web created\n",
    );
    expect(await ok("rollout status deployment/web --timeout=180s")).toContain(
      'deployment "web" successfully rolled out',
    );
    expect(await ok("get deployment web")).toMatch(
      /NAME +READY +UP-TO-DATE +AVAILABLE +AGE\nweb +2\/2 +2 +2 +\S+\n/,
    );
    expect(await ok("get deploy -o wide")).toMatch(/ nginx +nginx:1.24 +app=web\n/);
    expect(await ok("get rs")).toMatch(/NAME +DESIRED +CURRENT +READY +AGE\nweb-\w+ +2 +2 +2 /);

    expect(await ok("scale deployment web --replicas=3")).toBe("deployment.apps/web scaled\n");
    expect(await ok("wait --for=condition=available deployment/web --timeout=180s")).toBe(
      "deployment.apps/web condition met\n",
    );
    await ok("annotate deployment web kubernetes.io/change-cause=newer");
    // The controller hands it to the ReplicaSet of now.
    await eventually(async () =>
      expect(await ok("rollout history deployment/web")).toContain("\n1         newer\n"),
    );
    await ok("set image deployment/web nginx=nginx:1.25");
    await ok("rollout status deployment/web --timeout=180s");
    expect(await ok("rollout history deployment/web")).toBe(
      "deployment.apps/web \nREVISION  CHANGE-CAUSE\n1         newer\n2         newer\n\n",
    );
    const revision = await ok("rollout history deployment/web --revision=1");
    expect(revision).toMatch(
      /^deployment.apps\/web with revision #1\nPod Template:\n {2}Labels:\tapp=web\n/,
    );
    expect(revision).toMatch(/Image:\s+nginx:1.24/);

    expect(await ok("rollout undo deployment/web")).toBe("deployment.apps/web rolled back\n");
    await ok("rollout status deployment/web --timeout=180s");
    expect(
      await ok("get deployment web -o jsonpath={.spec.template.spec.containers[0].image}"),
    ).toContain("nginx:1.24");
    expect(await ok("rollout undo deployment/web --to-revision=2")).toBe(
      "deployment.apps/web rolled back\n",
    );
    await ok("rollout status deployment/web --timeout=180s");
    expect(await ok("rollout history deployment/web")).toMatch(/\n3 +newer\n4 +newer\n/);
    expect((await say("rollout undo deployment/web --to-revision=99")).stderr).toMatch(
      /unable to find specified revision 99 in history/,
    );

    expect(await ok("rollout pause deployment/web")).toBe("deployment.apps/web paused\n");
    await ok("set env deployment/web COLOR=blue");
    await ok("set resources deployment/web --limits=cpu=100m");
    await ok("set serviceaccount deployment web default");
    const before = await ok("get rs -o name");
    expect(before.trim().split("\n")).toHaveLength(2);
    expect(await ok("rollout resume deployment/web")).toBe("deployment.apps/web resumed\n");
    await ok("rollout status deployment/web --timeout=180s");
    expect((await ok("get rs -o name")).trim().split("\n")).toHaveLength(3);

    expect(await ok("rollout restart deployment/web")).toBe("deployment.apps/web restarted\n");
    await ok("rollout status deployment/web --timeout=180s");
    expect(await ok("expose deployment web --port=80")).toBe("service/web exposed\n");
    const told = await ok("describe deployment web");
    expect(told).toMatch(
      /Replicas: +3 desired \| 3 updated \| 3 total \| 3 available \| 0 unavailable/,
    );
    expect(told).toMatch(/RollingUpdateStrategy: +25% max unavailable, 25% max surge/);
    expect(told).toMatch(/Available +True +MinimumReplicasAvailable/);
    expect(told).toMatch(/Progressing +True +NewReplicaSetAvailable/);
    expect(told).toMatch(/OldReplicaSets: +.*NewReplicaSet: +web-\w+ \(3\/3 replicas created\)/s);
    expect(told).toMatch(/Scaled up replica set web-\w+ to 2/);

    expect(await ok("autoscale deployment web --min=1 --max=5 --cpu-percent=50")).toBe(
      "horizontalpodautoscaler.autoscaling/web autoscaled\n",
    );
    expect(await ok("get hpa")).toMatch(
      /NAME +REFERENCE +TARGETS +MINPODS +MAXPODS +REPLICAS +AGE\nweb +Deployment\/web +cpu: .*\/50% +1 +5 +\d /,
    );
    expect(await ok("describe hpa web")).toMatch(/Reference: +Deployment\/web/);
    expect(
      await ok(
        "get horizontalpodautoscalers.v1.autoscaling web -o jsonpath={.spec.targetCPUUtilizationPercentage}",
      ),
    ).toContain("50");
    await ok("delete hpa web");
    // New pods have been measured twice only after a while.
    await eventually(async () =>
      expect(await ok("top pods -l app=web")).toMatch(
        /NAME +CPU\(cores\) +MEMORY\(bytes\) +\nweb-\S+ +\d+m +\d+Mi/,
      ),
    );
    await eventually(async () =>
      expect(await ok("top nodes")).toMatch(
        /NAME +CPU\(cores\) +CPU\(?%\)? +MEMORY\(bytes\) +MEMORY\(?%\)? +\nnode1 /,
      ),
    );

    expect(
      (await say('patch deployment web -p \'{"spec":{"selector":{"matchLabels":{"app":"x"}}}}\''))
        .stderr,
    ).toContain(
      'spec.selector: Invalid value: v1.LabelSelector{MatchLabels:map[string]string{"app":"x"}, MatchExpressions:[]v1.LabelSelectorRequirement(nil)}: field is immutable',
    );
    const orphan = kubectl.minor < 20 ? "--cascade=false" : "--cascade=orphan";
    expect(await ok(`delete deployment web ${orphan}`)).toBe('deployment.apps "web" deleted\n');
    expect((await ok("get rs -o name")).trim().split("\n")).toHaveLength(4);
    await ok("delete rs --all");
  }
});
