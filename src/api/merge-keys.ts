/**
 * How lists are merged: by which key a strategic merge patch finds an element again, and of what
 * kind the list is for server-side apply. A list that is not here is atomic: replaced whole.
 *
 * In Kubernetes: the tags patchStrategy, patchMergeKey, +listType, +listMapKey and +structType of
 * the types in staging/src/k8s.io/api; in OpenAPI x-kubernetes-patch-strategy and so on.
 */
import type { Schema } from "./schema.ts";

export type MergeRule = Pick<
  Schema,
  "patchStrategy" | "patchMergeKey" | "listType" | "listMapKeys" | "mapType"
>;

/** Elements are found by `key`; for server-side apply by `keys`. */
const mergedBy = (key: string, keys = [key]): MergeRule => ({
  patchStrategy: ["merge"],
  patchMergeKey: key,
  listType: "map",
  listMapKeys: keys,
});

/** Patches merge by `key`, but server-side apply replaces the list whole. */
const mergedByAtomic = (key: string): MergeRule => ({
  patchStrategy: ["merge"],
  patchMergeKey: key,
  listType: "atomic",
});

/** As mergedBy; and a patch may say with $retainKeys which fields of an element stay. */
const mergedByRetaining = (key: string): MergeRule => ({
  ...mergedBy(key),
  patchStrategy: ["merge", "retainKeys"],
});

/** Patches replace the list whole; server-side apply finds its elements by `keys`. */
const appliedBy = (...keys: string[]): MergeRule => ({ listType: "map", listMapKeys: keys });

const retainKeys: MergeRule = { patchStrategy: ["retainKeys"] };
const mergedSet: MergeRule = { patchStrategy: ["merge"], listType: "set" };
const set: MergeRule = { listType: "set" };
const atomicMap: MergeRule = { mapType: "atomic" };

const conditions = { conditions: mergedBy("type") };
const appliedConditions = { conditions: appliedBy("type") };
const webhooks = { webhooks: mergedBy("name") };
const matchConditions = { matchConditions: mergedBy("name") };
const policySpec = { matchConditions: mergedBy("name"), variables: mergedBy("name") };
const nonResourceRule = { nonResourceURLs: set, verbs: set };
const resourceRule = { apiGroups: set, namespaces: set, resources: set, verbs: set };

