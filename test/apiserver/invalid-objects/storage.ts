/** What pkg/apis/storage/validation, node, scheduling and coordination refuse. */
import type { ClaimsOfKind } from "./claim.ts";
import { LABEL, QUALIFIED, SUBDOMAIN } from "./words.ts";

const POSITIVE = "must be greater than 0";

export const storageClaims: ClaimsOfKind[] = [
  [
    "StorageClass",
    [
      [{ provisioner: "" }, ["provisioner: Required value"]],
      [{ provisioner: "a b" }, [`provisioner: Invalid value: "a b": ${QUALIFIED}`]],
      [
        { reclaimPolicy: "Recycle" },
        ['reclaimPolicy: Unsupported value: "Recycle": supported values: "Delete", "Retain"'],
      ],
      [
        { volumeBindingMode: "Odd" },
        [
          'volumeBindingMode: Unsupported value: "Odd": supported values: "Immediate", "WaitForFirstConsumer"',
        ],
      ],
      [{ parameters: { "": "a" } }, ['parameters: Invalid value: "": field can not be empty.']],
      [
        { allowedTopologies: [{ matchLabelExpressions: [{ key: "zone", values: [] }] }] },
        ["allowedTopologies[0].matchLabelExpressions[0].values: Required value"],
      ],
    ],
  ],
  [
    "VolumeAttachment",
    [
      [{ "spec.nodeName": "No_1" }, [`spec.nodeName: Invalid value: "No_1": ${SUBDOMAIN}`]],
      [
        { "spec.source": {} },
        [
          "spec.source: Required value: must specify exactly one of inlineVolumeSpec and persistentVolumeName",
        ],
      ],
      [
        { "spec.source.persistentVolumeName": "" },
        [
          "spec.source.persistentVolumeName: Required value: must specify non empty persistentVolumeName",
          `spec.source.persistentVolumeName: Invalid value: "": ${SUBDOMAIN}`,
        ],
      ],
    ],
  ],
  [
    "CSIDriver",
    [
      [
        { "spec.volumeLifecycleModes": ["Odd"] },
        [
          'spec.volumeLifecycleModes: Unsupported value: "Odd": supported values: "Persistent", "Ephemeral"',
        ],
      ],
      [
        { "spec.fsGroupPolicy": "Odd" },
        [
          'spec.fsGroupPolicy: Unsupported value: "Odd": supported values: "File", "None", "ReadWriteOnceWithFSType"',
        ],
      ],
      [
        { "spec.tokenRequests": [{ audience: "a", expirationSeconds: 60 }] },
        [
          "spec.tokenRequests[0].expirationSeconds: Invalid value: 60: may not specify a duration less than 10 minutes",
        ],
      ],
      [
        { "spec.tokenRequests": [{ audience: "a" }, { audience: "a" }] },
        ['spec.tokenRequests[1].audience: Duplicate value: "a"'],
      ],
    ],
  ],
  [
    "CSINode",
    [
      [
        { "spec.drivers[0].name": "" },
        [
          "spec.drivers[0].name: Required value",
          `spec.drivers[0].name: Invalid value: "": ${SUBDOMAIN}`,
        ],
      ],
      [{ "spec.drivers[0].nodeID": "" }, ["spec.drivers[0].nodeID: Required value"]],
      [
        { "spec.drivers[0].allocatable": { count: -1 } },
        [
          "spec.drivers[0].allocatable.count: Invalid value: -1: must be greater than or equal to 0",
        ],
      ],
      [
        { "spec.drivers[0].topologyKeys": ["zone", "zone"] },
        ['spec.drivers[0]: Duplicate value: "zone"'],
      ],
    ],
  ],
  [
    "CSIStorageCapacity",
    [
      [{ storageClassName: "No_1" }, [`storageClassName: Invalid value: "No_1": ${SUBDOMAIN}`]],
      [{ capacity: "-1" }, ['capacity: Invalid value: "-1": must be greater than or equal to 0']],
    ],
  ],
  [
    "RuntimeClass",
    [
      [{ handler: "" }, [`handler: Invalid value: "": ${LABEL}`]],
      [{ handler: "No_1" }, [`handler: Invalid value: "No_1": ${LABEL}`]],
      [
        { overhead: { podFixed: { cpu: "-1" } } },
        ['overhead.limits[cpu]: Invalid value: "-1": must be greater than or equal to 0'],
      ],
    ],
  ],
  [
    "PriorityClass",
    [
      [
        { value: 1_000_000_001 },
        ["value: Forbidden: maximum allowed value of a user defined priority is 1000000000"],
      ],
      [
        { preemptionPolicy: "Odd" },
        [
          'preemptionPolicy: Unsupported value: "Odd": supported values: "PreemptLowerPriority", "Never"',
        ],
      ],
    ],
  ],
  [
    "Lease",
    [
      [
        { "spec.leaseDurationSeconds": 0 },
        [`spec.leaseDurationSeconds: Invalid value: 0: ${POSITIVE}`],
      ],
      [
        { "spec.leaseTransitions": -1 },
        ["spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0"],
      ],
    ],
  ],
];
