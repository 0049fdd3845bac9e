/** The controllers that look at workloads and bound them, and those that clear away. */
import { ValidatingAdmissionPolicy } from "../../../src/api/admissionregistration/validating-admission-policy.ts";
import { HorizontalPodAutoscaler } from "../../../src/api/autoscaling/horizontal-pod-autoscaler.ts";
import { ConfigMap } from "../../../src/api/config-map.ts";
import type { Kind } from "../../../src/api/kind.ts";
import { Namespace } from "../../../src/api/namespace.ts";
import { Pod } from "../../../src/api/pod.ts";
import { PodDisruptionBudget } from "../../../src/api/policy/pod-disruption-budget.ts";
import { ReplicationController } from "../../../src/api/replication-controller.ts";
import { ResourceQuota } from "../../../src/api/resource-quota.ts";
import type { AwkwardCase, Lab } from "./lab.ts";

const labels = { app: "web" };
const podSpec = { containers: [{ name: "main", image: "web:1" }] };
const inDefault = (kind: unknown) => ({ kind: kind as Kind, namespace: "default", name: "web" });

async function pod(lab: Lab, name: string, isReady = false): Promise<void> {
  await lab.create(Pod, "default", { metadata: { name, labels }, spec: podSpec });
  const conditions = [{ type: "Ready", status: "True" }];
  if (isReady) await lab.patchStatus(Pod, "default", name, { phase: "Running", conditions });
}

export const policyCases: AwkwardCase[] = [
  {
    controller: "horizontal-pod-autoscaler-controller",
    subject: inDefault(HorizontalPodAutoscaler),
    async prepare(lab) {
      const template = { metadata: { labels }, spec: podSpec };
      const spec = { replicas: 1, selector: labels, template };
      await lab.create(ReplicationController, "default", { metadata: { name: "web" }, spec });
    },
    make: (lab) => {
      const scaleTargetRef = { apiVersion: "v1", kind: "ReplicationController", name: "web" };
      return lab.make({ spec: { scaleTargetRef, minReplicas: 3, maxReplicas: 5 } });
    },
    takesMs: 60_000,
    result: async (lab) => {
      const { status } = (await lab.find(HorizontalPodAutoscaler))!;
      return [(await lab.find(ReplicationController))?.spec.replicas, status?.currentReplicas];
    },
    expected: [3, 3],
  },
  {
    controller: "disruption-controller",
    subject: inDefault(PodDisruptionBudget),
    async prepare(lab) {
      for (const name of ["one", "two", "three"]) await pod(lab, name, name !== "three");
    },
    make: (lab) => lab.make({ spec: { minAvailable: 1, selector: { matchLabels: labels } } }),
    result: async (lab) => {
      const { status } = (await lab.find(PodDisruptionBudget))!;
      return [status?.currentHealthy, status?.expectedPods, status?.disruptionsAllowed];
    },
    expected: [2, 3, 1],
  },
  {
    controller: "validatingadmissionpolicy-status-controller",
    subject: { kind: ValidatingAdmissionPolicy as unknown as Kind, namespace: "", name: "few" },
    make: (lab) => {
      const rule = { apiGroups: ["apps"], apiVersions: ["v1"], resources: ["deployments"] };
      const resourceRules = [{ ...rule, operations: ["CREATE"] }];
      const validations = [{ expression: "object.spec.replicas < 5" }];
      return lab.make({ spec: { matchConstraints: { resourceRules }, validations } });
    },
    result: async (lab) => (await lab.find(ValidatingAdmissionPolicy))?.status?.observedGeneration,
    expected: 1,
  },
  {
    controller: "resourcequota-controller",
    subject: inDefault(ResourceQuota),
    async prepare(lab) {
      for (const name of ["one", "two"]) await pod(lab, name);
    },
    make: (lab) => lab.make({ spec: { hard: { pods: "5", "count/configmaps": "9" } } }),
    takesMs: 5_000,
    result: async (lab) => (await lab.find(ResourceQuota))?.status,
    expected: {
      hard: { pods: "5", "count/configmaps": "9" },
      used: { pods: "2", "count/configmaps": "0" },
    },
  },
  {
    controller: "namespace-controller",
    subject: { kind: Namespace as unknown as Kind, namespace: "", name: "shop" },
    async make(lab) {
      await lab.make({ spec: {} });
      await lab.create(ConfigMap, "shop", { metadata: { name: "prices" } });
      await lab.delete();
    },
    takesMs: 30_000,
    result: async (lab) => [(await lab.find(Namespace)) === undefined, await lab.names(ConfigMap)],
    expected: [true, []],
  },
  {
    controller: "garbage-collector-controller",
    subject: inDefault(ReplicationController),
    async make(lab) {
      const template = { metadata: { labels }, spec: podSpec };
      const made = (await lab.make({ spec: { replicas: 1, selector: labels, template } })) as {
        metadata: { uid: string };
      };
      const owner = { ...lab.referenceTo(lab.subject), uid: made.metadata.uid };
      const metadata = { generateName: "web-", labels, ownerReferences: [owner] };
      await lab.create(Pod, "default", { metadata, spec: podSpec });
      await lab.delete();
    },
    takesMs: 5_000,
    result: (lab) => lab.names(Pod),
    expected: [],
  },
];
