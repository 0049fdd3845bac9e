/**
 * A Pod: containers that are placed together, live together and share one IP address.
 *
 * Its rule: once created, next to nothing of its spec may change; one replaces a pod, one does not
 * edit it.
 *
 * In Kubernetes: pkg/registry/core/pod/strategy.go
 */
import type { PodSpec, PodStatus } from "kubernetes-types/core/v1.js";
import { defineKind, type KubeObject, type Subresource, type Verb } from "./kind.ts";
import { dns1123LabelErrors } from "./names.ts";
import { podColumns } from "./pod-columns.ts";
import { setPodDefaults } from "./pod-defaults.ts";
import { validatePodStatusUpdate } from "./pod-status-validation.ts";
import { validatePodUpdate } from "./pod-update-validation.ts";
import { validatePod } from "./pod-validation.ts";
import { hostNameWarnings, podWarnings } from "./pod-warnings.ts";
import { qosClassOf } from "./resources.ts";

export interface Pod extends KubeObject {
  spec: PodSpec;
  status?: PodStatus;
}

const STREAM_VERBS: Verb[] = ["create", "get"];
const PROXY_VERBS: Verb[] = ["create", "delete", "get", "patch", "update"];

const subresources: Subresource[] = [
  { name: "attach", kind: "PodAttachOptions", verbs: STREAM_VERBS },
  { name: "binding", kind: "Binding", verbs: ["create"] },
  { name: "ephemeralcontainers", kind: "Pod", verbs: ["get", "patch", "update"] },
  { name: "eviction", kind: "Eviction", group: "policy", version: "v1", verbs: ["create"] },
  { name: "exec", kind: "PodExecOptions", verbs: STREAM_VERBS },
  { name: "log", kind: "Pod", verbs: ["get"] },
  { name: "portforward", kind: "PodPortForwardOptions", verbs: STREAM_VERBS },
  { name: "proxy", kind: "PodProxyOptions", verbs: PROXY_VERBS },
];

export const Pod = defineKind<Pod>({
  group: "",
  version: "v1",
  kind: "Pod",
  plural: "pods",
  shortNames: ["po"],
  categories: ["all"],
  namespaced: true,
  storagePrefix: "pods",
  schema: "io.k8s.api.core.v1.Pod",
  isReturnedWhenDeleted: true,
  hasStatus: true,
  subresources,
  columns: podColumns,
  selectableFields,

  setDefaults(pod) {
    pod.spec ??= { containers: [] };
    setPodDefaults(pod.spec);
  },
  prepareForCreate(pod) {
    pod.status = { phase: "Pending", qosClass: qosClassOf(pod.spec) };
    if (pod.spec.schedulingGates?.length) pod.status.conditions = [gatedCondition];
  },
  /** Spec and owners are as they were; a status without a class of service keeps the one it had. */
  prepareForStatusUpdate(pod, old) {
    const { status } = pod;
    pod.spec = old.spec;
    const { ownerReferences } = old.metadata;
    if (ownerReferences === undefined) delete pod.metadata.ownerReferences;
    else pod.metadata.ownerReferences = ownerReferences;
    if (status && !status.qosClass && old.status?.qosClass) status.qosClass = old.status.qosClass;
  },
  validate: validatePod,
  validateUpdate: validatePodUpdate,
  validateStatusUpdate: validatePodStatusUpdate,
  // Of an update nothing is said: it is mostly not people who change pods.
  warnings(pod, old) {
    if (old !== undefined) return [];
    const wrong = dns1123LabelErrors(pod.metadata.name);
    return [...hostNameWarnings(wrong, "in the Pod's hostname"), ...podWarnings(pod, "")];
  },
  gracePeriodSeconds,
  example: {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "example", labels: { app: "example" } },
    spec: { containers: [{ name: "main", image: "nginx:1.25" }] },
  },
});

const gatedCondition = {
  type: "PodScheduled",
  status: "False",
  reason: "SchedulingGated",
  message: "Scheduling is blocked due to non-empty scheduling gates",
};

function selectableFields({ spec, status }: Pod): Record<string, string> {
  return {
    "spec.nodeName": spec.nodeName ?? "",
    "spec.restartPolicy": spec.restartPolicy ?? "",
    "spec.schedulerName": spec.schedulerName ?? "",
    "spec.serviceAccountName": spec.serviceAccountName ?? "",
    "spec.hostNetwork": String(spec.hostNetwork ?? false),
    "status.phase": status?.phase ?? "",
    "status.podIP": status?.podIP ?? "",
    "status.nominatedNodeName": status?.nominatedNodeName ?? "",
  };
}

/** Nothing has to be stopped of a pod that was never placed, or that has ended. */
function gracePeriodSeconds({ spec, status }: Pod, requested: number | undefined): number {
  const seconds = requested ?? spec.terminationGracePeriodSeconds ?? 0;
  const hasEnded = status?.phase === "Succeeded" || status?.phase === "Failed";
  if (!spec.nodeName || hasEnded) return 0;
  return seconds < 0 ? 1 : seconds;
}
