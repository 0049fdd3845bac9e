/** What pkg/apis/core/validation refuses. */
import type { ClaimsOfKind } from "./claim.ts";
import { DNS_1035, LABEL, LABEL_VALUE, NOT_NEGATIVE, PORT, SUBDOMAIN } from "./words.ts";

const CONTAINER = "spec.containers[0]";
const KEY =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";

export const coreClaims: ClaimsOfKind[] = [
  [
    "Pod",
    [
      [{ [`${CONTAINER}.name`]: "" }, [`${CONTAINER}.name: Required value`]],
      [{ [`${CONTAINER}.name`]: "No_1" }, [`${CONTAINER}.name: Invalid value: "No_1": ${LABEL}`]],
      [{ [`${CONTAINER}.image`]: "" }, [`${CONTAINER}.image: Required value`]],
      [
        { [`${CONTAINER}.imagePullPolicy`]: "Odd" },
        [
          `${CONTAINER}.imagePullPolicy: Unsupported value: "Odd": supported values: "Always", "IfNotPresent", "Never"`,
        ],
      ],
      [
        { [`${CONTAINER}.ports`]: [{ containerPort: 0 }] },
        [`${CONTAINER}.ports[0].containerPort: Required value`],
      ],
      [
        { [`${CONTAINER}.ports`]: [{ containerPort: 65_536 }] },
        [`${CONTAINER}.ports[0].containerPort: Invalid value: 65536: ${PORT}`],
      ],
      [
        { [`${CONTAINER}.ports`]: [{ containerPort: 80, protocol: "ICMP" }] },
        [
          `${CONTAINER}.ports[0].protocol: Unsupported value: "ICMP": supported values: "SCTP", "TCP", "UDP"`,
        ],
      ],
      [{ [`${CONTAINER}.env`]: [{ name: "" }] }, [`${CONTAINER}.env[0].name: Required value`]],
      [
        { [`${CONTAINER}.resources`]: { limits: { cpu: "1" }, requests: { cpu: "2" } } },
        [
          `${CONTAINER}.resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1`,
        ],
      ],
      [
        { [`${CONTAINER}.volumeMounts`]: [{ name: "none", mountPath: "/a" }] },
        [`${CONTAINER}.volumeMounts[0].name: Not found: "none"`],
      ],
      [
        { "spec.restartPolicy": "Odd" },
        [
          'spec.restartPolicy: Unsupported value: "Odd": supported values: "Always", "OnFailure", "Never"',
        ],
      ],
      [
        { "spec.dnsPolicy": "Odd" },
        [
          'spec.dnsPolicy: Unsupported value: "Odd": supported values: "ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"',
        ],
      ],
      [{ "spec.nodeName": "No_1" }, [`spec.nodeName: Invalid value: "No_1": ${SUBDOMAIN}`]],
      [{ "spec.hostname": "No_1" }, [`spec.hostname: Invalid value: "No_1": ${LABEL}`]],
      [
        { "metadata.labels": { app: "a b" } },
        [`metadata.labels: Invalid value: "a b": ${LABEL_VALUE}`],
      ],
      [
        {
          "spec.volumes": [
            { name: "a", emptyDir: {} },
            { name: "a", emptyDir: {} },
          ],
        },
        ['spec.volumes[1].name: Duplicate value: "a"'],
      ],
    ],
  ],
  [
    "Service",
    [
      [{ "spec.ports": [] }, ["spec.ports: Required value"]],
      [
        { "spec.ports[0].port": 0 },
        [
          `spec.ports[0].port: Invalid value: 0: ${PORT}`,
          `spec.ports[0].targetPort: Invalid value: 0: ${PORT}`,
        ],
      ],
      [
        { "spec.ports": [{ port: 80 }, { port: 81 }] },
        ["spec.ports[0].name: Required value", "spec.ports[1].name: Required value"],
      ],
      [
        { "spec.type": "Odd" },
        [
          'spec.type: Unsupported value: "Odd": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"',
        ],
      ],
      [
        { "spec.sessionAffinity": "Odd" },
        ['spec.sessionAffinity: Unsupported value: "Odd": supported values: "ClientIP", "None"'],
      ],
      [{ "metadata.name": "1st" }, [`metadata.name: Invalid value: "1st": ${DNS_1035}`]],
      [
        { "spec.internalTrafficPolicy": "Odd" },
        [
          'spec.internalTrafficPolicy: Unsupported value: "Odd": supported values: "Cluster", "Local"',
        ],
      ],
    ],
  ],
  [
    "ConfigMap",
    [
      [{ data: { "a b": "c" } }, [`data[a b]: Invalid value: "a b": ${KEY}`]],
      [
        { data: { a: "b" }, binaryData: { a: "Yg==" } },
        ['data[a]: Invalid value: "a": duplicate of key present in binaryData'],
      ],
    ],
  ],
  ["Secret", [[{ data: { "a b": "Yg==" } }, [`data[a b]: Invalid value: "a b": ${KEY}`]]]],
  [
    "Endpoints",
    [
      [
        { "subsets[0].addresses[0].ip": "127.0.0.1" },
        [
          'subsets[0].addresses[0].ip: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
        ],
      ],
      [{ "subsets[0].ports[0].port": 0 }, [`subsets[0].ports[0].port: Invalid value: 0: ${PORT}`]],
    ],
  ],
  [
    "Namespace",
    [[{ "metadata.name": "a.b" }, ['metadata.name: Invalid value: "a.b": must not contain dots']]],
  ],
  [
    "Node",
    [
      [
        { "spec.taints": [{ key: "a", effect: "Odd" }] },
        [
          'metadata.taints[0].effect: Unsupported value: "Odd": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"',
        ],
      ],
    ],
  ],
  [
    "ResourceQuota",
    [[{ "spec.hard": { pods: "-1" } }, [`spec.hard[pods]: Invalid value: "-1": ${NOT_NEGATIVE}`]]],
  ],
  [
    "LimitRange",
    [
      [
        { "spec.limits": [{ type: "Odd" }] },
        [
          'spec.limits[0].type: Invalid value: "Odd": must be a standard limit type or fully qualified',
        ],
      ],
    ],
  ],
  [
    "PersistentVolume",
    [
      [
        { "spec.accessModes": ["Odd"] },
        [
          'spec.accessModes: Unsupported value: "Odd": supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"',
        ],
      ],
      [{ "spec.hostPath": undefined }, ["spec: Required value: must specify a volume type"]],
    ],
  ],
  [
    "PersistentVolumeClaim",
    [
      [
        { "spec.accessModes": [] },
        ["spec.accessModes: Required value: at least 1 access mode is required"],
      ],
      [{ "spec.resources": {} }, ["spec.resources[storage]: Required value"]],
      [
        { "spec.volumeMode": "Odd" },
        ['spec.volumeMode: Unsupported value: "Odd": supported values: "Block", "Filesystem"'],
      ],
    ],
  ],
  [
    "PodTemplate",
    [[{ "template.spec.containers": [] }, ["template.spec.containers: Required value"]]],
  ],
  [
    "ReplicationController",
    [
      [{ "spec.replicas": -1 }, [`spec.replicas: Invalid value: -1: ${NOT_NEGATIVE}`]],
      [{ "spec.selector": {}, "spec.template.metadata": {} }, ["spec.selector: Required value"]],
    ],
  ],
  [
    "ServiceAccount",
    [[{ "metadata.name": "No_1" }, [`metadata.name: Invalid value: "No_1": ${SUBDOMAIN}`]]],
  ],
];
