/** What the original's source says of workloads, function by function. */
import type { Claim, ClaimsOfKind } from "./claim.ts";
import { NOT_NEGATIVE } from "./words.ts";

const spec = (changes: Record<string, unknown>, ...causes: string[]): Claim => [
  Object.fromEntries(Object.entries(changes).map(([path, value]) => [`spec.${path}`, value])),
  causes.map((cause) => `spec.${cause}`),
];
const policy = (rule: object, ...causes: string[]): Claim =>
  spec(
    { "podFailurePolicy.rules": [rule] },
    ...causes.map((cause) => `podFailurePolicy.rules[0]${cause}`),
  );
const onCodes = (changes: object) => ({
  action: "Ignore",
  onExitCodes: { operator: "In", values: [1], ...changes },
});
const metric = (one: object, ...causes: string[]): Claim =>
  spec({ metrics: [one] }, ...causes.map((cause) => `metrics[0]${cause}`));
const CPU = { name: "cpu", target: { type: "Utilization", averageUtilization: 50 } };
const METRICS = 'supported values: "ContainerResource", "External", "Object", "Pods", "Resource"';
const UTILIZATION = "must set either a target raw value or a target utilization";
export const workloadClaimsOfSource: ClaimsOfKind[] = [
  [
    "Deployment",
    [
      // ValidateDeploymentSpec, ValidatePodTemplateSpecForReplicaSet
      spec(
        { "template.spec.restartPolicy": "OnFailure" },
        'template.spec.restartPolicy: Unsupported value: "OnFailure": supported values: "Always"',
      ),
      spec(
        { "template.spec.activeDeadlineSeconds": 5 },
        "template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicaSet is not Supported",
      ),
      spec(
        { strategy: { rollingUpdate: { maxSurge: -1 } } },
        `strategy.rollingUpdate.maxSurge: Invalid value: -1: ${NOT_NEGATIVE}`,
      ),
      spec(
        { strategy: { rollingUpdate: { maxSurge: "1.5" } } },
        `strategy.rollingUpdate.maxSurge: Invalid value: intstr.IntOrString{Type:1, IntVal:0, StrVal:"1.5"}: a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')`,
      ),
      spec(
        { progressDeadlineSeconds: -1 },
        `progressDeadlineSeconds: Invalid value: -1: ${NOT_NEGATIVE}`,
        "progressDeadlineSeconds: Invalid value: -1: must be greater than minReadySeconds",
      ),
    ],
  ],
  [
    "ReplicaSet",
    [
      // ValidateReplicaSetSpec
      spec({ minReadySeconds: -1 }, `minReadySeconds: Invalid value: -1: ${NOT_NEGATIVE}`),
      spec(
        { "template.metadata.labels": { app: "other" } },
        'template.metadata.labels: Invalid value: map[string]string{"app":"other"}: `selector` does not match template `labels`',
      ),
    ],
  ],
  [
    "DaemonSet",
    [
      // ValidateDaemonSetSpec, ValidateRollingUpdateDaemonSet
      spec(
        { updateStrategy: { type: "Odd" } },
        'updateStrategy: Unsupported value: apps.DaemonSetUpdateStrategy{Type:"Odd", RollingUpdate:(*apps.RollingUpdateDaemonSet)(nil)}: supported values: "RollingUpdate", "OnDelete"',
      ),
      spec(
        {
          updateStrategy: {
            type: "RollingUpdate",
            rollingUpdate: { maxUnavailable: 1, maxSurge: 1 },
          },
        },
        'updateStrategy.rollingUpdate.maxSurge: Invalid value: intstr.IntOrString{Type:0, IntVal:1, StrVal:""}: may not be set when maxUnavailable is non-zero',
      ),
      spec(
        { updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0 } } },
        "updateStrategy.rollingUpdate.maxUnavailable: Required value: cannot be 0 when maxSurge is 0",
      ),
      spec(
        { "template.spec.restartPolicy": "Never" },
        'template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
      ),
    ],
  ],
  [
    "StatefulSet",
    [
      // ValidateStatefulSetSpec
      spec(
        { podManagementPolicy: "Odd" },
        "podManagementPolicy: Invalid value: \"Odd\": must be 'OrderedReady' or 'Parallel'",
      ),
      spec(
        { updateStrategy: { type: "Odd" } },
        "updateStrategy: Invalid value: apps.StatefulSetUpdateStrategy{Type:\"Odd\", RollingUpdate:(*apps.RollingUpdateStatefulSetStrategy)(nil)}: must be 'RollingUpdate' or 'OnDelete'",
      ),
      spec(
        { updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: -1 } } },
        `updateStrategy.rollingUpdate.partition: Invalid value: -1: ${NOT_NEGATIVE}`,
      ),
      spec({ "ordinals.start": -1 }, `ordinals.start: Invalid value: -1: ${NOT_NEGATIVE}`),
      spec(
        { "persistentVolumeClaimRetentionPolicy.whenDeleted": "Odd" },
        'persistentVolumeClaimRetentionPolicy.whenDeleted: Unsupported value: "Odd": supported values: "Retain", "Delete"',
      ),
    ],
  ],
  [
    "Job",
    [
      // validateJobSpec
      spec(
        { completionMode: "Indexed", parallelism: 2 },
        "completions: Required value: when completion mode is Indexed",
      ),
      spec(
        { completionMode: "Indexed", completions: 1, parallelism: 100_001 },
        "parallelism: Invalid value: 100001: must be less than or equal to 100000 when completion mode is Indexed",
      ),
      spec(
        { backoffLimitPerIndex: 1 },
        "backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode",
      ),
      spec(
        { completionMode: "Indexed", completions: 2, maxFailedIndexes: 1 },
        "backoffLimitPerIndex: Required value: when maxFailedIndexes is specified",
      ),
      spec(
        { completionMode: "Indexed", completions: 2, backoffLimitPerIndex: 1, maxFailedIndexes: 3 },
        "maxFailedIndexes: Invalid value: 3: must be less than or equal to completions",
      ),
      spec(
        { podReplacementPolicy: "Odd" },
        'podReplacementPolicy: Unsupported value: "Odd": supported values: "Failed", "TerminatingOrFailed"',
      ),
      spec(
        { manualSelector: true },
        "selector: Required value",
        "template.metadata.labels: Invalid value: map[string]string(nil): `selector` does not match template `labels`",
      ),
      // validatePodFailurePolicy
      policy(
        onCodes({ values: undefined }),
        ".onExitCodes.values: Invalid value: []int32(nil): at least one value is required",
      ),
      policy(
        onCodes({ values: [0] }),
        ".onExitCodes.values[0]: Invalid value: 0: must not be 0 for the In operator",
      ),
      policy(
        onCodes({ values: [2, 1] }),
        ".onExitCodes.values: Invalid value: []int32{2, 1}: must be ordered",
      ),
      policy(onCodes({ values: [1, 1] }), ".onExitCodes.values[1]: Duplicate value: 1"),
      policy(
        onCodes({ containerName: "other" }),
        '.onExitCodes.containerName: Invalid value: "other": must be one of the container or initContainer names in the pod template',
      ),
      policy(
        onCodes({ operator: "Odd" }),
        '.onExitCodes.operator: Unsupported value: "Odd": supported values: "In", "NotIn"',
      ),
      policy(
        { action: "Ignore" },
        ": Invalid value: specifying one of OnExitCodes and OnPodConditions is required",
      ),
      policy(
        { action: "Ignore", onPodConditions: [{ type: "a", status: "Odd" }] },
        '.onPodConditions[0].status: Unsupported value: "Odd": supported values: "False", "True", "Unknown"',
      ),
      policy(
        { ...onCodes({}), action: "FailIndex" },
        '.action: Invalid value: "FailIndex": requires the backoffLimitPerIndex to be set',
      ),
    ],
  ],
  [
    "CronJob",
    [
      // validateCronJobSpec, validateTimeZone, validateConcurrencyPolicy, ValidateJobTemplateSpec
      spec(
        { timeZone: "Local" },
        'timeZone: Invalid value: "Local": timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones',
      ),
      spec(
        { timeZone: "" },
        'timeZone: Invalid value: "": timeZone must be nil or non-empty string',
      ),
      spec(
        { timeZone: "Mars/Base" },
        'timeZone: Invalid value: "Mars/Base": unknown time zone Mars/Base',
      ),
      spec(
        { concurrencyPolicy: "Odd" },
        'concurrencyPolicy: Unsupported value: "Odd": supported values: "Allow", "Forbid", "Replace"',
      ),
      spec(
        { startingDeadlineSeconds: -1 },
        `startingDeadlineSeconds: Invalid value: -1: ${NOT_NEGATIVE}`,
      ),
      spec(
        { "jobTemplate.spec.manualSelector": true },
        'jobTemplate.spec.manualSelector: Unsupported value: true: supported values: "nil", "false"',
      ),
      [
        { "metadata.name": "a".repeat(53) },
        [`metadata.name: Invalid value: "${"a".repeat(53)}": must be no more than 52 characters`],
      ],
    ],
  ],
  [
    "ControllerRevision",
    [
      // ValidateControllerRevision
      [{ data: undefined }, ["data: Required value: data is mandatory"]],
      [{ revision: -1 }, [`revision: Invalid value: -1: ${NOT_NEGATIVE}`]],
    ],
  ],
  [
    "PodDisruptionBudget",
    [
      // ValidatePodDisruptionBudgetSpec
      spec(
        { minAvailable: "101%" },
        'minAvailable: Invalid value: intstr.IntOrString{Type:1, IntVal:0, StrVal:"101%"}: must not be greater than 100%',
      ),
      spec({ minAvailable: -1 }, `minAvailable: Invalid value: -1: ${NOT_NEGATIVE}`),
      spec(
        { unhealthyPodEvictionPolicy: "Odd" },
        'unhealthyPodEvictionPolicy: Unsupported value: "Odd": supported values: "AlwaysAllow", "IfHealthyBudget"',
      ),
    ],
  ],
  [
    "HorizontalPodAutoscaler",
    [
      // validateHorizontalPodAutoscalerSpec, ValidateCrossVersionObjectReference
      spec({ "scaleTargetRef.kind": "" }, "scaleTargetRef.kind: Required value"),
      spec({ "scaleTargetRef.name": "" }, "scaleTargetRef.name: Required value"),
      spec(
        { "scaleTargetRef.name": "a/b" },
        "scaleTargetRef.name: Invalid value: \"a/b\": may not contain '/'",
      ),
      spec(
        { minReplicas: 0 },
        "minReplicas: Invalid value: 0: must be greater than or equal to 1",
        "metrics: Forbidden: must specify at least one Object or External metric to support scaling to zero replicas",
      ),
      // validateMetricSpec, validateMetricTarget
      metric(
        { type: "", resource: CPU },
        ".type: Required value: must specify a metric source type",
        `.type: Unsupported value: "": ${METRICS}`,
        `.type: Unsupported value: "": ${METRICS}`,
      ),
      metric(
        { type: "Odd", resource: CPU },
        `.type: Unsupported value: "Odd": ${METRICS}`,
        `.type: Unsupported value: "Odd": ${METRICS}`,
      ),
      metric(
        { type: "Resource", resource: CPU, containerResource: { ...CPU, container: "a" } },
        ".containerResource: Forbidden: must populate the given metric source only",
      ),
      metric(
        { type: "Pods", resource: CPU },
        ".pods: Required value: must populate information for the given metric source",
      ),
      metric(
        { type: "Resource", resource: { name: "cpu", target: { type: "Utilization" } } },
        `.resource.target.averageUtilization: Required value: ${UTILIZATION}`,
      ),
      metric(
        {
          type: "Resource",
          resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 0 } },
        },
        ".resource.target.averageUtilization: Invalid value: 0: must be greater than 0",
      ),
      metric(
        { type: "ContainerResource", containerResource: { ...CPU, container: "" } },
        ".containerResource.container: Required value: must specify a container",
      ),
      // validateBehavior, validateScalingRules
      spec(
        { "behavior.scaleDown.stabilizationWindowSeconds": 3601 },
        "behavior.scaleDown.stabilizationWindowSeconds: Invalid value: 3601: must be less than or equal to 3600",
      ),
      spec(
        { "behavior.scaleUp.policies": [{ type: "Pods", value: 0, periodSeconds: 0 }] },
        "behavior.scaleUp.policies[0].value: Invalid value: 0: must be greater than zero",
        "behavior.scaleUp.policies[0].periodSeconds: Invalid value: 0: must be greater than zero",
      ),
      spec(
        { "behavior.scaleUp.selectPolicy": "Odd" },
        'behavior.scaleUp.selectPolicy: Unsupported value: "Odd": supported values: "Disabled", "Max", "Min"',
      ),
    ],
  ],
  [
    "Lease",
    [
      // ValidateLeaseSpec
      spec(
        { leaseDurationSeconds: 0 },
        "leaseDurationSeconds: Invalid value: 0: must be greater than 0",
      ),
      spec({ leaseTransitions: -1 }, `leaseTransitions: Invalid value: -1: ${NOT_NEGATIVE}`),
    ],
  ],
];
