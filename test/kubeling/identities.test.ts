/** Who the parts of a cluster in one process are: each of them somebody of its own, who may do its work and no more. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DaemonSet } from "../../src/api/apps/daemon-set.ts";
import { Deployment } from "../../src/api/apps/deployment.ts";
import { StatefulSet } from "../../src/api/apps/stateful-set.ts";
import { HorizontalPodAutoscaler } from "../../src/api/autoscaling/horizontal-pod-autoscaler.ts";
import { Job } from "../../src/api/batch/job.ts";
import { EndpointSlice } from "../../src/api/discovery/endpoint-slice.ts";
import { Endpoints } from "../../src/api/endpoints.ts";
import type { Kind, KubeObject } from "../../src/api/kind.ts";
import { Namespace } from "../../src/api/namespace.ts";
import { PersistentVolumeClaim } from "../../src/api/persistent-volume-claim.ts";
import { Pod } from "../../src/api/pod.ts";
import { PodDisruptionBudget } from "../../src/api/policy/pod-disruption-budget.ts";
import { ReplicationController } from "../../src/api/replication-controller.ts";
import { ResourceQuota } from "../../src/api/resource-quota.ts";
import { Service } from "../../src/api/service.ts";
import { ServiceAccount } from "../../src/api/service-account.ts";
import { eventually } from "../support/eventually.ts";
import { startWholeCluster, type WholeCluster } from "../support/whole-cluster.ts";

interface AuditEvent {
  verb: string;
  user: { username: string };
  userAgent?: string;
  requestURI: string;
  responseStatus?: { code: number; message?: string };
  annotations?: Record<string, string>;
}

const events: AuditEvent[] = [];
let cluster: WholeCluster;
beforeAll(async () => {
  const policy = { rules: [{ level: "Metadata" as const }] };
  const write = (line: string) => void events.push(JSON.parse(line) as AuditEvent);
  cluster = await startWholeCluster({ audit: { policy, write } });
});
afterAll(() => cluster?.stop());

const NAMESPACE = "shop";
/** A whole cluster on a busy machine takes its time. */
const soon = <T>(claim: () => T | Promise<T>) => eventually(claim, 120_000);
const labelsOf = (part: string) => ({ app: "web", part });
/** A selector, and a template of pods it chooses, of the service as well. */
const podsOf = (part: string, spec: object = {}) => ({
  selector: { matchLabels: { part } },
  template: {
    metadata: { labels: labelsOf(part) },
    spec: { containers: [{ name: "main", image: "nginx" }], ...spec },
  },
});
const create = <T extends KubeObject>(kind: Kind<T>, name: string, rest: object) =>
  cluster.client.create(kind, NAMESPACE, { metadata: { name }, ...rest } as never);
const isGone = (kind: Kind, name: string, namespace = NAMESPACE) =>
  soon(() => expect(cluster.client.get(kind, namespace, name)).rejects.toThrow("not found"));
const ready = (count: number) =>
  soon(async () => {
    const { items } = await cluster.client.list(Pod, { namespace: NAMESPACE });
    const running = items.filter(({ status }) => status?.phase === "Running");
    expect(running.length).toBe(count);
  });

