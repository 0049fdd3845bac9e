/**
 * What may not be changed: pkg/apis/<group>/validation (the functions named beside the rows), the strategies of
 * pkg/registry/<group>/<kind>, and AllowUnconditionalUpdate there for those that want a resourceVersion.
 */
import type { Changes } from "../invalid-objects/claim.ts";

export interface ChangeClaim {
  before?: Changes;
  after: Changes;
  causes: string[];
}

const RBAC = "rbac.authorization.k8s.io";
const IMMUTABLE = "field is immutable";

/** ValidateRoleBindingUpdate, ValidateClusterRoleBindingUpdate: the roleRef as Go prints it. */
function otherRole(kind: string, name: string): string {
  return `roleRef: Invalid value: rbac.RoleRef{APIGroup:"${RBAC}", Kind:"${kind}", Name:"${name}"}: cannot change roleRef`;
}

export const changeRefusals: [kind: string, claims: ChangeClaim[]][] = [
  [
    "Role",
    [
      {
        after: { "rules[0].verbs": [] },
        causes: ["rules[0].verbs: Required value: verbs must contain at least one value"],
      },
    ],
  ],
  [
    "RoleBinding",
    [
      {
        after: { "roleRef.kind": "Role", "roleRef.name": "edit" },
        causes: [otherRole("Role", "edit")],
      },
      {
        after: { "roleRef.name": "edit", subjects: [{ kind: "User", name: "" }] },
        causes: ["subjects[0].name: Required value", otherRole("ClusterRole", "edit")],
      },
    ],
  ],
  [
    "ClusterRoleBinding",
    [{ after: { "roleRef.name": "edit" }, causes: [otherRole("ClusterRole", "edit")] }],
  ],
  [
    "StorageClass",
    [
      // ValidateStorageClassUpdate
      {
        before: { parameters: { a: "b" } },
        after: { parameters: undefined },
        causes: ["parameters: Forbidden: updates to parameters are forbidden."],
      },
      {
        after: {
          parameters: { a: "b" },
          provisioner: "example.com/other",
          reclaimPolicy: "Retain",
        },
        causes: [
          "parameters: Forbidden: updates to parameters are forbidden.",
          "provisioner: Forbidden: updates to provisioner are forbidden.",
          "reclaimPolicy: Forbidden: updates to reclaimPolicy are forbidden.",
        ],
      },
      {
        after: { volumeBindingMode: "WaitForFirstConsumer" },
        causes: [`volumeBindingMode: Invalid value: "WaitForFirstConsumer": ${IMMUTABLE}`],
      },
      // ValidateStorageClass comes first.
      {
        after: { provisioner: "" },
        causes: [
          "provisioner: Required value",
          "provisioner: Forbidden: updates to provisioner are forbidden.",
        ],
      },
    ],
  ],
  [
    "CSIDriver",
    [
      // ValidateCSIDriverUpdate
      {
        after: { "spec.attachRequired": false },
        causes: [`spec.attachedRequired: Invalid value: false: ${IMMUTABLE}`],
      },
      {
        after: { "spec.volumeLifecycleModes": ["Ephemeral"] },
        causes: [
          `spec.volumeLifecycleModes: Invalid value: []storage.VolumeLifecycleMode{"Ephemeral"}: ${IMMUTABLE}`,
        ],
      },
    ],
  ],
  [
    "CSINode",
    [
      // ValidateCSINodeUpdate
      {
        after: { "spec.drivers[0].nodeID": "node2" },
        causes: [
          `CSINodeDriver: Invalid value: storage.CSINodeDriver{Name:"csi.example.com", NodeID:"node2", TopologyKeys:[]string{}, Allocatable:(*storage.VolumeNodeResources)(nil)}: ${IMMUTABLE}`,
        ],
      },
    ],
  ],
  [
    "RuntimeClass",
    [
      // ValidateRuntimeClassUpdate
      {
        after: { handler: "other" },
        causes: [`handler: Invalid value: "other": ${IMMUTABLE}`],
      },
    ],
  ],
  [
    "PriorityClass",
    [
      // ValidatePriorityClassUpdate, which does not ask for more.
      {
        after: { value: 1_001 },
        causes: ["value: Forbidden: may not be changed in an update."],
      },
      {
        after: { value: 2_000_000_000, preemptionPolicy: "Never" },
        causes: [
          "value: Forbidden: may not be changed in an update.",
          `preemptionPolicy: Invalid value: "Never": ${IMMUTABLE}`,
        ],
      },
      {
        after: { preemptionPolicy: "Odd" },
        causes: [`preemptionPolicy: Invalid value: "Odd": ${IMMUTABLE}`],
      },
    ],
  ],
  [
    "CustomResourceDefinition",
    [
      // validateCustomResourceDefinitionSpecUpdate, of one that is established
      {
        after: { "spec.scope": "Cluster", "spec.names.kind": "Other" },
        causes: [
          `spec.scope: Invalid value: "Cluster": ${IMMUTABLE}`,
          `spec.names.kind: Invalid value: "Other": ${IMMUTABLE}`,
        ],
      },
      {
        after: { "spec.group": "other.test" },
        causes: [`spec.group: Invalid value: "other.test": ${IMMUTABLE}`],
      },
      {
        after: { "spec.names.plural": "others" },
        causes: [`spec.names.plural: Invalid value: "others": ${IMMUTABLE}`],
      },
      // ValidateCustomResourceDefinitionStoredVersions, of the status that was
      {
        after: { "spec.versions[0].name": "v2" },
        causes: ['status.storedVersions[0]: Invalid value: "v1": must appear in spec.versions'],
      },
    ],
  ],
  [
    "MutatingWebhookConfiguration",
    [
      // ValidateMutatingWebhookConfigurationUpdate
      {
        after: { "webhooks[0].sideEffects": "Unknown" },
        causes: [
          'webhooks[0].sideEffects: Unsupported value: "Unknown": supported values: "None", "NoneOnDryRun"',
        ],
      },
    ],
  ],
  [
    "ValidatingAdmissionPolicy",
    [
      // ValidateValidatingAdmissionPolicyUpdate
      {
        after: { "spec.failurePolicy": "Perhaps" },
        causes: [
          'spec.failurePolicy: Unsupported value: "Perhaps": supported values: "Fail", "Ignore"',
        ],
      },
    ],
  ],
];
