/** Storage, ingresses and events as people see them: the oldest and the newest kubectl, in real time. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { PersistentVolume } from "../../src/api/persistent-volume.ts";
import { eventually } from "../support/eventually.ts";
import { type Kubectl, oldestAndNewest, runKubectl } from "../support/kubectl.ts";
import { describeWith } from "../support/needs.ts";
import { startWholeCluster, type WholeCluster } from "../support/whole-cluster.ts";

const LIMIT_MS = 240_000;

describeWith(["kubectl"], "storage and ingresses driven by kubectl", () => {
  let cluster: WholeCluster;
  beforeAll(async () => {
    cluster = await startWholeCluster({ nodes: 2 });
  });
  afterAll(() => cluster?.stop());

  for (const kubectl of oldestAndNewest()) {
    const version = `1.${kubectl.minor}`;
    test(`${version} gets a volume by the default class`, () => claims(kubectl), LIMIT_MS);
    test(`${version} shows what else there is of storage`, () => others(kubectl), LIMIT_MS);
    test(`${version} makes an ingress`, () => ingresses(kubectl), LIMIT_MS);
    test(`${version} sees events under both groups`, () => events(kubectl), LIMIT_MS);
  }

  async function claims(kubectl: Kubectl): Promise<void> {
    const { ok, namespace } = await handOf(kubectl, "claims");
    await eventually(async () =>
      expect(await ok("get sc")).toMatch(
        /standard \(default\) +kubernetes.io\/host-path +Delete +WaitForFirstConsumer +false/,
      ),
    );
    await ok("apply -f -", claim("data"));
    await eventually(async () =>
      expect(await ok("describe pvc data")).toContain(
        "waiting for first consumer to be created before binding",
      ),
    );
    expect(await ok("get pvc")).toMatch(/data +Pending +standard/);

    await ok("apply -f -", withClaims());
    await ok("rollout status sts/db --timeout=180s");
    expect(await ok("get pvc www-db-0 www-db-1")).toMatch(
      /www-db-0 +Bound +pvc-[0-9a-f-]{36} +1Gi +RWO +standard.*\n.*www-db-1 +Bound +pvc-/,
    );
    await eventually(async () => {
      expect(await ok("get pv")).toMatch(
        new RegExp(`1Gi +RWO +Delete +Bound +${namespace}/www-db-0 +standard`),
      );
      const described = await ok("describe pvc www-db-0");
      expect(described).toContain("Successfully provisioned volume pvc-");
      expect(described).toMatch(/Used By: +db-0/);
      expect(described).toContain("kubernetes.io/pvc-protection");
    });

    await ok("delete pvc www-db-0 --wait=false");
    expect(await ok("get pvc www-db-0")).toMatch(/www-db-0 +Terminating/);
    await ok("delete sts db");
    await ok("delete pvc --all --timeout=180s");
    await eventually(async () => {
      const { items } = await cluster.client.list(PersistentVolume);
      expect(items.filter(({ spec }) => spec.claimRef?.namespace === namespace)).toEqual([]);
    });
  }

  async function others(kubectl: Kubectl): Promise<void> {
    const { ok, say } = await handOf(kubectl, "others");
    const components = await say("get cs");
    expect(components.stderr).toContain("v1 ComponentStatus is deprecated in v1.19+");
    expect(components.stdout).toMatch(/NAME +STATUS +MESSAGE +ERROR/);
    for (const name of ["scheduler", "controller-manager", "etcd-0"]) {
      expect(components.stdout).toMatch(new RegExp(`${name} +Healthy +ok`));
    }
    for (const one of [volume(), runtimeClass(), driver(), attachment(), template(), policy()]) {
      await ok("apply -f -", one);
    }
    expect(await ok("get pv by-hand")).toMatch(/by-hand +5Gi +RWX +Retain +(Available|Pending)/);
    expect(await ok("describe pv by-hand")).toMatch(/Path: +\/srv\/data/);
    expect(await ok("get runtimeclass")).toMatch(/slow +runc/);
    expect(await ok("get csidrivers")).toMatch(/csi.example.com +true +false/);
    expect(await ok("get volumeattachments")).toMatch(
      /one +csi.example.com +by-hand +node1 +false/,
    );
    expect(await ok("get podtemplates")).toMatch(/one +main +nginx +app=one/);
    expect(await ok("get netpol")).toMatch(/deny +app=one/);
    for (const kind of ["pv/by-hand", "runtimeclass/slow", "csidriver/csi.example.com", "netpol"]) {
      expect(await ok(`describe ${kind}`)).toContain("Name:");
    }
    await ok("delete pv/by-hand runtimeclass/slow csidriver/csi.example.com volumeattachment/one");
  }

  async function ingresses(kubectl: Kubectl): Promise<void> {
    const { ok, say } = await handOf(kubectl, "ingress");
    const args = "create ingress web --class=public --rule=example.com/*=web:80,tls=secret";
    expect(await ok(args)).toBe("ingress.networking.k8s.io/web created\n");
    expect(await ok("get ing")).toMatch(/web +public +example.com +80, 443/);
    const described = await ok("describe ing web");
    expect(described).toMatch(/example.com/);
    expect(described).toMatch(/web:80/);
    const refused = await say("apply -f -", bare());
    expect(refused.stderr).toContain(
      "spec: Invalid value: []networking.IngressRule(nil): either `defaultBackend` or `rules` must be specified",
    );
  }

  async function events(kubectl: Kubectl): Promise<void> {
    const { ok } = await handOf(kubectl, "events");
    await ok("run pod --image=nginx");
    await ok("wait --for=condition=Ready pod/pod --timeout=180s");
    for (const resource of ["events", "events.v1.events.k8s.io"]) {
      await eventually(async () =>
        expect(await ok(`get ${resource}`)).toMatch(/Normal +Scheduled +pod\/pod +Successfully/),
      );
    }
    const newer = await ok("get events.v1.events.k8s.io -o jsonpath={.items[*].regarding.name}");
    expect(newer).toMatch(/^pod( pod)*$/);
    const notes = await ok("get events.v1.events.k8s.io -o jsonpath={.items[*].note}");
    expect(notes).toContain("Successfully assigned");
  }

  async function handOf(kubectl: Kubectl, about: string) {
    const namespace = `${about}-${kubectl.minor}`;
    const say = (line: string, input?: object) =>
      runKubectl(
        kubectl,
        "/dev/null",
        [
          `--server=${cluster.server}`,
          `--cache-dir=${cluster.directory}/cache`,
          `--namespace=${namespace}`,
          ...line.split(" "),
        ],
        input === undefined ? "" : JSON.stringify(input),
      );
    const ok = async (line: string, input?: object): Promise<string> => {
      const { code, stdout, stderr } = await say(line, input);
      expect(code, `kubectl ${line}: ${stderr}`).toBe(0);
      return stdout;
    };
    await ok(`create namespace ${namespace}`);
    await eventually(() => ok("get serviceaccount default"));
    return { ok, say, namespace };
  }
});

const main = { containers: [{ name: "main", image: "nginx" }] };
const claimSpec = { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } };

function claim(name: string): object {
  return { apiVersion: "v1", kind: "PersistentVolumeClaim", metadata: { name }, spec: claimSpec };
}

function withClaims(): object {
  const [container] = main.containers;
  const volumeMounts = [{ name: "www", mountPath: "/data" }];
  return {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: { name: "db" },
    spec: {
      serviceName: "db",
      replicas: 2,
      selector: { matchLabels: { app: "db" } },
      template: {
        metadata: { labels: { app: "db" } },
        spec: { containers: [{ ...container, volumeMounts }] },
      },
      volumeClaimTemplates: [{ metadata: { name: "www" }, spec: claimSpec }],
    },
  };
}

function volume(): object {
  return {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name: "by-hand" },
    spec: {
      capacity: { storage: "5Gi" },
      accessModes: ["ReadWriteMany"],
      hostPath: { path: "/srv/data" },
    },
  };
}

function runtimeClass(): object {
  const metadata = { name: "slow" };
  return { apiVersion: "node.k8s.io/v1", kind: "RuntimeClass", metadata, handler: "runc" };
}

function driver(): object {
  const metadata = { name: "csi.example.com" };
  return { apiVersion: "storage.k8s.io/v1", kind: "CSIDriver", metadata, spec: {} };
}

function attachment(): object {
  return {
    apiVersion: "storage.k8s.io/v1",
    kind: "VolumeAttachment",
    metadata: { name: "one" },
    spec: {
      attacher: "csi.example.com",
      nodeName: "node1",
      source: { persistentVolumeName: "by-hand" },
    },
  };
}

function template(): object {
  const one = { metadata: { labels: { app: "one" } }, spec: main };
  return { apiVersion: "v1", kind: "PodTemplate", metadata: { name: "one" }, template: one };
}

function policy(): object {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: "deny" },
    spec: { podSelector: { matchLabels: { app: "one" } } },
  };
}

function bare(): object {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata: { name: "bare" },
    spec: { ingressClassName: "public" },
  };
}