/** Type -> field -> rule. */
const RULES: Record<string, Record<string, MergeRule>> = {
  "admissionregistration.v1.MutatingWebhook": matchConditions,
  "admissionregistration.v1.MutatingWebhookConfiguration": webhooks,
  "admissionregistration.v1.ValidatingAdmissionPolicySpec": policySpec,
  "admissionregistration.v1.ValidatingAdmissionPolicyStatus": appliedConditions,
  "admissionregistration.v1.ValidatingWebhook": matchConditions,
  "admissionregistration.v1.ValidatingWebhookConfiguration": webhooks,
  "admissionregistration.v1alpha1.ValidatingAdmissionPolicySpec": policySpec,
  "admissionregistration.v1alpha1.ValidatingAdmissionPolicyStatus": appliedConditions,
  "admissionregistration.v1beta1.ValidatingAdmissionPolicySpec": policySpec,
  "admissionregistration.v1beta1.ValidatingAdmissionPolicyStatus": appliedConditions,
  "apiextensions.v1.CustomResourceDefinitionStatus": appliedConditions,
  "apiextensions.v1.JSONSchemaProps": { "x-kubernetes-validations": mergedBy("rule") },
  "apiregistration.v1.APIServiceStatus": conditions,
  "apiserverinternal.v1alpha1.ServerStorageVersion": {
    decodableVersions: set,
    servedVersions: set,
  },
  "apiserverinternal.v1alpha1.StorageVersionStatus": {
    conditions: appliedBy("type"),
    storageVersions: appliedBy("apiServerID"),
  },
  "apps.v1.DaemonSetStatus": conditions,
  "apps.v1.DeploymentSpec": { strategy: retainKeys },
  "apps.v1.DeploymentStatus": conditions,
  "apps.v1.ReplicaSetStatus": conditions,
  "apps.v1.StatefulSetStatus": conditions,
  "autoscaling.v2.HorizontalPodAutoscalerStatus": conditions,
  "batch.v1.JobStatus": { conditions: mergedByAtomic("type") },
  "batch.v1.PodFailurePolicyOnExitCodesRequirement": { values: set },
  "batch.v1.UncountedTerminatedPods": { failed: set, succeeded: set },
  "certificates.v1.CertificateSigningRequestStatus": appliedConditions,
  "core.v1.ComponentStatus": conditions,
  "core.v1.Container": {
    env: mergedBy("name"),
    ports: mergedBy("containerPort", ["containerPort", "protocol"]),
    volumeDevices: mergedBy("devicePath"),
    volumeMounts: mergedBy("mountPath"),
  },
  "core.v1.EphemeralContainer": {
    env: mergedBy("name"),
    ports: mergedBy("containerPort", ["containerPort", "protocol"]),
    volumeDevices: mergedBy("devicePath"),
    volumeMounts: mergedBy("mountPath"),
  },
  "core.v1.ContainerStatus": { volumeMounts: mergedBy("mountPath") },
  "core.v1.NamespaceStatus": conditions,
  "core.v1.NodeSpec": { podCIDRs: mergedSet },
  "core.v1.NodeStatus": { addresses: mergedBy("type"), conditions: mergedBy("type") },
  "core.v1.PersistentVolumeClaimStatus": conditions,
  "core.v1.PodSpec": {
    containers: mergedBy("name"),
    ephemeralContainers: mergedBy("name"),
    hostAliases: mergedBy("ip"),
    imagePullSecrets: mergedBy("name"),
    initContainers: mergedBy("name"),
    nodeSelector: atomicMap,
    resourceClaims: mergedByRetaining("name"),
    schedulingGates: mergedBy("name"),
    topologySpreadConstraints: mergedBy("topologyKey", ["topologyKey", "whenUnsatisfiable"]),
    volumes: mergedByRetaining("name"),
  },
  "core.v1.PodStatus": {
    conditions: mergedBy("type"),
    hostIPs: mergedByAtomic("ip"),
    podIPs: mergedBy("ip"),
    resourceClaimStatuses: mergedByRetaining("name"),
  },
  "core.v1.ReplicationControllerSpec": { selector: atomicMap },
  "core.v1.ReplicationControllerStatus": conditions,
  "core.v1.ResourceRequirements": { claims: appliedBy("name") },
  "core.v1.ServiceAccount": { secrets: mergedBy("name") },
  "core.v1.ServiceSpec": {
    ports: mergedBy("port", ["port", "protocol"]),
    selector: atomicMap,
  },
  "core.v1.ServiceStatus": conditions,
  "discovery.v1.Endpoint": { addresses: set },
  "flowcontrol.v1.FlowSchemaStatus": conditions,
  "flowcontrol.v1.NonResourcePolicyRule": nonResourceRule,
  "flowcontrol.v1.PriorityLevelConfigurationStatus": conditions,
  "flowcontrol.v1.ResourcePolicyRule": resourceRule,
  "flowcontrol.v1beta3.FlowSchemaStatus": conditions,
  "flowcontrol.v1beta3.NonResourcePolicyRule": nonResourceRule,
  "flowcontrol.v1beta3.PriorityLevelConfigurationStatus": conditions,
  "flowcontrol.v1beta3.ResourcePolicyRule": resourceRule,
  "meta.v1.ObjectMeta": { finalizers: mergedSet, ownerReferences: mergedBy("uid") },
  "networking.v1alpha1.ServiceCIDRStatus": conditions,
  "policy.v1.PodDisruptionBudgetStatus": conditions,
  "resource.v1alpha2.ResourceClaimStatus": { reservedFor: mergedBy("uid") },
  "storage.v1.CSIDriverSpec": { volumeLifecycleModes: set },
  "storage.v1.CSINodeSpec": { drivers: mergedBy("name") },
  "storagemigration.v1alpha1.StorageVersionMigrationStatus": conditions,
};

/** Objects that server-side apply replaces whole. */
const ATOMIC_TYPES = new Set([
  "autoscaling.v2.MetricIdentifier",
  "core.v1.ConfigMapKeySelector",
  "core.v1.EndpointAddress",
  "core.v1.EndpointPort",
  "core.v1.LocalObjectReference",
  "core.v1.NodeSelector",
  "core.v1.NodeSelectorTerm",
  "core.v1.ObjectFieldSelector",
  "core.v1.ObjectReference",
  "core.v1.ResourceFieldSelector",
  "core.v1.ScopeSelector",
  "core.v1.ScopedResourceSelectorRequirement",
  "core.v1.SecretKeySelector",
  "core.v1.SecretReference",
  "core.v1.TopologySelectorTerm",
  "core.v1.TypedLocalObjectReference",
  "discovery.v1.EndpointPort",
  "meta.v1.LabelSelector",
  "meta.v1.OwnerReference",
  "rbac.v1.RoleRef",
  "rbac.v1.Subject",
  "storage.v1.VolumeNodeResources",
]);

/** The rule of one field; `type` in short ("core.v1.PodSpec"). */
export function mergeRuleOf(type: string, field: string): MergeRule | undefined {
  const rules = Object.hasOwn(RULES, type) ? RULES[type]! : {};
  return Object.hasOwn(rules, field) ? rules[field] : undefined;
}

export function isAtomicType(type: string): boolean {
  return ATOMIC_TYPES.has(type);
}

/** For the test that holds the table against the schemas. */
export function mergeRules(): [type: string, field: string, rule: MergeRule][] {
  return Object.entries(RULES).flatMap(([type, fields]) =>
    Object.entries(fields).map(([field, rule]): [string, string, MergeRule] => [type, field, rule]),
  );
}

export function atomicTypes(): string[] {
  return [...ATOMIC_TYPES];
}
