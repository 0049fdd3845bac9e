/** All that a cluster stores, at one moment in which nobody writes. */
import { ControllerRevision } from "../../src/api/apps/controller-revision.ts";
import { DaemonSet } from "../../src/api/apps/daemon-set.ts";
import { Deployment } from "../../src/api/apps/deployment.ts";
import { ReplicaSet } from "../../src/api/apps/replica-set.ts";
import { StatefulSet } from "../../src/api/apps/stateful-set.ts";
import { HorizontalPodAutoscaler } from "../../src/api/autoscaling/horizontal-pod-autoscaler.ts";
import { CronJob } from "../../src/api/batch/cron-job.ts";
import { Job } from "../../src/api/batch/job.ts";
import { ConfigMap } from "../../src/api/config-map.ts";
import { EndpointSlice } from "../../src/api/discovery/endpoint-slice.ts";
import { Endpoints } from "../../src/api/endpoints.ts";
import type { Kind, KubeObject } from "../../src/api/kind.ts";
import { Lease } from "../../src/api/lease.ts";
import { Namespace } from "../../src/api/namespace.ts";
import { Node } from "../../src/api/node.ts";
import { controllerOf } from "../../src/api/owner.ts";
import { PersistentVolume } from "../../src/api/persistent-volume.ts";
import { PersistentVolumeClaim } from "../../src/api/persistent-volume-claim.ts";
import { Pod } from "../../src/api/pod.ts";
import { isPodActive } from "../../src/api/pod-status.ts";
import { PodDisruptionBudget } from "../../src/api/policy/pod-disruption-budget.ts";
import { ReplicationController } from "../../src/api/replication-controller.ts";
import { ResourceQuota } from "../../src/api/resource-quota.ts";
import { Service } from "../../src/api/service.ts";
import { ServiceAccount } from "../../src/api/service-account.ts";
import type { Client } from "../../src/client/client.ts";

const KINDS = {
  controllerRevisions: ControllerRevision,
  daemonSets: DaemonSet,
  deployments: Deployment,
  replicaSets: ReplicaSet,
  statefulSets: StatefulSet,
  endpoints: Endpoints,
  jobs: Job,
  cronJobs: CronJob,
  autoscalers: HorizontalPodAutoscaler,
  claims: PersistentVolumeClaim,
  volumes: PersistentVolume,
  quotas: ResourceQuota,
  configMaps: ConfigMap,
  leases: Lease,
  namespaces: Namespace,
  nodes: Node,
  pods: Pod,
  budgets: PodDisruptionBudget,
  controllers: ReplicationController,
  services: Service,
  slices: EndpointSlice,
  accounts: ServiceAccount,
};

type ObjectOf<K> = K extends Kind<infer T> ? T : never;
type Lists = { [Name in keyof typeof KINDS]: ObjectOf<(typeof KINDS)[Name]>[] };

export interface View extends Lists {
  all: KubeObject[];
}

export async function viewOf(client: Client): Promise<View> {
  const lists: Record<string, KubeObject[]> = {};
  for (const [name, kind] of Object.entries(KINDS)) {
    const { items } = await client.list(kind as unknown as Kind);
    lists[name] = items;
  }
  return { ...(lists as unknown as Lists), all: Object.values(lists).flat() };
}

/** The pods a workload counts as its own. */
export function podsOf({ pods }: View, owner: KubeObject): Pod[] {
  const isOwn = (pod: Pod) => controllerOf(pod)?.uid === owner.metadata.uid;
  return pods.filter((pod) => isOwn(pod) && isPodActive(pod));
}

/** "Pod one/web-x7k2q" */
export function naming({ kind, metadata }: KubeObject): string {
  return `${kind} ${metadata.namespace === undefined ? "" : `${metadata.namespace}/`}${metadata.name}`;
}

export function isSelected(
  labels: Record<string, string> = {},
  wanted: Record<string, string> = {},
) {
  return Object.entries(wanted).every(([key, value]) => labels[key] === value);
}
