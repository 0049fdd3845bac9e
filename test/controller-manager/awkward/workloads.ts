/** The controllers that make pods, and jobs. */
import { DaemonSet } from "../../../src/api/apps/daemon-set.ts";
import { Deployment } from "../../../src/api/apps/deployment.ts";
import { ReplicaSet } from "../../../src/api/apps/replica-set.ts";
import { StatefulSet } from "../../../src/api/apps/stateful-set.ts";
import { CronJob } from "../../../src/api/batch/cron-job.ts";
import { Job } from "../../../src/api/batch/job.ts";
import type { Kind } from "../../../src/api/kind.ts";
import { Node } from "../../../src/api/node.ts";
import { Pod } from "../../../src/api/pod.ts";
import { ReplicationController } from "../../../src/api/replication-controller.ts";
import type { AwkwardCase, Lab } from "./lab.ts";

const COLLECTOR = "garbage-collector-controller";
const labels = { app: "web" };
const selector = { matchLabels: labels };
const template = {
  metadata: { labels },
  spec: { containers: [{ name: "main", image: "web:1" }] },
};
const endingTemplate = { ...template, spec: { ...template.spec, restartPolicy: "Never" } };
const pods = Pod as unknown as Kind;

/** Named "web", of the default namespace. */
const web = (kind: unknown) => ({ kind: kind as Kind, namespace: "default", name: "web" });
const ownPods = (lab: Lab) => lab.owned(Pod);

export const workloadCases: AwkwardCase[] = [
  {
    controller: "replicationcontroller-controller",
    also: [COLLECTOR],
    subject: web(ReplicationController),
    make: (lab) => lab.make({ spec: { replicas: 2, selector: labels, template } }),
    result: ownPods,
    expected: 2,
    orphans: pods,
  },
  {
    controller: "replicaset-controller",
    also: [COLLECTOR],
    subject: web(ReplicaSet),
    make: (lab) => lab.make({ spec: { replicas: 2, selector, template } }),
    result: ownPods,
    expected: 2,
    orphans: pods,
  },
  {
    controller: "deployment-controller",
    also: ["replicaset-controller", COLLECTOR],
    subject: web(Deployment),
    make: (lab) => lab.make({ spec: { replicas: 2, selector, template } }),
    result: async (lab) => [await lab.owned(ReplicaSet), (await lab.list(Pod)).length],
    expected: [1, 2],
    orphans: ReplicaSet as unknown as Kind,
  },
  {
    controller: "statefulset-controller",
    also: [COLLECTOR],
    subject: web(StatefulSet),
    make: (lab) => {
      const spec = { serviceName: "web", replicas: 2, podManagementPolicy: "Parallel" };
      return lab.make({ spec: { ...spec, selector, template } });
    },
    result: async (lab) => [await ownPods(lab), await lab.names(Pod)],
    expected: [2, ["web-0", "web-1"]],
    orphans: pods,
  },
  {
    controller: "daemonset-controller",
    also: [COLLECTOR],
    subject: web(DaemonSet),
    async prepare(lab) {
      for (const name of ["node1", "node2"]) await lab.create(Node, "", { metadata: { name } });
    },
    make: (lab) => lab.make({ spec: { selector, template } }),
    result: ownPods,
    expected: 2,
    orphans: pods,
  },
  {
    controller: "job-controller",
    also: [COLLECTOR],
    subject: web(Job),
    make: (lab) => lab.make({ spec: { parallelism: 2, template: endingTemplate } }),
    result: ownPods,
    expected: 2,
  },
  {
    controller: "cronjob-controller",
    also: [COLLECTOR],
    subject: web(CronJob),
    make: (lab) => {
      const jobTemplate = { spec: { template: endingTemplate } };
      return lab.make({
        spec: { schedule: "*/5 * * * *", concurrencyPolicy: "Forbid", jobTemplate },
      });
    },
    takesMs: 360_000,
    result: async (lab) => [
      await lab.owned(Job),
      (await lab.find(CronJob))?.status?.active?.length,
    ],
    expected: [1, 1],
  },
  {
    controller: "ttl-after-finished-controller",
    also: [COLLECTOR],
    subject: web(Job),
    async make(lab) {
      await lab.make({ spec: { ttlSecondsAfterFinished: 100, template: endingTemplate } });
      const now = lab.cluster.clock.now().toISOString().replace(/\.\d+/, "");
      const condition = { type: "Complete", status: "True", lastTransitionTime: now };
      const status = { startTime: now, completionTime: now, conditions: [condition] };
      await lab.patchStatus(Job, "default", "web", status);
    },
    takesMs: 120_000,
    result: (lab) => lab.names(Job),
    expected: [],
  },
];
