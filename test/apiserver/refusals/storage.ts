/** What pkg/apis/storage/validation, scheduling and node refuse. Where a row is of one function, it is named. */
import type { ClaimsOfKind } from "../invalid-objects/claim.ts";
import {
  LABEL,
  LABEL_VALUE,
  NOT_NEGATIVE,
  QUALIFIED,
  SUBDOMAIN,
} from "../invalid-objects/words.ts";

const TOO_SHORT = "may not specify a duration less than 10 minutes";
const TOO_LONG = "may not specify a duration larger than 2^32 seconds";
const DRIVER = "spec.drivers[0]";
const ONE_SOURCE = "must specify exactly one of inlineVolumeSpec and persistentVolumeName";
const RESERVED =
  "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error:";

export const storageRefusals: ClaimsOfKind[] = [
  [
    "StorageClass",
    [
      // validateProvisioner: the name is shown in lower case
      [{ provisioner: "A B" }, [`provisioner: Invalid value: "a b": ${QUALIFIED}`]],
      // validateParameters
      [
        {
          parameters: Object.fromEntries(
            Array.from({ length: 513 }, (_, i): [string, string] => [`key-${i}`, ""]),
          ),
        },
        ["parameters: Too long: must have at most 512 bytes"],
      ],
      [
        { parameters: { a: "b".repeat(256 * 1024) } },
        ["parameters: Too long: must have at most 262144 bytes"],
      ],
      // validateAllowedTopologies, ValidateTopologySelectorTerm
      [
        {
          allowedTopologies: [
            { matchLabelExpressions: [{ key: "zone", values: ["a", "a"] }] },
            { matchLabelExpressions: [{ key: "zone", values: ["b"] }] },
            { matchLabelExpressions: [{ key: "zone", values: ["b"] }] },
          ],
        },
        [
          'allowedTopologies[0].matchLabelExpressions[0].values[1]: Duplicate value: "a"',
          'allowedTopologies[2].matchLabelExpressions: Duplicate value: ""',
        ],
      ],
      [
        {
          provisioner: "",
          reclaimPolicy: "Odd",
          volumeBindingMode: "Odd",
        },
        [
          "provisioner: Required value",
          'reclaimPolicy: Unsupported value: "Odd": supported values: "Delete", "Retain"',
          'volumeBindingMode: Unsupported value: "Odd": supported values: "Immediate", "WaitForFirstConsumer"',
        ],
      ],
    ],
  ],
  [
    "VolumeAttachment",
    [
      // validateVolumeAttachmentSpec, then ValidateVolumeAttachmentV1
      [
        { "spec.attacher": "" },
        [
          "spec.attacher: Required value",
          "spec.attacher: Required value",
          `spec.attacher: Invalid value: "": ${SUBDOMAIN}`,
        ],
      ],
      [
        { "spec.attacher": `${"a".repeat(64)}` },
        ["spec.attacher: Too long: must have at most 63 bytes"],
      ],
      [{ "spec.source.inlineVolumeSpec": {} }, [`spec.source: Forbidden: ${ONE_SOURCE}`]],
      [
        { "spec.source.persistentVolumeName": "No_1" },
        [`spec.source.persistentVolumeName: Invalid value: "No_1": ${SUBDOMAIN}`],
      ],
      [{ "spec.nodeName": "" }, [`spec.nodeName: Invalid value: "": ${SUBDOMAIN}`]],
    ],
  ],
  [
    "CSIDriver",
    [
      // validateVolumeLifecycleModes: in the order of its own list
      [
        { "spec.volumeLifecycleModes": ["Persistent", "Odd"] },
        [
          'spec.volumeLifecycleModes: Unsupported value: "Odd": supported values: "Persistent", "Ephemeral"',
        ],
      ],
      // validateTokenRequests: what is there twice is looked at no further
      [
        { "spec.tokenRequests": [{ audience: "a" }, { audience: "a", expirationSeconds: 1 }] },
        ['spec.tokenRequests[1].audience: Duplicate value: "a"'],
      ],
      [
        {
          "spec.tokenRequests": [
            { audience: "a", expirationSeconds: 599 },
            { audience: "b", expirationSeconds: 2 ** 32 + 1 },
          ],
        },
        [
          `spec.tokenRequests[0].expirationSeconds: Invalid value: 599: ${TOO_SHORT}`,
          `spec.tokenRequests[1].expirationSeconds: Invalid value: 4294967297: ${TOO_LONG}`,
        ],
      ],
      [{ "metadata.name": "No_1" }, [`metadata.name: Invalid value: "No_1": ${SUBDOMAIN}`]],
    ],
  ],
  [
    "CSINode",
    [
      // validateCSINodeDriver
      [{ [`${DRIVER}.topologyKeys`]: ["a b"] }, [`${DRIVER}: Invalid value: "a b": ${QUALIFIED}`]],
      [
        { [`${DRIVER}.topologyKeys`]: [""] },
        [
          `${DRIVER}: Required value`,
          `${DRIVER}: Invalid value: "": name part must be non-empty`,
          `${DRIVER}: Invalid value: "": ${QUALIFIED}`,
        ],
      ],
      // validateCSINodeDriverNodeID
      [
        { [`${DRIVER}.nodeID`]: "n".repeat(257) },
        [`${DRIVER}.nodeID: Invalid value: "${"n".repeat(257)}": must be 256 characters or less`],
      ],
      [
        {
          "spec.drivers": [
            { name: "a", nodeID: "n", topologyKeys: [] },
            { name: "a", nodeID: "n", topologyKeys: [] },
          ],
        },
        ['spec.drivers[1].name: Duplicate value: "a"'],
      ],
      [
        { [`${DRIVER}.name`]: `${"a".repeat(64)}` },
        [`${DRIVER}.name: Too long: must have at most 63 bytes`],
      ],
    ],
  ],
  [
    "CSIStorageCapacity",
    [
      // ValidateCSIStorageCapacity
      [
        { storageClassName: "", capacity: "-1Gi" },
        [
          `storageClassName: Invalid value: "": ${SUBDOMAIN}`,
          `capacity: Invalid value: "-1Gi": ${NOT_NEGATIVE}`,
        ],
      ],
      [
        { nodeTopology: { matchLabels: { a: "b c" } } },
        [`nodeTopology.matchLabels: Invalid value: "b c": ${LABEL_VALUE}`],
      ],
    ],
  ],
  [
    "PriorityClass",
    [
      // ValidatePriorityClass, IsKnownSystemPriorityClass
      [
        { "metadata.name": "system-odd" },
        [`${RESERVED} system-odd is not a known system priority class`],
      ],
      [
        { "metadata.name": "system-node-critical", value: 1 },
        [`${RESERVED} value of system-node-critical PriorityClass must be 2000001000`],
      ],
      [
        {
          "metadata.name": "system-node-critical",
          value: 2_000_001_000,
          globalDefault: true,
        },
        [`${RESERVED} globalDefault of system-node-critical PriorityClass must be false`],
      ],
      // ValidatePreemptionPolicy
      [{ preemptionPolicy: "" }, ["preemptionPolicy: Required value"]],
      [
        { value: 1_000_000_001, preemptionPolicy: "Odd" },
        [
          "value: Forbidden: maximum allowed value of a user defined priority is 1000000000",
          'preemptionPolicy: Unsupported value: "Odd": supported values: "PreemptLowerPriority", "Never"',
        ],
      ],
    ],
  ],
  [
    "RuntimeClass",
    [
      // ValidateRuntimeClass
      [{ handler: "a.b" }, ['handler: Invalid value: "a.b": must not contain dots']],
      [
        { handler: "a".repeat(64) },
        [`handler: Invalid value: "${"a".repeat(64)}": must be no more than 63 characters`],
      ],
      [{ handler: "No_1" }, [`handler: Invalid value: "No_1": ${LABEL}`]],
      // validateScheduling
      [
        { scheduling: { nodeSelector: { a: "b c" } } },
        [`scheduling.nodeSelector: Invalid value: "b c": ${LABEL_VALUE}`],
      ],
      // validateTolerations: the last word of the path twice
      [
        { scheduling: { tolerations: [{ key: "a b", operator: "Exists" }] } },
        [`scheduling.tolerations.tolerations[0].key: Invalid value: "a b": ${QUALIFIED}`],
      ],
      [
        {
          scheduling: {
            tolerations: [
              { key: "a", operator: "Exists" },
              { key: "a", operator: "Exists" },
            ],
          },
        },
        [
          'scheduling.tolerations[1]: Duplicate value: core.Toleration{Key:"a", Operator:"Exists", Value:"", Effect:"", TolerationSeconds:(*int64)(nil)}',
        ],
      ],
    ],
  ],
];