describe("the parts of a cluster", () => {
  test("do all their work as themselves, and are forbidden none of it", async () => {
    const { client } = cluster;
    await client.create(Namespace, "", { metadata: { name: NAMESPACE }, spec: {} });
    await create(ResourceQuota, "much", { spec: { hard: { pods: "50" } } });
    await create(Service, "web", { spec: { selector: { app: "web" }, ports: [{ port: 80 }] } });
    await create(Service, "mirrored", { spec: { ports: [{ port: 80 }] } });
    await create(Endpoints, "mirrored", {
      subsets: [{ addresses: [{ ip: "10.1.2.3" }], ports: [{ port: 80 }] }],
    });
    await create(PodDisruptionBudget, "deploy", {
      spec: { minAvailable: 1, selector: podsOf("deploy").selector },
    });
    const { template } = podsOf("rc");
    await create(ReplicationController, "rc", {
      spec: { replicas: 2, selector: labelsOf("rc"), template },
    });
    await create(Deployment, "deploy", { spec: { replicas: 2, ...podsOf("deploy") } });
    await create(DaemonSet, "daemon", { spec: podsOf("daemon") });
    const claim = {
      metadata: { name: "data" },
      spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Mi" } } },
    };
    const volumeMounts = [{ name: "data", mountPath: "/data" }];
    const withData = { containers: [{ name: "main", image: "nginx", volumeMounts }] };
    await create(StatefulSet, "stateful", {
      spec: {
        ...{ serviceName: "web", replicas: 2, ...podsOf("stateful", withData) },
        volumeClaimTemplates: [claim],
      },
    });
    await create(HorizontalPodAutoscaler, "deploy", {
      spec: {
        scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "deploy" },
        ...{ minReplicas: 3, maxReplicas: 3 },
      },
    });
    // Of the replication controller, the daemon set, the stateful set, and the autoscaled deployment.
    await ready(2 + 2 + 2 + 3);

    const { spec } = podsOf("job", { restartPolicy: "Never" }).template;
    await create(Job, "job", {
      spec: { activeDeadlineSeconds: 1, ttlSecondsAfterFinished: 1, template: { spec } },
    });
    await isGone(Job, "job");
    await soon(async () => {
      const { items } = await client.list(EndpointSlice, { namespace: NAMESPACE });
      const addresses = items.flatMap(({ endpoints }) => endpoints.flatMap((one) => one.addresses));
      expect(addresses).toHaveLength(10);
      expect(addresses).toContain("10.1.2.3");
    });

    const image = [{ name: "main", image: "nginx:2" }];
    for (const [kind, name] of [
      [Deployment, "deploy"],
      [DaemonSet, "daemon"],
      [StatefulSet, "stateful"],
    ] as const) {
      await client.patch<KubeObject>(kind as unknown as Kind, NAMESPACE, name, {
        spec: { template: { spec: { containers: image } } },
      });
    }
    await soon(async () => {
      const { items } = await client.list(Pod, { namespace: NAMESPACE });
      const renewed = items.filter(
        ({ spec, status }) =>
          spec.containers[0]!.image === "nginx:2" && status?.phase === "Running",
      );
      expect(renewed).toHaveLength(7);
    });

    await client.delete(PersistentVolumeClaim, NAMESPACE, "data-stateful-0");
    await client.delete(ReplicationController, NAMESPACE, "rc", {
      propagationPolicy: "Foreground",
    });
    await isGone(ReplicationController, "rc");
    await client.delete(Deployment, NAMESPACE, "deploy", { propagationPolicy: "Orphan" });
    await isGone(Deployment, "deploy");
    await client.delete(Namespace, "", NAMESPACE);
    await isGone(Namespace, NAMESPACE, "");

    const decision = "authorization.k8s.io/decision";
    const refused = events.filter(({ annotations }) => annotations?.[decision] === "forbid");
    expect(refused.map(({ responseStatus }) => responseStatus!.message)).toEqual([]);
    expect(events.some(({ annotations }) => annotations?.[decision] === "allow")).toBe(true);
  }, 600_000);

  test("write under names of their own", () => {
    const writers = new Map<string, Set<string>>();
    for (const { user, verb, requestURI } of events) {
      if (["get", "list", "watch"].includes(verb) || requestURI.includes("/events")) continue;
      const kinds = writers.get(user.username) ?? new Set();
      writers.set(user.username, kinds.add(requestURI.split(/[?]/)[0]!));
    }
    const account = (name: string) => `system:serviceaccount:kube-system:${name}`;
    expect([...writers.keys()]).toEqual(
      expect.arrayContaining([
        ...["system:kube-scheduler", "system:node:node1", "system:node:node2"],
        ...["replication-controller", "replicaset-controller", "deployment-controller"].map(
          account,
        ),
        ...["daemon-set-controller", "statefulset-controller", "job-controller"].map(account),
        ...["endpoint-controller", "endpointslice-controller", "disruption-controller"].map(
          account,
        ),
        ...["endpointslicemirroring-controller", "resourcequota-controller"].map(account),
        ...["horizontal-pod-autoscaler", "generic-garbage-collector"].map(account),
        ...["namespace-controller", "persistent-volume-binder", "service-account-controller"].map(
          account,
        ),
        ...["ttl-after-finished-controller", "root-ca-cert-publisher"].map(account),
      ]),
    );
    const manager = [...(writers.get("system:kube-controller-manager") ?? [])];
    expect(manager.filter((path) => !/\/serviceaccounts(\/[^/]+\/token)?$/.test(path))).toEqual([]);
  });

  test("get their accounts, and new tokens, where somebody has deleted them", async () => {
    const { client } = cluster;
    const name = "replication-controller";
    const { metadata } = await client.get(ServiceAccount, "kube-system", name);
    await client.delete(ServiceAccount, "kube-system", name);
    await client.create(ReplicationController, "default", {
      metadata: { name: "late" },
      spec: { replicas: 1, selector: labelsOf("late"), template: podsOf("late").template },
    });
    await soon(async () => {
      expect((await client.list(Pod, { namespace: "default" })).items).toHaveLength(1);
    });
    const again = await client.get(ServiceAccount, "kube-system", name);
    expect(again.metadata.uid).not.toBe(metadata.uid);
  });
});
