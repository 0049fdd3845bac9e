/** What pkg/apis/batch/validation, autoscaling, policy and apps refuse. */
import type { ClaimsOfKind } from "./claim.ts";
import { NOT_NEGATIVE } from "./words.ts";

const MISMATCH = "`selector` does not match template `labels`";
const template = "spec.template";
const other = { "spec.selector.matchLabels": { app: "other" } };
const mismatch = [
  `spec.template.metadata.labels: Invalid value: map[string]string{"app":"example"}: ${MISMATCH}`,
];
const negative = (field: string): [Record<string, unknown>, string[]] => [
  { [field]: -1 },
  [`${field}: Invalid value: -1: ${NOT_NEGATIVE}`],
];
const empty: [Record<string, unknown>, string[]] = [
  { "spec.selector": {}, "spec.template.metadata.labels": { app: "example" } },
  [
    "spec.selector: Invalid value: v1.LabelSelector{MatchLabels:map[string]string(nil), MatchExpressions:[]v1.LabelSelectorRequirement(nil)}: empty selector is invalid for deployment",
  ],
];

export const workloadClaims: ClaimsOfKind[] = [
  [
    "Deployment",
    [
      [other, mismatch],
      empty,
      negative("spec.replicas"),
      negative("spec.minReadySeconds"),
      negative("spec.revisionHistoryLimit"),
      [
        { "spec.strategy": { type: "Odd" } },
        [
          'spec.strategy: Unsupported value: apps.DeploymentStrategy{Type:"Odd", RollingUpdate:(*apps.RollingUpdateDeployment)(nil)}: supported values: "Recreate", "RollingUpdate"',
        ],
      ],
      [
        { "spec.strategy": { type: "Recreate", rollingUpdate: { maxSurge: 1 } } },
        [
          "spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'",
        ],
      ],
      [
        { "spec.strategy": { rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } } },
        [
          'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: intstr.IntOrString{Type:0, IntVal:0, StrVal:""}: may not be 0 when `maxSurge` is 0',
        ],
      ],
      [
        { "spec.strategy": { rollingUpdate: { maxUnavailable: "101%" } } },
        [
          'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: intstr.IntOrString{Type:1, IntVal:0, StrVal:"101%"}: must not be greater than 100%',
        ],
      ],
      [
        { "spec.progressDeadlineSeconds": 10, "spec.minReadySeconds": 10 },
        ["spec.progressDeadlineSeconds: Invalid value: 10: must be greater than minReadySeconds"],
      ],
      [
        { [`${template}.spec.restartPolicy`]: "Never" },
        [
          'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
        ],
      ],
      [
        { [`${template}.spec.activeDeadlineSeconds`]: 5 },
        [
          "spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicaSet is not Supported",
        ],
      ],
      [{ [`${template}.spec.containers`]: [] }, ["spec.template.spec.containers: Required value"]],
    ],
  ],
  ["ReplicaSet", [[other, mismatch], negative("spec.replicas"), negative("spec.minReadySeconds")]],
  [
    "StatefulSet",
    [
      [other, mismatch],
      negative("spec.replicas"),
      [
        { [`${template}.spec.restartPolicy`]: "OnFailure" },
        [
          'spec.template.spec.restartPolicy: Unsupported value: "OnFailure": supported values: "Always"',
        ],
      ],
    ],
  ],
  [
    "DaemonSet",
    [
      [other, mismatch],
      negative("spec.minReadySeconds"),
      negative("spec.revisionHistoryLimit"),
      [
        { "spec.updateStrategy": { type: "Odd" } },
        [
          'spec.updateStrategy: Unsupported value: apps.DaemonSetUpdateStrategy{Type:"Odd", RollingUpdate:(*apps.RollingUpdateDaemonSet)(nil)}: supported values: "RollingUpdate", "OnDelete"',
        ],
      ],
      [
        { "spec.updateStrategy": { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0 } } },
        [
          "spec.updateStrategy.rollingUpdate.maxUnavailable: Required value: cannot be 0 when maxSurge is 0",
        ],
      ],
    ],
  ],
  [
    "ControllerRevision",
    [
      [{ revision: -1 }, [`revision: Invalid value: -1: ${NOT_NEGATIVE}`]],
      [{ data: undefined }, ["data: Required value: data is mandatory"]],
    ],
  ],
  [
    "Job",
    [
      negative("spec.parallelism"),
      negative("spec.completions"),
      negative("spec.activeDeadlineSeconds"),
      negative("spec.backoffLimit"),
      negative("spec.ttlSecondsAfterFinished"),
      [
        { [`${template}.spec.restartPolicy`]: "Always" },
        ['spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"'],
      ],
      [
        { "spec.completionMode": "Odd" },
        [
          'spec.completionMode: Unsupported value: "Odd": supported values: "NonIndexed", "Indexed"',
        ],
      ],
      [
        { "spec.completionMode": "Indexed", "spec.parallelism": 1 },
        ["spec.completions: Required value: when completion mode is Indexed"],
      ],
      [
        { "spec.completionMode": "Indexed", "spec.completions": 5, "spec.parallelism": 100_001 },
        [
          "spec.parallelism: Invalid value: 100001: must be less than or equal to 100000 when completion mode is Indexed",
        ],
      ],
      [
        { "spec.manualSelector": true },
        [
          "spec.selector: Required value",
          "spec.template.metadata.labels: Invalid value: map[string]string(nil): `selector` does not match template `labels`",
        ],
      ],
      [
        {
          "spec.podFailurePolicy": {
            rules: [{ action: "Odd", onPodConditions: [{ type: "a", status: "True" }] }],
          },
        },
        [
          'spec.podFailurePolicy.rules[0].action: Unsupported value: "Odd": supported values: "Count", "FailIndex", "FailJob", "Ignore"',
        ],
      ],
      [
        { "spec.podReplacementPolicy": "Odd" },
        [
          'spec.podReplacementPolicy: Unsupported value: "Odd": supported values: "Failed", "TerminatingOrFailed"',
        ],
      ],
      [
        { "spec.backoffLimitPerIndex": 1 },
        ["spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode"],
      ],
    ],
  ],
  [
    "CronJob",
    [
      [{ "spec.schedule": "" }, ["spec.schedule: Required value"]],
      [
        { "spec.schedule": "error" },
        ['spec.schedule: Invalid value: "error": expected exactly 5 fields, found 1: [error]'],
      ],
      [
        { "spec.schedule": "TZ=UTC 0 * * * *" },
        [
          'spec.schedule: Invalid value: "TZ=UTC 0 * * * *": cannot use TZ or CRON_TZ in schedule, use timeZone field instead',
        ],
      ],
      [
        { "spec.timeZone": "Odd/Place" },
        ['spec.timeZone: Invalid value: "Odd/Place": unknown time zone Odd/Place'],
      ],
      [
        { "spec.timeZone": "Local" },
        [
          'spec.timeZone: Invalid value: "Local": timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones',
        ],
      ],
      [
        { "spec.timeZone": "" },
        ['spec.timeZone: Invalid value: "": timeZone must be nil or non-empty string'],
      ],
      [
        { "spec.concurrencyPolicy": "Odd" },
        [
          'spec.concurrencyPolicy: Unsupported value: "Odd": supported values: "Allow", "Forbid", "Replace"',
        ],
      ],
      negative("spec.startingDeadlineSeconds"),
      negative("spec.successfulJobsHistoryLimit"),
      negative("spec.failedJobsHistoryLimit"),
      [
        { "spec.jobTemplate.spec.manualSelector": true },
        [
          'spec.jobTemplate.spec.manualSelector: Unsupported value: true: supported values: "nil", "false"',
        ],
      ],
    ],
  ],
  [
    "HorizontalPodAutoscaler",
    [
      [
        { "spec.maxReplicas": 0 },
        [
          "spec.maxReplicas: Invalid value: 0: must be greater than 0",
          "spec.maxReplicas: Invalid value: 0: must be greater than or equal to `minReplicas`",
        ],
      ],
      [
        { "spec.minReplicas": 11 },
        ["spec.maxReplicas: Invalid value: 10: must be greater than or equal to `minReplicas`"],
      ],
      [
        { "spec.minReplicas": 0 },
        [
          "spec.minReplicas: Invalid value: 0: must be greater than or equal to 1",
          "spec.metrics: Forbidden: must specify at least one Object or External metric to support scaling to zero replicas",
        ],
      ],
      [{ "spec.scaleTargetRef.kind": "" }, ["spec.scaleTargetRef.kind: Required value"]],
      [{ "spec.scaleTargetRef.name": "" }, ["spec.scaleTargetRef.name: Required value"]],
      [
        { "spec.metrics[0].type": "Odd" },
        [
          'spec.metrics[0].type: Unsupported value: "Odd": supported values: "ContainerResource", "External", "Object", "Pods", "Resource"',
          'spec.metrics[0].type: Unsupported value: "Odd": supported values: "ContainerResource", "External", "Object", "Pods", "Resource"',
        ],
      ],
    ],
  ],
  [
    "PodDisruptionBudget",
    [
      [{ "spec.minAvailable": -1 }, [`spec.minAvailable: Invalid value: -1: ${NOT_NEGATIVE}`]],
      [
        { "spec.minAvailable": "101%" },
        [
          'spec.minAvailable: Invalid value: intstr.IntOrString{Type:1, IntVal:0, StrVal:"101%"}: must not be greater than 100%',
        ],
      ],
      [
        { "spec.minAvailable": "odd" },
        [
          "spec.minAvailable: Invalid value: intstr.IntOrString{Type:1, IntVal:0, StrVal:\"odd\"}: a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')",
        ],
      ],
      [
        { "spec.unhealthyPodEvictionPolicy": "Odd" },
        [
          'spec.unhealthyPodEvictionPolicy: Unsupported value: "Odd": supported values: "AlwaysAllow", "IfHealthyBudget"',
        ],
      ],
    ],
  ],
];
